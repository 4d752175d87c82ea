import socket
import time
from contextlib import ExitStack

import requests

from .processes import Server

SLOW_CLIENTS = 40


def test_clients_that_drip_their_bodies_do_not_keep_others_waiting(server: Server) -> None:
    head = (
        "POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    )

    with ExitStack() as connections:
        for _ in range(SLOW_CLIENTS):
            client = connections.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(head.encode())
        time.sleep(0.5)
        response = requests.get(f"{server.url}/openapi.json", timeout=5)

    assert response.ok
