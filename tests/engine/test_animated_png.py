"""https://www.w3.org/TR/png-3/#apng-frame-based-animation."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from comparisons.engine import ImageCorrupt, ImageTruncated, Limits, decode_image, read_header
from tests.malformed import chunk, png

from .pictures import Pixels, encode_png, noise, pack_rows

DEFAULT, FIRST, SECOND = (noise(8, 6, seed=seed) for seed in range(3))
SMALL = noise(3, 2, seed=4)


def pack_pixels(pixels: Pixels) -> bytes:
    return zlib.compress(pack_rows(pixels, 8))


def control(number: int, width: int, height: int, left: int = 0, top: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">5I2H2B", number, width, height, left, top, 1, 10, 0, 0))


def pixels_of_frame(number: int, data: bytes) -> bytes:
    return chunk(b"fdAT", struct.pack(">I", number) + data)


def animation(*before: bytes, frames: int = 2, after: bytes) -> bytes:
    """Make one whose other picture, which is no frame, is ``DEFAULT``."""
    count = chunk(b"acTL", struct.pack(">II", frames, 0))
    return png(count, *before, pixels=pack_pixels(DEFAULT), after=after)


FULL = control(0, 8, 6) + pixels_of_frame(1, pack_pixels(FIRST))


def test_the_first_frame_is_shown_where_the_picture_for_other_viewers_is_none() -> None:
    content = animation(after=FULL + control(2, 8, 6) + pixels_of_frame(3, pack_pixels(SECOND)))

    picture = decode_image(content, Limits())

    assert np.array_equal(picture.rgb, FIRST)
    assert picture.alpha is None
    assert (picture.frames, read_header(content, Limits()).frames) == (2, 2)


def test_a_smaller_frame_is_in_its_place_on_a_transparent_canvas() -> None:
    data = pack_pixels(SMALL)
    content = animation(
        after=control(0, 3, 2, 4, 3) + pixels_of_frame(1, data[:9]) + pixels_of_frame(2, data[9:])
    )

    picture = decode_image(content, Limits())

    expected = np.zeros((6, 8), np.uint8)
    expected[3:5, 4:7] = 255
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, expected)
    assert np.array_equal(picture.rgb[3:5, 4:7], SMALL)


@pytest.mark.parametrize(
    ("samples", "depth", "color_type", "chunks"),
    [
        pytest.param(noise(3, 2, seed=1).astype(int) * 257, 16, 2, [], id="of 16 bits"),
        pytest.param(
            noise(3, 2, seed=1, channels=1) % 2,
            1,
            3,
            [(b"PLTE", bytes([1, 2, 3, 200, 100, 50]))],
            id="of a palette",
        ),
    ],
)
def test_frames_are_read_as_stills_are(
    samples: NDArray[Any], depth: int, color_type: int, chunks: list[tuple[bytes, bytes]]
) -> None:
    count = (b"acTL", struct.pack(">II", 1, 0))
    canvas = np.zeros((6, 8, samples.shape[2]), int)
    other = encode_png(canvas, depth=depth, color_type=color_type, chunks=[count, *chunks])
    frame = control(0, 3, 2) + pixels_of_frame(1, zlib.compress(pack_rows(samples, depth)))
    still = encode_png(samples, depth=depth, color_type=color_type, chunks=chunks)

    picture = decode_image(other[:-12] + frame + other[-12:], Limits())

    assert np.array_equal(picture.rgb[:2, :3], decode_image(still, Limits()).rgb)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(animation(frames=0, after=FULL), id="an animation of no frames"),
        pytest.param(
            png(
                pixels=pack_pixels(DEFAULT),
                after=chunk(b"acTL", bytes([0, 0, 0, 2, 0, 0, 0, 0])) + FULL,
            ),
            id="an animation announced behind the pixels",
        ),
        pytest.param(
            animation(
                control(0, 8, 6), after=control(1, 8, 6) + pixels_of_frame(2, pack_pixels(FIRST))
            ),
            id="a picture that is the first frame",
        ),
    ],
)
def test_the_picture_is_shown_as_it_is(content: bytes) -> None:
    assert np.array_equal(decode_image(content, Limits()).rgb, DEFAULT)


@pytest.mark.parametrize(
    ("content", "frames"),
    [
        pytest.param(animation(after=FULL), 1, id="more announced than there are"),
        pytest.param(animation(frames=2**31 - 1, after=b""), 1, id="none there"),
        pytest.param(animation(frames=1, after=FULL * 3), 1, id="more there than announced"),
        pytest.param(png(pixels=pack_pixels(DEFAULT), after=FULL), 1, id="not announced"),
    ],
)
def test_only_frames_that_are_there_are_counted(content: bytes, frames: int) -> None:
    assert read_header(content, Limits()).frames == frames


@pytest.mark.parametrize(
    ("after", "error"),
    [
        pytest.param(control(0, 8, 6), ImageTruncated, id="missing"),
        pytest.param(
            control(0, 8, 6) + pixels_of_frame(1, pack_pixels(FIRST)[:20]),
            ImageTruncated,
            id="cut off",
        ),
        pytest.param(
            control(0, 8, 6) + pixels_of_frame(1, pack_pixels(FIRST[:3])),
            ImageTruncated,
            id="too short",
        ),
        pytest.param(
            control(0, 8, 6, 1, 0) + pixels_of_frame(1, pack_pixels(FIRST)),
            ImageCorrupt,
            id="beyond the canvas",
        ),
        pytest.param(
            control(0, 2**31, 2**31) + pixels_of_frame(1, b""), ImageCorrupt, id="far larger"
        ),
        pytest.param(
            control(0, 0, 0) + pixels_of_frame(1, pack_pixels(FIRST)),
            ImageCorrupt,
            id="without pixels",
        ),
        pytest.param(
            control(0, 8, 6)[:-1] + b"x" + pixels_of_frame(1, pack_pixels(FIRST)),
            ImageCorrupt,
            id="of a wrong checksum",
        ),
        pytest.param(
            control(0, 8, 6) + chunk(b"fdAT", b"\0\0\0\1" + pack_pixels(FIRST), checksum=1),
            ImageCorrupt,
            id="of pixels with a wrong checksum",
        ),
        pytest.param(
            control(0, 8, 6) + pixels_of_frame(2, pack_pixels(FIRST)),
            ImageCorrupt,
            id="of pixels that are not the first",
        ),
        pytest.param(
            control(1, 8, 6) + pixels_of_frame(2, pack_pixels(FIRST)),
            ImageCorrupt,
            id="that is not the first",
        ),
    ],
)
def test_a_first_frame_that_can_not_be_shown_is_refused(
    after: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        decode_image(animation(after=after), Limits())
