"""Clients that take nothing, send nothing, or are too many: their connections are closed, others go on."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.comparing import BLACK, data_url
from tests.linux import needs_proc
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until

SEND_TIMEOUT_SECONDS = 2
PER_ADDRESS = 40
WORKERS = 2
PROXY = "127.0.0.6"
REQUEST = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def impatient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(
        tmp_path_factory.mktemp("impatient"),
        SEND_TIMEOUT_SECONDS=str(SEND_TIMEOUT_SECONDS),
        MAX_CONNECTIONS_PER_ADDRESS=str(PER_ADDRESS),
        TRUSTED_PROXIES=f"{PROXY}/32",
    ) as server:
        yield server


@pytest.fixture(scope="module")
def large_picture(impatient_server: Server) -> str:
    """The path of a picture that is larger than what the system keeps for a client."""
    noise = encode_noise(1, (2000, 1500))
    response = impatient_server.compare(data_url(noise), data_url(BLACK))
    path = response.headers["Location"].removeprefix(impatient_server.url) + "/image1"
    assert len(noise) > 8_000_000
    return path


def connect(server: Server, source: str = "127.0.0.1") -> socket.socket:
    """Connect from an address of loopback, and keep little of what comes."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(DEADLINE_SECONDS)
    connection.bind((source, 0))
    connection.connect(("127.0.0.1", server.port))
    return connection


def count_connections(server: Server) -> int:
    """Count the sockets that the workers have open."""
    return sum(
        str(descriptor.readlink()).startswith("socket:")
        for worker in server.list_workers()
        for descriptor in Path(f"/proc/{worker}/fd").iterdir()
        if descriptor.is_symlink()
    )


def read_answer(connection: socket.socket) -> tuple[int, str]:
    """Read the status and the problem's code."""
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, json.loads(response.read())["code"]


@needs_proc
@pytest.mark.parametrize(
    "requests_at_once",
    [pytest.param(1, id="one request"), pytest.param(10, id="pipelined requests")],
)
def test_clients_that_never_read_lose_their_connections(
    requests_at_once: int, impatient_server: Server, large_picture: str
) -> None:
    before = count_connections(impatient_server)
    with ExitStack() as clients:
        for _ in range(PER_ADDRESS // 2):
            client = clients.enter_context(connect(impatient_server, "127.0.0.3"))
            client.sendall(REQUEST.format(large_picture).encode() * requests_at_once)
        wait_until(lambda: count_connections(impatient_server) >= before + PER_ADDRESS // 2)
        wait_until(lambda: count_connections(impatient_server) <= before)


def test_a_client_that_reads_slowly_but_steadily_gets_it_all(
    impatient_server: Server, large_picture: str
) -> None:
    with connect(impatient_server) as client:
        client.sendall(
            REQUEST.format(large_picture)
            .encode()
            .replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        started_at = time.monotonic()
        size = 0
        while part := client.recv(200_000):
            size += len(part)
            if time.monotonic() < started_at + 3 * SEND_TIMEOUT_SECONDS:
                time.sleep(0.02)

    assert size > 8_000_000


def test_more_connections_than_an_address_may_have_are_refused_and_others_served(
    impatient_server: Server,
) -> None:
    with ExitStack() as clients:
        connections = [
            clients.enter_context(connect(impatient_server, "127.0.0.4"))
            for _ in range(WORKERS * PER_ADDRESS + 20)
        ]
        with connect(impatient_server, "127.0.0.5") as other:
            other.sendall(REQUEST.format("/nowhere").encode())
            answer_of_other = read_answer(other)
        refusal = None
        for connection in connections[::-1]:
            connection.settimeout(0)
            try:
                refusal = connection.recv(1000)
                break
            except BlockingIOError:
                continue

    assert answer_of_other == (404, "not_found")
    assert refusal is not None
    assert refusal.startswith(b"HTTP/1.1 503 ")
    assert b"too_many_connections" in refusal


def test_a_trusted_proxy_has_as_many_connections_as_it_likes(impatient_server: Server) -> None:
    with ExitStack() as clients:
        connections = [
            clients.enter_context(connect(impatient_server, PROXY))
            for _ in range(WORKERS * PER_ADDRESS + 20)
        ]
        for connection in connections:
            connection.sendall(REQUEST.format("/nowhere").encode())
        statuses = {read_answer(connection)[0] for connection in connections}

    assert statuses == {404}


def test_idle_connections_of_an_address_give_way_to_its_new_ones(impatient_server: Server) -> None:
    with ExitStack() as clients:
        for _ in range(WORKERS * PER_ADDRESS + 20):
            connection = clients.enter_context(connect(impatient_server, "127.0.0.7"))
            connection.sendall(REQUEST.format("/nowhere").encode())
            assert read_answer(connection) == (404, "not_found")
