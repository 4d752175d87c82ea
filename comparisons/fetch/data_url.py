import base64
import binascii
from urllib.parse import unquote_to_bytes

from .errors import TooManyBytes, UrlInvalid

MAX_HEADER_LENGTH = 256
PIECE_LENGTH = 64 * 1024


def read_data_url(url: str, max_bytes: int) -> bytes:
    """Decode a ``data:`` URL (RFC 2397), forgiving about padding and white space as browsers are.

    :raises UrlInvalid: no comma, or broken base64.
    :raises TooManyBytes: the decoded data is larger than ``max_bytes``.
    """
    header, comma, data = url.partition(",")
    if len(header) > MAX_HEADER_LENGTH:
        raise UrlInvalid("the data: URL says too much before its comma")
    if not comma:
        raise UrlInvalid("the data: URL has no comma")
    content = decode_percents(data)
    if header.rstrip().lower().endswith(";base64"):
        content = decode_base64(content)
    if len(content) > max_bytes:
        raise TooManyBytes(f"the image has more than {max_bytes} bytes")
    return content


def decode_percents(data: str) -> bytes:
    """Replace percent-escapes, piece by piece: the library's list of all takes 50 times their bytes."""
    content = bytearray()
    start = 0
    while start < len(data):
        end = start + PIECE_LENGTH
        # An escape that begins at the very end belongs to the next piece.
        begun = data.find("%", end - 2, end)
        end = end if begun < 0 else begun
        content += unquote_to_bytes(data[start:end])
        start = end
    return bytes(content)


def decode_base64(data: bytes) -> bytes:
    digits = b"".join(data.split()).rstrip(b"=")
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except binascii.Error as error:
        raise UrlInvalid("the data: URL is not valid base64") from error


def is_data_url(url: str) -> bool:
    return url[:5].lower() == "data:"
