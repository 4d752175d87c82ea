"""Over TLS a host is believed by its name's certificate, whatever the guard and the environment do."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from comparisons.fetch import HostUnreachable, Policy
from comparisons.fetch.connections import trust_authorities
from tests.fetching import fetch_image

from .test_no_connection import answer_names_with

POLICY = Policy(
    allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=(range(1, 65536),), idle_seconds=5
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\ncontent")

    def log_message(self, *_args: object) -> None:
        pass


class TLSServer(HTTPServer):
    """Serves as ``pictures.example``; notes the names that clients ask for."""

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked_names: list[str | None] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("pictures.example").configure_cert(context)
        context.sni_callback = lambda _socket, name, _context: self.asked_names.append(name)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_args: Any) -> None:
        """Clients that don't believe the certificate break off."""


@pytest.fixture(autouse=True)
def trust_authorities_anew() -> Iterator[None]:
    trust_authorities.cache_clear()
    yield
    trust_authorities.cache_clear()


@pytest.fixture
def server(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[TLSServer]:
    answer_names_with(monkeypatch, ["127.0.0.1"])
    with TLSServer(authority) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def trust(monkeypatch: pytest.MonkeyPatch, authority_file: str) -> None:
    """Put an authority into the place of those that come with the certifi package."""
    monkeypatch.setattr("certifi.where", lambda: authority_file)


def test_the_name_is_asked_for_and_its_certificate_taken(
    server: TLSServer, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(monkeypatch, authority_file)

    content = fetch_image(f"https://pictures.example:{server.server_port}/a.png", POLICY)

    assert content == b"content"
    assert server.asked_names == ["pictures.example"]


def test_the_certificate_of_another_name_is_refused(
    server: TLSServer, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(monkeypatch, authority_file)

    with pytest.raises(HostUnreachable):
        fetch_image(f"https://other.example:{server.server_port}/a.png", POLICY)


def test_the_protocol_to_ask_for_is_set_once(
    server: TLSServer, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(monkeypatch, authority_file)
    set_protocols = ssl.SSLContext.set_alpn_protocols
    calls: list[list[str]] = []

    def note(context: ssl.SSLContext, protocols: list[str]) -> None:
        calls.append(protocols)
        set_protocols(context, protocols)

    monkeypatch.setattr(ssl.SSLContext, "set_alpn_protocols", note)

    for _ in range(3):
        fetch_image(f"https://pictures.example:{server.server_port}/a.png", POLICY)

    # Each call frees what other threads are reading.
    assert calls == [["http/1.1"]]


CHANGING = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]


@pytest.mark.parametrize("name", CHANGING)
def test_an_authority_that_only_the_environment_names_is_not_believed(
    name: str, server: TLSServer, authority_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in CHANGING:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, authority_file)

    with pytest.raises(HostUnreachable):
        fetch_image(f"https://pictures.example:{server.server_port}/a.png", POLICY)
