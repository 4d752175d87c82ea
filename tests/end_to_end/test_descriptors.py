"""A server that may open few files, and more clients than it has room for."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from tests.comparing import WHITE, data_url, url_pair
from tests.linux import needs_proc
from tests.picture_server import PictureServer
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until

DESCRIPTORS = 256
CLIENTS = 300
PROBLEM = "application/problem+json"
LARGE_BODY_THAT_BREAKS_OFF = (
    b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 900000\r\n\r\n" + b" " * 300_000
)


@pytest.fixture(scope="module")
def cramped_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with few descriptors, whose first requests come when many clients are there that never read."""
    limit = ["sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "sh"]
    with run_server(tmp_path_factory.mktemp("cramped"), runner=limit) as server:
        with ExitStack() as clients:
            for _ in range(CLIENTS):
                client = clients.enter_context(
                    socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
                )
                client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
            ask_beside_others(server)
        wait_until(lambda: all(ask(server).ok for _ in range(20)))
        yield server


def ask(server: Server) -> requests.Response:
    return requests.get(f"{server.url}/static/samples/before.png", timeout=DEADLINE_SECONDS)


def ask_beside_others(server: Server) -> None:
    for _ in range(20):
        response = ask(server)
        if response.status_code != 200:
            assert (response.status_code, response.headers["Content-Type"]) == (503, PROBLEM)
            assert int(response.headers["Retry-After"]) >= 1
            assert response.json()["code"] in {"server_busy", "too_many_connections"}


@needs_proc
def test_descriptors_are_kept_in_reserve(cramped_server: Server) -> None:
    for worker in cramped_server.list_workers():
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert f"{DESCRIPTORS}" in limits
    assert "Too many open files" not in cramped_server.log


def test_comparisons_go_on_afterwards(cramped_server: Server, pictures: PictureServer) -> None:
    url = pictures.serve("/1.png", encode_noise(1))

    responses = [
        cramped_server.compare(url, data_url(WHITE)),
        cramped_server.post(json=url_pair(encode_noise(2), encode_noise(3))),
        cramped_server.post(files={"image1": encode_noise(4), "image2": encode_noise(5)}),
    ]

    assert [response.status_code for response in responses] == [201] * 3


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        pytest.param("GET", "/nowhere", {}, 404, id="no such page"),
        pytest.param("DELETE", "/compare", {}, 405, id="no such method"),
        pytest.param("GET", "/compare", {}, 403, id="not allowed"),
        pytest.param("POST", "/compare", {"json": {"a": "é\ud800"}}, 400, id="unknown field"),
        pytest.param("POST", "/compare", {"data": b"\xff"}, 415, id="no type"),
        pytest.param("POST", "/compare", {"json": url_pair(b"x", b"y")}, 422, id="no images"),
        pytest.param("GET", "/", {"headers": {"Host": "nobody"}}, 400, id="another host"),
        pytest.param(
            "POST",
            "/compare",
            {"json": {"image_url1": "http://a.invalid/", "image_url2": "data:,"}},
            422,
            id="no such host",
        ),
    ],
)
def test_refusals_are_problems_afterwards(
    method: str, path: str, arguments: dict[str, object], status: int, cramped_server: Server
) -> None:
    response = requests.request(
        method,
        cramped_server.url + path,
        timeout=DEADLINE_SECONDS,
        **arguments,  # type: ignore[arg-type]
    )

    assert (response.status_code, response.headers["Content-Type"]) == (status, PROBLEM)


def test_no_descriptor_is_lacking_while_there_is_everything_at_once(tmp_path: Path) -> None:
    """Uploads, pictures that processes decode, connections in use, and those that are refused."""
    limit = ["sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "sh"]
    with run_server(tmp_path, runner=limit) as server, ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(8))
        uploads = [pool.submit(upload, server, number) for number in range(24)]
        while not all(future.done() for future in uploads):
            with ExitStack() as clients:
                for _ in range(CLIENTS // 2):
                    client = clients.enter_context(
                        socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
                    )
                    with suppress(ConnectionError):
                        client.sendall(LARGE_BODY_THAT_BREAKS_OFF)
                time.sleep(0.5)
        statuses = {future.result() for future in uploads}
        wait_until(lambda: upload(server, 99) == 201)
        log = server.log

    assert statuses <= {201, 503}
    assert "Too many open files" not in log
    assert "Traceback" not in log


def upload(server: Server, number: int) -> int:
    """Send two pictures, one of which is decoded in a process of its own; return the status."""
    image1, image2 = encode_noise(number, (400, 300), "TIFF"), encode_noise(number + 100)
    try:
        return server.post(files={"image1": image1, "image2": image2}).status_code
    except requests.ConnectionError:
        # Refused before it was sent.
        return 503
