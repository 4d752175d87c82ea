"""Whichever decoder serves a picture, its pixels are Pillow's, which the other tests check."""

import io
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import Limits, Picture, decode_image
from comparisons.engine.containers import read_container
from comparisons.engine.decode import FAST_DECODERS
from comparisons.engine.decoders import kornia, opencv, turbojpeg
from comparisons.engine.decoders.errors import DecoderRefused

from .pictures import encode, encode_png, gradient, nearly, noise

GRAY, RGB, RGBA = 0, 2, 6
WIDTH, HEIGHT = 600, 500  # Some bands.

EXIF = Image.Exif()
EXIF[0x0112] = 6


def png(color_type: int, channels: int, depth: int, *, interlaced: bool = False) -> bytes:
    samples = np.random.default_rng(1).integers(0, 2**depth, (HEIGHT, WIDTH, channels))
    return encode_png(samples, depth=depth, color_type=color_type, interlaced=interlaced)


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
    "WebP": (opencv, encode(PHOTO, "WEBP", method=0, exif=EXIF)),
    "lossless WebP": (opencv, encode(PHOTO, "WEBP", method=0, lossless=True)),
    "translucent WebP": (opencv, encode(TRANSLUCENT, "WEBP", method=0)),
    "lossless translucent WebP": (
        opencv,
        encode(TRANSLUCENT, "WEBP", method=0, lossless=True, exact=True),
    ),
}


@pytest.mark.parametrize(("decoder", "content"), KINDS.values(), ids=KINDS)
def test_each_kind_is_read_by_its_decoder_as_pillow_reads_it(
    decoder: ModuleType, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = read_container(content, Limits())
    assert FAST_DECODERS[container.format] is decoder.read_raster
    decoder.read_raster(container)

    picture = decode_image(content, Limits())

    monkeypatch.setattr("comparisons.engine.decode.FAST_DECODERS", {})
    assert_same(picture, decode_image(content, Limits()))


@pytest.mark.parametrize("name", ["RGB PNG of 16 bits", "RGBA PNG", "RGBA PNG of 16 bits"])
def test_pillow_reads_what_would_take_too_much_memory_otherwise(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, content = KINDS[name]
    container = read_container(content, Limits())
    samples = WIDTH * HEIGHT * (4 if "RGBA" in name else 3)
    needed_bytes = samples * (2 if "16 bits" in name else 1)

    monkeypatch.setattr(kornia, "MAX_BYTES", needed_bytes)
    kornia.read_raster(container)
    picture = decode_image(content, Limits())

    monkeypatch.setattr(kornia, "MAX_BYTES", needed_bytes - 1)
    with pytest.raises(DecoderRefused):
        kornia.read_raster(container)
    assert_same(decode_image(content, Limits()), picture)


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
    container = read_container(content, Limits())
    kept = len(container.content) // 3

    with pytest.raises(DecoderRefused):
        decoder.read_raster(replace(container, content=container.content[:kept]))


@pytest.mark.parametrize(("decoder", "content"), KINDS.values(), ids=KINDS)
def test_a_decoder_that_sees_another_size_is_not_believed(
    decoder: ModuleType, content: bytes
) -> None:
    container = replace(read_container(content, Limits()), height=HEIGHT - 1)

    with pytest.raises(DecoderRefused):
        decoder.read_raster(container)
