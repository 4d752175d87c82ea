import threading

import pytest

from comparisons.cancellation import Cancellation, Cancelled


def test_work_goes_on_until_it_is_cancelled() -> None:
    cancellation = Cancellation()

    cancellation.check()
    cancellation.cancel()

    with pytest.raises(Cancelled):
        cancellation.check()


def test_who_waits_is_woken() -> None:
    cancellation = Cancellation()
    woken = threading.Event()

    with cancellation.waking(woken.set):
        cancellation.cancel()

    assert woken.is_set()


def test_who_begins_to_wait_too_late_is_woken_at_once() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    woken = threading.Event()

    with cancellation.waking(woken.set):
        assert woken.is_set()


def test_who_waits_no_more_is_left_alone() -> None:
    cancellation = Cancellation()
    woken = threading.Event()

    with cancellation.waking(woken.set):
        pass
    cancellation.cancel()

    assert not woken.is_set()
