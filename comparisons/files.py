"""Stored files: written before the rows that name them, and deleted after them."""

import logging
import posixpath
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from .writing import CommitUncertain

logger = logging.getLogger(__name__)

# Shared by the whole process.
WRITERS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="writer")


class NewFiles:
    """Files written in one block; what is not kept when the block ends is removed."""

    def __init__(self) -> None:
        self._writing: dict[str, Future[str]] = {}
        self._kept: set[str] = set()

    def begin(self, name: str, content: bytes) -> Future[str]:
        """Start to store a file in another thread, once per block; return the future of its name.

        The file always gets a new, unique name. No other row names it, and it replaces nothing, even in a
        storage that overwrites by default, as django-storages' does on S3.
        """
        if name not in self._writing:
            stem, ending = posixpath.splitext(name)
            unique_name = f"{stem}-{uuid.uuid4().hex}{ending}"
            self._writing[name] = WRITERS.submit(
                default_storage.save, unique_name, ContentFile(content)
            )
        return self._writing[name]

    def write(self, name: str, content: bytes) -> str:
        """Store a file, once per block, and return the name that the storage chose."""
        return self.begin(name, content).result()

    def finish(self) -> None:
        """Wait until every file is stored."""
        for file in self._writing.values():
            file.result()

    def keep(self, *stored_names: str) -> None:
        self._kept.update(stored_names)

    def remove_others(self) -> None:
        wait(self._writing.values())
        written = [file for file in self._writing.values() if not file.exception()]
        delete_files({file.result() for file in written} - self._kept)


@contextmanager
def new_files() -> Iterator[NewFiles]:
    files = NewFiles()
    try:
        yield files
    except CommitUncertain:
        # Rows may name these files. If none do, ``manage.py prune`` deletes them.
        raise
    except BaseException:
        files.remove_others()
        raise
    files.remove_others()


def delete_files(stored_names: Iterable[str]) -> list[str]:
    """Delete files that no row names; return which. ``manage.py prune`` deletes later what can't be deleted now."""
    deleted = []
    for name in stored_names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("Can't delete a stored file: %s", name)
        else:
            deleted.append(name)
    return deleted


def delete_files_on_commit(stored_names: Iterable[str]) -> None:
    transaction.on_commit(lambda: delete_files(stored_names))


def read_file(file: File[Any]) -> bytes:
    with file.open() as opened:
        return bytes(opened.read())


def list_files(directory: str) -> Iterator[str]:
    """List everything in a folder of the storage, by its stored name."""
    try:
        directories, names = default_storage.listdir(directory)
    except FileNotFoundError:  # Nothing has been stored yet.
        return
    yield from (posixpath.join(directory, name) for name in names)
    for inner in directories:
        yield from list_files(posixpath.join(directory, inner))


def is_older(stored_name: str, age: timedelta) -> bool:
    try:
        return timezone.now() - default_storage.get_modified_time(stored_name) >= age
    except FileNotFoundError:  # It has just been deleted.
        return False
