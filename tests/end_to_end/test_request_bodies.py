import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

import pytest
import requests

from tests.comparing import url_pair
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, wait_until

# Six times FETCH_MAX_BYTES and a little; the fixture sets it to 100 000.
LARGE = 1_000_000


@contextmanager
def connect(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS) as connection:
        yield connection


def read_answer(connection: socket.socket) -> tuple[int, str]:
    """Read the status and the problem's code."""
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, json.loads(response.read())["code"]


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    head = (
        "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: multipart/form-data; boundary=limit\r\n"
        f"Content-Length: {10**12}\r\n\r\n"
    )

    with connect(server) as connection:
        connection.sendall(head.encode())
        answer = read_answer(connection)

    assert answer == (413, "request_too_large")


def test_a_client_that_asks_first_is_not_told_to_send_what_is_too_large(server: Server) -> None:
    head = (
        "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: multipart/form-data; boundary=limit\r\n"
        f"Content-Length: {LARGE}\r\nExpect: 100-continue\r\n\r\n"
    )

    with connect(server) as connection:
        connection.sendall(head.encode())
        status_line = connection.recv(12)

    assert status_line == b"HTTP/1.1 413"


def test_a_client_that_sends_it_all_reads_the_refusal(server: Server) -> None:
    uploads = {"image1": bytes(10_000_000), "image2": bytes(10_000_000)}

    response = server.post(files=uploads)

    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


def test_a_body_in_chunks_is_taken_like_any_other(server: Server) -> None:
    body = json.dumps(url_pair()).encode()

    response = server.post(
        data=iter([body[:10], body[10:]]), headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 201


def test_a_body_in_chunks_is_refused_once_it_is_too_large(server: Server) -> None:
    response = server.post(data=iter([bytes(LARGE // 10)] * 20))

    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(b"length\r\n{}\r\n0\r\n\r\n", id="no length"),
        pytest.param(b"-2\r\n{}\r\n0\r\n\r\n", id="negative length"),
        pytest.param(b"2\r\n{}{}\r\n0\r\n\r\n", id="more than the length"),
    ],
)
def test_chunks_that_can_not_be_read_are_refused(chunks: bytes, server: Server) -> None:
    head = (
        "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    with connect(server) as connection:
        connection.sendall(head.encode() + chunks)
        answer = read_answer(connection)

    assert answer == (400, "body_unreadable")


def test_a_hang_up_amid_the_body_is_one_line_in_the_log(server: Server) -> None:
    head = "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"
    log_before = server.log

    with connect(server) as connection:
        connection.sendall(head.encode())
    wait_until(lambda: server.log != log_before)

    [line] = server.log.removeprefix(log_before).splitlines()
    assert "POST /compare: 400 body_unreadable" in line


def test_an_upload_over_the_limit_of_one_image_is_refused(server: Server) -> None:
    uploads = {"image1": encode_noise(1), "image2": bytes(100_001)}

    response = server.post(files=uploads)

    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
        ("image2", "too_many_bytes")
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(bytes(LARGE), id="too large"),
        pytest.param(iter([bytes(LARGE // 10)] * 20), id="too large, in chunks"),
    ],
)
def test_the_next_request_after_a_refusal_gets_its_own_answer(
    body: bytes | Iterator[bytes], server: Server
) -> None:
    with requests.Session() as session:
        session.post(f"{server.url}/compare", data=body, timeout=DEADLINE_SECONDS)

        response = session.get(f"{server.url}/static/samples/before.png", timeout=DEADLINE_SECONDS)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")


def test_a_request_inside_a_refused_body_is_not_answered(server: Server) -> None:
    """Were it taken for the next request, one client could answer for another behind a proxy."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    head = f"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {10**12}\r\n\r\n"

    with connect(server) as connection:
        connection.sendall(head.encode() + inner)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert received.count(b"HTTP/1.1 ") == 1
