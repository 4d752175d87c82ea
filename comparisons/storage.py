import hashlib
import os
from pathlib import Path
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

# Files whose checksums are remembered.
MAX_KNOWN = 10_000


class DurableFileSystemStorage(FileSystemStorage):
    """Writes a file to the disk completely before it returns the file's name.

    Django's storage leaves it to the system when the bytes reach the disk, so a crash can leave a row whose
    file is empty. Here, it leaves at most a partial file that no row names; ``manage.py prune`` deletes it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known: dict[str, tuple[str, tuple[int, ...]]] = {}

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """Return the name as it is: ``_create`` finds another one if it is taken, which is rare."""
        return name

    def has_sha256(self, name: str, sha256: str) -> bool:
        """Tell whether a file has this checksum. Reads it once, and again after each change."""
        path = Path(self.path(name))
        now = path.stat()
        state = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        known, known_state = self._known.get(name, ("", ()))
        if known_state != state:
            known = hashlib.sha256(path.read_bytes()).hexdigest()
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[name] = known, state
        return known == sha256

    def _save(self, name: str, content: File[Any]) -> str:
        directory = Path(self.path(name)).parent
        make_directory(directory)
        name, file = self._create(name)
        try:
            with file:
                if self.file_permissions_mode is not None:
                    os.fchmod(file.fileno(), self.file_permissions_mode)
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            sync_directory(directory)
        except BaseException:
            Path(self.path(name)).unlink(missing_ok=True)
            raise
        return name

    def _create(self, name: str) -> tuple[str, IO[bytes]]:
        """Create the file, under another name if this one is taken."""
        while True:
            try:
                return name, Path(self.path(name)).open("xb")
            except FileExistsError:
                name = super().get_available_name(name)


def make_directory(directory: Path) -> None:
    """Create the directory and its parents, and write each new entry to the disk."""
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
