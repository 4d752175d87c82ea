"""Frames are counted where they are, whatever the file says of their size."""

import io
import struct
from typing import Any

import pytest
from PIL import Image

from comparisons.engine import ImageCorrupt, ImageUnsupported, Limits, decode_image
from comparisons.engine.containers.avif import measure

LARGE, SMALL = (3000, 2000), (10, 10)
# It begins like the header of AV1's frames.
XMP = b"\n<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>" + bytes(100)


def encode_avif(*colors: str, mode: str = "RGB", **settings: Any) -> bytes:
    frames = [Image.new(mode, LARGE, color) for color in colors]
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "AVIF", speed=10, save_all=True, append_images=frames[1:], quality=10, **settings
    )
    return buffer.getvalue()


def say_small(content: bytes) -> bytes:
    """Let all that the file says of its size be small: of items, and of tracks, in whole and in parts."""
    for kind, unit in [(">II", 1), (">HH", 1), (">II", 1 << 16)]:
        large, small = ([unit * side for side in sides] for sides in (LARGE, SMALL))
        content = content.replace(struct.pack(kind, *large), struct.pack(kind, *small))
    return content


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def full_box(name: bytes, content: bytes, *, version: int = 0) -> bytes:
    return box(name, bytes([version, 0, 0, 0]) + content)


def list_items(count: int, *, pieces: int, size: int) -> bytes:
    """Make an AVIF of items that are all in the same place, in so many pieces of this size."""
    kinds = b"".join(
        full_box(b"infe", struct.pack(">HH4s", item, 0, b"av01"), version=2)
        for item in range(count)
    )
    places = b"".join(
        struct.pack(">HHH", item, 0, pieces) + struct.pack(">II", 0, size) * pieces
        for item in range(count)
    )
    tables = [
        full_box(b"iinf", struct.pack(">H", count) + kinds),
        full_box(b"iloc", b"\x44\0" + struct.pack(">H", count) + places),
    ]
    return full_box(b"meta", b"".join(tables))


HONEST = {
    "still": encode_avif("red"),
    "opacity": encode_avif("#11223344", mode="RGBA"),
    "animation": encode_avif("red", "blue"),
    "animation with opacity": encode_avif("#11223344", "#11223355", mode="RGBA"),
    "metadata": encode_avif("red", xmp=XMP),
}


@pytest.mark.parametrize("content", [pytest.param(HONEST[label], id=label) for label in HONEST])
def test_frames_of_the_pictures_own_size_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert (picture.width, picture.height) == LARGE


@pytest.mark.parametrize("content", [pytest.param(HONEST[label], id=label) for label in HONEST])
def test_frames_that_are_far_larger_than_the_picture_are_refused(content: bytes) -> None:
    with pytest.raises(ImageUnsupported, match="far larger"):
        decode_image(say_small(content), Limits())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(list_items(1000, pieces=1, size=10_000), id="that overlap"),
        pytest.param(list_items(60_000, pieces=0, size=0), id="without pieces"),
        pytest.param(list_items(1, pieces=60_000, size=0), id="of 60,000 pieces"),
        pytest.param(box(b"free", b"") * 60_000, id="none, in 60,000 boxes"),
    ],
)
def test_many_items_are_refused(content: bytes) -> None:
    with pytest.raises(ImageUnsupported, match="parts"):
        measure(content)


def test_two_tables_of_places_are_corrupt() -> None:
    content = full_box(b"meta", full_box(b"iloc", bytes(4)) * 2)

    with pytest.raises(ImageCorrupt, match="twice"):
        measure(content)
