"""How a worker accepts connections, enforces their timeouts, and stops."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import socket

import uvicorn

from .connections import Connection, Places
from .front import Front
from .serve import BACKLOG

LOOK_SECONDS = 1
LOG_SECONDS = 10
PAUSE_SECONDS = 1
# During shutdown, requests that arrive within this time are still answered.
ARRIVAL_SECONDS = 0.5
# At the end of the shutdown timeout, requests in progress are cancelled; this is left to send their responses.
FAREWELL_SECONDS = 2

logger = logging.getLogger("config.server")


class Server(uvicorn.Server):
    """Accepts connections one at a time, so that other processes get their share."""

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

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # startup() installs the handler.
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
        """Answer all requests that clients have sent. Refuse the rest when the shutdown timeout ends."""
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener)
            await self._accept_waiting(listener)
            listener.close()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for connection in self._list_connections():
            connection.shutdown()
        arrival_seconds = min(ARRIVAL_SECONDS, self.patience_seconds)
        if await self._is_done_within(arrival_seconds):
            return
        for connection in self._list_connections():
            connection.close_if_unused()
        if await self._is_done_within(self.patience_seconds - arrival_seconds):
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
        """Wait until all connections are closed, for at most so long. Return whether they are."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while self.server_state.connections and loop.time() < ends_at:
            await asyncio.sleep(0.05)
        return not self.server_state.connections

    def _listen(self, listener: socket) -> None:
        # It is closed when the server stops.
        if listener.fileno() >= 0:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket) -> None:
        """Accept one connection. The least busy worker usually wakes up first."""
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionError):
            # Another worker was faster, or the client has disconnected.
            return
        except OSError:
            # This process has descriptors in reserve, but the system may have run out.
            logger.exception("No connection can be accepted")
            loop.remove_reader(listener)
            loop.call_later(PAUSE_SECONDS, self._listen, listener)
            return
        task = loop.create_task(self._connect(connection))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    async def _accept_waiting(self, listener: socket) -> None:
        """Accept the connections in the system's queue, because closing the listener would reset them.

        All workers share the queue. New connections can arrive meanwhile, so accept at most one full queue.
        """
        with suppress(OSError):
            for _ in range(BACKLOG):
                # One at a time, so that each counts against the limits before the next takes a descriptor.
                await self._connect(listener.accept()[0])

    async def _connect(self, connection: socket) -> None:
        connection.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(self._make_connection, connection)

    def _make_connection(self) -> Connection:
        return Connection(self.config, self.server_state, {}, self.places)

    def _look_after_connections(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in self._list_connections():
            connection.look_after(now)
        if self.places.refused and now >= self._logged_at + LOG_SECONDS:
            logger.warning("%d connections refused", self.places.refused)
            self.places.refused, self._logged_at = 0, now
        loop.call_later(LOOK_SECONDS, self._look_after_connections)
