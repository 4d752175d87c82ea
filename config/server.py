"""How a worker accepts connections, looks after them, and stops."""

import asyncio
import logging
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn

from .connections import Connection, Places
from .front import Front

LOOK_SECONDS = 1
LOG_SECONDS = 10
PAUSE_SECONDS = 1
# For another worker to accept a connection.
TURN_SECONDS = 0.003
MAX_TURNS = 5
# Where this thread comes so much too late, among many others that want the interpreter.
LATE_SECONDS = 0.1
MOST_AT_A_TIME = 16
# At the end of the time for stopping, what is in hand is cancelled, and this is left for its answers.
FAREWELL_SECONDS = 2

logger = logging.getLogger("config.server")


class Server(uvicorn.Server):
    """Accepts connections one by one, as another process may have less in hand."""

    def __init__(
        self, config: uvicorn.Config, front: Front, places: Places, shutdown_timeout_seconds: float
    ) -> None:
        super().__init__(config)
        self.front = front
        self.places = places
        self.farewell_seconds = min(FAREWELL_SECONDS, shutdown_timeout_seconds / 2)
        self.patience_seconds = shutdown_timeout_seconds - self.farewell_seconds
        self._accepting: set[asyncio.Task[object]] = set()
        self._logged_at = 0.0
        self._looks_at = math.inf
        self._is_late = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # startup() does.
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        for listener in sockets or []:
            listener.settimeout(0)
            self._listen(listener)
        self._look_after_connections()
        self.started = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Answer what is in hand, or refuse it when there is no time left."""
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()
        for connection in self._list_connections():
            connection.shutdown()
        if await self._is_done_within(self.patience_seconds):
            return
        self.front.cancel()
        if await self._is_done_within(self.farewell_seconds / 2):
            return
        for connection in self._list_connections():
            connection.give_up()
        await self._is_done_within(self.farewell_seconds / 2)

    def _stop(self) -> None:
        self.should_exit = True

    def _list_connections(self) -> list[Connection]:
        return [c for c in self.server_state.connections if isinstance(c, Connection)]

    async def _is_done_within(self, seconds: float) -> bool:
        """Wait for the end of all connections, but no longer than that."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while self.server_state.connections and loop.time() < ends_at:
            await asyncio.sleep(0.05)
        return not self.server_state.connections

    def _listen(self, listener: socket) -> None:
        asyncio.get_running_loop().add_reader(listener, self._take_turn, listener)

    def _take_turn(self, listener: socket, turns_left: int = MAX_TURNS) -> None:
        """Accept a connection; but let a worker go first that has less in hand."""
        # It is closed when this process is to stop.
        if listener.fileno() < 0:
            return
        if self.places.load.is_least or not turns_left:
            self._accept(listener)
        else:
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener)
            loop.call_later(TURN_SECONDS, self._take_turn, listener, turns_left - 1)

    def _accept(self, listener: socket, accepted: int = 1) -> None:
        """Accept a connection, or several where this comes late."""
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionError):
            # Another process was quicker, or the client has gone again.
            self._listen(listener)
        except OSError:
            # This process has descriptors in reserve; the whole system may lack them.
            logger.exception("No connection can be accepted")
            loop.remove_reader(listener)
            loop.call_later(PAUSE_SECONDS, self._take_turn, listener)
        else:
            connection.settimeout(0)
            task = loop.create_task(loop.connect_accepted_socket(self._make_connection, connection))
            self._accepting.add(task)
            task.add_done_callback(self._accepting.discard)
            if self._is_late and accepted < MOST_AT_A_TIME:
                self._accept(listener, accepted + 1)
            else:
                self._listen(listener)

    def _make_connection(self) -> Connection:
        return Connection(self.config, self.server_state, {}, self.places)

    def _look_after_connections(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._is_late = now > self._looks_at + LATE_SECONDS
        self._looks_at = now + LOOK_SECONDS
        for connection in self._list_connections():
            connection.look_after(now)
        if self.places.refused and now >= self._logged_at + LOG_SECONDS:
            logger.warning("%d connections refused", self.places.refused)
            self.places.refused, self._logged_at = 0, now
        loop.call_later(LOOK_SECONDS, self._look_after_connections)
