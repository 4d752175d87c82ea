"""However a host misbehaves, a download is over in time and takes little memory.

The downloads run in a process of their own, whose clock and memory nothing else shares.
"""

import bz2
import gzip
import itertools
import json
import socket
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread, Timer

import pytest

TIMEOUT_SECONDS = 0.5
GRACE_SECONDS = 0.5
MAX_GROWTH_BYTES = 100_000_000
MAX_BYTES = 20_000_000

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux tells how high memory has been"
)

# Writing 5 sets the mark of the highest memory back to what is in use:
# https://docs.kernel.org/filesystems/proc.html
DOWNLOADER = textwrap.dedent(
    """
    import io, json, sys, time
    from ipaddress import ip_network
    from pathlib import Path
    from comparisons.fetch import FetchError, Policy, fetch_image

    timeout_seconds, max_bytes = float(sys.argv[1]), int(sys.argv[2])
    policy = Policy(
        allowed_networks=(ip_network("127.0.0.1/32"),),
        allowed_ports=(range(1, 65536),),
        timeout_seconds=timeout_seconds,
        max_bytes=max_bytes,
    )

    def read_kilobytes(name):
        line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith(name))
        return int(line.split()[1])

    for line in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5")
        before, started_at = read_kilobytes("VmRSS"), time.monotonic()
        try:
            fetch_image(line.strip(), io.BytesIO(), policy)
            outcome = "taken"
        except FetchError as error:
            outcome = type(error).__name__
        seconds = time.monotonic() - started_at
        growth_bytes = 1024 * (read_kilobytes("VmHWM") - before)
        print(json.dumps([outcome, seconds, growth_bytes]), flush=True)
    """
)


@dataclass(frozen=True)
class Ending:
    """How a download went: ``outcome`` is the name of the error, or ``taken``."""

    outcome: str
    seconds: float
    growth_bytes: int


class Downloader:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def download(self, url: str) -> Ending:
        """Download in the process, which is killed if that never ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        killer = Timer(20, self._process.kill)
        killer.start()
        self._process.stdin.write(url + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        killer.cancel()
        return Ending(*json.loads(answer))


@pytest.fixture(scope="module")
def downloader() -> Iterator[Downloader]:
    arguments = [sys.executable, "-c", DOWNLOADER, str(TIMEOUT_SECONDS), str(MAX_BYTES)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Downloader(process)


Host = Callable[[socket.socket], None]


@contextmanager
def run_host(host: Host) -> Iterator[str]:
    """Serve each connection by the function, until the client is gone or it returns."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                host(self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/a.png"
        finally:
            server.shutdown()
            thread.join()


def hear_request(connection: socket.socket) -> None:
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError
        heard += part


def say(*parts: bytes) -> Host:
    """Answer exactly these bytes and close the connection."""

    def host(connection: socket.socket) -> None:
        hear_request(connection)
        for part in parts:
            connection.sendall(part)

    return host


def keep_saying(first: bytes, repeated: bytes, *, pause_seconds: float = 0) -> Host:
    """Answer, and never come to an end."""

    def host(connection: socket.socket) -> None:
        hear_request(connection)
        connection.sendall(first)
        while True:
            connection.sendall(repeated)
            time.sleep(pause_seconds)

    return host


def drip(first: bytes, repeated: bytes) -> Host:
    return keep_saying(first, repeated, pause_seconds=0.02)


def hang(first: bytes = b"") -> Host:
    """Answer, and say nothing more."""

    def host(connection: socket.socket) -> None:
        hear_request(connection)
        connection.sendall(first)
        connection.recv(1)

    return host


def hang_in_tls(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.recv(1)


def drip_in_tls(connection: socket.socket) -> None:
    # The header of a handshake record of 16 KiB.
    connection.sendall(b"\x16\x03\x03\x40\x00")
    while True:
        connection.sendall(b"\x02")
        time.sleep(0.02)


def never_accept_more(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(2 * TIMEOUT_SECONDS)


def reset(connection: socket.socket) -> None:
    hear_request(connection)
    connection.sendall(OK + b"abc")
    # To close without lingering sends RST.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def redirect_slowly(connection: socket.socket) -> None:
    hear_request(connection)
    time.sleep(0.4 * TIMEOUT_SECONDS)
    connection.sendall(FOUND + b"Location: /next\r\n\r\n")


OK = b"HTTP/1.1 200 OK\r\n\r\n"
STATUS = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\n"
CHUNKED = STATUS + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = STATUS + b"Content-Encoding: gzip\r\n\r\n"
BOMB = gzip.compress(bytes(300_000_000), 9)
STEPS = itertools.count()


def redirect_for_ever(connection: socket.socket) -> None:
    hear_request(connection)
    connection.sendall(FOUND + b"Location: /%d\r\nContent-Length: 0\r\n\r\n" % next(STEPS))


TIMED_OUT, UNREACHABLE, TOO_MANY = "FetchTimedOut", "HostUnreachable", "TooManyBytes"

HOSTS: dict[str, tuple[Host, set[str]]] = {
    "drips a status line": (drip(b"", b"H"), {TIMED_OUT}),
    "drips a header": (drip(STATUS + b"A: ", b"a"), {TIMED_OUT}),
    "drips headers": (drip(STATUS, b"A: a\r\n"), {TIMED_OUT}),
    "drips a body": (drip(STATUS + b"Content-Length: 9999\r\n\r\n", b"x"), {TIMED_OUT}),
    "drips a body of no length": (drip(OK, b"x"), {TIMED_OUT}),
    "drips chunks": (drip(CHUNKED, b"1\r\nx\r\n"), {TIMED_OUT}),
    "drips the length of a chunk": (drip(CHUNKED, b"0"), {TIMED_OUT}),
    "drips trailers": (drip(CHUNKED + b"1\r\nx\r\n0\r\n", b"A: a\r\n"), {TIMED_OUT}),
    "drips gzip": (drip(GZIP + BOMB[:10], b"\0"), {TIMED_OUT, UNREACHABLE}),
    "drips 100 Continue": (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), {TIMED_OUT}),
    "pours 100 Continue": (
        keep_saying(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        {UNREACHABLE},
    ),
    "pours 103 Early Hints": (
        keep_saying(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000),
        {UNREACHABLE},
    ),
    "hangs before the answer": (hang(), {TIMED_OUT}),
    "hangs in the headers": (hang(STATUS), {TIMED_OUT}),
    "hangs in the body": (hang(STATUS + b"Content-Length: 9\r\n\r\nabc"), {TIMED_OUT}),
    "does not read": (never_accept_more, {TIMED_OUT, UNREACHABLE}),
    "pours a body": (keep_saying(OK, bytes(65536)), {TOO_MANY}),
    "pours chunks": (keep_saying(CHUNKED, b"10000\r\n" + bytes(65536) + b"\r\n"), {TOO_MANY}),
    "pours empty lines": (keep_saying(b"", b"\r\n" * 10_000), {UNREACHABLE}),
    "pours a header line": (keep_saying(STATUS + b"A: ", b"a" * 65536), {UNREACHABLE}),
    "pours headers": (keep_saying(STATUS, b"A: a\r\n" * 1000), {UNREACHABLE}),
    "pours a chunk's extension": (keep_saying(CHUNKED + b"1;", b"a" * 65536), {UNREACHABLE}),
    "pours trailers": (
        keep_saying(CHUNKED + b"1\r\nx\r\n0\r\n", b"A: a\r\n" * 1000),
        {UNREACHABLE},
    ),
    "pours a trailer line": (
        keep_saying(CHUNKED + b"1\r\nx\r\n0\r\n", b"a" * 65536),
        {UNREACHABLE},
    ),
    "pours tiny chunks": (keep_saying(CHUNKED, b"1\r\nx\r\n" * 10_000), {TOO_MANY}),
    "pours empty pieces of gzip": (keep_saying(GZIP, gzip.compress(b"") * 10_000), {TOO_MANY}),
    # What takes Python the square of its length to read.
    "sends a header made of separators": (
        hang(STATUS + b'Content-Type: multipart/x;"' + b";" * 65_000 + b"\r\n\r\n"),
        {UNREACHABLE},
    ),
    "sends a folded header made of separators": (
        hang(STATUS + b'Content-Type: multipart/x;"' + (b";" * 8000 + b"\r\n ") * 90 + b"\r\n\r\n"),
        {UNREACHABLE},
    ),
    "sends a header with a number of 5000 digits": (
        say(STATUS + b"Content-Type: multipart/x; a*" + b"9" * 5000 + b"=b\r\n\r\nabc"),
        {"taken"},
    ),
    "sends a bomb of gzip": (say(GZIP, BOMB), {TOO_MANY}),
    "sends a bomb of deflate": (
        say(STATUS + b"Content-Encoding: deflate\r\n\r\n", zlib.compress(bytes(300_000_000), 9)),
        {TOO_MANY},
    ),
    "packs twice": (
        say(STATUS + b"Content-Encoding: gzip, gzip\r\n\r\n", gzip.compress(BOMB)),
        {UNREACHABLE},
    ),
    "packs in another way": (
        say(STATUS + b"Content-Encoding: br\r\n\r\n", bz2.compress(b"a")),
        {UNREACHABLE},
    ),
    "redirects with a bomb": (
        say(FOUND + b"Location: /b\r\nContent-Encoding: gzip\r\n\r\n", BOMB),
        {"TooManyRedirects"},
    ),
    "redirects with a body without end": (
        keep_saying(FOUND + b"Location: /b\r\n\r\n", bytes(65536)),
        {"TooManyRedirects"},
    ),
    "fails with a body without end": (
        keep_saying(b"HTTP/1.1 500 No\r\n\r\n", bytes(65536)),
        {"HostAnsweredError"},
    ),
    "redirects in a loop": (
        say(FOUND + b"Location: /a.png\r\nContent-Length: 0\r\n\r\n"),
        {"TooManyRedirects"},
    ),
    "redirects for ever": (redirect_for_ever, {"TooManyRedirects"}),
    "redirects slowly": (redirect_slowly, {TIMED_OUT}),
    "redirects to a long address": (
        say(FOUND + b"Location: /" + b"a" * 60_000 + b"\r\n\r\n"),
        {UNREACHABLE},
    ),
    "says more than it has": (say(STATUS + b"Content-Length: 100\r\n\r\nabc"), {UNREACHABLE}),
    "says a gigantic length": (
        hang(STATUS + b"Content-Length: 99999999999999999999\r\n\r\n"),
        {TOO_MANY},
    ),
    "says a negative length": (
        keep_saying(STATUS + b"Content-Length: -1\r\n\r\n", bytes(65536)),
        {TOO_MANY, UNREACHABLE},
    ),
    "says a length of 5000 digits": (
        say(STATUS + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nabc"),
        {"taken"},
    ),
    "says two lengths": (
        say(STATUS + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        {UNREACHABLE},
    ),
    "says a gigantic chunk": (keep_saying(CHUNKED + b"f" * 15 + b"\r\n", bytes(65536)), {TOO_MANY}),
    "says a chunk of -1": (keep_saying(CHUNKED + b"-1\r\n", bytes(65536)), {UNREACHABLE}),
    "says a chunk of -2": (keep_saying(CHUNKED + b"-2\r\n", bytes(65536)), {UNREACHABLE}),
    "says garbage": (keep_saying(b"\0\xff", b"\0\xff" * 10_000), {UNREACHABLE}),
    "says nothing": (say(), {UNREACHABLE}),
    "speaks HTTP/0.9": (keep_saying(b"<html>", b"a" * 65536), {UNREACHABLE}),
    "resets the connection": (reset, {UNREACHABLE}),
}


@pytest.mark.parametrize(("host", "outcomes"), HOSTS.values(), ids=HOSTS)
def test_a_download_is_over_in_time_and_takes_little_memory(
    host: Host, outcomes: set[str], downloader: Downloader
) -> None:
    with run_host(host) as url:
        assert_harmless(url, outcomes, downloader)


@pytest.mark.parametrize("host", [hang_in_tls, drip_in_tls], ids=["hangs", "drips"])
def test_a_handshake_is_over_in_time_too(host: Host, downloader: Downloader) -> None:
    with run_host(host) as url:
        assert_harmless(url.replace("http:", "https:"), {TIMED_OUT}, downloader)


def assert_harmless(url: str, outcomes: set[str], downloader: Downloader) -> None:
    ending = downloader.download(url)
    if ending.seconds > TIMEOUT_SECONDS + GRACE_SECONDS:
        # That the machine had other things to do for so long is no fault of ours, once.
        ending = downloader.download(url)

    assert ending.outcome in outcomes
    assert ending.seconds < TIMEOUT_SECONDS + GRACE_SECONDS
    assert ending.growth_bytes < MAX_GROWTH_BYTES
