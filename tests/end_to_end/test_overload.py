"""More work than the server takes on, at once: 1 comparison at a time in each of its 2 workers."""

import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests

from comparisons.api.limits import SHARE_OF_ONE_CLIENT, WAITING_PER_PLACE
from tests.comparing import BLACK, WHITE, data_url
from tests.picture_server import PictureServer, run_picture_server

from .processes import DEADLINE_SECONDS, Server, find_free_port, run_server, wait_until

WORKERS = 2
MOST_TAKEN_ON = WORKERS * (1 + WAITING_PER_PLACE)
MOST_OF_ONE_CLIENT = int(SHARE_OF_ONE_CLIENT * (1 + WAITING_PER_PLACE))
SURPLUS = 6


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one comparison at a time, whose environment names a proxy that does not answer."""
    proxy = f"http://127.0.0.1:{find_free_port()}"
    with run_server(
        tmp_path_factory.mktemp("small"),
        MAX_CONCURRENT_COMPARISONS="1",
        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), proxy),
    ) as server:
        yield server


class Held:
    """An answer with a picture that does not come before it is released."""

    def __init__(self) -> None:
        self.client_ports: list[int] = []
        self._released = threading.Event()

    def release(self) -> None:
        self._released.set()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.client_ports.append(handler.client_address[1])
        self._released.wait(DEADLINE_SECONDS)
        with suppress(ConnectionError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + WHITE)


def compare_from(address: str, server: Server) -> int:
    """Compare two pictures from another address, and return the status."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, DEADLINE_SECONDS, source_address=(address, 0)
    )
    body = json.dumps({"image_url1": data_url(WHITE), "image_url2": data_url(BLACK)})
    connection.request("POST", "/compare", body, {"Content-Type": "application/json"})
    with closing(connection):
        return connection.getresponse().status


@dataclass(frozen=True)
class Outcome:
    refused: list[requests.Response]
    others: dict[str, requests.Response]
    other_client: int
    served: list[requests.Response]
    served_later: requests.Response


@pytest.fixture(scope="module")
def outcome(small_server: Server) -> Outcome:
    """What came of more comparisons than there is room for, and of other requests meanwhile."""
    earlier = small_server.compare(data_url(WHITE), data_url(BLACK)).headers["Location"]
    held = Held()
    with (
        run_picture_server() as pictures,
        ThreadPoolExecutor(MOST_TAKEN_ON + SURPLUS) as pool,
    ):
        url = pictures.answer_with("/held", held)
        futures = [
            pool.submit(small_server.compare, url, data_url(BLACK))
            for _ in range(MOST_TAKEN_ON + SURPLUS)
        ]
        try:
            wait_until(lambda: sum(future.done() for future in futures) >= SURPLUS)
            others = {
                path: requests.get(path, timeout=DEADLINE_SECONDS)
                for path in (
                    small_server.url,
                    f"{small_server.url}/openapi.json",
                    f"{small_server.url}/static/samples/before.png",
                    earlier,
                    f"{earlier}/mask.png",
                    f"{earlier}/image1",
                )
            }
            early, late = wait(futures, timeout=0)
            other_client = compare_from("127.0.0.2", small_server)
        finally:
            held.release()
        refused = [future.result() for future in early]
        served = [future.result() for future in late]
    later = small_server.compare(data_url(WHITE), data_url(BLACK))
    return Outcome(refused, others, other_client, served, later)


def test_what_is_beyond_place_and_queue_is_refused_as_busy(outcome: Outcome) -> None:
    answers = {
        (r.status_code, r.headers["Content-Type"], r.json()["code"]) for r in outcome.refused
    }

    assert answers == {(503, "application/problem+json", "server_busy")}
    assert len(outcome.refused) >= SURPLUS


def test_a_busy_server_says_when_to_come_back(outcome: Outcome) -> None:
    assert all(1 <= int(r.headers["Retry-After"]) <= 60 for r in outcome.refused)


def test_a_busy_server_refuses_at_once(outcome: Outcome) -> None:
    assert max(r.elapsed.total_seconds() for r in outcome.refused) < 1


def test_pages_and_pictures_are_answered_meanwhile(outcome: Outcome) -> None:
    assert [path for path, r in outcome.others.items() if r.status_code != 200] == []
    assert max(r.elapsed.total_seconds() for r in outcome.others.values()) < 1


def test_one_client_leaves_room_for_others(outcome: Outcome) -> None:
    assert outcome.other_client == 201


def test_who_has_a_place_or_waits_is_served_in_the_end(outcome: Outcome) -> None:
    assert {r.status_code for r in outcome.served} == {201}
    # All of one client's connections may have come to the same worker.
    assert len(outcome.served) >= MOST_OF_ONE_CLIENT


def test_places_are_free_again_afterwards(outcome: Outcome) -> None:
    assert outcome.served_later.status_code == 201


def test_a_proxy_in_the_environment_is_not_asked(
    small_server: Server, pictures: PictureServer
) -> None:
    url = pictures.serve("/1.png", WHITE)

    response = small_server.compare(url, data_url(BLACK))

    assert response.status_code == 201
    assert pictures.requested_paths == ["/1.png"]


def test_a_redirect_to_the_metadata_address_is_refused(
    small_server: Server, pictures: PictureServer
) -> None:
    url = pictures.redirect("/1.png", "http://169.254.169.254/latest/meta-data/")

    response = small_server.compare(url, data_url(BLACK))

    assert (response.status_code, response.json()["code"]) == (422, "address_not_allowed")


def find_owner(client_port: int) -> int:
    """Find the process whose connection has a port."""
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    [inode] = [
        row[9]
        for row in map(str.split, table)
        if row[1] == f"0100007F:{client_port:04X}" and row[9] != "0"
    ]
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                return int(descriptor.parts[2])
    raise LookupError


def kill(worker: int) -> None:
    os.kill(worker, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="finds the worker as Linux shows it")
def test_a_worker_that_is_killed_is_replaced_and_loses_its_own_requests_alone(
    small_server: Server, pictures: PictureServer
) -> None:
    doomed = Held()
    with ThreadPoolExecutor() as pool:
        url = pictures.answer_with("/held", doomed)
        lost = pool.submit(small_server.compare, url, data_url(BLACK))
        wait_until(lambda: bool(doomed.client_ports))
        killed = find_owner(doomed.client_ports[0])
        before = small_server.list_workers()
        kill(killed)
        # Until the system has closed its socket, which each worker has for itself, it may still be
        # handed connections, and those are reset.
        wait_until(lambda: not Path(f"/proc/{killed}").exists())
        answers = [small_server.compare(data_url(WHITE), data_url(BLACK)) for _ in range(20)]
        wait_until(lambda: len(small_server.list_workers()) == WORKERS)
        doomed.release()
        failure = lost.exception(DEADLINE_SECONDS)

    assert killed in before
    assert isinstance(failure, requests.ConnectionError)
    assert [r.status_code for r in answers] == [201] * 20
