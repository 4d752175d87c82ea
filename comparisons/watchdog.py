"""The end of a process in which a piece of work does not end: threads can't be stopped from outside.

A decoder that loops would keep its place, its memory and a core for ever, and a few of them the service.
Their worker is ended instead, with all that it has in hand, and replaced.
"""

import faulthandler
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2

_deadlines: list[float] = []
_lock = threading.Lock()


@contextmanager
def watching(timeout_seconds: float) -> Iterator[None]:
    """End the process, and say where all its threads are, if the block takes longer."""
    deadline = time.monotonic() + timeout_seconds
    with _lock:
        _deadlines.append(deadline)
        _set_alarm()
    try:
        yield
    finally:
        with _lock:
            _deadlines.remove(deadline)
            _set_alarm()


def _set_alarm() -> None:
    """Set the process's only alarm, which goes off even while a decoder holds the interpreter lock."""
    if _deadlines:
        remaining_seconds = max(min(_deadlines) - time.monotonic(), 0.001)
        faulthandler.dump_traceback_later(remaining_seconds, exit=True, file=STDERR)
    else:
        faulthandler.cancel_dump_traceback_later()
