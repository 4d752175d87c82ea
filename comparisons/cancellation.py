import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cancelled(Exception):
    """Nobody waits for the result of the work any more."""

    def __init__(self, reason: str = "the client has hung up") -> None:
        super().__init__(reason)


class ServerStopping(Cancelled):
    """There is no time left for the work; the client waits for its answer."""

    def __init__(self) -> None:
        super().__init__("the server is shutting down; try again soon")


class Cancellation:
    """Tells work in hand that nobody waits for its result any more.

    Work asks between its stages, and leaves word how to wake it where it waits.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._reason = Cancelled()
        self._wakers: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def is_hung_up(self) -> bool:
        """Tell whether there is nobody to answer."""
        return self.is_cancelled and not isinstance(self._reason, ServerStopping)

    def check(self) -> None:
        """:raises Cancelled: the work is of no use any more."""
        if self.is_cancelled:
            raise self._reason

    def cancel(self, reason: Cancelled | None = None) -> None:
        """Cancel the work, because the client has hung up if there is no other reason."""
        with self._lock:
            self._reason = reason or Cancelled()
            self._cancelled.set()
            wakers = [*self._wakers]
        # Without the lock: who is woken may be about to leave.
        for wake in wakers:
            wake()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake``, from whichever thread cancels, if that happens during the block or has before.

        It may still be called a moment after the block.
        """
        with self._lock:
            self._wakers.append(wake)
        if self.is_cancelled:
            wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)


# For work that is done whoever waits for it.
NEVER = Cancellation()
