"""However much is refused, the log stays short, and says how much it leaves out."""

import io
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.logs import MAX_KINDS, SummarizingHandler


class Log:
    """A log of which each kind of record may have 3 in 10 seconds."""

    def __init__(self, window_seconds: float = 10) -> None:
        self.now = 1000.0
        self.stream = io.StringIO()
        self.handler = SummarizingHandler(
            self.stream, max_records=3, window_seconds=window_seconds, clock=lambda: self.now
        )
        self.logger = logging.getLogger("tests.summarized")
        self.logger.handlers = [self.handler]
        self.logger.propagate = False

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    log.handler.close()


def test_the_first_of_a_kind_are_written_and_the_others_counted(log: Log) -> None:
    for number in range(1000):
        log.logger.info("%s: 503 server_busy", f"/{number}")
    log.now += 10
    log.logger.info("another")

    assert log.lines == [
        "/0: 503 server_busy",
        "/1: 503 server_busy",
        "/2: 503 server_busy",
        "… and 997 more like this in 10 s: /999: 503 server_busy",
        "another",
    ]


def test_in_the_next_window_the_first_are_written_again(log: Log) -> None:
    for _ in range(3):
        for _ in range(100):
            log.logger.info("busy")
        log.now += 10

    assert [line.startswith("… and 97 more") for line in log.lines] == (
        [False] * 3 + [True] + [False] * 3 + [True] + [False] * 3
    )


def test_as_many_as_there_may_be_are_all_written(log: Log) -> None:
    for _ in range(3):
        log.logger.info("busy")
    log.handler.close()

    assert log.lines == ["busy"] * 3


def test_each_kind_has_lines_of_its_own(log: Log) -> None:
    for _ in range(100):
        log.logger.info("%s: 404 not_found", "/a")
        log.logger.info("%s: 503 server_busy", "/a")
    log.logger.warning("%s: 503 server_busy", "/a")

    assert len(log.lines) == 7


def test_what_is_left_out_is_told_at_the_end_of_the_process(log: Log) -> None:
    for _ in range(5):
        log.logger.info("busy")
    log.handler.close()

    assert log.lines[3:] == ["… and 2 more like this in 10 s: busy"]


def test_what_is_left_out_is_told_though_nothing_comes_after_it() -> None:
    log = Log(window_seconds=0.05)
    for _ in range(5):
        log.logger.info("busy")
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer) and timer.function == log.handler.summarize:
            timer.join(10)

    assert log.lines[3:] == ["… and 2 more like this in 0.05 s: busy"]


def fail_here() -> None:
    raise ZeroDivisionError


def fail_there() -> None:
    raise ZeroDivisionError


def log_failure(log: Log, fail: Callable[[], None]) -> None:
    try:
        fail()
    except ZeroDivisionError:
        log.logger.exception("Internal Server Error")


def test_a_new_fault_has_its_traceback_beside_any_number_of_others(log: Log) -> None:
    for _ in range(100):
        log_failure(log, fail_here)
    log_failure(log, fail_there)

    assert "in fail_there" in log.stream.getvalue()
    assert log.stream.getvalue().count("in fail_here") == 3


def test_texts_that_all_differ_do_not_flood_the_log_nor_hide_a_fault(log: Log) -> None:
    for number in range(10_000):
        log.logger.info(f"text {number}")  # noqa: G004 - of those who write logs like this
    log_failure(log, fail_here)

    assert "in fail_here" in log.stream.getvalue()
    assert len(log.lines) < 2 * MAX_KINDS


def test_an_example_is_cut_off(log: Log) -> None:
    for _ in range(5):
        log.logger.info("x" * 100_000)
    log.handler.close()

    assert len(log.lines[-1]) < 300


def test_nothing_is_lost_among_threads(log: Log) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log.logger.info, ["busy"] * 1000))
    log.handler.close()

    assert log.lines == ["busy"] * 3 + ["… and 997 more like this in 10 s: busy"]
