import pytest
import requests

from .processes import DEADLINE_SECONDS, Server

ORIGIN = "https://pages.example"
READABLE = {
    "location",
    "x-comparison-id",
    "x-diff-pixels",
    "x-diff-ratio",
    "x-mse",
    "x-match",
}


def split_names(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


def preflight(server: Server, path: str, method: str) -> requests.Response:
    """Ask what a browser asks before it sends JSON from another origin."""
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    return requests.options(server.url + path, headers=headers, timeout=DEADLINE_SECONDS)


@pytest.mark.parametrize("path", ["/compare", "/compare/"])
def test_a_page_of_another_origin_may_post_json(path: str, server: Server) -> None:
    response = preflight(server, path, "POST")

    assert response.ok
    assert response.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}
    assert "post" in split_names(response.headers["Access-Control-Allow-Methods"])
    assert "content-type" in split_names(response.headers["Access-Control-Allow-Headers"])


def test_a_page_of_another_origin_may_read_the_answer_and_its_headers(server: Server) -> None:
    response = server.compare(
        f"{server.url}/static/samples/before.png",
        f"{server.url}/static/samples/after.png",
        Origin=ORIGIN,
    )

    assert response.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}
    assert split_names(response.headers["Access-Control-Expose-Headers"]) >= READABLE


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="malformed"),
        pytest.param(b" " * 1_000_000, 413, id="too large"),
        pytest.param(iter([b" " * 100_000] * 10), 413, id="too large, in chunks"),
    ],
)
def test_a_page_of_another_origin_may_read_a_refusal(
    body: bytes, status: int, server: Server
) -> None:
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"}

    response = server.post(data=body, headers=headers)

    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}


def test_the_admin_is_closed_to_pages_of_other_origins(server: Server) -> None:
    response = requests.get(
        f"{server.url}/admin/login/", headers={"Origin": ORIGIN}, timeout=DEADLINE_SECONDS
    )

    assert "Access-Control-Allow-Origin" not in response.headers
