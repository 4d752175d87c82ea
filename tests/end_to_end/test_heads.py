from http.client import HTTPConnection

import pytest

from tests.comparing import BLACK, WHITE, data_url

from .processes import DEADLINE_SECONDS, Server


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/openapi.json",
        "/static/samples/before.png",
        "/compare",
        "{comparison}",
        "{comparison}/mask.png",
        "{comparison}/image1",
        "{comparison}/thumbnails/mask.webp",
        "/nowhere",
    ],
)
def test_a_head_has_the_headers_of_a_get_and_no_body(server: Server, path: str) -> None:
    created = server.compare(data_url(WHITE), data_url(BLACK))
    url = path.format(comparison=created.headers["Location"].removeprefix(server.url))
    connection = HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_SECONDS)
    answers = []

    # On one connection, where a body would pass for the next answer.
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, url)
        response = connection.getresponse()
        body = response.read()
        answers.append((response.status, response.headers["Content-Length"], len(body)))
    connection.close()

    get, head, get_again = answers
    assert get == get_again
    assert head == (get[0], get[1], 0)
    assert int(get[1]) == get[2]
