import contextlib
import gzip
import io
import socket
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Never

import pytest

from comparisons import fetch
from comparisons.cancellation import Cancellation, Cancelled
from comparisons.fetch import (
    AddressNotAllowed,
    FetchTimedOut,
    HostAnsweredError,
    HostUnreachable,
    Policy,
    RedirectInvalid,
    TooManyBytes,
    TooManyRedirects,
    UrlInvalid,
)
from comparisons.fetch.deadline import Deadline
from comparisons.fetch.download import download_image
from comparisons.gate import ServerBusy
from tests.fetching import fetch_image
from tests.picture_server import Answer, PictureServer, run_picture_server

ANY_PORT = (range(1, 65536),)
LOOPBACK = (ip_network("127.0.0.1/32"),)


def loopback_policy(**changes: Any) -> Policy:
    return Policy(**{"allowed_networks": LOOPBACK, "allowed_ports": ANY_PORT, **changes})


def has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


def write_raw(*parts: bytes) -> Answer:
    """Make an answer of exactly these bytes, after which the connection is closed."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"".join(parts))

    return answer


@contextlib.contextmanager
def note_requests(address: str) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Serve at an address; yield the port, and the lines and the hosts of the requests."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.requestline, self.headers["Host"]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\ncontent")

        def log_message(self, *_args: object) -> None:
            pass

    class Server(HTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    with Server((address, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


def drip(first: bytes, repeated: bytes) -> Answer:
    """Make an answer that goes on a bit at a time until the client goes, or for 3 seconds."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ends_at = time.monotonic() + 3
        with contextlib.suppress(OSError):
            handler.wfile.write(first)
            while time.monotonic() < ends_at:
                handler.wfile.write(repeated)
                time.sleep(0.02)

    return answer


def pour(first: bytes) -> Answer:
    """Make an answer that goes on as fast as it can until the client goes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):
            handler.wfile.write(first)
            while True:
                handler.wfile.write(bytes(65536))

    return answer


def find_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@contextlib.contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    started_at = time.monotonic()
    yield
    assert time.monotonic() - started_at < seconds


class TestSuccessfulDownload:
    def test_returns_the_bytes(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", b"content")

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_keeps_the_query_and_drops_the_fragment(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", b"content")

        fetch_image(f"{url}?size=2&q=a%20b#part", loopback_policy())

        assert pictures.requested_paths == ["/a.png?size=2&q=a%20b"]

    def test_takes_exactly_the_limit(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", bytes(1000))

        content = fetch_image(url, loopback_policy(max_bytes=1000))

        assert content == bytes(1000)

    def test_takes_a_body_in_chunks(self, pictures: PictureServer) -> None:
        url = pictures.answer_with(
            "/a.png",
            write_raw(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
            ),
        )

        content = fetch_image(url, loopback_policy())

        assert content == b"abcdefg"

    def test_takes_headers_of_15_kb(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", b"content", Policy="a" * 15_000)

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_unpacks_an_encoding_that_was_not_asked_for(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", gzip.compress(b"content"), Content_Encoding="gzip")

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_ignores_proxies_of_the_environment(
        self, pictures: PictureServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        proxy = f"http://127.0.0.1:{find_closed_port()}"
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        url = pictures.serve("/a.png", b"content")

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_sends_no_password_of_a_netrc_file(
        self, pictures: PictureServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login me password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        sent: list[str | None] = []

        def answer(handler: BaseHTTPRequestHandler) -> None:
            sent.append(handler.headers.get("Authorization"))
            write_raw(b"HTTP/1.1 200 OK\r\n\r\ncontent")(handler)

        fetch_image(pictures.answer_with("/a.png", answer), loopback_policy())

        assert sent == [None]

    @pytest.mark.parametrize(
        "cookie", ["a=b", "a=b; expires=Wed, 21 Oat 2026 07:28:00 GMT"], ids=["plain", "broken"]
    )
    def test_keeps_no_cookies(self, pictures: PictureServer, cookie: str) -> None:
        sent: list[str | None] = []

        def answer(handler: BaseHTTPRequestHandler) -> None:
            sent.append(handler.headers.get("Cookie"))
            write_raw(b"HTTP/1.1 200 OK\r\n\r\ncontent")(handler)

        pictures.answer_with("/b.png", answer)
        url = pictures.serve("/a.png", b"", status=302, Location="/b.png", Set_Cookie=cookie)

        content = fetch_image(url, loopback_policy())

        assert (content, sent) == (b"content", [None])


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_are_followed(self, pictures: PictureServer, status: int) -> None:
        target = pictures.serve("/b.png", b"content")
        url = pictures.redirect("/a.png", target, status)

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    @pytest.mark.parametrize(
        "location",
        [
            pytest.param("/folder/b.png", id="absolute path"),
            pytest.param("b.png", id="relative path"),
            pytest.param("../folder/b.png", id="through the parent"),
            pytest.param("b.png?size=2", id="with a query"),
        ],
    )
    def test_may_be_relative(self, pictures: PictureServer, location: str) -> None:
        pictures.serve("/folder/b.png", b"content")
        url = pictures.redirect("/folder/a.png", location)

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_may_hold_text_beyond_ascii(self, pictures: PictureServer) -> None:
        pictures.serve("/caf%C3%A9.png", b"content")
        url = pictures.answer_with(
            "/a.png", write_raw("HTTP/1.1 302 Found\r\nLocation: /café.png\r\n\r\n".encode())
        )

        content = fetch_image(url, loopback_policy())

        assert content == b"content"

    def test_are_followed_up_to_the_limit(self, pictures: PictureServer) -> None:
        for step in range(5):
            pictures.redirect(f"/{step}", f"/{step + 1}")
        pictures.serve("/5", b"content")

        content = fetch_image(f"{pictures.url}/0", loopback_policy(max_redirects=5))

        assert content == b"content"

    def test_are_refused_beyond_the_limit(self, pictures: PictureServer) -> None:
        for step in range(6):
            pictures.redirect(f"/{step}", f"/{step + 1}")
        pictures.serve("/6", b"content")

        with pytest.raises(TooManyRedirects):
            fetch_image(f"{pictures.url}/0", loopback_policy(max_redirects=5))

        assert len(pictures.requested_paths) == 6

    def test_in_a_loop_end(self, pictures: PictureServer) -> None:
        url = pictures.redirect("/a", "/b")
        pictures.redirect("/b", "/a")

        with pytest.raises(TooManyRedirects):
            fetch_image(url, loopback_policy())

    @pytest.mark.parametrize(
        "location",
        [
            pytest.param("file:///etc/passwd", id="file"),
            pytest.param("ftp://example.com/a.png", id="ftp"),
            pytest.param("data:image/png;base64,AAAA", id="data"),
            pytest.param("javascript:alert(1)", id="javascript"),
            pytest.param("https://", id="no host"),
            pytest.param("http://[::1", id="broken address"),
            pytest.param("http://127.0.0.1:99999/", id="impossible port"),
            pytest.param("http://127.0.0.1:0/", id="port 0"),
            pytest.param("http://user:secret@127.0.0.1/", id="user name and password"),
        ],
    )
    def test_to_what_is_no_plain_web_address_are_invalid(
        self, pictures: PictureServer, location: str
    ) -> None:
        url = pictures.redirect("/a.png", location)

        with pytest.raises(RedirectInvalid):
            fetch_image(url, loopback_policy())

    def test_to_a_private_address_are_refused(self, pictures: PictureServer) -> None:
        port = pictures.url.rpartition(":")[2]
        url = pictures.redirect("/a.png", f"http://127.0.0.2:{port}/b.png")

        with pytest.raises(AddressNotAllowed):
            fetch_image(url, loopback_policy())

    def test_to_a_forbidden_port_cause_no_request_there(self, pictures: PictureServer) -> None:
        port = int(pictures.url.rpartition(":")[2])
        with run_picture_server() as other:
            url = pictures.redirect("/a.png", other.serve("/b.png", b"content"))

            with pytest.raises(AddressNotAllowed):
                fetch_image(url, loopback_policy(allowed_ports=(range(port, port + 1),)))

            assert other.requested_paths == []

    def test_share_one_deadline(self, pictures: PictureServer) -> None:
        def answer_late(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                write_raw(b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n")(handler)

        url = pictures.answer_with("/a", answer_late)

        with ends_within(1.3), pytest.raises(FetchTimedOut):
            fetch_image(url, loopback_policy(timeout_seconds=0.3, max_redirects=100))


class TestUrl:
    @pytest.mark.parametrize(
        "url",
        [
            pytest.param("file:///etc/passwd", id="file"),
            pytest.param("ftp://example.com/a.png", id="ftp"),
            pytest.param("gopher://example.com/", id="gopher"),
            pytest.param("javascript:alert(1)", id="javascript"),
            pytest.param("example.com/a.png", id="no scheme"),
            pytest.param("//example.com/a.png", id="only a host"),
            pytest.param("/a.png", id="only a path"),
            pytest.param("http://", id="no host"),
            pytest.param("http:///a.png", id="empty host"),
            pytest.param("http://[::1", id="broken address"),
            pytest.param("http://[v1.a]/", id="future address"),
            pytest.param("http://[2606:4700::1%25127.0.0.1]/", id="zone that can't be one"),
            pytest.param("http://a b/", id="space in the host"),
            pytest.param("http://127.0.0.1:99999/", id="impossible port"),
            pytest.param("http://127.0.0.1:-1/", id="negative port"),
            pytest.param("http://127.0.0.1:http/", id="port in letters"),
            pytest.param("http://127.0.0.1:0/", id="port 0"),
            pytest.param("http://user@127.0.0.1/", id="user name"),
            pytest.param("http://user:secret@127.0.0.1/", id="user name and password"),
            pytest.param("http://℀/", id="host that IDNA refuses"),
        ],
    )
    def test_of_no_usable_kind_is_invalid(self, url: str) -> None:
        with pytest.raises(UrlInvalid):
            fetch_image(url, loopback_policy())

    @pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
    def test_with_an_ipv6_address_and_a_port_is_asked_for_by_both(self) -> None:
        policy = loopback_policy(allowed_networks=(ip_network("::1/128"),))

        with note_requests("::1") as (port, asked):
            fetch_image(f"http://[::1]:{port}/a.png", policy)

        assert asked == [("GET /a.png HTTP/1.1", f"[::1]:{port}")]

    def test_is_asked_for_with_every_slash_of_its_path(self) -> None:
        with note_requests("127.0.0.1") as (port, asked):
            fetch_image(f"http://127.0.0.1:{port}//a.png#part", loopback_policy())

        assert [line for line, _ in asked] == ["GET //a.png HTTP/1.1"]

    @pytest.mark.parametrize(
        "host",
        [
            pytest.param("127.0.0.1", id="loopback"),
            pytest.param("127.1", id="short"),
            pytest.param("2130706433", id="one number"),
            pytest.param("0x7f000001", id="hexadecimal"),
            pytest.param("0177.0.0.1", id="octal"),
            pytest.param("localhost", id="by name"),
            pytest.param("0.0.0.0", id="this host"),
            pytest.param("[::1]", id="v6"),
            pytest.param("[::]", id="v6 this host"),
            pytest.param("[::ffff:127.0.0.1]", id="v4-mapped"),
        ],
    )
    def test_of_this_machine_is_refused_without_a_request(
        self, pictures: PictureServer, host: str
    ) -> None:
        port = pictures.url.rpartition(":")[2]

        with pytest.raises(AddressNotAllowed):
            fetch_image(f"http://{host}:{port}/a.png", Policy(allowed_ports=ANY_PORT))

        assert pictures.requested_paths == []

    def test_whose_port_is_not_allowed_is_refused_without_a_request(
        self, pictures: PictureServer
    ) -> None:
        url = pictures.serve("/a.png", b"content")

        with pytest.raises(AddressNotAllowed):
            fetch_image(url, Policy(allowed_networks=LOOPBACK))

        assert pictures.requested_paths == []

    def test_whose_name_has_one_forbidden_address_among_others_is_refused(
        self, pictures: PictureServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def resolve(_host: str, port: int, **_kwargs: Any) -> list[tuple[Any, ...]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in ("127.0.0.1", "10.0.0.1")
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        port = pictures.url.rpartition(":")[2]

        with pytest.raises(AddressNotAllowed):
            fetch_image(f"http://pictures.example:{port}/a.png", loopback_policy())

        assert pictures.requested_paths == []

    def test_whose_name_is_unknown_is_refused_like_a_forbidden_one(self) -> None:
        with pytest.raises(AddressNotAllowed) as unknown:
            fetch_image("http://nowhere.invalid/a.png", Policy())
        with pytest.raises(AddressNotAllowed) as forbidden:
            fetch_image("http://localhost/a.png", Policy())

        assert str(unknown.value) == str(forbidden.value)

    @pytest.mark.parametrize(
        "host",
        [
            pytest.param("a..b", id="empty label"),
            pytest.param("a" * 64, id="label that is too long"),
        ],
    )
    def test_whose_name_can_not_exist_is_refused(self, host: str) -> None:
        with pytest.raises(AddressNotAllowed):
            fetch_image(f"http://{host}/a.png", Policy())

    def test_whose_port_is_closed_is_unreachable(self) -> None:
        with pytest.raises(HostUnreachable):
            fetch_image(f"http://127.0.0.1:{find_closed_port()}/a.png", loopback_policy())


class TestBadAnswer:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
    def test_with_an_error_status_is_reported(self, pictures: PictureServer, status: int) -> None:
        url = pictures.serve("/a.png", b"content", status=status)

        with pytest.raises(HostAnsweredError, match=str(status)):
            fetch_image(url, loopback_policy())

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b"\x00\xff\x00\xff" * 10, id="binary"),
            pytest.param(b"SSH-2.0-OpenSSH_9.7\r\n", id="another protocol"),
            pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="status in letters"),
            pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000, id="endless header line"),
            pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", id="200 headers"),
            pytest.param(
                b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"b" * 1000 + b"\r\n") * 20 + b"\r\n",
                id="20 KB of headers",
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                id="two lengths",
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
                id="chunk length in letters",
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
                id="broken off in a chunk",
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip", id="not gzip"
            ),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\xff\xff", id="not deflate"
            ),
        ],
    )
    def test_of_garbage_is_unreachable(self, pictures: PictureServer, answer: bytes) -> None:
        url = pictures.answer_with("/a.png", write_raw(answer))

        with pytest.raises(HostUnreachable):
            fetch_image(url, loopback_policy())

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, identity"])
    def test_in_an_encoding_that_is_not_taken_apart_is_unreachable(
        self, pictures: PictureServer, encoding: str
    ) -> None:
        url = pictures.serve("/a.png", b"content", Content_Encoding=encoding)

        with pytest.raises(HostUnreachable):
            fetch_image(url, loopback_policy())

    def test_shorter_than_announced_is_unreachable(self, pictures: PictureServer) -> None:
        url = pictures.answer_with(
            "/a.png", write_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        )

        with pytest.raises(HostUnreachable):
            fetch_image(url, loopback_policy())

    def test_without_tls_to_an_https_url_is_unreachable(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", b"content").replace("http:", "https:")

        with pytest.raises(HostUnreachable):
            fetch_image(url, loopback_policy())


class TestTooManyBytes:
    def test_announced_are_refused(self, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", bytes(1001))

        with pytest.raises(TooManyBytes):
            fetch_image(url, loopback_policy(max_bytes=1000))

    def test_without_end_are_refused(self, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a.png", pour(b"HTTP/1.1 200 OK\r\n\r\n"))

        with pytest.raises(TooManyBytes):
            fetch_image(url, loopback_policy(max_bytes=1_000_000))

    def test_in_endless_chunks_are_refused(self, pictures: PictureServer) -> None:
        first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
        url = pictures.answer_with("/a.png", pour(first))

        with pytest.raises(TooManyBytes):
            fetch_image(url, loopback_policy(max_bytes=1_000_000))

    def test_in_the_frames_of_a_few_chunks_are_refused(self, pictures: PictureServer) -> None:
        chunks = (b"1;" + b"a" * 10_000 + b"\r\nx\r\n") * 200
        first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        url = pictures.answer_with("/a.png", write_raw(first, chunks, b"0\r\n\r\n"))

        with pytest.raises(TooManyBytes):
            fetch_image(url, loopback_policy(max_bytes=1000))

    @pytest.mark.parametrize(
        ("encoding", "packed"),
        [
            pytest.param("gzip", gzip.compress(bytes(10_000_000)), id="gzip"),
            pytest.param("deflate", zlib.compress(bytes(10_000_000)), id="deflate"),
        ],
    )
    def test_are_counted_unpacked(
        self, pictures: PictureServer, encoding: str, packed: bytes
    ) -> None:
        url = pictures.serve("/a.png", packed, Content_Encoding=encoding)

        with pytest.raises(TooManyBytes):
            fetch_image(url, loopback_policy(max_bytes=1_000_000))


class TestDeadline:
    """0.3 seconds, and however the host wastes it, the download ends within a second more."""

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(
                drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"), id="drips body"
            ),
            pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), id="drips body of no length"),
            pytest.param(
                drip(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    b"1\r\nx\r\n",
                ),
                id="drips chunks",
            ),
            pytest.param(drip(b"", b"H"), id="drips a status line"),
            pytest.param(drip(b"HTTP/1.1 200 OK\r\nA: ", b"a"), id="drips a header"),
            pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="drips interim answers"),
        ],
    )
    def test_ends_a_dripping_host(self, pictures: PictureServer, answer: Answer) -> None:
        url = pictures.answer_with("/a.png", answer)

        with ends_within(1.3), pytest.raises(FetchTimedOut):
            fetch_image(url, loopback_policy(timeout_seconds=0.3))

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_ends_a_host_that_never_answers(self, silent_port: int, scheme: str) -> None:
        url = f"{scheme}://127.0.0.1:{silent_port}/a.png"

        with ends_within(1.3), pytest.raises(FetchTimedOut):
            fetch_image(url, loopback_policy(timeout_seconds=0.3))

    def test_ends_a_name_service_that_never_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        released = threading.Event()

        def resolve(*_args: Any, **_kwargs: Any) -> Never:
            released.wait(5)
            raise socket.gaierror

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

        with ends_within(1.3), pytest.raises(FetchTimedOut):
            fetch_image("http://slow.example/a.png", Policy(timeout_seconds=0.3))

        released.set()

    def test_leaves_a_host_alone_that_is_in_time(self, pictures: PictureServer) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(0.2)
            write_raw(b"HTTP/1.1 200 OK\r\n\r\ncontent")(handler)

        url = pictures.answer_with("/a.png", answer)

        content = fetch_image(url, loopback_policy(timeout_seconds=5))

        assert content == b"content"

    def test_leaves_no_connection_open(self, pictures: PictureServer) -> None:
        closed = threading.Event()

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with contextlib.suppress(OSError):
                handler.connection.recv(1)
            closed.set()

        url = pictures.answer_with("/a.png", answer)

        with pytest.raises(FetchTimedOut):
            fetch_image(url, loopback_policy(timeout_seconds=0.3))

        assert closed.wait(1)

    def test_ends_a_connection_that_was_opened_too_late(self) -> None:
        ours, theirs = socket.socketpair()

        with ours, theirs, Deadline(0.001) as deadline:
            time.sleep(0.01)
            deadline.watch(ours)

            assert theirs.recv(1) == b""

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"", id="before the answer"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", id="in the body"),
        ],
    )
    def test_is_what_a_host_misses_that_falls_silent(
        self, pictures: PictureServer, answer: bytes
    ) -> None:
        def fall_silent(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(answer)
            with contextlib.suppress(OSError):
                handler.connection.recv(1)

        url = pictures.answer_with("/a.png", fall_silent)

        with pytest.raises(FetchTimedOut):
            fetch_image(url, loopback_policy(timeout_seconds=5, idle_seconds=0.2))


@pytest.mark.parametrize("status", [300, 302, 304])
def test_answer_that_is_neither_success_nor_a_redirect_is_an_error(
    pictures: PictureServer, status: int
) -> None:
    url = pictures.serve("/a.png", b"content", status=status)

    with pytest.raises(HostAnsweredError):
        fetch_image(url, loopback_policy())


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="before the answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", id="in the body"),
    ],
)
def test_a_cancelled_download_ends_at_once(head: bytes, pictures: PictureServer) -> None:
    cancellation = Cancellation()
    closed = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        threading.Timer(0.1, cancellation.cancel).start()
        with contextlib.suppress(OSError):
            handler.connection.recv(1)
        closed.set()

    url = pictures.answer_with("/a.png", answer)

    with pytest.raises(Cancelled):
        download_image(url, io.BytesIO(), loopback_policy(), cancellation)

    assert closed.wait(1)


@pytest.fixture
def deaf_url() -> Iterator[str]:
    """The URL of a host that does not take connections, nor refuse them: those that wait there are enough."""
    if sys.platform != "linux":
        pytest.skip("needs a queue of connections that can be full")
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"


def test_a_cancelled_attempt_to_connect_ends_at_once(deaf_url: str) -> None:
    cancellation = Cancellation()
    policy = loopback_policy(idle_seconds=60, timeout_seconds=60)
    threading.Timer(0.3, cancellation.cancel).start()

    with ends_within(10), pytest.raises(Cancelled):
        download_image(deaf_url, io.BytesIO(), policy, cancellation)


@pytest.mark.parametrize(
    ("idle_seconds", "timeout_seconds"),
    [pytest.param(0.3, 60, id="of its own"), pytest.param(60, 0.3, id="of the whole")],
)
def test_an_attempt_to_connect_has_a_time_limit(
    idle_seconds: float, timeout_seconds: float, deaf_url: str
) -> None:
    policy = loopback_policy(idle_seconds=idle_seconds, timeout_seconds=timeout_seconds)

    with ends_within(10), pytest.raises(FetchTimedOut):
        fetch_image(deaf_url, policy)


def test_a_cancelled_lookup_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cancellation = Cancellation()
    over = threading.Event()

    def look_up(*_arguments: Any, **_options: Any) -> Never:
        cancellation.cancel()
        over.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(Cancelled):
        download_image("http://slow.example/a.png", io.BytesIO(), Policy(), cancellation)

    assert not over.is_set()
    over.set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_not_blamed_on_the_host(
    pictures: PictureServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = pictures.serve("/a.png", b"content")

    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(ServerBusy):
        fetch.fetch_image(url, full, loopback_policy())

    assert "No space left on device" in caplog.text
