"""The end of a process in which a piece of work does not end: threads can't be stopped from outside.

One that loops would keep its place, its memory and a core for ever, and a few of them the service.
Their worker is ended instead, with all that it has in hand, and replaced. It is the last resort: decoders
that may loop have processes of their own (``engine/decoder_pool.py``).
"""

import faulthandler
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STDERR = 2

_deadlines: list[float] = []
_lock = threading.Lock()

# Whoever started this process may have ignored it. (Only the main thread can say so.)
with suppress(ValueError):
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
# Then, it ends as by default. faulthandler's own timeout would start a thread each time it is set.
faulthandler.register(signal.SIGALRM, file=STDERR, all_threads=True, chain=True)


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
    seconds = max(min(_deadlines) - time.monotonic(), 0.001) if _deadlines else 0
    signal.setitimer(signal.ITIMER_REAL, seconds)
