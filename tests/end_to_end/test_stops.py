"""The server is asked to stop while requests are in hand."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests

from tests.comparing import BLACK, WHITE, data_url
from tests.picture_server import PictureServer

from .processes import DEADLINE_SECONDS, Server, answers, run_server, wait_until
from .records import read_stored

TIMEOUT_SECONDS = 3


class Held:
    """An answer with a picture that does not come before it is released."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.released = threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        self.released.wait(DEADLINE_SECONDS)
        with suppress(ConnectionError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + WHITE)


@contextmanager
def run_patient_server(folder: Path, timeout_seconds: float) -> Iterator[Server]:
    with run_server(
        folder, FETCH_TIMEOUT_SECONDS="60", SHUTDOWN_TIMEOUT_SECONDS=str(timeout_seconds)
    ) as server:
        yield server


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)


def read_answer(connection: socket.socket) -> tuple[int, str, bytes]:
    """Read the status, what becomes of the connection, and the body."""
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.headers["Connection"], response.read()


def begin_upload(server: Server, body: bytes) -> socket.socket:
    """Send a request but for the last byte of its body."""
    connection = connect(server)
    head = "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    connection.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
    return connection


def terminate(server: Server) -> None:
    server.process.terminate()


def interrupt(server: Server) -> None:
    """Do what a terminal does: it interrupts everything in its foreground."""
    os.killpg(server.process.pid, signal.SIGINT)


ENDINGS = pytest.mark.parametrize(
    "end", [pytest.param(terminate, id="SIGTERM"), pytest.param(interrupt, id="Ctrl-C")]
)


@ENDINGS
def test_requests_in_hand_are_finished_and_no_others_begin(
    end: Callable[[Server], None], tmp_path: Path, pictures: PictureServer
) -> None:
    held = Held()
    url = pictures.answer_with("/held", held)
    body = json.dumps({"image_url1": data_url(WHITE), "image_url2": data_url(BLACK)}).encode()
    with (
        run_patient_server(tmp_path, DEADLINE_SECONDS) as server,
        ThreadPoolExecutor() as pool,
        requests.Session() as idle,
        begin_upload(server, body) as uploading,
    ):
        idle.get(server.url, timeout=DEADLINE_SECONDS)
        downloading = pool.submit(server.compare, url, data_url(BLACK))
        held.asked.wait(DEADLINE_SECONDS)

        end(server)
        wait_until(lambda: not answers(server.url))
        # Longer than the server used to wait.
        time.sleep(5)
        is_running = server.process.poll() is None
        uploading.sendall(body[-1:])
        uploaded = read_answer(uploading)
        held.released.set()
        downloaded = downloading.result()
        status = server.process.wait(DEADLINE_SECONDS)

    assert is_running
    assert uploaded[:2] == (201, "close")
    assert (downloaded.status_code, downloaded.headers["Connection"]) == (201, "close")
    assert status == 0


def test_what_is_left_at_the_end_of_the_time_gets_503(
    tmp_path: Path, pictures: PictureServer
) -> None:
    held = Held()
    url = pictures.answer_with("/held", held)
    with (
        run_patient_server(tmp_path, TIMEOUT_SECONDS) as server,
        ThreadPoolExecutor() as pool,
        begin_upload(server, b"{}") as uploading,
    ):
        downloading = pool.submit(server.compare, url, data_url(BLACK))
        held.asked.wait(DEADLINE_SECONDS)
        server.process.terminate()
        stopped_at = time.monotonic()

        upload_status, _, problem = read_answer(uploading)
        downloaded = downloading.result()
        status = server.process.wait(DEADLINE_SECONDS)
        seconds = time.monotonic() - stopped_at
        held.released.set()
        stored = read_stored(server)

    assert (upload_status, json.loads(problem)["code"]) == (503, "server_stopping")
    assert (downloaded.status_code, downloaded.json()["code"]) == (503, "server_stopping")
    assert downloaded.headers["Connection"] == "close"
    assert int(downloaded.headers["Retry-After"]) >= 1
    assert status == 0
    assert TIMEOUT_SECONDS / 4 < seconds < TIMEOUT_SECONDS + 2
    assert (stored.images, stored.files) == ({}, [])


@ENDINGS
def test_a_second_request_to_stop_is_heeded_at_once(
    end: Callable[[Server], None], tmp_path: Path, pictures: PictureServer
) -> None:
    held = Held()
    url = pictures.answer_with("/held", held)
    with (
        run_patient_server(tmp_path, DEADLINE_SECONDS) as server,
        ThreadPoolExecutor() as pool,
    ):
        downloading = pool.submit(server.compare, url, data_url(BLACK))
        held.asked.wait(DEADLINE_SECONDS)
        end(server)
        wait_until(lambda: not answers(server.url))

        end(server)
        stopped_at = time.monotonic()
        server.process.wait(DEADLINE_SECONDS)
        seconds = time.monotonic() - stopped_at
        held.released.set()
        failure = downloading.exception()

    assert seconds < 3
    assert isinstance(failure, requests.ConnectionError)


def test_a_client_that_never_reads_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    with run_patient_server(tmp_path, TIMEOUT_SECONDS) as server, connect(server) as client:
        client.sendall(b"GET /static/samples/before.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1000)
        time.sleep(0.5)
        server.process.terminate()
        status = server.process.wait(TIMEOUT_SECONDS + 3)

    assert status == 0


GET = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CLIENTS = 150


def ask(client: socket.socket) -> None:
    client.sendall(GET)


def say_nothing(_client: socket.socket) -> None:
    pass


def ask_in_two_parts(client: socket.socket) -> None:
    client.sendall(GET[:20])
    time.sleep(0.002)
    client.sendall(GET[20:])


def ask_twice(client: socket.socket) -> None:
    client.sendall(GET + GET)


@pytest.mark.parametrize(
    ("before", "after", "answers_each"),
    [
        pytest.param(ask, say_nothing, 1, id="whole requests"),
        pytest.param(ask_in_two_parts, say_nothing, 1, id="requests in two parts"),
        pytest.param(ask_twice, say_nothing, 2, id="two requests at once"),
        pytest.param(say_nothing, ask, 1, id="connections whose requests come right after"),
    ],
)
def test_a_burst_of_requests_that_have_been_sent_is_answered(
    before: Callable[[socket.socket], None],
    after: Callable[[socket.socket], None],
    answers_each: int,
    tmp_path: Path,
) -> None:
    received = []
    with run_patient_server(tmp_path, DEADLINE_SECONDS) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(CLIENTS)]
        for client in clients:
            before(client)
        server.process.terminate()
        for client in clients:
            after(client)
        for client in clients:
            received.append(b"".join(iter(partial(client.recv, 65536), b"")))
        status = server.process.wait(DEADLINE_SECONDS)

    answers_404 = [answer.count(b"HTTP/1.1 404 ") for answer in received]
    assert answers_404 == [answers_each] * CLIENTS
    assert status == 0


def test_a_request_on_a_kept_connection_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    with run_patient_server(tmp_path, DEADLINE_SECONDS) as server, ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(CLIENTS // 3)]
        for client in clients:
            client.sendall(GET)
            read_answer(client)
        workers = server.list_workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        server.process.terminate()
        for client in clients:
            client.sendall(GET)
        for worker in workers:
            os.kill(worker, signal.SIGCONT)

        statuses = [read_answer(client)[0] for client in clients]

    assert statuses == [404] * len(clients)
