"""More threads than connections: a thread that waits for something else gives its connection back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from rest_framework.test import APIClient

from comparisons import pipeline
from comparisons.database import give_back_connection
from comparisons.engine import Options
from comparisons.gate import Gate, ServerBusy
from comparisons.inputs import ImageFile
from comparisons.models import Comparison
from comparisons.outages import DatabaseUnavailable, find_outage
from comparisons.pipeline import Gates
from comparisons.services import compare_again, compare_images, render_thumbnail, render_view
from tests.comparing import BLACK, LIMITS, WHITE, record_comparison
from tests.databases import on_postgresql, on_sqlite
from tests.end_to_end.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS = 2
THREADS = 6


def close_pool() -> None:
    connection.close()
    # Missing from Django's type stubs.
    getattr(connection, "close_pool")()  # noqa: B009


@pytest.fixture
def small_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pool of two connections, with a short time-out."""
    options = connection.settings_dict["OPTIONS"]
    pool = {**options["pool"], "max_size": CONNECTIONS, "timeout": 1}
    close_pool()
    monkeypatch.setitem(options, "pool", pool)
    yield
    close_pool()


def make_gates(**capacities: int) -> Gates:
    return Gates(
        **{
            name: Gate(
                capacity=capacities.get(name, 10**9), queue_length=THREADS, patience_seconds=20
            )
            for name in ("in_hand", "downloads", "comparisons", "pixels")
        }
    )


class InThreads:
    """Runs work in several threads at once, each with its own connection."""

    def __init__(self, work: Callable[[int], Any]) -> None:
        def work_and_close(number: int) -> Any:
            try:
                return work(number)
            finally:
                connection.close()

        self._executor = ThreadPoolExecutor(THREADS)
        self._futures = [self._executor.submit(work_and_close, n) for n in range(THREADS)]

    @property
    def has_failed(self) -> bool:
        return any(future.done() and future.exception() for future in self._futures)

    def collect(self) -> list[Any]:
        self._executor.shutdown()
        return [future.result() for future in self._futures]


def find_comparison() -> Comparison:
    objects = Comparison.objects.get_queryset()
    return objects.select_related("image1", "image2", "mask_image").order_by("created_at")[0]


def get_view(gates: Gates, _number: int) -> None:
    render_view(comparison=find_comparison(), view="overlay", limits=LIMITS, gates=gates)


def get_thumbnail(gates: Gates, _number: int) -> None:
    render_thumbnail(comparison=find_comparison(), name="image1", limits=LIMITS, gates=gates)


def get_thumbnail_of_the_mask(gates: Gates, _number: int) -> None:
    render_thumbnail(comparison=find_comparison(), name="mask", limits=LIMITS, gates=gates)


def rerun(gates: Gates, number: int) -> None:
    options = Options(threshold=0.2 + number / 100)
    compare_again(comparison=find_comparison(), options=options, limits=LIMITS, gates=gates)


def compare_new(gates: Gates, number: int) -> None:
    compare_images(
        image1=ImageFile("image1", "a.png", len(WHITE), lambda: WHITE),
        image2=ImageFile("image2", "b.png", len(BLACK), lambda: BLACK),
        options=Options(threshold=0.2 + number / 100),
        limits=LIMITS,
        gates=gates,
    )


@on_postgresql
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize(
    ("work", "full"),
    [
        pytest.param(get_view, "comparisons", id="view"),
        pytest.param(get_view, "pixels", id="view, for its pixels"),
        pytest.param(get_thumbnail, "comparisons", id="thumbnail"),
        pytest.param(get_thumbnail, "pixels", id="thumbnail, for its pixels"),
        pytest.param(get_thumbnail_of_the_mask, "comparisons", id="thumbnail of the mask"),
        pytest.param(rerun, "in_hand", id="rerun"),
        pytest.param(rerun, "comparisons", id="rerun, with its images"),
        pytest.param(rerun, "pixels", id="rerun, for its pixels"),
        pytest.param(compare_new, "pixels", id="comparison, for its pixels"),
    ],
)
def test_who_waits_for_a_place_holds_no_connection(
    work: Callable[[Gates, int], None], full: str
) -> None:
    record_comparison()
    connection.close()
    gates = make_gates(**{full: 1})
    queue = getattr(gates, full)._queue  # noqa: SLF001 - the only place that tells who waits

    with getattr(gates, full).admit(1):
        threads = InThreads(lambda number: work(gates, number))
        wait_until(lambda: len(queue) == THREADS or threads.has_failed)

    assert len(threads.collect()) == THREADS


@on_postgresql
@pytest.mark.usefixtures("small_pool")
@pytest.mark.parametrize("path", ["image1", "mask.png", "overlay.png", "thumbnails/image1.webp"])
def test_who_takes_an_answer_holds_no_connection(path: str) -> None:
    comparison = record_comparison()
    APIClient().get(f"/compare/{comparison.pk}/{path}").getvalue()
    connection.close()
    all_have_answers = threading.Barrier(THREADS, timeout=10)

    def get_slowly(_number: int) -> int:
        response = APIClient().get(f"/compare/{comparison.pk}/{path}")
        with suppress(threading.BrokenBarrierError):
            all_have_answers.wait()
        response.getvalue()
        return response.status_code

    assert InThreads(get_slowly).collect() == [200] * THREADS


@on_postgresql
@pytest.mark.usefixtures("small_pool")
def test_who_decodes_holds_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    record_comparison()
    connection.close()
    all_decode = threading.Barrier(THREADS, timeout=10)
    decode = pipeline.decode_images

    def decode_slowly(*arguments: Any, **options: Any) -> Any:
        all_decode.wait()
        return decode(*arguments, **options)

    monkeypatch.setattr(pipeline, "decode_images", decode_slowly)
    gates = make_gates()

    assert len(InThreads(lambda number: rerun(gates, number)).collect()) == THREADS


@on_postgresql
@pytest.mark.usefixtures("small_pool")
def test_who_finds_all_connections_in_use_is_told_to_come_again() -> None:
    all_there = threading.Barrier(THREADS, timeout=10)

    def ask_and_stay(_number: int) -> type[object] | None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except OperationalError as error:
            return type(find_outage(error))
        finally:
            all_there.wait()
        return None

    found = InThreads(ask_and_stay).collect()

    assert found.count(None) == CONNECTIONS
    assert found.count(ServerBusy) == THREADS - CONNECTIONS


@on_postgresql
@pytest.mark.usefixtures("small_pool")
def test_a_server_that_is_gone_is_told_from_one_that_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    close_pool()
    # No server listens there.
    monkeypatch.setitem(connection.settings_dict, "PORT", 1)
    monkeypatch.setitem(connection.settings_dict["OPTIONS"]["pool"], "reconnect_timeout", 0.1)

    with pytest.raises(OperationalError) as caught:
        connection.ensure_connection()

    assert isinstance(find_outage(caught.value), DatabaseUnavailable)


@on_sqlite
def test_connections_to_sqlite_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(connection, "close", lambda: closed.append("closed"))

    give_back_connection()

    assert closed == []


def test_no_connection_is_given_back_within_a_transaction() -> None:
    with transaction.atomic():
        Comparison.objects.count()
        before = connection.connection
        give_back_connection()

        assert connection.connection is before
