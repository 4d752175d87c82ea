"""Formats that people send and that are not read here: to be told so by name helps them."""

import re
from dataclasses import dataclass

from comparisons.engine.errors import DecodeError, ImageNotRecognized, ImageUnsupported

# Comments of texts may be long.
BEGINNING_BYTES = 65_536

# Blanks, declarations and comments, behind a mark of the byte order.
PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)


@dataclass(frozen=True)
class Other:
    """A format that is recognized by how a file begins, but for the prolog of a text."""

    name: str
    beginning: re.Pattern[bytes]
    advice: str = "export it as PNG"
    is_picture: bool = True


def begin(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)


OTHERS = [
    Other("SVG", begin(rb"(<!doctype\s+svg\b[^<]*)?<svg\b|<!doctype\s+svg\b")),
    Other(
        "HEIC", begin(rb".{4}ftyp(hei[cxmsf]|hev[cxms]|hej2|mif1|msf1)"), "export it as JPEG or PNG"
    ),
    Other("JPEG XL", begin(rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n")),
    Other("JPEG 2000", begin(rb"\xff\x4f\xff\x51|\x00\x00\x00\x0cjP  \r\n\x87\n")),
    Other("PSD", begin(rb"8BPS")),
    Other("ICO", begin(rb"\x00\x00\x01\x00[^\x00]\x00")),
    Other("PDF", begin(rb".{,1024}?%PDF-"), "export its page as PNG", is_picture=False),
    Other(
        "HTML",
        begin(rb"<(!doctype\s+html|html|head|body|script|title|meta|div|h1|p|a)\b"),
        "give the address of the picture itself",
        is_picture=False,
    ),
]


def explain_refusal(content: bytes) -> DecodeError:
    """Say what a file is that is in none of the formats that are read here."""
    beginning = PROLOG.sub(b"", content[:BEGINNING_BYTES], count=1)
    for other in OTHERS:
        if other.beginning.match(beginning) or other.beginning.match(content):
            error = ImageUnsupported if other.is_picture else ImageNotRecognized
            return error(f"{other.name} is not supported; {other.advice}")
    return ImageNotRecognized("not an image in a supported format")
