import os
import tempfile
from pathlib import Path
from typing import Any

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
        with tempfile.NamedTemporaryFile(dir=directory, prefix=UNFINISHED_PREFIX) as unfinished:
            for chunk in content.chunks():
                unfinished.write(chunk)
            unfinished.flush()
            if self.file_permissions_mode is not None:
                os.fchmod(unfinished.fileno(), self.file_permissions_mode)
            os.fsync(unfinished.fileno())
            name = self._link(Path(unfinished.name), name)
        sync_directory(directory)
        return name

    def _link(self, file: Path, name: str) -> str:
        # Unlike a rename, a link does not replace what another process has just put there.
        while True:
            try:
                Path(self.path(name)).hardlink_to(file)
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
