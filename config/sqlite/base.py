"""Django's SQLite, for connections that are kept while somebody may replace the file."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

# Which file a path led to, by device and inode; None for what is no file.
FileId = tuple[int, int] | None


def identify(path: str) -> FileId:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the file that is there now.

    A connection would go on with a file that has been moved or deleted, and what it writes there is lost.
    Only the first connection of a process makes a new database where there is none.
    """

    has_been_there = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        path = str(conn_params["database"])
        is_gone = self.has_been_there and not self.is_in_memory_db() and not identify(path)
        if is_gone:
            # Says that it can't be opened.
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
