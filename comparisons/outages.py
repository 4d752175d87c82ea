"""Tells outages of the storage and the database from bugs, by what the system and libraries raise."""

import errno
import sqlite3

from django.db import Error, InterfaceError, OperationalError, connection

from .gate import ServerBusy

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}

# https://sqlite.org/rescode.html#primary_result_code_list
SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL_DISK_FULL = "53100"
POSTGRESQL_OUTAGES = (
    "08",  # The connection failed.
    "25006",  # Only reads are allowed.
    "40",  # A conflict with another transaction.
    "42P01",  # No such table: the database is empty, or not yet migrated.
    "53",  # Too few resources or connections.
    "55P03",  # A lock is not available.
    "57",  # The server is starting or stopping, or an operator intervened.
    "58",  # A system error, such as of the disk.
)


class Outage(Exception):
    """The storage or the database fails. The operator has to act; the client can only try again later."""

    detail = ""

    def __init__(self) -> None:
        super().__init__(self.detail)


class StorageFull(Outage):
    detail = "there is no space left to store anything; nothing has been stored"


class StorageUnavailable(Outage):
    detail = "the storage can't be used at the moment; try again later"


class DatabaseUnavailable(Outage):
    detail = "the database can't be used at the moment; try again later"


def find_outage(error: BaseException) -> Outage | ServerBusy | None:
    """Return the outage that an error stands for, or None if it is not one."""
    match error:
        case Error(__cause__=sqlite3.Error() as cause):
            return find_sqlite_outage(cause)
        case Error():
            return find_postgresql_outage(error)
        case ConnectionError() | TimeoutError() | BlockingIOError() | ChildProcessError():
            return None
        case OSError(errno=int() as code):
            if code in NO_SPACE:
                return StorageFull()
            return ServerBusy() if code in NO_RESOURCES else StorageUnavailable()
        case _:
            return None


def find_sqlite_outage(error: sqlite3.Error) -> Outage | None:
    # The higher bits hold details. Errors of the sqlite3 module itself have no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull()
    # The database has been replaced by a new, empty file.
    is_empty = str(error).startswith("no such table")
    return DatabaseUnavailable() if is_empty or code in SQLITE_OUTAGES else None


def find_postgresql_outage(error: Error) -> Outage | ServerBusy | None:
    cause = error.__cause__
    if type(cause).__name__ == "PoolTimeout":
        return ServerBusy() if is_pool_exhausted() else DatabaseUnavailable()
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # The connection failed before the server could say why.
        is_lost = isinstance(error, OperationalError | InterfaceError)
        return DatabaseUnavailable() if is_lost else None
    if state == POSTGRESQL_DISK_FULL:
        return StorageFull()
    return DatabaseUnavailable() if state.startswith(POSTGRESQL_OUTAGES) else None


def is_pool_exhausted() -> bool:
    """Tell whether the pool has opened all its connections, so that other threads use them."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return False
    stats = pool.get_stats()
    return bool(stats["pool_size"] >= stats["pool_max"])
