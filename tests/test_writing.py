import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import connection, transaction

from comparisons.files import delete_files
from comparisons.writing import WRITER, writing
from tests.comparing import is_nothing_stored, record_comparison
from tests.databases import on_sqlite


@on_sqlite
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


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_files_of_what_is_deleted(
    media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = record_comparison()
    seen = []

    def delete_and_look(names: Iterable[str]) -> None:
        seen.append(WRITER.locked())
        delete_files(names)

    monkeypatch.setattr("comparisons.files.delete_files", delete_and_look)

    comparison.delete()

    assert seen == [False]
    assert is_nothing_stored(media_root)
