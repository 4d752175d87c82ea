from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network

import pytest

from comparisons.fetch import FetchTimedOut, Policy
from tests.fetching import fetch_image
from tests.picture_server import Answer, PictureServer

# Long before the deadline for the whole, there is one for each wait.
POLICY = Policy(
    allowed_networks=(ip_network("127.0.0.1/32"),),
    allowed_ports=(range(1, 65536),),
    idle_seconds=0.3,
    timeout_seconds=20,
)


def never_answer(handler: BaseHTTPRequestHandler) -> None:
    # Nothing more comes: this ends when the client closes the connection.
    handler.rfile.read(1)


def stop_halfway(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(bytes(500))
    never_answer(handler)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(never_answer, id="before the answer"),
        pytest.param(stop_halfway, id="in the middle"),
    ],
)
def test_a_host_that_falls_silent_took_too_long(answer: Answer, pictures: PictureServer) -> None:
    url = pictures.answer_with("/silent", answer)

    with pytest.raises(FetchTimedOut):
        fetch_image(url, POLICY)
