"""Whichever decoder serves a picture, its pixels are Pillow's, which the other tests check."""

import io
import struct
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import Limits, Picture, decode_image
from comparisons.engine.decode import DECODERS
from comparisons.engine.decoders import kornia, opencv, turbojpeg
from comparisons.engine.decoders.errors import DecoderRefused
from comparisons.engine.header import open_image

from .pictures import encode, encode_png, gradient, nearly, noise, png_chunk

GRAY, RGB, RGBA = 0, 2, 6
WIDTH, HEIGHT = 600, 500  # Some bands.

EXIF = Image.Exif()
EXIF[0x0112] = 6


def png(color_type: int, channels: int, depth: int, *, interlaced: bool = False) -> bytes:
    samples = np.random.default_rng(1).integers(0, 2**depth, (HEIGHT, WIDTH, channels))
    return encode_png(samples, depth=depth, color_type=color_type, interlaced=interlaced)


def png_header(color_type: int, *, depth: int) -> bytes:
    """Begin a PNG of 50 megapixels, of which no decoder reads any."""
    one = encode_png(np.zeros((1, 1, 4), int), depth=depth, color_type=color_type)
    header = struct.pack(">IIBB", 10_000, 5_000, depth, color_type) + bytes(3)
    return one[:8] + png_chunk(b"IHDR", header) + one[33:]


def animated_png() -> bytes:
    buffer = io.BytesIO()
    first, second = (Image.fromarray(noise(WIDTH, HEIGHT, seed=seed)) for seed in (1, 2))
    first.save(buffer, "PNG", save_all=True, append_images=[second])
    return buffer.getvalue()


PHOTO = nearly(gradient(WIDTH, HEIGHT), seed=1)
TRANSLUCENT = np.dstack([PHOTO, noise(WIDTH, HEIGHT, seed=2)[..., 0]])

KINDS = {
    "gray PNG": (kornia, png(GRAY, 1, 8)),
    "RGB PNG": (kornia, png(RGB, 3, 8)),
    "RGBA PNG": (kornia, png(RGBA, 4, 8)),
    "interlaced PNG": (kornia, png(RGB, 3, 8, interlaced=True)),
    "filtered PNG": (kornia, encode(PHOTO, "PNG", exif=EXIF)),
    "animated PNG": (kornia, animated_png()),
    "gray PNG of 16 bits": (kornia, png(GRAY, 1, 16)),
    "RGB PNG of 16 bits": (kornia, png(RGB, 3, 16)),
    "RGBA PNG of 16 bits": (kornia, png(RGBA, 4, 16)),
    "gray JPEG": (turbojpeg, encode(PHOTO[..., 0], "JPEG")),
    "JPEG": (turbojpeg, encode(PHOTO, "JPEG", exif=EXIF)),
    "JPEG of full chroma": (turbojpeg, encode(PHOTO, "JPEG", subsampling=0)),
    "progressive JPEG": (turbojpeg, encode(PHOTO, "JPEG", progressive=True)),
    "JPEG of RGB": (turbojpeg, encode(PHOTO, "JPEG", keep_rgb=True)),
    "WebP": (opencv, encode(PHOTO, "WEBP", exif=EXIF)),
    "lossless WebP": (opencv, encode(PHOTO, "WEBP", lossless=True)),
    "translucent WebP": (opencv, encode(TRANSLUCENT, "WEBP")),
    "lossless translucent WebP": (opencv, encode(TRANSLUCENT, "WEBP", lossless=True, exact=True)),
}


@pytest.mark.parametrize(("decoder", "content"), KINDS.values(), ids=KINDS)
def test_each_kind_is_read_by_its_decoder_as_pillow_reads_it(
    decoder: ModuleType, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_image(content, Limits()) as image:
        assert [row.read for row in DECODERS if row.reads(image)] == [decoder.read_pixels]
        decoder.read_pixels(content, image)

    picture = decode_image(content, Limits())

    monkeypatch.setattr("comparisons.engine.decode.DECODERS", [])
    assert_same(picture, decode_image(content, Limits()))


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        pytest.param(png_header(RGB, depth=16), True, id="RGB"),
        pytest.param(png_header(RGBA, depth=8), True, id="RGBA of 8 bits"),
        pytest.param(png_header(RGBA, depth=16), False, id="RGBA"),
    ],
)
def test_the_largest_pictures_of_16_bits_are_left_to_who_takes_less_memory(
    content: bytes, is_read: bool
) -> None:
    with open_image(content, Limits()) as image:
        answer = kornia.reads(image)

    assert answer is is_read


def assert_same(picture: Picture, expected: Picture) -> None:
    assert np.array_equal(picture.rgb, expected.rgb)
    if expected.alpha is None:
        assert picture.alpha is None
    else:
        assert picture.alpha is not None
        assert np.array_equal(picture.alpha, expected.alpha)


@pytest.mark.parametrize("name", ["RGB PNG", "JPEG"])
def test_without_the_library_pillow_reads_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, content = KINDS[name]
    picture = decode_image(content, Limits())
    monkeypatch.setattr(kornia, "kornia_rs", None)
    monkeypatch.setattr(turbojpeg, "simplejpeg", None)

    assert_same(decode_image(content, Limits()), picture)


@pytest.mark.parametrize(("decoder", "content"), KINDS.values(), ids=KINDS)
def test_a_truncated_file_is_refused(decoder: ModuleType, content: bytes) -> None:
    with open_image(content, Limits()) as image, pytest.raises(DecoderRefused):
        decoder.read_pixels(content[: len(content) // 3], image)


@pytest.mark.parametrize(("decoder", "content"), KINDS.values(), ids=KINDS)
def test_a_decoder_that_sees_another_size_is_not_believed(
    decoder: ModuleType, content: bytes
) -> None:
    with open_image(content, Limits()) as image:
        image._size = (WIDTH, HEIGHT - 1)  # noqa: SLF001 - Pillow's own reading of the header

        with pytest.raises(DecoderRefused):
            decoder.read_pixels(content, image)
