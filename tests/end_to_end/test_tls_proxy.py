"""Behind a proxy that speaks TLS, and where somebody only says that there is one."""

from collections.abc import Callable, Iterator

import pytest
import requests

from tests.comparing import url_pair

from .processes import DEADLINE_SECONDS, Server, run_server

FORWARDED = {"X-Forwarded-Proto": "https"}


def compare_as_own_page(server: Server) -> requests.Response:
    headers = {**FORWARDED, "Origin": server.url.replace("http:", "https:")}
    return server.post(json=url_pair(), headers=headers)


def log_in(server: Server) -> requests.Response:
    return requests.get(f"{server.url}/admin/login/", headers=FORWARDED, timeout=DEADLINE_SECONDS)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("proxied"), BEHIND_TLS_PROXY="true") as server:
        yield server


def test_nobody_is_believed_to_be_a_proxy(server: Server) -> None:
    answer = compare_as_own_page(server)

    assert answer.headers["Location"].startswith("http://")
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_a_proxy_says_by_what_scheme_the_service_is_reached(proxied: Server) -> None:
    assert compare_as_own_page(proxied).headers["Location"].startswith("https://")


@pytest.mark.parametrize("send", [compare_as_own_page, log_in], ids=["history", "login"])
def test_cookies_are_for_tls_alone(
    send: Callable[[Server], requests.Response], proxied: Server
) -> None:
    assert "; Secure" in send(proxied).headers["Set-Cookie"]
