import pytest
import requests

from tests.pictures import plain

from .processes import DEADLINE_SECONDS, Server


@pytest.mark.parametrize(
    ("path", "method"),
    [
        pytest.param("/compare", "POST", id="compare"),
        pytest.param("/docs", "GET", id="docs"),
        pytest.param("{location}", "GET", id="comparison"),
        pytest.param("{location}/mask.png", "GET", id="mask"),
        pytest.param("{location}/image1", "GET", id="input"),
    ],
)
def test_whoever_asks_is_told_what_a_path_allows(path: str, method: str, server: Server) -> None:
    """RFC 9110, section 9.3.7; the same header goes with 405."""
    location = server.post(files={"image1": plain(), "image2": plain()}).headers["Location"]
    url = path.format(location=location.removeprefix(server.url))

    response = requests.options(server.url + url, timeout=DEADLINE_SECONDS)

    assert response.status_code < 500
    assert method in response.headers["Allow"].split(", ")
