import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from comparisons.cancellation import NEVER, Cancellation, Cancelled
from comparisons.gate import Gate, ServerBusy


def make_gate(*, capacity: int = 10, queue_length: int = 4, patience_seconds: float = 5) -> Gate:
    return Gate(capacity=capacity, queue_length=queue_length, patience_seconds=patience_seconds)


@contextmanager
def waiting(
    gate: Gate, weight: int, log: list[int], cancellation: Cancellation = NEVER
) -> Iterator[threading.Thread]:
    """Let a thread ask for a place, and go on once it waits in the queue, or has a place after all."""

    def work() -> None:
        with suppress(Cancelled), gate.admit(weight, cancellation):
            log.append(weight)

    # A test that fails does not wait for it.
    thread = threading.Thread(target=work, daemon=True)
    length = len(gate._queue)  # noqa: SLF001
    thread.start()
    while len(gate._queue) == length and thread.is_alive():  # noqa: SLF001
        time.sleep(0.001)
    yield thread
    thread.join(timeout=5)
    assert not thread.is_alive()


def assert_refused_at_once(gate: Gate, weight: int) -> None:
    """After waiting in vain, it would be refused as well."""
    assert gate.patience_seconds >= 60
    started_at = time.monotonic()

    with pytest.raises(ServerBusy), gate.admit(weight):
        pass

    assert time.monotonic() - started_at < 30


def test_lets_in_what_has_room_together() -> None:
    gate = make_gate(capacity=10)

    with gate.admit(4), gate.admit(6):
        pass


def test_refuses_at_once_what_has_no_room_and_no_place_in_the_queue() -> None:
    gate = make_gate(capacity=10, queue_length=0, patience_seconds=60)

    with gate.admit(5):
        assert_refused_at_once(gate, 6)

    # Who was refused takes no place later.
    with gate.admit(10):
        pass


def test_refuses_what_has_waited_too_long() -> None:
    gate = make_gate(patience_seconds=0.05)

    with gate.admit(10), pytest.raises(ServerBusy), gate.admit(1):
        pass


def test_lets_in_alone_what_is_heavier_than_the_capacity() -> None:
    gate = make_gate(capacity=10, queue_length=0)

    with gate.admit(1000), pytest.raises(ServerBusy), gate.admit(1):
        pass


def test_gives_the_place_back_when_the_work_fails() -> None:
    gate = make_gate(capacity=10, queue_length=0)

    with pytest.raises(ZeroDivisionError), gate.admit(10):
        _ = 1 / 0

    with gate.admit(10):
        pass


def test_gives_the_place_in_the_queue_back_to_the_next_who_asks() -> None:
    gate = make_gate(queue_length=1, patience_seconds=0.01)

    with gate.admit(10):
        for _ in range(3):
            with pytest.raises(ServerBusy), gate.admit(1):
                pass

    with gate.admit(10):
        pass


def test_lets_in_who_waits_in_the_order_they_came() -> None:
    gate = make_gate(capacity=10)
    log: list[int] = []

    with ExitStack() as threads, gate.admit(10):
        # The light ones would have room beside the first, but not before the heavy one.
        for weight in (9, 2, 3):
            threads.enter_context(waiting(gate, weight, log))

    assert log[0] == 9
    assert sorted(log) == [2, 3, 9]


def test_a_light_one_does_not_overtake_a_heavy_one_that_waits() -> None:
    gate = make_gate(capacity=10)
    log: list[int] = []

    with ExitStack() as threads, gate.admit(2):
        threads.enter_context(waiting(gate, 9, log))
        # There is room for it now, but not beside the heavy one.
        threads.enter_context(waiting(gate, 3, log))
        let_in_early = [*log]

    assert let_in_early == []
    assert log == [9, 3]


def test_lets_in_who_waits_behind_one_that_gives_up() -> None:
    gate = make_gate(capacity=10, patience_seconds=60)
    cancellation = Cancellation()
    log: list[int] = []

    with gate.admit(5), waiting(gate, 9, log, cancellation), waiting(gate, 3, log) as light:
        cancellation.cancel()
        light.join(timeout=5)

        assert log == [3]


def test_lets_as_many_wait_as_the_queue_has_places() -> None:
    gate = make_gate(capacity=10, queue_length=2, patience_seconds=60)
    log: list[int] = []

    with ExitStack() as threads, gate.admit(10):
        for _ in range(2):
            threads.enter_context(waiting(gate, 1, log))
        assert_refused_at_once(gate, 1)

    assert log == [1, 1]


def test_who_waits_in_vain_for_nobody_leaves_at_once() -> None:
    gate = make_gate(patience_seconds=60)
    cancellation = Cancellation()
    outcome: list[type[Exception]] = []

    def work() -> None:
        try:
            with gate.admit(1, cancellation):
                pass
        except Cancelled as error:
            outcome.append(type(error))

    thread = threading.Thread(target=work)
    with gate.admit(10):
        thread.start()
        while not gate._queue:  # noqa: SLF001
            time.sleep(0.001)
        cancellation.cancel()
        thread.join(timeout=5)

    assert outcome == [Cancelled]


def test_lets_nobody_in_who_has_gone() -> None:
    cancellation = Cancellation()
    cancellation.cancel()

    with pytest.raises(Cancelled), make_gate().admit(1, cancellation):
        pass
