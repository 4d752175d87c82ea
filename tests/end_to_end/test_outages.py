"""The storage or the database is full, gone or read-only, and back again, while the server runs."""

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html"}
SEEDS = itertools.count(1)
Outcome = tuple[int, str]


@contextmanager
def mount_disk(folder: Path, size: str) -> Iterator[None]:
    """Give a folder a small disk of its own."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs root, who may mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    filler.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def replaced_by_a_file(disk: Path) -> Iterator[None]:
    kept = disk.with_name("kept")
    disk.rename(kept)
    disk.write_text("no folder")
    yield
    disk.unlink()
    kept.rename(disk)


@contextmanager
def moved_away(database: Path) -> Iterator[None]:
    files = [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
    for path in files:
        path.rename(path.with_name(f"kept-{path.name}"))
    yield
    for path in files:
        path.with_name(f"kept-{path.name}").rename(path)


@contextmanager
def replaced_by_garbage(database: Path) -> Iterator[None]:
    with moved_away(database):
        database.write_bytes(b"no database" * 1000)
        yield


@dataclass(frozen=True)
class Client:
    """Somebody who has compared before."""

    server: Server
    comparison: str

    def compare(self, **headers: str) -> requests.Response:
        seed = next(SEEDS)
        files = {f"image{number}": encode_noise(1000 + 2 * seed + number) for number in (1, 2)}
        return self.server.post(files=files, headers={**JSON, **headers})

    def rerun(self) -> requests.Response:
        return requests.post(f"{self.comparison}/rerun", headers=JSON, timeout=DEADLINE_SECONDS)

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.comparison + path, headers=headers, timeout=DEADLINE_SECONDS)


def begin(server: Server) -> Client:
    files = {"image1": encode_noise(1), "image2": encode_noise(2)}
    response = server.post(files=files, headers=JSON)
    assert response.status_code == 201
    return Client(server, response.json()["url"])


def list_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def read_outcome(response: requests.Response) -> Outcome:
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.json()["code"]


Disturb = Callable[[Path], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("disturb", "outcome"),
    [
        pytest.param(full, (507, "insufficient_storage"), id="full"),
        pytest.param(read_only, (503, "storage_unavailable"), id="read-only"),
    ],
)
def test_a_storage_that_takes_nothing_refuses_comparisons_and_shows_views(
    tmp_path: Path, disturb: Disturb, outcome: Outcome
) -> None:
    media = tmp_path / "media"
    with mount_disk(media, "200k"), run_server(tmp_path) as server:
        client = begin(server)
        before = list_files(media)

        with disturb(media):
            refused = [read_outcome(client.compare()), read_outcome(client.rerun())]
            shown = [client.get(path) for path in ("/overlay.png", "/thumbnails/image1.webp")]
            left = list_files(media) - before - {media / "filler"}

        log = server.log
        assert refused == [outcome, outcome]
        assert [response.status_code for response in shown] == [200, 200]
        assert shown[0].content.startswith(b"\x89PNG")
        assert left == set()
        assert log.count(f"ERROR comparisons.problems: POST /compare: {outcome[0]}") == 1
        assert client.compare().status_code == client.rerun().status_code == 201
        assert client.get("/overlay.png").content == shown[0].content


def test_a_storage_that_is_gone_says_so_until_it_is_back(tmp_path: Path) -> None:
    media = tmp_path / "media"
    with run_server(tmp_path) as server:
        client = begin(server)

        with replaced_by_a_file(media):
            refused = [
                read_outcome(response)
                for response in (
                    client.compare(),
                    client.rerun(),
                    *map(client.get, ("/image1", "/mask.png", "/thumbnails/mask.webp")),
                )
            ]
            page = client.get("?format=html")

        assert refused == [(503, "storage_unavailable")] * 5
        assert page.status_code == 200
        assert client.get("/image1").content == encode_noise(1)
        assert client.compare().status_code == 201


def test_a_database_that_is_full_refuses_comparisons_and_shows_views(tmp_path: Path) -> None:
    disk, media = tmp_path / "disk", tmp_path / "media"
    with (
        mount_disk(disk, "3m"),
        run_server(tmp_path, DATABASE_URL=f"sqlite:///{disk / 'db.sqlite3'}") as server,
    ):
        client = begin(server)
        before = list_files(media)

        with full(disk):
            refused = [read_outcome(client.compare()), read_outcome(client.rerun())]
            own_page = read_outcome(client.compare(Origin=server.url))
            shown = client.get("/overlay.png")
            left = list_files(media) - before

        assert {*refused, own_page} == {(507, "insufficient_storage")}
        assert shown.status_code == 200
        assert left == set()
        assert client.compare().status_code == client.rerun().status_code == 201


@pytest.mark.parametrize("disturb", [moved_away, replaced_by_garbage])
def test_a_database_that_is_gone_refuses_everything_until_it_is_back(
    tmp_path: Path, disturb: Disturb
) -> None:
    with run_server(tmp_path) as server:
        client = begin(server)
        # Connections of both processes and several threads are there.
        for _ in range(10):
            client.get("")
        before = list_files(server.media)
        login = {"Cookie": f"sessionid={'a' * 32}"}

        with disturb(tmp_path / "db.sqlite3"):
            refused = [
                read_outcome(response)
                for response in (
                    client.compare(),
                    client.rerun(),
                    *map(client.get, ("", "/image1", "/mask.png", "/overlay.png")),
                    *(requests.get(f"{server.url}/{path}", headers=login) for path in ("history",)),
                )
            ]
            admin = requests.get(f"{server.url}/admin/", headers={**login, **PAGE})
            left = list_files(server.media) - before

        assert {*refused} == {(503, "database_unavailable")}
        assert admin.status_code == 503
        assert "Service Unavailable" in admin.text
        assert left == set()
        assert client.compare().status_code == client.rerun().status_code == 201
        assert client.get("/image1").content == encode_noise(1)


def test_what_is_written_is_in_the_database_that_is_there_now(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite3"
    with run_server(tmp_path) as server:
        client = begin(server)
        # As who restores a backup.
        with moved_away(database):
            shutil.copy(tmp_path / "kept-db.sqlite3", tmp_path / "backup")
            shutil.copy(tmp_path / "kept-db.sqlite3-wal", tmp_path / "backup-wal")
        (tmp_path / "db.sqlite3-wal").unlink()
        (tmp_path / "db.sqlite3-shm").unlink()
        (tmp_path / "backup-wal").rename(tmp_path / "db.sqlite3-wal")
        (tmp_path / "backup").rename(database)

        created = client.compare().json()["url"]

        count = "from comparisons.models import Comparison; print(Comparison.objects.count())"
        assert server.manage("shell", "--no-imports", "-c", count).split() == ["2"]
        assert requests.get(created, timeout=DEADLINE_SECONDS).status_code == 200
