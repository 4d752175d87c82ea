"""The real server on a real PostgreSQL, with more clients than connections, and while it is away."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import requests
from psycopg import sql

from tests.databases import on_postgresql
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until

pytestmark = on_postgresql

JSON = {"Accept": "application/json"}
POOL_SIZE = 3
PROCESSES = 2


class Database:
    """A database of its own for one server."""

    def __init__(self) -> None:
        self.name = f"image_compare_{uuid4().hex}"
        server = urlsplit(os.environ["DATABASE_URL"])
        self.url = server._replace(path=f"/{self.name}").geturl()
        self._admin = psycopg.connect(server.geturl(), dbname="postgres", autocommit=True)

    def execute(self, statement: str) -> list[tuple[int]]:
        """Do something to it, from outside; {} stands for its name."""
        cursor = self._admin.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        self._admin.close()

    def count_connections(self) -> int:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        [found] = self._admin.execute(count, [self.name]).fetchall()
        return int(found[0])

    def end_connections(self) -> None:
        """End all that are there, as a restart of the server does."""
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._admin.execute(end, [self.name])
        wait_until(lambda: not self.count_connections())


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database()
    database.execute("CREATE DATABASE {}")
    yield database
    database.execute("DROP DATABASE {} WITH (FORCE)")
    database.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("server"),
        DATABASE_URL=database.url,
        DATABASE_POOL_SIZE=str(POOL_SIZE),
    ) as server:
        yield server


@pytest.fixture
def url(server: Server) -> str:
    response = compare(server, 1)
    assert response.status_code == 201
    return str(response.json()["url"])


def compare(server: Server, seed: int) -> requests.Response:
    files = {f"image{number}": encode_noise(seed + number) for number in (1, 2)}
    return server.post(files=files, headers=JSON)


def get(url: str) -> requests.Response:
    return requests.get(url, headers=JSON, timeout=DEADLINE_SECONDS)


def list_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_more_clients_than_connections_are_all_answered(database: Database, url: str) -> None:
    with ThreadPoolExecutor(300) as clients:
        statuses = Counter(clients.map(lambda _: get(url).status_code, range(900)))

    assert statuses == {200: 900}
    assert database.count_connections() <= PROCESSES * POOL_SIZE


def test_connections_that_the_server_has_ended_fail_no_request(
    server: Server, database: Database, url: str
) -> None:
    database.end_connections()

    statuses = {get(url).status_code for _ in range(10)}
    created = compare(server, 100)

    assert statuses == {200}
    assert created.status_code == 201


def test_a_server_that_takes_no_connections_is_said_until_it_does_again(
    server: Server, database: Database, url: str
) -> None:
    before = list_files(server.media)
    database.execute("ALTER DATABASE {} ALLOW_CONNECTIONS false")
    database.end_connections()
    try:
        refused = [compare(server, 200), get(url), get(f"{url}/image1")]
        left = list_files(server.media) - before
    finally:
        database.execute("ALTER DATABASE {} ALLOW_CONNECTIONS true")

    for response in refused:
        assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
        assert int(response.headers["Retry-After"]) > 0
    assert left == set()
    assert get(url).status_code == 200
    assert compare(server, 200).status_code == 201


def test_a_read_only_server_refuses_comparisons_and_shows_views(
    server: Server, database: Database, url: str
) -> None:
    before = list_files(server.media)
    database.execute("ALTER DATABASE {} SET default_transaction_read_only = on")
    database.end_connections()
    try:
        refused = compare(server, 300)
        shown = get(f"{url}/heatmap.png")
        left = list_files(server.media) - before
    finally:
        database.execute("ALTER DATABASE {} RESET default_transaction_read_only")
        database.end_connections()

    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert left == set()
    assert compare(server, 300).status_code == 201
