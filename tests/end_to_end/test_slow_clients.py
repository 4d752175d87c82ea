"""Clients that keep their connections busy with a byte now and then, and others beside them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
import requests

from tests.comparing import BLACK, WHITE, data_url

from .processes import Server

SLOW_CLIENTS = 200
PAUSE_SECONDS = 0.1

HEADERS = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: 1000\r\n\r\n{"
)


@pytest.fixture
def _slow_clients(server: Server) -> Iterator[None]:
    """As many clients that drip their headers as drip their bodies."""
    over = threading.Event()
    with ExitStack() as connections:
        clients = [
            connections.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(2 * SLOW_CLIENTS)
        ]
        for number, client in enumerate(clients):
            client.sendall((HEADERS if number % 2 else BODY).encode())

        def drip() -> None:
            while not over.wait(PAUSE_SECONDS):
                for client in clients:
                    # The server may have had enough of it.
                    with suppress(OSError):
                        client.sendall(b" ")

        thread = threading.Thread(target=drip)
        thread.start()
        over.wait(0.5)
        yield
        over.set()
        thread.join()


@pytest.mark.usefixtures("_slow_clients")
def test_others_are_answered_beside_clients_that_drip(server: Server) -> None:
    page = requests.get(server.url, timeout=5)
    comparison = requests.post(
        f"{server.url}/compare",
        json={"image_url1": data_url(WHITE), "image_url2": data_url(BLACK)},
        timeout=5,
    )

    assert (page.status_code, comparison.status_code) == (200, 201)
