import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Timekeeper:
    """Calls functions at their time, all from one thread: to start one for each takes longer than some downloads.

    They have to be quick, and must not raise. Nothing is called off.
    """

    def __init__(self) -> None:
        self._upcoming: list[tuple[float, int, Callable[[], object]]] = []
        # Of two at the same time, the first comes first; functions can't be sorted.
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def call_at(self, moment: float, call: Callable[[], object]) -> None:
        """``moment`` is of the monotonic clock, in seconds."""
        entry = (moment, next(self._numbers), call)
        with self._changed:
            heapq.heappush(self._upcoming, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="timekeeper", daemon=True)
                self._thread.start()
            elif self._upcoming[0] is entry:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            self._wait_for_next()()

    def _wait_for_next(self) -> Callable[[], object]:
        with self._changed:
            while True:
                seconds = self._upcoming[0][0] - time.monotonic() if self._upcoming else None
                if seconds is not None and seconds <= 0:
                    return heapq.heappop(self._upcoming)[-1]
                self._changed.wait(seconds)
