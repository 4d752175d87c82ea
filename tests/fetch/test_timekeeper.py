"""Everything is called at its time, whatever was asked for before."""

import queue
import time

from comparisons.fetch.timekeeper import Timekeeper


def test_functions_are_called_in_the_order_of_their_moments() -> None:
    called: queue.SimpleQueue[str] = queue.SimpleQueue()
    timekeeper, now = Timekeeper(), time.monotonic()

    timekeeper.call_at(now + 0.3, lambda: called.put("late"))
    timekeeper.call_at(now + 0.1, lambda: called.put("early"))
    timekeeper.call_at(now - 1, lambda: called.put("past"))

    assert [called.get(timeout=5) for _ in range(3)] == ["past", "early", "late"]
    assert time.monotonic() >= now + 0.3


def test_a_function_is_called_after_a_long_wait_for_none() -> None:
    called: queue.SimpleQueue[float] = queue.SimpleQueue()
    timekeeper = Timekeeper()
    timekeeper.call_at(0, lambda: called.put(time.monotonic()))
    called.get(timeout=5)
    time.sleep(0.2)

    timekeeper.call_at(time.monotonic() + 0.1, lambda: called.put(time.monotonic()))

    called.get(timeout=5)


def test_two_functions_of_one_moment_are_both_called() -> None:
    called: queue.SimpleQueue[int] = queue.SimpleQueue()
    timekeeper, moment = Timekeeper(), time.monotonic() + 0.05

    for number in (1, 2):
        timekeeper.call_at(moment, lambda number=number: called.put(number))  # type: ignore[misc]

    assert [called.get(timeout=5) for _ in range(2)] == [1, 2]
