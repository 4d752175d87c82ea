"""Bodies that don't come to their end: for 2 seconds at most, and 1.7 MB of them in each of 2 workers."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest

from tests.comparing import BLACK, WHITE, data_url

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until

TIMEOUT_SECONDS = 2
MAX_BODY_BYTES = 6 * 1000 + 100_000
MOST_IN_HAND = 2 * 16
SURPLUS = 20


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("strict"),
        FETCH_MAX_BYTES="1000",
        BODY_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS),
    ) as server:
        yield server


def begin_body(server: Server, *, length: int, sent: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
    connection.sendall(
        b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=a\r\n"
        + f"Content-Length: {length}\r\n\r\n".encode()
        + bytes(sent)
    )
    return connection


def test_a_body_that_comes_too_slowly_is_refused(strict_server: Server) -> None:
    with begin_body(strict_server, length=100, sent=10) as connection:
        for _ in range(4):
            time.sleep(TIMEOUT_SECONDS / 8)
            connection.sendall(b" ")
        with HTTPResponse(connection) as response:
            response.begin()
            code = json.loads(response.read())["code"]
        rest = connection.recv(1)

    assert (response.status, code) == (408, "request_timed_out")
    assert response.headers["Content-Type"] == "application/problem+json"
    # The connection is closed: the rest of the body would pass for the next request.
    assert rest == b""


def test_more_bytes_than_there_is_room_for_are_refused_and_soon_there_is_room_again(
    strict_server: Server,
) -> None:
    def count_refusals() -> int:
        return strict_server.log.count("503 server_busy")

    with ExitStack() as connections:
        for _ in range(MOST_IN_HAND + SURPLUS):
            connections.enter_context(
                begin_body(strict_server, length=MAX_BODY_BYTES, sent=MAX_BODY_BYTES - 1)
            )
        wait_until(lambda: count_refusals() >= SURPLUS)
    wait_until(lambda: strict_server.compare(data_url(WHITE), data_url(BLACK)).ok)
