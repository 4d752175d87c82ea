import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import connection

from comparisons.storage import DurableFileSystemStorage
from tests.comparing import find_files, record_comparison

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="needs Linux, which tells what a descriptor leads to"
)


def test_the_default_storage_is_durable() -> None:
    assert isinstance(storages["default"], DurableFileSystemStorage)


def test_a_file_is_stored_under_its_name_with_its_content(media_root: Path) -> None:
    name = default_storage.save("a/b/c.png", ContentFile(b"content"))

    assert name == "a/b/c.png"
    assert (media_root / name).read_bytes() == b"content"


def test_a_taken_name_is_not_written_to(media_root: Path) -> None:
    first = default_storage.save("a.png", ContentFile(b"first"))
    second = default_storage.save("a.png", ContentFile(b"second"))

    assert first != second
    assert (media_root / first).read_bytes() == b"first"
    assert (media_root / second).read_bytes() == b"second"


def test_a_file_that_can_not_be_written_leaves_nothing(media_root: Path) -> None:
    class Failing(ContentFile[bytes]):
        def chunks(self, *_args: object) -> Iterator[bytes]:
            yield b"half"
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        default_storage.save("a.png", Failing(b"content"))

    assert [path for path in media_root.rglob("*") if path.is_file()] == []


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, int]]:
    """What has been brought to the disk, in order, with the size that it had by then."""
    calls: list[tuple[Path, int]] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        calls.append((path, os.fstat(descriptor).st_size if path.is_file() else 0))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return calls


@needs_proc
def test_a_whole_file_is_on_the_disk_and_then_its_name(
    media_root: Path, synced: list[tuple[Path, int]]
) -> None:
    (media_root / "a").mkdir(parents=True)

    default_storage.save("a/b.png", ContentFile(b"content"))

    assert synced == [(media_root / "a/b.png", len(b"content")), (media_root / "a", 0)]


@needs_proc
def test_new_folders_are_on_the_disk_before_what_is_in_them(
    media_root: Path, synced: list[tuple[Path, int]]
) -> None:
    media_root.mkdir()

    default_storage.save("a/b/c.png", ContentFile(b"content"))

    assert [path for path, _ in synced] == [
        media_root,
        media_root / "a",
        media_root / "a/b/c.png",
        media_root / "a/b",
    ]


@needs_proc
@pytest.mark.django_db
def test_all_is_on_the_disk_before_a_row_points_at_it(
    media_root: Path, synced: list[tuple[Path, int]]
) -> None:
    on_disk: list[set[Path]] = []

    def look(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("INSERT"):
            on_disk.append({path for path, _ in synced})
        return execute(sql, *arguments)

    with connection.execute_wrapper(look):
        record_comparison()

    assert all(find_files(media_root) <= paths for paths in on_disk)
    assert on_disk


def test_files_can_be_read_by_the_group(media_root: Path) -> None:
    before = os.umask(0o077)
    try:
        name = default_storage.save("a.png", ContentFile(b"content"))
    finally:
        os.umask(before)

    assert (media_root / name).stat().st_mode & 0o777 == 0o644
