"""What a host has us do is bounded by what it delivers, however it cuts, wraps or packs that."""

import gzip
import io
import random
import socket
import time
import zlib
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network

import pytest

from comparisons import fetch
from comparisons.fetch import HostAnsweredError, HostUnreachable, Policy, TooManyBytes
from comparisons.fetch.unpack import PIECE_BYTES
from tests.fetching import fetch_image
from tests.picture_server import Answer, PictureServer

POLICY = Policy(
    allowed_networks=(ip_network("127.0.0.1/32"),),
    allowed_ports=(range(1, 65536),),
    max_bytes=2_000_000,
)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n\r\n"
DEFLATE = OK + b"Content-Encoding: deflate\r\n\r\n"
# Like a JPEG, it can't be compressed.
PICTURE = random.Random(1).randbytes(1_000_000)


def say(*parts: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"".join(parts))

    return answer


def keep_saying(first: bytes, repeated: bytes, *, pause_seconds: float = 0) -> Answer:
    """Answer until the client goes, each part as a packet of its own if there is a pause between."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            handler.wfile.write(first)
            while True:
                handler.wfile.write(repeated)
                time.sleep(pause_seconds)
        except OSError:
            pass

    return answer


def cut(content: bytes, size: int) -> Iterable[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def put_in_chunks(content: bytes, size: int, extension: bytes = b"") -> bytes:
    chunks = [b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in cut(content, size)]
    return b"".join(chunks) + b"0\r\n\r\n"


def fetch_until_refused(url: str) -> int:
    """Return how many bytes were taken before the image was."""
    file = io.BytesIO()
    with pytest.raises(TooManyBytes, match=r"pieces|compressed"):
        fetch.fetch_image(url, file, POLICY)
    return file.tell()


class TestPieces:
    @pytest.mark.parametrize("size", [300, 1400, 4096, 65536])
    def test_of_usual_size_are_taken(self, size: int, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", say(CHUNKED, put_in_chunks(PICTURE, size)))

        assert fetch_image(url, POLICY) == PICTURE

    @pytest.mark.parametrize("extension", [b"", b";name=value", b" ;a=" + b"b" * 200])
    def test_of_a_byte_are_taken_if_they_are_few(
        self, extension: bytes, pictures: PictureServer
    ) -> None:
        chunks = put_in_chunks(PICTURE[:500], 1, extension)
        url = pictures.answer_with("/a", say(CHUNKED, chunks))

        assert fetch_image(url, POLICY) == PICTURE[:500]

    @pytest.mark.parametrize(
        "chunk",
        [
            pytest.param(b"1\r\nx\r\n", id="of a byte"),
            pytest.param(b"2\r\nxx\r\n", id="of two bytes"),
            pytest.param(b"0000000000000001\r\nx\r\n", id="of a byte, with zeros before the size"),
            pytest.param(b"1;" + b"a" * 1000 + b"\r\nx\r\n", id="of a byte, with an extension"),
            pytest.param(b"64\r\n" + b"x" * 100 + b"\r\n", id="of a hundred bytes"),
            pytest.param(b"64;" + b"a" * 1000 + b"\r\n" + b"x" * 100 + b"\r\n", id="and both"),
        ],
    )
    def test_without_number_are_refused(self, chunk: bytes, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", keep_saying(CHUNKED, chunk * 1000))

        assert fetch_until_refused(url) < 200_000

    @pytest.mark.parametrize(
        ("head", "part"),
        [
            pytest.param(OK + b"Content-Length: 1000000\r\n\r\n", b"x", id="of a body"),
            pytest.param(OK + b"\r\n", b"x", id="of a body of no length"),
            pytest.param(CHUNKED + b"ffffff\r\n", b"x", id="of a chunk"),
            pytest.param(CHUNKED, b"0", id="of a chunk's size"),
            pytest.param(OK + b"A: ", b"a", id="of a header"),
        ],
    )
    def test_that_are_a_packet_each_are_refused(
        self, head: bytes, part: bytes, pictures: PictureServer
    ) -> None:
        url = pictures.answer_with("/a", keep_saying(head, part, pause_seconds=0.0002))

        assert fetch_until_refused(url) < 200_000


def pack_without_header(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def pack_in_blocks(content: bytes) -> bytes:
    """Begin a block for each byte."""
    packer = zlib.compressobj()
    blocks = [packer.compress(byte) + packer.flush(zlib.Z_SYNC_FLUSH) for byte in cut(content, 1)]
    return b"".join(blocks)


PACKERS = {
    "gzip": (b"gzip", gzip.compress),
    "x-gzip": (b"x-gzip", gzip.compress),
    "gzip in capitals": (b"GZIP", gzip.compress),
    "deflate": (b"deflate", zlib.compress),
    "deflate without header": (b"deflate", pack_without_header),
}
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"


class TestCompressed:
    @pytest.mark.parametrize(("name", "pack"), PACKERS.values(), ids=PACKERS)
    @pytest.mark.parametrize("size", [1, 3000], ids=["in bytes", "in pieces"])
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(PICTURE[:400], id="small"),
            pytest.param(PICTURE[:300_000], id="large"),
            pytest.param(bytes(300_000), id="flat"),
            pytest.param(bytes(PIECE_BYTES + 1), id="a piece and a byte"),
        ],
    )
    def test_images_are_unpacked(
        self,
        name: bytes,
        pack: Callable[[bytes], bytes],
        size: int,
        content: bytes,
        pictures: PictureServer,
    ) -> None:
        packed = pack(content)
        # After so many single bytes the rest comes at once.
        chunks = put_in_chunks(packed[:400], size).removesuffix(b"0\r\n\r\n")
        rest = put_in_chunks(packed[400:], 65536)
        head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + name + b"\r\n\r\n")
        url = pictures.answer_with("/a", say(head, chunks, rest))

        assert fetch_image(url, POLICY) == content

    def test_images_end_with_the_compressed_data(self, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", say(GZIP, gzip.compress(PICTURE), b"\0" * 10_000))

        assert fetch_image(url, POLICY) == PICTURE

    def test_images_may_be_empty(self, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", say(GZIP))

        assert fetch_image(url, POLICY) == b""

    @pytest.mark.parametrize(
        ("first", "repeated"),
        [
            pytest.param(GZIP, gzip.compress(b""), id="empty streams of gzip"),
            pytest.param(GZIP + gzip.compress(PICTURE), b"\0", id="anything after the end"),
            pytest.param(GZIP + gzip.compress(b"a")[:10], EMPTY_BLOCK, id="empty blocks of gzip"),
            pytest.param(DEFLATE + zlib.compress(b"")[:2], EMPTY_BLOCK, id="empty blocks"),
            pytest.param(DEFLATE, EMPTY_BLOCK, id="empty blocks without header"),
            pytest.param(
                DEFLATE + zlib.compress(b"")[:2], pack_in_blocks(b"a" * 99)[2:], id="small blocks"
            ),
            pytest.param(
                OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0",
                b"a",
                id="a file name",
            ),
        ],
    )
    def test_nothing_without_end_is_refused(
        self, first: bytes, repeated: bytes, pictures: PictureServer
    ) -> None:
        url = pictures.answer_with("/a", keep_saying(first, repeated * (65536 // len(repeated))))

        assert fetch_until_refused(url) <= len(PICTURE)


class TestInterimAnswers:
    @pytest.mark.parametrize("status", [100, 102, 103, 104, 199])
    @pytest.mark.parametrize("count", [1, 3, 50])
    def test_are_passed_over(self, status: int, count: int, pictures: PictureServer) -> None:
        interim = b"HTTP/1.1 %d So far\r\nLink: </a.css>; rel=preload\r\n\r\n" % status
        url = pictures.answer_with("/a", say(interim * count, OK + b"\r\ncontent"))

        assert fetch_image(url, POLICY) == b"content"

    def test_have_headers_of_their_own(self, pictures: PictureServer) -> None:
        long_header = b"Link: </" + b"a" * 12_000 + b">\r\n"
        interim = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n" + long_header + b"\r\n"
        url = pictures.answer_with("/a", say(interim * 3, OK + long_header + b"\r\ncontent"))

        assert fetch_image(url, POLICY) == b"content"

    def test_may_precede_a_redirect(self, pictures: PictureServer) -> None:
        pictures.serve("/b", b"content")
        interim = b"HTTP/1.1 103 Early Hints\r\nLocation: /c\r\n\r\n"
        found = b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"
        url = pictures.answer_with("/a", say(interim, found))

        assert fetch_image(url, POLICY) == b"content"

    @pytest.mark.parametrize(
        "interim",
        [
            pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n", id="without headers"),
            pytest.param(b"HTTP/1.1 103\r\nA: " + b"a" * 15_000 + b"\r\n\r\n", id="of 15 kB"),
        ],
    )
    def test_without_end_are_refused(self, interim: bytes, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", keep_saying(b"", interim))

        with pytest.raises(HostUnreachable):
            fetch_image(url, POLICY)

    def test_of_50_headers_each_are_refused_beyond_some(self, pictures: PictureServer) -> None:
        interim = b"HTTP/1.1 103 Early Hints\r\n" + b"A: b\r\n" * 50 + b"\r\n"
        url = pictures.answer_with("/a", keep_saying(b"", interim))

        with pytest.raises((HostUnreachable, TooManyBytes)):
            fetch_image(url, POLICY)

    def test_are_none_that_switch_to_another_protocol(self, pictures: PictureServer) -> None:
        url = pictures.answer_with(
            "/a", say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", OK, b"\r\na")
        )

        with pytest.raises(HostAnsweredError, match="101"):
            fetch_image(url, POLICY)


class TestTrailers:
    @pytest.mark.parametrize("count", [0, 1, 50])
    def test_are_passed_over(self, count: int, pictures: PictureServer) -> None:
        body = b"7\r\ncontent\r\n0\r\n" + b"Checksum: abc\r\n" * count + b"\r\n"
        url = pictures.answer_with("/a", say(CHUNKED, body))

        assert fetch_image(url, POLICY) == b"content"

    def test_without_number_are_refused(self, pictures: PictureServer) -> None:
        url = pictures.answer_with("/a", say(CHUNKED, b"1\r\nx\r\n0\r\n" + b"A:\r\n" * 1000))

        with pytest.raises(HostUnreachable):
            fetch_image(url, POLICY)
