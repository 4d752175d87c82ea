"""Django's SQLite backend, with connections that notice when the database file is replaced."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

# Device and inode of the file at a path; None if there is no file.
FileId = tuple[int, int] | None


def identify(path: str) -> FileId:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class DatabaseWrapper(base.DatabaseWrapper):
    """Always uses the file that is at the path now.

    SQLite would keep using a file that has been moved or deleted, and lose what it writes there. Only the
    first connection of a process creates the database if there is none.
    """

    has_been_there = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        path = str(conn_params["database"])
        is_gone = self.has_been_there and not self.is_in_memory_db() and not identify(path)
        if is_gone:
            # With mode=rw, SQLite raises an error instead of creating the file.
            conn_params = {**conn_params, "database": f"file:{quote(path)}?mode=rw"}
        connection = super().get_new_connection(conn_params)
        type(self).has_been_there = True
        self._file_id = identify(path)
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        """Called before and after each request."""
        if (
            self.connection is not None
            and not self.in_atomic_block
            and self._file_id != identify(str(self.settings_dict["NAME"]))
        ):
            self.close()
        super().close_if_unusable_or_obsolete()
