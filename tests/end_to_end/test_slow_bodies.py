"""Bodies that don't come to their end, or wait for other images, and those of others meanwhile."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPResponse
from typing import Any

import pytest
import requests

from tests.comparing import BLACK, WHITE, data_url
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server

TIMEOUT_SECONDS = 2
MAX_IMAGE_BYTES = 1_000_000
MAX_BODY_BYTES = 6 * MAX_IMAGE_BYTES + 100_000
HOLDERS = 44
WAITING_CLIENTS = 12
# An upload of 1.3 MB.
PICTURES = [encode_noise(seed, size=(470, 460)) for seed in (1, 2)]


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("strict"), BODY_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS)
    ) as server:
        yield server


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("small"), FETCH_MAX_BYTES=str(MAX_IMAGE_BYTES)
    ) as server:
        yield server


@pytest.fixture(scope="module")
def default_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("default")) as server:
        yield server


@pytest.fixture(scope="module")
def silent_url() -> Iterator[str]:
    """An image's host that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def begin_body(server: Server, *, length: int, sent: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
    connection.sendall(
        b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=a\r\n"
        + f"Content-Length: {length}\r\n\r\n".encode()
        + bytes(sent)
    )
    return connection


def read_problem(connection: socket.socket) -> tuple[int, str, str]:
    with HTTPResponse(connection) as response:
        response.begin()
        code = json.loads(response.read())["code"]
        return response.status, code, response.headers["Content-Type"]


def upload_pictures(server: Server) -> requests.Response:
    return server.post(files={"image1": PICTURES[0], "image2": PICTURES[1]})


def test_a_body_that_comes_too_slowly_is_refused(strict_server: Server) -> None:
    with begin_body(strict_server, length=100, sent=10) as connection:
        for _ in range(4):
            time.sleep(TIMEOUT_SECONDS / 8)
            connection.sendall(b" ")
        problem = read_problem(connection)
        rest = connection.recv(1)

    assert problem == (408, "request_timed_out", "application/problem+json")
    # The connection is closed: the rest of the body would pass for the next request.
    assert rest == b""


def test_a_body_that_falls_silent_is_refused_soon_however_fast_it_began(
    small_server: Server,
) -> None:
    began_at = time.monotonic()

    with begin_body(small_server, length=MAX_BODY_BYTES, sent=MAX_BODY_BYTES - 1) as connection:
        problem = read_problem(connection)

    assert problem[:2] == (408, "request_timed_out")
    assert time.monotonic() - began_at < 20


def test_uploads_get_through_beside_any_number_that_lack_their_last_byte(
    small_server: Server,
) -> None:
    with ExitStack() as connections:
        for _ in range(HOLDERS):
            connections.enter_context(
                begin_body(small_server, length=MAX_BODY_BYTES, sent=MAX_BODY_BYTES - 1)
            )
        answers = [upload_pictures(small_server).status_code for _ in range(8)]
        answers += [
            small_server.compare(data_url(WHITE), data_url(BLACK)).status_code for _ in range(8)
        ]

    assert answers == [201] * 16


Send = Callable[[bytes, str], dict[str, Any]]


def as_part(content: bytes, url: str) -> dict[str, Any]:
    return {"files": {"image1": content}, "data": {"image_url2": url}}


def as_data_url_in_json(content: bytes, url: str) -> dict[str, Any]:
    return {"json": {"image_url1": "data:," + content.decode(), "image_url2": url}}


def as_data_url_in_a_form(content: bytes, url: str) -> dict[str, Any]:
    return {"data": {"image_url1": "data:," + content.decode(), "image_url2": url}}


WAYS = [
    pytest.param(as_part, id="part"),
    pytest.param(as_data_url_in_json, id="data: URL in JSON"),
    pytest.param(as_data_url_in_a_form, id="data: URL in a form"),
]


# The third needs long to be encoded.
@pytest.mark.parametrize("send", WAYS[:2])
def test_uploads_get_through_beside_those_whose_other_image_does_not_come(
    default_server: Server, silent_url: str, send: Send
) -> None:
    request = send(b"x" * 20_000_000, silent_url)
    with ThreadPoolExecutor(WAITING_CLIENTS) as pool:
        waiting = [pool.submit(default_server.post, **request) for _ in range(WAITING_CLIENTS)]
        time.sleep(3)
        answers = [upload_pictures(default_server) for _ in range(8)]
        are_done = [future.done() for future in waiting]

    assert are_done == [False] * WAITING_CLIENTS
    assert [answer.status_code for answer in answers] == [201] * 8
    assert max(answer.elapsed.total_seconds() for answer in answers) < 5


@pytest.mark.parametrize("send", WAYS)
def test_an_image_that_is_too_large_is_refused_before_the_other_has_come(
    small_server: Server, silent_url: str, send: Send
) -> None:

    response = small_server.post(**send(b"x" * (MAX_IMAGE_BYTES + 1), silent_url))

    [error] = response.json()["errors"]
    assert (response.status_code, error["code"]) == (413, "too_many_bytes")
    assert error["field"] in {"image1", "image_url1"}
    # A silent host is given up after 10 seconds.
    assert response.elapsed.total_seconds() < 5


def test_base64_that_is_not_valid_is_refused_before_the_other_image_has_come(
    small_server: Server, silent_url: str
) -> None:
    url = "data:;base64," + base64.b64encode(bytes(30_000)).decode() + "!"

    response = small_server.compare(url, silent_url)

    assert (response.status_code, response.json()["code"]) == (400, "url_invalid")
    assert response.elapsed.total_seconds() < 5


def test_bodies_that_drip_take_no_place_of_others(small_server: Server) -> None:
    over = threading.Event()
    with ExitStack() as connections:
        clients = [
            connections.enter_context(
                begin_body(small_server, length=MAX_BODY_BYTES, sent=MAX_BODY_BYTES - 2_000_000)
            )
            for _ in range(HOLDERS)
        ]

        def drip() -> None:
            while not over.wait(0.1):
                for client in clients:
                    # Those that have given way are closed.
                    try:
                        client.send(bytes(4000))
                    except OSError:
                        continue

        thread = threading.Thread(target=drip)
        thread.start()
        answers = [upload_pictures(small_server).status_code for _ in range(8)]
        over.set()
        thread.join()

    assert answers == [201] * 8
