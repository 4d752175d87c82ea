"""What arrives that is no HTTP, or hardly: heads without end, other protocols, requests one after the other."""

import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPResponse

import pytest

from config.connections import (
    HEAD_TIMEOUT_SECONDS,
    IDLE_TIMEOUT_SECONDS,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
)
from tests.comparing import url_pair

from .processes import DEADLINE_SECONDS, Server

PROBLEM = "application/problem+json"
GET = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS) as connection:
        yield connection


def read_answer(connection: socket.socket) -> tuple[int, str, str]:
    """Read the status, the media type and the problem's code."""
    with HTTPResponse(connection) as response:
        response.begin()
        problem = json.loads(response.read())
        return response.status, response.headers["Content-Type"], problem.get("code")


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"HELLO\r\n\r\n", 400, id="another protocol"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, id="HTTP/2"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", 400, id="unknown version"),
        pytest.param(b"GET  HTTP/1.1\r\n\r\n", 400, id="no target"),
        pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, id="no header"),
        pytest.param(b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", 400, id="null byte"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\n\r\n", 400, id="tunnel"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", 400, id="negative length"),
        pytest.param(
            POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, id="two lengths"
        ),
        pytest.param(
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            id="a length of chunks",
        ),
        pytest.param(b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * MAX_HEAD_BYTES), 431, id="a long line"),
        pytest.param(
            b"GET / HTTP/1.1\r\nA: %s\r\n\r\n" % (b"a" * MAX_HEAD_BYTES), 431, id="a long header"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\n%s\r\n" % (b"A: b\r\n" * (MAX_HEADERS + 1)), 431, id="many headers"
        ),
        pytest.param(b"\r\n" * MAX_HEAD_BYTES, 431, id="blank lines"),
    ],
)
def test_what_is_no_request_is_answered_with_a_problem_and_the_connection_closed(
    request_bytes: bytes, status: int, connection: socket.socket
) -> None:
    connection.sendall(request_bytes)

    answer = read_answer(connection)

    code = {400: "bad_request", 431: "head_too_large"}[status]
    connection.shutdown(socket.SHUT_WR)
    assert answer == (status, PROBLEM, code)
    assert connection.recv(1) == b""


def test_a_head_at_the_limits_is_read(connection: socket.socket) -> None:
    headers = b"".join(b"A%d: %s\r\n" % (n, b"a" * 600) for n in range(MAX_HEADERS - 1))
    connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + b"\r\n")

    assert read_answer(connection)[0] == 404


def measure_seconds_to_close(server: Server, sent: bytes, drip: bytes) -> float:
    """Send a beginning, and then a drop every now and then, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS) as connection:
        connection.sendall(sent)
        started_at = time.monotonic()
        connection.settimeout(0.2)
        while time.monotonic() < started_at + DEADLINE_SECONDS:
            try:
                if not connection.recv(65536):
                    break
            except TimeoutError:
                with suppress(ConnectionError):
                    connection.sendall(drip)
            except ConnectionError:
                break
        return time.monotonic() - started_at


SLOW_CLIENTS = {
    "drops of a header": (b"GET / HTTP/1.1\r\nA: ", b"b", HEAD_TIMEOUT_SECONDS),
    "drops of a line": (b"GET /", b"a", HEAD_TIMEOUT_SECONDS),
    "blank lines": (b"\r\n", b"\r\n", HEAD_TIMEOUT_SECONDS),
    "drops of a second request": (GET + b"GET /", b"b", HEAD_TIMEOUT_SECONDS),
    "nothing": (b"", b"", HEAD_TIMEOUT_SECONDS),
    "nothing after a request": (GET, b"", IDLE_TIMEOUT_SECONDS),
}


@pytest.fixture(scope="module")
def seconds_to_close(server: Server) -> dict[str, float]:
    with ThreadPoolExecutor() as pool:
        futures = {
            name: pool.submit(measure_seconds_to_close, server, sent, drip)
            for name, (sent, drip, _) in SLOW_CLIENTS.items()
        }
        return {name: future.result() for name, future in futures.items()}


@pytest.mark.parametrize("name", SLOW_CLIENTS)
def test_a_client_that_sends_no_whole_head_is_cut_off(
    name: str, seconds_to_close: dict[str, float]
) -> None:
    *_, timeout_seconds = SLOW_CLIENTS[name]

    assert timeout_seconds - 1 < seconds_to_close[name] < timeout_seconds + 6


def test_headers_after_a_body_are_none_of_the_request(connection: socket.socket) -> None:
    body = json.dumps(url_pair()).encode()
    connection.sendall(
        POST
        + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(body), body)
        + b"Accept: text/html\r\nContent-Type: text/csv\r\n\r\n"
    )

    with HTTPResponse(connection) as response:
        response.begin()
        answer = response.status, response.headers["Content-Type"]

    assert answer == (201, "image/png")


def test_headers_after_a_body_are_bounded(connection: socket.socket) -> None:
    connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: ")
    with suppress(ConnectionError):
        for _ in range(100):
            connection.sendall(b"a" * MAX_HEAD_BYTES)
    with suppress(ConnectionError):
        assert b"body_unreadable" in read_all(connection)


@pytest.mark.parametrize(
    "framing",
    [
        pytest.param(b"Content-Length: %d\r\n\r\n%s", id="a length"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", id="chunks"),
    ],
)
def test_a_client_that_would_rather_speak_http_2_is_answered_in_http_1(
    framing: bytes, connection: socket.socket
) -> None:
    """As Java's client asks with each request."""
    body = json.dumps(url_pair()).encode()
    head = POST + b"Accept: application/json\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    head += b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    for _ in range(2):
        connection.sendall(head + framing % (len(body), body))
        with HTTPResponse(connection) as response:
            response.begin()
            answer = response.status, json.loads(response.read())["match"]

        assert answer == (201, False)


def test_pipelined_requests_are_answered_in_their_order(connection: socket.socket) -> None:
    connection.sendall(
        b"HEAD /static/samples/before.png HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        + GET
        + POST
        + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    )

    statuses = re.findall(rb"HTTP/1\.1 (\d+)", read_all(connection))

    assert statuses == [b"200", b"404", b"400"]


def test_of_many_pipelined_requests_the_first_are_answered(connection: socket.socket) -> None:
    connection.sendall(GET * 1000)

    with suppress(ConnectionError):
        received = read_all(connection)

    assert 1 <= received.count(b"HTTP/1.1 404") <= MAX_PIPELINED + 1
    assert b"too many requests were sent without waiting" in received


def test_garbage_after_a_request_does_not_spoil_its_answer(connection: socket.socket) -> None:
    connection.sendall(GET + b"\x00\x00\x00\x00")

    received = read_all(connection)

    assert received.startswith(b"HTTP/1.1 404 ")
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"404", b"400"]
    assert b"connection: close" in received


def test_a_client_of_http_1_0_is_answered_and_its_connection_closed(
    connection: socket.socket,
) -> None:
    connection.sendall(b"GET /nowhere HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")

    received = read_all(connection)

    assert received.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        pytest.param(b"http://127.0.0.1", 200, id="no path"),
        pytest.param(b"http://127.0.0.1?a=b", 200, id="no path but a query"),
        pytest.param(b"http://127.0.0.1/", 200, id="the root"),
        pytest.param(b"http://127.0.0.1/nowhere?a=b", 404, id="a path"),
    ],
)
def test_an_absolute_url_is_understood(
    target: bytes, status: int, connection: socket.socket
) -> None:
    connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    with HTTPResponse(connection) as response:
        response.begin()
        assert response.status == status
