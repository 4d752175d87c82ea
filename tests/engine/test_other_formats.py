"""Files in formats that are not read: people are told which it is, and what to do."""

import pytest

from comparisons.engine import ImageNotRecognized, ImageUnsupported, Limits, read_header

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
DOCTYPE = (
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"'
    b' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
)


def box(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(100)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(SVG, "SVG is not supported; export it as PNG", id="SVG"),
        pytest.param(DECLARATION + SVG, "SVG ", id="SVG with a declaration"),
        pytest.param(
            b"\xef\xbb\xbf" + DECLARATION + b"<!-- a -->" + DOCTYPE + b"<!-- b -->\n" + SVG,
            "SVG ",
            id="SVG with everything",
        ),
        pytest.param(b"\n  <SVG>", "SVG ", id="SVG in capitals"),
        pytest.param(
            b"<!-- " + b"licence " * 2000 + b"-->" + SVG, "SVG ", id="SVG behind a licence"
        ),
        pytest.param(box(b"heic"), "HEIC is not supported; export it as JPEG or PNG", id="HEIC"),
        pytest.param(box(b"heix"), "HEIC ", id="HEIC of 10 bits"),
        pytest.param(box(b"hevc"), "HEIC ", id="HEIC sequence"),
        pytest.param(b"\xff\x0a" + bytes(100), "JPEG XL ", id="JPEG XL"),
        pytest.param(
            b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100), "JPEG XL ", id="JPEG XL in a container"
        ),
        pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100), "JPEG 2000 ", id="JPEG 2000"),
        pytest.param(b"8BPS\0\1" + bytes(100), "PSD ", id="PSD"),
        pytest.param(b"\0\0\1\0\1\0" + bytes(100), "ICO ", id="ICO"),
    ],
)
def test_pictures_of_other_formats_are_refused_by_name(content: bytes, message: str) -> None:
    with pytest.raises(ImageUnsupported, match=f"^{message}"):
        read_header(content, Limits())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"%PDF-1.7\n", "PDF is not supported; export its page as PNG", id="PDF"),
        pytest.param(b"\r\nmail\r\n%PDF-1.7\n", "PDF ", id="PDF behind junk"),
        pytest.param(
            b"<!doctype html><title>Not found</title>",
            "HTML is not supported; give the address of the picture itself",
            id="HTML",
        ),
        pytest.param(b"<!-- made by x --><html>", "HTML ", id="HTML behind a comment"),
        pytest.param(b"\r\n\r\n<!DOCTYPE HTML PUBLIC>", "HTML ", id="HTML behind blanks"),
        pytest.param(b"<HTML><body><svg></svg>", "HTML ", id="HTML with an SVG"),
        pytest.param(b"plain text", "not an image", id="text"),
        pytest.param(b"<note>XML</note>", "not an image", id="XML"),
        pytest.param(b'{"error": "<svg>"}', "not an image", id="JSON"),
        pytest.param(bytes(100), "not an image", id="zeros"),
    ],
)
def test_what_is_no_picture_is_refused_too(content: bytes, message: str) -> None:
    with pytest.raises(ImageNotRecognized, match=f"^{message}"):
        read_header(content, Limits())


@pytest.mark.parametrize(
    "piece", [b"<!---->", b"<??>", b" ", b"<!-- ", b"<?", b"<!doctype svg"], ids=repr
)
def test_a_file_of_nothing_but_prologs_is_refused(piece: bytes) -> None:
    with pytest.raises((ImageNotRecognized, ImageUnsupported)):
        read_header(piece * 1_000_000, Limits())
