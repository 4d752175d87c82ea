"""Two transactions at once on PostgreSQL: locks decide which goes first, and both succeed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from comparisons.models import Comparison, StoredImage
from tests.comparing import BLACK, WHITE, find_files, is_nothing_stored, record_comparison
from tests.databases import on_postgresql
from tests.end_to_end.processes import wait_until
from tests.pictures import plain

pytestmark = [on_postgresql, pytest.mark.django_db(transaction=True)]

RED = plain("red")
COUNT_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Rival:
    """Another client, with its own connection."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            connection.close()

    def go_as_far_as_possible(self) -> None:
        """Start, and return when it is done or waits for a lock."""
        self.thread.start()
        database = settings.DATABASES["default"]
        with psycopg.connect(
            host=database["HOST"],
            port=database["PORT"],
            user=database["USER"],
            password=database["PASSWORD"],
            dbname=connection.settings_dict["NAME"],
            autocommit=True,
        ) as observer:
            wait_until(
                lambda: (
                    not self.thread.is_alive() or observer.execute(COUNT_WAITING).fetchone() == (1,)
                )
            )

    def finish(self) -> None:
        self.thread.join(10)
        assert not self.thread.is_alive()


@contextmanager
def beside(rival: Rival, *, before: str) -> Iterator[None]:
    """Let the rival run as far as it can before this thread's first statement of a kind."""
    statements: list[str] = []

    def let_rival_go(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith(before) and not statements:
            statements.append(sql)
            rival.go_as_far_as_possible()
        return execute(sql, *arguments)

    with connection.execute_wrapper(let_rival_go):
        yield
    assert statements
    rival.finish()


def delete(comparison: Comparison) -> Callable[[], object]:
    return Comparison.objects.filter(pk=comparison.pk).delete


def list_needed(media_root: Path) -> set[Path]:
    images = StoredImage.objects.all()
    comparisons = Comparison.objects.all()
    return {
        *(media_root / str(image.file.name) for image in images),
        *(media_root / str(comparison.result_image.name) for comparison in comparisons),
    }


def test_content_stays_that_is_found_before_its_last_comparison_is_deleted(
    media_root: Path,
) -> None:
    rival = Rival(delete(record_comparison(WHITE, BLACK)))

    with beside(rival, before='INSERT INTO "comparisons_comparison"'):
        recorded = record_comparison(WHITE, RED)

    assert rival.error is None
    assert recorded.image1.read_content() == WHITE
    assert find_files(media_root) == list_needed(media_root)


def test_content_that_is_deleted_after_it_was_found_is_stored_again(media_root: Path) -> None:
    comparison = record_comparison(WHITE, BLACK)
    rival = Rival(lambda: record_comparison(WHITE, RED))

    with beside(rival, before='DELETE FROM "comparisons_storedimage"'):
        delete(comparison)()

    assert rival.error is None
    assert Comparison.objects.get().image1.read_content() == WHITE
    assert find_files(media_root) == list_needed(media_root)


def test_a_view_is_not_kept_of_a_comparison_that_is_being_deleted(media_root: Path) -> None:
    comparison = record_comparison()
    rival = Rival(lambda: comparison.keep_view("overlay", BLACK))

    with beside(rival, before="DELETE"):
        delete(comparison)()

    assert isinstance(rival.error, Comparison.DoesNotExist)
    assert is_nothing_stored(media_root)


def test_a_view_goes_with_a_comparison_that_is_deleted_while_it_is_kept(media_root: Path) -> None:
    comparison = record_comparison()
    rival = Rival(delete(comparison))

    with beside(rival, before='INSERT INTO "comparisons_renderedview"'):
        comparison.keep_view("overlay", BLACK)

    assert rival.error is None
    assert is_nothing_stored(media_root)


def test_a_thumbnail_goes_with_content_that_is_deleted_while_it_is_kept(media_root: Path) -> None:
    comparison = record_comparison()
    rival = Rival(delete(comparison))

    with beside(rival, before='UPDATE "comparisons_storedimage"'):
        comparison.keep_thumbnail("image1", BLACK)

    assert rival.error is None
    assert is_nothing_stored(media_root)


def test_a_comparison_is_forgotten_that_is_deleted_while_it_is_remembered() -> None:
    comparison = record_comparison()
    rival = Rival(delete(comparison))

    with beside(rival, before='INSERT INTO "comparisons_rememberedcomparison"'):
        Comparison.objects.remember(comparison, browser=uuid4())

    assert rival.error is None
    assert not Comparison.objects.exists()


def test_a_lost_file_that_two_receive_at_once_is_written_once(media_root: Path) -> None:
    lost = record_comparison(WHITE, BLACK)
    Path(lost.image1.file.path).unlink()
    rival = Rival(lambda: record_comparison(WHITE, RED))

    with beside(rival, before='UPDATE "comparisons_storedimage"'):
        record_comparison(WHITE, plain("blue"))

    assert rival.error is None
    assert find_files(media_root) == list_needed(media_root)


def test_a_mask_that_two_render_again_at_once_is_kept_once(media_root: Path) -> None:
    comparison = record_comparison()
    Path(comparison.result_image.path).unlink()
    rival = Rival(lambda: comparison.keep_view("mask", BLACK))

    with beside(rival, before='UPDATE "comparisons_comparison"'):
        Comparison.objects.get().keep_view("mask", BLACK)

    assert rival.error is None
    assert find_files(media_root) == list_needed(media_root)
