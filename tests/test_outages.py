"""Errors that the system and the databases really raise, and the outages they stand for."""

import errno
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import NoneType
from typing import Never

import psycopg
import pytest
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.utils import DatabaseErrorWrapper
from rest_framework.test import APIClient

from comparisons.gate import ServerBusy
from comparisons.models import Comparison
from comparisons.outages import (
    DatabaseUnavailable,
    StorageFull,
    StorageUnavailable,
    find_outage,
)
from tests.comparing import is_nothing_stored, record_comparison, upload
from tests.databases import on_postgresql, on_sqlite
from tests.pictures import encode_noise


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EFBIG, StorageFull),
        (errno.EROFS, StorageUnavailable),
        (errno.EACCES, StorageUnavailable),
        (errno.EPERM, StorageUnavailable),
        (errno.EIO, StorageUnavailable),
        (errno.ENOTDIR, StorageUnavailable),
        (errno.ENOENT, StorageUnavailable),
        (errno.ESTALE, StorageUnavailable),
        (errno.EMFILE, ServerBusy),
        (errno.ENFILE, ServerBusy),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else "",
)
def test_an_error_of_the_system_is_an_outage(code: int, expected: type[Exception]) -> None:
    assert isinstance(find_outage(OSError(code, os.strerror(code))), expected)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RuntimeError("a bug"), id="bug"),
        pytest.param(OSError("cannot identify image file"), id="library's own"),
        pytest.param(ConnectionResetError(errno.ECONNRESET, "reset"), id="connection to a host"),
        pytest.param(TimeoutError(errno.ETIMEDOUT, "timed out"), id="host's time-out"),
    ],
)
def test_other_errors_are_none(error: Exception) -> None:
    assert find_outage(error) is None


@contextmanager
def raised_by_django() -> Iterator[list[Error]]:
    """Collect the errors that Django raises for those of SQLite."""
    errors: list[Error] = []
    try:
        with DatabaseErrorWrapper(_SQLite()):
            yield errors
    except Error as error:
        errors.append(error)


class _SQLite:
    """The part of Django's connection that wraps errors."""

    Database = sqlite3
    errors_occurred = False


def fill(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("PRAGMA max_page_count = 2")
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")


def write_read_only(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.execute("INSERT INTO t VALUES (1)")


def write_while_others_do(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, closing(sqlite3.connect(path, 0)) as database:
        other.execute("BEGIN IMMEDIATE")
        database.execute("BEGIN IMMEDIATE")


def open_in_no_folder(path: Path) -> None:
    sqlite3.connect(path / "none" / "db")


def open_garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)
    with closing(sqlite3.connect(path)) as database:
        database.execute("SELECT * FROM t")


def ask_an_empty_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("SELECT * FROM comparisons_comparison")


def write_beyond_a_limit(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, limit_files(10_000):
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
        database.commit()


@contextmanager
def limit_files(max_bytes: int) -> Iterator[None]:
    """Limit the size of files, so that the system refuses to write, as with an exhausted quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (fill, StorageFull),
        (write_read_only, DatabaseUnavailable),
        (write_while_others_do, DatabaseUnavailable),
        (open_in_no_folder, DatabaseUnavailable),
        (open_garbage, DatabaseUnavailable),
        (ask_an_empty_database, DatabaseUnavailable),
        (write_beyond_a_limit, DatabaseUnavailable),
    ],
)
def test_an_error_of_sqlite_is_an_outage(
    tmp_path: Path, act: Callable[[Path], None], expected: type[Exception]
) -> None:
    with raised_by_django() as errors:
        act(tmp_path / "db")

    [error] = errors
    assert isinstance(find_outage(error), expected)


def ask_nonsense(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("SELEKT")


def store_twice(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x UNIQUE)")
        database.execute("INSERT INTO t VALUES (1), (1)")


@pytest.mark.parametrize("act", [ask_nonsense, store_twice])
def test_a_bug_is_no_outage_of_sqlite(tmp_path: Path, act: Callable[[Path], None]) -> None:
    with raised_by_django() as errors:
        act(tmp_path / "db")

    [error] = errors
    assert find_outage(error) is None


def raised_by_psycopg(kind: type[Error], cause: Exception) -> Error:
    """Make the error that Django raises for one of PostgreSQL."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param("53100", StorageFull, id="disk full"),
        pytest.param("53300", DatabaseUnavailable, id="too many connections"),
        pytest.param("57P01", DatabaseUnavailable, id="shutting down"),
        pytest.param("57P03", DatabaseUnavailable, id="starting"),
        pytest.param("08006", DatabaseUnavailable, id="connection failed"),
        pytest.param("25006", DatabaseUnavailable, id="read-only"),
        pytest.param("40P01", DatabaseUnavailable, id="deadlock"),
        pytest.param("55P03", DatabaseUnavailable, id="lock not available"),
        pytest.param("42P01", DatabaseUnavailable, id="no tables"),
        pytest.param("58030", DatabaseUnavailable, id="error of the disk"),
        pytest.param("42601", None, id="syntax"),
        pytest.param("23505", None, id="stored twice"),
        pytest.param("22012", None, id="division by zero"),
    ],
)
def test_a_state_of_postgresql_is_told_from_a_bug(
    state: str, expected: type[Exception] | None
) -> None:
    error = raised_by_psycopg(OperationalError, psycopg.errors.lookup(state)())

    assert isinstance(find_outage(error), expected or NoneType)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            raised_by_psycopg(OperationalError, psycopg.OperationalError("server closed it")),
            DatabaseUnavailable,
            id="connection lost",
        ),
        pytest.param(
            raised_by_psycopg(InterfaceError, psycopg.InterfaceError("connection closed")),
            DatabaseUnavailable,
            id="connection closed",
        ),
        pytest.param(
            raised_by_psycopg(DataError, psycopg.DataError("cannot be adapted")),
            NoneType,
            id="value of ours",
        ),
    ],
)
def test_a_connection_to_postgresql_that_fails_is_told_from_a_bug(
    error: Error, expected: type[object]
) -> None:
    assert isinstance(find_outage(error), expected)


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestPostgreSQL:
    def execute(self, *statements: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @pytest.mark.parametrize(
        "statements",
        [
            pytest.param(
                ("SET TRANSACTION READ ONLY", "DELETE FROM comparisons_comparison"), id="read-only"
            ),
            pytest.param(("SELECT * FROM none_such",), id="no tables"),
            pytest.param(("SELECT pg_terminate_backend(pg_backend_pid())",), id="terminated"),
            pytest.param(
                ("SET LOCAL statement_timeout = 1", "SELECT pg_sleep(1)"), id="taking too long"
            ),
            pytest.param(
                ("DO $$ BEGIN RAISE SQLSTATE '53300'; END $$",), id="too many connections"
            ),
            pytest.param(("DO $$ BEGIN RAISE SQLSTATE '58030'; END $$",), id="error of the disk"),
            pytest.param(("DO $$ BEGIN RAISE SQLSTATE '57P03'; END $$",), id="starting"),
        ],
    )
    def test_that_can_not_do_it_now_is_an_outage(self, statements: tuple[str, ...]) -> None:
        with pytest.raises(Error) as caught:
            self.execute(*statements)

        assert isinstance(find_outage(caught.value), DatabaseUnavailable)

    def test_whose_disk_is_full_is_a_full_storage(self) -> None:
        with pytest.raises(Error) as caught:
            self.execute("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")

        assert isinstance(find_outage(caught.value), StorageFull)

    @pytest.mark.parametrize("statement", ["SELEKT", "SELECT 1 / 0", "SELECT none_such(1)"])
    def test_that_is_asked_nonsense_is_none(self, statement: str) -> None:
        with pytest.raises(Error) as caught:
            self.execute(statement)

        assert find_outage(caught.value) is None


@pytest.mark.django_db
def test_files_that_may_not_grow_refuse_a_comparison_and_leave_nothing(
    client: APIClient, media_root: Path
) -> None:
    # Small enough to be kept in memory.
    parts = {f"image{number}": upload(encode_noise(number)) for number in (1, 2)}

    with limit_files(1000):
        response = client.post("/compare", parts)

    assert (response.status_code, response.json()["code"]) == (507, "insufficient_storage")
    assert int(response["Retry-After"]) > 0
    assert is_nothing_stored(media_root)


@pytest.mark.django_db
def test_files_that_may_not_grow_leave_a_view_that_is_shown(client: APIClient) -> None:
    comparison = record_comparison(encode_noise(1), encode_noise(2))

    with limit_files(100):
        shown = client.get(f"/compare/{comparison.pk}/overlay.png")
        body = shown.getvalue()

    assert shown.status_code == 200
    assert not Comparison.objects.get().rendered_views.exists()
    assert client.get(f"/compare/{comparison.pk}/overlay.png").getvalue() == body


@pytest.mark.django_db
def test_a_view_is_not_shown_where_a_bug_keeps_it_from_being_stored(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = record_comparison(encode_noise(1), encode_noise(2))

    def fail(*_arguments: object) -> Never:
        raise IntegrityError("a bug")

    monkeypatch.setattr(Comparison, "keep_view", fail)

    with pytest.raises(IntegrityError, match="a bug"):
        client.get(f"/compare/{comparison.pk}/overlay.png")


@on_sqlite
@pytest.mark.django_db
def test_is_an_error_in_the_log_once_with_the_reason(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    parts = {f"image{number}": upload(encode_noise(number)) for number in (1, 2)}

    with limit_files(1000):
        client.post("/compare", parts)

    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "507 insufficient_storage" in record.getMessage()
    assert os.strerror(errno.EFBIG) in record.getMessage()
