import hashlib
import re
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.db import IntegrityError, OperationalError, connection, connections, models, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from comparisons.engine import Limits, Options, compare, decode_image, render_mask
from comparisons.files import new_files
from comparisons.inputs import ImageFile
from comparisons.models import Comparison, ReceivedImage, StoredImage, StoredImageQuerySet
from comparisons.services import compare_images
from comparisons.storage import DurableFileSystemStorage
from tests.comparing import (
    BLACK,
    GATES,
    LIMITS,
    WHITE,
    find_files,
    is_nothing_stored,
    record_comparison,
)
from tests.databases import on_postgresql, on_sqlite
from tests.pictures import encode_noise, plain

CaptureCommits = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]

RED = plain("red")


def record(content1: bytes = WHITE, content2: bytes = BLACK, **changes: Any) -> Comparison:
    """Record a comparison whose figures are changed to ones that may not be stored."""
    picture1, picture2 = (decode_image(content, Limits()) for content in (content1, content2))
    result = compare(picture1, picture2, Options(), Limits())
    return Comparison.objects.record(
        images={
            "image1": ReceivedImage("a.png", content1, "image/png", 8, 6),
            "image2": ReceivedImage("a.png", content2, "image/png", 8, 6),
        },
        known=(),
        options=Options(),
        result=replace(result, **changes),
        views={"mask": render_mask(result)},
        duration_ms=1,
    )


def find_file(media_root: Path, name: str | None) -> Path:
    assert name
    return media_root / name


@pytest.mark.django_db
class TestRecording:
    def test_stores_each_content_once(self, media_root: Path) -> None:
        record_comparison(WHITE, BLACK)
        record_comparison(BLACK, WHITE)

        assert Comparison.objects.count() == 2
        assert StoredImage.objects.count() == 2
        assert len(find_files(media_root)) == 2 + 2

    @on_sqlite
    def test_gets_the_keys_of_new_images_where_an_insert_tells_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As SQLite before 3.35, MySQL and Oracle.
        monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)

        comparison = record_comparison(WHITE, BLACK)

        assert comparison.image1.read_content() == WHITE
        assert comparison.image2.read_content() == BLACK

    def test_stores_the_same_image_given_twice_once(self, media_root: Path) -> None:
        comparison = record_comparison(WHITE, WHITE)

        assert comparison.image1 == comparison.image2
        assert len(find_files(media_root)) == 1 + 1

    def test_keeps_the_order_of_the_images(self) -> None:
        forth = record_comparison(WHITE, BLACK)
        back = record_comparison(BLACK, WHITE)

        white, black = (hashlib.sha256(content).hexdigest() for content in (WHITE, BLACK))
        assert (forth.image1.sha256, forth.image2.sha256) == (white, black)
        assert (back.image1.sha256, back.image2.sha256) == (black, white)

    def test_keeps_the_content_byte_for_byte(self, media_root: Path) -> None:
        comparison = record_comparison(WHITE, BLACK)

        assert find_file(media_root, comparison.image1.file.name).read_bytes() == WHITE
        assert comparison.image1.size_bytes == len(WHITE)

    def test_writes_files_before_the_rows_that_point_at_them(self, media_root: Path) -> None:
        found: dict[str, bool] = {}

        def look(values: Iterable[object]) -> None:
            # PostgreSQL takes the values of several rows as a list of each column's.
            flat = [
                each for value in values for each in (value if isinstance(value, list) else [value])
            ]
            names = [str(value) for value in flat if str(value).startswith(("images/", "views/"))]
            found.update({name: find_file(media_root, name).is_file() for name in names})

        with before_insert(StoredImage, look), before_insert(Comparison, look):
            record_comparison()

        assert len(found) == 3
        assert all(found.values())

    def test_overwrites_no_file_where_the_storage_would(
        self, media_root: Path, settings: Settings
    ) -> None:
        # As django-storages' does on S3.
        overwriting = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": media_root, "allow_overwrite": True},
        }
        settings.STORAGES = {**settings.STORAGES, "default": overwriting}

        # Two that store one new content at once both write its file, and one removes its own again.
        with new_files() as files, new_files() as others:
            name = files.write("images/ab/content", b"ours")
            others.write("images/ab/content", b"theirs")
            files.keep(name)

        assert {path.read_bytes() for path in find_files(media_root)} == {b"ours"}

    def test_spreads_files_over_folders(self, media_root: Path) -> None:
        comparison = record_comparison()

        sha256 = comparison.image1.sha256
        assert str(comparison.image1.file.name).startswith(f"images/{sha256[:2]}/{sha256}-")
        assert {len(path.relative_to(media_root).parts) for path in find_files(media_root)} == {
            3,
            5,
        }


def list_files_of(comparison: Comparison, media_root: Path) -> set[Path]:
    files = (comparison.image1.file, comparison.image2.file, comparison.result_image)
    return {find_file(media_root, file.name) for file in files}


def is_insert(sql: str, model: type[models.Model]) -> bool:
    return sql.startswith("INSERT") and f'INTO "{model._meta.db_table}"' in sql  # noqa: SLF001 - a public API, for all its name


@contextmanager
def before_insert(
    model: type[models.Model], look: Callable[[Iterable[object]], None]
) -> Iterator[None]:
    """Let ``look`` see the values of a model's rows before the database does."""

    def execute_and_look(execute: Any, sql: str, params: Any, *others: Any) -> Any:
        if is_insert(sql, model):
            look(params)
        return execute(sql, params, *others)

    with connection.execute_wrapper(execute_and_look):
        yield


@contextmanager
def answering_first(known: Mapping[str, int]) -> Iterator[None]:
    """Let which contents are stored be answered as at another time, once."""
    answers = [known]
    find_known = StoredImageQuerySet.find_known
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            StoredImageQuerySet,
            "find_known",
            lambda self, images: answers.pop() if answers else find_known(self, images),
        )
        yield


@contextmanager
def storage_that_fails_at(call: int) -> Iterator[None]:
    """Let the storage refuse the n-th file of the block."""
    original = DurableFileSystemStorage._save  # noqa: SLF001
    calls = iter(range(1, 100))

    def save(storage: DurableFileSystemStorage, name: str, content: File[bytes]) -> str:
        if next(calls) == call:
            raise OSError("No space left on device")
        return str(original(storage, name, content))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DurableFileSystemStorage, "_save", save)
        yield


@pytest.mark.django_db
class TestFailedRecording:
    def test_is_not_risked_for_content_that_is_there(self) -> None:
        record_comparison()

        # The mask is the only file that has to be written.
        with storage_that_fails_at(2):
            record_comparison()

        assert Comparison.objects.count() == 2

    @pytest.mark.parametrize("call", [1, 2, 3])
    def test_leaves_nothing_if_a_file_can_not_be_written(self, media_root: Path, call: int) -> None:
        with storage_that_fails_at(call), pytest.raises(OSError, match="No space left"):
            record_comparison()

        assert is_nothing_stored(media_root)

    @pytest.mark.parametrize("model", [StoredImage, Comparison])
    def test_leaves_nothing_if_a_row_can_not_be_written(
        self, media_root: Path, model: type[models.Model]
    ) -> None:
        def refuse(_values: Iterable[object]) -> None:
            raise RuntimeError("refused")

        with before_insert(model, refuse), pytest.raises(RuntimeError, match="refused"):
            record_comparison()

        assert is_nothing_stored(media_root)

    def test_leaves_nothing_if_the_database_refuses_the_figures(self, media_root: Path) -> None:
        with pytest.raises(IntegrityError):
            record(mse=-1.0)

        assert is_nothing_stored(media_root)

    def test_keeps_what_was_there_before(self, media_root: Path) -> None:
        record_comparison(WHITE, BLACK)
        before = find_files(media_root)

        with pytest.raises(IntegrityError):
            record(WHITE, RED, mse=-1.0)

        assert find_files(media_root) == before
        assert StoredImage.objects.count() == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestConnectionThatIsLostDuringTheCommit:
    @pytest.fixture(autouse=True)
    def _connection_that_is_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the answer to the next commit not arrive."""

        def commit_and_lose() -> None:
            connection.connection.commit()
            monkeypatch.undo()
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(connection, "_commit", commit_and_lose)

    def test_leaves_the_files_of_rows_that_are_there_all_the_same(self, media_root: Path) -> None:
        with pytest.raises(OperationalError):
            record_comparison()

        comparison = Comparison.objects.get()
        assert find_files(media_root) == list_files_of(comparison, media_root)


@pytest.mark.django_db
class TestContentThatComesAndGoes:
    """Others store and delete the same content while it is being recorded."""

    def test_is_stored_if_it_goes_after_it_was_found(self, media_root: Path) -> None:
        everything = {hashlib.sha256(content).hexdigest(): 1 for content in (WHITE, BLACK)}

        with answering_first(everything):
            comparison = record_comparison()

        assert find_files(media_root) == list_files_of(comparison, media_root)

    def test_is_stored_once_if_it_comes_after_it_was_missed(self, media_root: Path) -> None:
        known = record_comparison()

        with answering_first({}):
            comparison = record_comparison()

        assert (comparison.image1, comparison.image2) == (known.image1, known.image2)
        assert find_files(media_root) == {
            *list_files_of(known, media_root),
            *list_files_of(comparison, media_root),
        }

    def test_is_given_up_if_it_never_stays(
        self, media_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record_comparison()
        before = find_files(media_root)
        monkeypatch.setattr(StoredImageQuerySet, "find_known", lambda *_: {})

        with pytest.raises(IntegrityError, match="does not take the images"):
            record_comparison()

        assert find_files(media_root) == before
        assert Comparison.objects.count() == 1


@pytest.mark.django_db
class TestPictureThatTwoHaveRendered:
    """The first stays: somebody may be about to read its file."""

    @pytest.mark.parametrize("view", ["overlay", "mask"])
    def test_is_the_one_that_was_stored_first(
        self,
        media_root: Path,
        view: str,
        django_capture_on_commit_callbacks: CaptureCommits,
    ) -> None:
        comparison = record_comparison()
        comparison.keep_view(view, BLACK)
        files = find_files(media_root)

        with django_capture_on_commit_callbacks(execute=True):
            comparison.keep_view(view, RED)

        assert find_files(media_root) == files

    @pytest.mark.parametrize("name", ["image1", "mask"])
    def test_is_the_one_that_was_stored_first_if_it_is_small(
        self,
        media_root: Path,
        name: str,
        django_capture_on_commit_callbacks: CaptureCommits,
    ) -> None:
        comparison = record_comparison()
        comparison.keep_thumbnail(name, BLACK)
        files = find_files(media_root)

        with django_capture_on_commit_callbacks(execute=True):
            comparison.keep_thumbnail(name, RED)

        assert find_files(media_root) == files


@pytest.mark.django_db
class TestDeletion:
    def test_removes_the_files(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        comparison = record_comparison()

        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()

        assert is_nothing_stored(media_root)

    def test_of_a_pair_of_equal_images_removes_the_files(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        comparison = record_comparison(WHITE, WHITE)

        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()

        assert is_nothing_stored(media_root)

    def test_keeps_images_that_another_comparison_uses(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        gone = record_comparison(WHITE, BLACK)
        kept = record_comparison(RED, WHITE)

        with django_capture_on_commit_callbacks(execute=True):
            gone.delete()

        assert find_files(media_root) == list_files_of(kept, media_root)
        assert set(StoredImage.objects.all()) == {kept.image1, kept.image2}

    @pytest.mark.parametrize("field", ["image1", "image2", "mask_image"])
    def test_keeps_an_image_that_another_comparison_has_in_another_place(
        self,
        django_capture_on_commit_callbacks: CaptureCommits,
        field: str,
    ) -> None:
        gone = record_comparison(WHITE, BLACK)
        contents = {"image1": RED, "image2": RED, "mask_image": RED, field: WHITE}
        image1, image2, mask_image = (
            ImageFile(name, f"{name}.png", len(content), partial(bytes, content))
            for name, content in contents.items()
        )
        kept = compare_images(
            image1=image1,
            image2=image2,
            mask_image=mask_image,
            options=Options(),
            limits=LIMITS,
            gates=GATES,
        )

        with django_capture_on_commit_callbacks(execute=True):
            gone.delete()

        assert kept.inputs[field][1].read_content() == WHITE
        assert set(StoredImage.objects.all()) == {stored for _, stored in kept.inputs.values()}

    def test_of_a_selection_removes_what_only_it_used(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        kept = record_comparison(WHITE, BLACK)
        for _ in range(2):
            record_comparison(WHITE, RED, source2="red.png")

        with django_capture_on_commit_callbacks(execute=True):
            deleted, _ = Comparison.objects.filter(source2="red.png").delete()

        assert deleted >= 2
        assert Comparison.objects.get() == kept
        assert set(StoredImage.objects.all()) == {kept.image1, kept.image2}
        assert len(find_files(media_root)) == 3

    def test_of_many_goes_in_slices(
        self,
        media_root: Path,
        django_capture_on_commit_callbacks: CaptureCommits,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("comparisons.models.DELETED_AT_ONCE", 2)
        for _ in range(5):
            record_comparison(WHITE, BLACK)

        with (
            django_capture_on_commit_callbacks(execute=True),
            CaptureQueriesContext(connection) as queries,
        ):
            deleted = Comparison.objects.all().delete()

        assert deleted == (5, {"comparisons.Comparison": 5})
        assert is_nothing_stored(media_root)
        lists = re.findall(r" IN \(([^()]*)\)", " ".join(query["sql"] for query in queries))
        assert max(len(ids.split(",")) for ids in lists) == 2

    def test_of_everything_leaves_nothing(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        record_comparison(WHITE, BLACK)
        record_comparison(BLACK, RED)

        with django_capture_on_commit_callbacks(execute=True):
            Comparison.objects.all().delete()

        assert is_nothing_stored(media_root)

    def test_that_is_rolled_back_keeps_files_and_rows(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        comparison = record_comparison()
        before = find_files(media_root)

        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            comparison.delete()
            transaction.set_rollback(True)

        assert find_files(media_root) == before
        assert Comparison.objects.count() == 1

    def test_goes_on_where_a_file_can_not_be_deleted(
        self,
        media_root: Path,
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: CaptureCommits,
    ) -> None:
        comparison = record_comparison()
        path = Path(comparison.image1.file.path)
        path.unlink()
        # A folder that is not empty can't be deleted like a file.
        path.mkdir()
        (path / "something").touch()

        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()

        assert find_files(media_root) == {path / "something"}
        assert not Comparison.objects.exists()
        assert str(comparison.image1.file.name) in caplog.text

    def test_of_an_image_in_use_is_refused(self, media_root: Path) -> None:
        comparison = record_comparison()
        before = find_files(media_root)

        with pytest.raises(ProtectedError):
            comparison.image1.delete()

        assert find_files(media_root) == before

    def test_is_survived_by_content_that_is_sent_again(
        self, media_root: Path, django_capture_on_commit_callbacks: CaptureCommits
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            record_comparison().delete()

        comparison = record_comparison()

        assert find_file(media_root, comparison.image1.file.name).read_bytes() == WHITE


@pytest.mark.django_db
class TestDatabase:
    """White against black, 8 x 6 pixels: MSE 65025, PSNR 0, all 48 pixels different."""

    @pytest.mark.parametrize(
        "values",
        [
            pytest.param({"mse": -0.1}, id="MSE below 0"),
            pytest.param({"mse": 65025.1}, id="MSE beyond any"),
            pytest.param({"mse": 0}, id="finite PSNR for an MSE of 0"),
            pytest.param({"psnr": None}, id="infinite PSNR for an MSE"),
            pytest.param({"total_pixels": 49}, id="more pixels than width x height"),
            pytest.param({"width": 9}, id="another width"),
            pytest.param({"height": 5}, id="another height"),
            pytest.param({"width": 0, "total_pixels": 0, "diff_pixels": 0}, id="no pixels"),
            pytest.param({"diff_pixels": 49}, id="more different pixels than there are"),
            pytest.param({"diff_pixels": -1}, id="less than no different pixels"),
            pytest.param({"ignored_pixels": 1}, id="different pixels among the ignored"),
            pytest.param({"diff_ratio": -0.1}, id="ratio below 0"),
            pytest.param({"diff_ratio": 1.1}, id="ratio above 1"),
            pytest.param({"match": None}, id="no verdict"),
            pytest.param({"image1": None}, id="no image"),
        ],
    )
    def test_refuses_figures_that_can_not_be(self, values: dict[str, Any]) -> None:
        comparison = record_comparison()

        with pytest.raises(IntegrityError), transaction.atomic():
            Comparison.objects.filter(pk=comparison.pk).update(**values)

    @pytest.mark.parametrize("field", ["width", "height", "size_bytes"])
    def test_refuses_an_image_of_nothing(self, field: str) -> None:
        image = record_comparison().image1

        with pytest.raises(IntegrityError), transaction.atomic():
            StoredImage.objects.filter(pk=image.pk).update(**{field: 0})

    def test_refuses_one_content_twice(self) -> None:
        comparison = record_comparison()

        with pytest.raises(IntegrityError), transaction.atomic():
            StoredImage.objects.filter(pk=comparison.image1.pk).update(
                sha256=comparison.image2.sha256
            )

    def test_lists_the_newest_comparison_first(self) -> None:
        recorded = [record_comparison() for _ in range(3)]

        assert list(Comparison.objects.all()) == recorded[::-1]

    def test_tells_sizes_that_differ(self) -> None:
        same = record_comparison()
        different = record_comparison(plain(size=(4, 4)), BLACK)

        assert not same.size_differs
        assert different.size_differs

    def test_names_rows_for_people(self) -> None:
        comparison = record_comparison()

        assert str(comparison) == str(comparison.pk)
        assert str(comparison.image1) == f"{comparison.image1.sha256[:12]} (8 x 6)"


@pytest.fixture
def database_of_threads(
    transactional_db: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Give all new threads a database as the server's have: SQLite in memory would share locks."""
    if connection.vendor != "sqlite":
        return
    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
        # As the first connection leaves it: two that change it at once get in each other's way.
        copy.execute("PRAGMA journal_mode=WAL")
    copy.close()
    changed = {**connections.databases["default"], "NAME": str(path)}
    monkeypatch.setitem(connections.databases, "default", changed)


@pytest.mark.usefixtures("database_of_threads")
class TestTwoThreads:
    def in_threads(self, work: Callable[[], Any], count: int) -> list[Any]:
        """Do the work so often at once, each time in a thread with a connection of its own."""

        def work_and_close() -> Any:
            try:
                return work()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            futures = [pool.submit(work_and_close) for _ in range(count)]
        return [future.result() for future in futures]

    def test_that_store_the_same_new_content_end_with_one_file_and_row(
        self, media_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        both_have_written = threading.Barrier(2, timeout=10)
        original = DurableFileSystemStorage._save  # noqa: SLF001

        def save(storage: DurableFileSystemStorage, name: str, content: File[bytes]) -> str:
            stored_name = str(original(storage, name, content))
            if name.startswith("images/"):
                both_have_written.wait()
            return stored_name

        monkeypatch.setattr(DurableFileSystemStorage, "_save", save)

        recorded = self.in_threads(lambda: record_comparison(WHITE, WHITE), 2)

        (rows,) = self.in_threads(lambda: list(StoredImage.objects.all()), 1)
        (count,) = self.in_threads(Comparison.objects.count, 1)
        names = [rows[0].file.name, *(comparison.result_image.name for comparison in recorded)]
        assert len(rows) == 1
        assert count == 2
        assert find_files(media_root) == {find_file(media_root, name) for name in names}

    def test_that_receive_lost_content_again_end_with_one_file(
        self, media_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [earlier] = self.in_threads(lambda: record_comparison(WHITE, BLACK), 1)
        lost = find_file(media_root, earlier.image1.file.name)
        lost.write_bytes(b"truncated")
        both_have_written = threading.Barrier(2, timeout=10)
        original = DurableFileSystemStorage._save  # noqa: SLF001

        def save(storage: DurableFileSystemStorage, name: str, content: File[bytes]) -> str:
            stored_name = str(original(storage, name, content))
            if name.startswith("images/"):
                both_have_written.wait()
            return stored_name

        monkeypatch.setattr(DurableFileSystemStorage, "_save", save)

        self.in_threads(lambda: record_comparison(WHITE, BLACK), 2)

        (images,) = self.in_threads(lambda: list(StoredImage.objects.all()), 1)
        found = {path for path in find_files(media_root) if "images" in path.parts}
        assert found == {find_file(media_root, image.file.name) for image in images}
        assert {path.read_bytes() for path in found} == {WHITE, BLACK}


@pytest.mark.django_db
def test_file_that_could_only_be_written_in_part_is_removed(media_root: Path) -> None:
    content = encode_noise(1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert len(content) > 1000

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            record_comparison(content, BLACK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert is_nothing_stored(media_root)
