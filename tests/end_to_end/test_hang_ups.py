"""Clients that hang up before they are answered. One comparison is worked on at a time in each worker."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from comparisons.api.limits import SHARE_OF_ONE_CLIENT, WAITING_PER_PLACE
from tests.comparing import BLACK, WHITE, data_url
from tests.picture_server import PictureServer

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until
from .records import read_stored

PLACES = 2 * int(SHARE_OF_ONE_CLIENT * (1 + WAITING_PER_PLACE))
# Enough for both workers to be full, whichever of them accepts more.
MAX_CLIENTS = 500


PATIENT = {
    "MAX_CONCURRENT_COMPARISONS": "1",
    "FETCH_TIMEOUT_SECONDS": "600",
    "FETCH_ALLOWED_NETWORKS": "127.0.0.1/32",
    "FETCH_ALLOWED_PORTS": "1-65535",
}


@pytest.fixture(scope="module")
def patient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("patient"), **PATIENT) as server:
        yield server


class NeverAnswering:
    """A picture's host that drips a header, until it is hung up on."""

    def __init__(self) -> None:
        self.asked, self.left = 0, 0
        self._lock = threading.Lock()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.asked += 1
        with suppress(ConnectionError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            handler.connection.settimeout(1)
            while not self._is_hung_up(handler.connection):
                handler.wfile.write(b".")
        with self._lock:
            self.left += 1

    @staticmethod
    def _is_hung_up(connection: socket.socket) -> bool:
        with suppress(TimeoutError):
            return connection.recv(1) == b""
        return False


def ask(server: Server, url: str) -> socket.socket:
    """Ask to compare two pictures, and don't wait for the answer."""
    body = json.dumps({"image_url1": url, "image_url2": data_url(BLACK)})
    connection = socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
    connection.sendall(
        b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    return connection


def test_a_download_ends_with_the_client_that_wanted_it(
    patient_server: Server, pictures: PictureServer
) -> None:
    host = NeverAnswering()
    url = pictures.answer_with("/never", host)

    with ask(patient_server, url):
        wait_until(lambda: host.asked == 1)

    wait_until(lambda: host.left == 1)


def test_a_hang_up_is_one_line_in_the_log_and_leaves_nothing_stored(
    tmp_path: Path, pictures: PictureServer
) -> None:
    host = NeverAnswering()
    url = pictures.answer_with("/never", host)

    with run_server(tmp_path, **PATIENT) as server:
        stored_before = read_stored(server)
        with ask(server, url):
            wait_until(lambda: host.asked == 1)
        wait_until(lambda: server.log != "")

        [line] = server.log.splitlines()
        assert "POST /compare: 499 client_closed_request: the client has hung up" in line
        assert read_stored(server) == stored_before


def test_the_places_of_clients_that_hang_up_are_free_at_once(
    patient_server: Server, pictures: PictureServer
) -> None:
    host = NeverAnswering()
    url = pictures.answer_with("/never", host)

    with ExitStack() as clients:
        for _ in range(MAX_CLIENTS):
            clients.enter_context(ask(patient_server, url))
            time.sleep(0.02)
            if host.asked == PLACES:
                break
        busy = patient_server.compare(url, data_url(BLACK))
    wait_until(lambda: host.left == PLACES)

    answers = [patient_server.compare(data_url(WHITE), data_url(BLACK)) for _ in range(10)]

    assert busy.status_code == 503
    assert [response.status_code for response in answers] == [201] * 10
