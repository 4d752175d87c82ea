import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

# A file of that name was being written when the server was killed.
UNFINISHED_PREFIX = ".unfinished-"


class DurableFileSystemStorage(FileSystemStorage):
    """Keeps files that are whole and on the disk before anyone learns their name.

    Django's own writes in place, and leaves it to the system when the bytes reach the disk: a crash
    can leave a row whose file is empty.
    """

    def _save(self, name: str, content: File[Any]) -> str:
        directory = Path(self.path(name)).parent
        make_directory(directory)
        with self._unfinished_file(directory) as unfinished:
            for chunk in content.chunks():
                unfinished.write(chunk)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            name = self._reserve(name)
            Path(unfinished.name).replace(self.path(name))
        sync_directory(directory)
        return name

    @contextmanager
    def _unfinished_file(self, directory: Path) -> Iterator[IO[bytes]]:
        """Open a file that is removed again unless it is moved away."""
        with tempfile.NamedTemporaryFile(
            dir=directory, prefix=UNFINISHED_PREFIX, delete=False
        ) as file:
            try:
                if self.file_permissions_mode is not None:
                    os.fchmod(file.fileno(), self.file_permissions_mode)
                yield file
            finally:
                Path(file.name).unlink(missing_ok=True)

    def _reserve(self, name: str) -> str:
        # A rename would replace what another process has just put there; only an empty file of our
        # own may be replaced. (A hard link would not, but exFAT and many network shares have none.)
        while True:
            try:
                Path(self.path(name)).touch(exist_ok=False)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name


def make_directory(directory: Path) -> None:
    """Make the directory and its parents; a new one is not on the disk before its parent is."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
