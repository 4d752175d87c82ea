from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from comparisons.storage import DurableFileSystemStorage


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


def test_files_can_be_read_by_the_group(media_root: Path) -> None:
    name = default_storage.save("a.png", ContentFile(b"content"))

    assert (media_root / name).stat().st_mode & 0o777 == 0o644
