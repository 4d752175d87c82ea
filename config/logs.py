"""A log handler that clients can't flood."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TextIO

MAX_KINDS = 200
MAX_EXAMPLE_LENGTH = 200

Kind = tuple[object, ...]


class SummarizingHandler(logging.StreamHandler[TextIO]):
    """Writes the first records of each kind in a time window. At its end, writes how many more there were.

    Records of one kind share the logger, the level and the message without its arguments, as in zap's sampler
    (https://pkg.go.dev/go.uber.org/zap/zapcore#NewSamplerWithOptions), and the place where
    an exception was raised: a new error is written in full during a flood of others.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        max_records: int = 10,
        window_seconds: float = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(stream)
        self.max_records = max_records
        self.window_seconds = window_seconds
        self._clock = clock
        self._ends_at = 0.0
        self._counts: Counter[Kind] = Counter()
        self._left_out: dict[Kind, logging.LogRecord] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it. The handler's lock is held, as for every handler."""
        now = self._clock()
        if now >= self._ends_at:
            self._end_window()
            self._ends_at = now + self.window_seconds
        kind = self._find_kind(record)
        self._counts[kind] += 1
        if self._counts[kind] <= self.max_records:
            super().emit(record)
            return
        if not self._left_out:
            self._timer = threading.Timer(self._ends_at - now, self.summarize)
            self._timer.daemon = True
            self._timer.start()
        self._left_out[kind] = record

    def summarize(self) -> None:
        """Write how many records of each kind were left out."""
        self.acquire()
        try:
            self._end_window()
        finally:
            self.release()

    def close(self) -> None:
        self.summarize()
        super().close()

    def _end_window(self) -> None:
        if self._timer:
            self._timer.cancel()
        for kind, example in self._left_out.items():
            count = self._counts[kind] - self.max_records
            text = example.getMessage()[:MAX_EXAMPLE_LENGTH]
            summary = logging.makeLogRecord(
                {
                    "name": example.name,
                    "levelno": example.levelno,
                    "levelname": example.levelname,
                    "msg": f"… and {count} more like this in {self.window_seconds:g} s: {text}",
                }
            )
            super().emit(summary)
        self._counts.clear()
        self._left_out.clear()

    def _find_kind(self, record: logging.LogRecord) -> Kind:
        place = find_place(record)
        kind = (record.name, record.levelno, record.msg, *place)
        is_known = kind in self._counts or len(self._counts) < MAX_KINDS
        return kind if is_known or place else ()


def find_place(record: logging.LogRecord) -> tuple[object, ...]:
    """Find where the record's exception was raised, if it has one."""
    error_type, _, traceback = record.exc_info or (None, None, None)
    if traceback is None:
        return ()
    while traceback.tb_next:
        traceback = traceback.tb_next
    return (error_type, traceback.tb_frame.f_code, traceback.tb_lineno)
