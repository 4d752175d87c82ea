import threading

import pytest
from django.db import connection, transaction

from comparisons.writing import WRITER, writing


@pytest.mark.django_db(transaction=True)
def test_who_writes_waits_for_whoever_does_in_this_process() -> None:
    has_begun = threading.Event()

    def write() -> None:
        with writing():
            has_begun.set()
        connection.close()

    thread = threading.Thread(target=write)
    with WRITER:
        thread.start()
        begun_early = has_begun.wait(0.2)
    thread.join(10)

    assert (begun_early, has_begun.is_set()) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_who_writes_already_does_not_queue_up_again() -> None:
    # Whoever has the place waits for the database, which only the end of this transaction sets free.
    with transaction.atomic(), WRITER, writing():
        assert connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_what_fails_leaves_the_place_to_others() -> None:
    with pytest.raises(RuntimeError), writing():
        raise RuntimeError

    assert not WRITER.locked()
