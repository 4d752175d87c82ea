import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from comparisons.cancellation import NEVER, Cancellation

from .errors import FetchTimedOut
from .timekeeper import Timekeeper

TIMEKEEPER = Timekeeper()


class Deadline:
    """One point in time at which everything that is watched ends, whatever it waits for.

    A socket's own timeout starts anew with every byte, so a host that drips is never too slow for
    it. When the time is up, or nobody waits any more, the watched connections are shut down, which
    wakes whoever reads them.
    """

    def __init__(self, timeout_seconds: float, cancellation: Cancellation = NEVER) -> None:
        self.cancellation = cancellation
        self._ends_at = time.monotonic() + timeout_seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        TIMEKEEPER.call_at(self._ends_at, self.shut_down)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            for duplicate in self._watched:
                duplicate.close()
            self._watched.clear()

    @property
    def remaining_seconds(self) -> float:
        return max(0, self._ends_at - time.monotonic())

    def check(self) -> None:
        """:raises Cancelled, FetchTimedOut: nobody waits any more, or the time is up."""
        self.cancellation.check()
        if self.remaining_seconds <= 0:
            raise FetchTimedOut("the image took too long to download")

    def watch(self, connection: socket.socket) -> None:
        # A duplicate stays valid when TLS takes over the descriptor, and shuts down the same connection.
        with self._lock:
            self._watched.append(connection.dup())
        if self.cancellation.is_cancelled or self.remaining_seconds <= 0:
            self.shut_down()

    def shut_down(self) -> None:
        """End what is watched, if anything is, before its time if need be."""
        with self._lock:
            for duplicate in self._watched:
                # The host may have closed the connection before.
                with contextlib.suppress(OSError):
                    duplicate.shutdown(socket.SHUT_RDWR)
