"""``data:`` URLs in bodies: taken out before anything else is read, since they may have megabytes."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.utils import json

from comparisons.fetch import decode_percents
from comparisons.spool import Spool

from .bounded_json import STRING, parse_json
from .limits import MAX_TEXT_BYTES

PIECE_BYTES = 64 * 1024
URL_FIELDS = ("image_url1", "image_url2", "mask_image_url")
NAMES = "|".join(URL_FIELDS).encode()

# A member of an object up to where its data: URL begins.
BEGINNING = rb'"(%b)"[ \t\r\n]*+:[ \t\r\n]*+"(?= *+(?i:data):)' % NAMES
MEMBER = re.compile(BEGINNING)
OTHERS = re.compile(rb'(?:[^"]++|(?!%b)%b)*+' % (BEGINNING, STRING), re.DOTALL)
REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# Escapes are not cut in two.
ESCAPED_PIECE = re.compile(rb"(?:[^\\]|\\u.{4}|\\.){1,65535}+", re.DOTALL)


class DataUrl(Spool):
    """A ``data:`` URL as it was sent, but for the encoding of what it was sent in."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self.writelines(pieces)

    def __str__(self) -> str:
        return "data:…"

    __repr__ = __str__


def parse_json_with_data_urls(body: bytes) -> Any:
    """Parse JSON in which the fields of URLs may have a ``data:`` URL of any length.

    :raises RequestDataTooBig, ParseError: as ``parse_json`` does for what is beside them.
    """
    rest, urls = take_out_data_urls(body)
    parsed = parse_json(rest)
    if isinstance(parsed, dict):
        # Elsewhere than at the top, there are no such fields: what has one is refused.
        parsed |= {name: url for name, url in urls.items() if parsed.get(name, url) is None}
    return parsed


def take_out_data_urls(body: bytes) -> tuple[bytes, dict[str, DataUrl]]:
    """Take each out by the name of its field, and leave ``null`` in its place."""
    view = memoryview(body)
    rest = bytearray()
    urls: dict[str, DataUrl] = {}
    position = 0
    # One more byte than is allowed will be refused: what comes after it is not looked at.
    while others := OTHERS.match(body, position, position + MAX_TEXT_BYTES + 1):
        member = MEMBER.match(body, others.end())
        if not member:
            break
        name = member[1].decode()
        if name in urls:
            raise ParseError(f"JSON parse error - {name} is given twice")
        start, end = member.end(), find_end_of_string(body, member.end())
        urls[name] = DataUrl(read_string(body, start, end))
        rest += view[position : others.end()]
        rest += b'"%b": null' % member[1]
        position = end + 1
    rest += view[position : position + MAX_TEXT_BYTES + 1]
    return bytes(rest), urls


def find_end_of_string(body: bytes, start: int) -> int:
    """Find the quotation mark at the end of a string in JSON."""
    end = body.find(b'"', start)
    # A regular expression takes far longer, and only strings with escapes need it.
    if end >= 0 and body.find(b"\\", start, end) < 0:
        return end
    string = REST_OF_STRING.match(body, start)
    if not string:
        raise ParseError("JSON parse error - a data: URL does not end")
    return string.end() - 1


def read_string(body: bytes, start: int, end: int) -> Iterator[bytes]:
    """Read what stands between the quotation marks of a string in JSON, piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in cut_string(body, start, end):
            text: str = json.loads(f'"{decoder.decode(piece)}"')
            yield text.encode(errors="replace")
        decoder.decode(b"", final=True)
    except ValueError as error:
        raise ParseError("JSON parse error - a data: URL is no text in JSON") from error


def cut_string(body: bytes, start: int, end: int) -> Iterator[bytes]:
    """Cut a string in JSON into pieces, and none of its escapes in two."""
    if body.find(b"\\", start, end) >= 0:
        return (piece[0] for piece in ESCAPED_PIECE.finditer(body, start, end))
    return cut(body, start, end)


def cut(body: bytes, start: int, end: int) -> Iterator[bytes]:
    return (body[at : min(at + PIECE_BYTES, end)] for at in range(start, end, PIECE_BYTES))


def read_form_value(body: bytes, start: int, end: int) -> Iterator[bytes]:
    """Decode as https://url.spec.whatwg.org/#urlencoded-parsing has it."""
    return decode_percents(piece.replace(b"+", b" ") for piece in cut(body, start, end))
