"""Bodies that hosts have compressed unasked. Unpacking takes no more than the result is worth."""

import zlib
from collections.abc import Iterable, Iterator

from .errors import HostUnreachable, TooManyBytes

PIECE_BYTES = 64 * 1024
# Packed bytes that nothing comes out of, such as empty blocks. What can't be compressed grows by less.
MAX_VOID_BYTES = 64 * 1024

# Each once: a list of them is not taken apart. https://docs.python.org/3/library/zlib.html#zlib.decompressobj
GZIP = zlib.MAX_WBITS + 16
ZLIB = zlib.MAX_WBITS
WITHOUT_HEADER = -zlib.MAX_WBITS
WINDOW_BITS = {"gzip": GZIP, "x-gzip": GZIP, "deflate": ZLIB}


def unpack_body(body: Iterable[bytes], encoding: str) -> Iterable[bytes]:
    """Unpack a body that comes in pieces, into pieces.

    :raises HostUnreachable: the encoding was not asked for, and is none of the usual ones.
    """
    if encoding.lower() == "identity":
        return body
    window_bits = WINDOW_BITS.get(encoding.lower())
    if window_bits is None:
        raise HostUnreachable("the image's host answered in an encoding that was not asked for")
    return inflate(body, window_bits)


def inflate(body: Iterable[bytes], window_bits: int) -> Iterator[bytes]:
    """Unpack the first stream of compressed data; nothing comes out of what follows it.

    :raises TooManyBytes: more goes in than comes out.
    :raises zlib.error: it is damaged.
    """
    unpacker = None
    void_bytes = 0
    for piece in filter(None, body):
        if unpacker is None:
            unpacker = zlib.decompressobj(find_window_bits(piece, window_bits))
        void_bytes += len(piece)
        left = piece
        while left:
            content = unpacker.decompress(left, PIECE_BYTES)
            left = unpacker.unconsumed_tail
            void_bytes -= len(content)
            yield content
        if void_bytes > MAX_VOID_BYTES:
            raise TooManyBytes("the image is larger compressed than as it is")
    if unpacker is not None:
        yield unpacker.flush()


def find_window_bits(beginning: bytes, window_bits: int) -> int:
    """Some hosts take "deflate" for what it says: they leave out zlib's header, which begins like this."""
    if window_bits == ZLIB and beginning[0] & 0x0F != zlib.DEFLATED:
        return WITHOUT_HEADER
    return window_bits
