import io
import struct
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from comparisons.engine import (
    DecodeError,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    Limits,
    TooManyPixels,
    decode_image,
    read_header,
)

from .pictures import (
    Pixels,
    decode,
    encode,
    encode_gray_tiff,
    encode_png,
    gradient,
    noise,
    plain,
    png_chunk,
)

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6


def sample(depth: int, channels: int = 1, *, width: int = 13, height: int = 11) -> NDArray[Any]:
    rng = np.random.default_rng(depth * 10 + channels)
    return rng.integers(0, 2**depth, (height, width, channels))


def to_8_bit(samples: NDArray[Any], depth: int) -> NDArray[np.float64]:
    return np.asarray((samples * 255.0 / (2**depth - 1)).round())


def pack(*values: int) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)


def frames(*pixels: Pixels) -> tuple[Image.Image, list[Image.Image]]:
    first, *others = (Image.fromarray(frame) for frame in pixels)
    return first, others


class TestPng:
    @pytest.mark.parametrize("interlaced", [False, True], ids=["straight", "interlaced"])
    @pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
    def test_gray_of_every_depth_is_scaled_to_8_bits(self, depth: int, *, interlaced: bool) -> None:
        samples = sample(depth)

        picture = decode(encode_png(samples, depth=depth, color_type=GRAY, interlaced=interlaced))

        assert (picture.rgb == to_8_bit(samples, depth)).all()
        assert picture.alpha is None

    @pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
    def test_the_gray_that_is_declared_transparent_is(self, depth: int) -> None:
        samples = sample(depth)
        transparent = 1 if depth < 8 else int(samples[0, 0, 0])

        content = encode_png(
            samples, depth=depth, color_type=GRAY, chunks=[(b"tRNS", pack(transparent))]
        )
        picture = decode(content)

        assert (picture.rgb == to_8_bit(samples, depth)).all()
        assert picture.alpha is not None
        assert (picture.alpha == np.where(samples[..., 0] == transparent, 0, 255)).all()

    @pytest.mark.parametrize("interlaced", [False, True], ids=["straight", "interlaced"])
    @pytest.mark.parametrize("depth", [8, 16])
    @pytest.mark.parametrize(
        ("color_type", "channels"),
        [
            pytest.param(RGB, 3, id="RGB"),
            pytest.param(RGBA, 4, id="RGBA"),
            pytest.param(GRAY_ALPHA, 2, id="gray and alpha"),
        ],
    )
    def test_colour_and_alpha_of_8_and_16_bits_are_rounded(
        self, color_type: int, channels: int, depth: int, *, interlaced: bool
    ) -> None:
        samples = sample(depth, channels)

        content = encode_png(samples, depth=depth, color_type=color_type, interlaced=interlaced)
        picture = decode(content)

        colors = samples[..., :3] if channels > 2 else samples[..., :1]
        assert (picture.rgb == to_8_bit(colors, depth)).all()
        if channels != 3:
            assert picture.alpha is not None
            assert (picture.alpha == to_8_bit(samples[..., -1], depth)).all()

    @pytest.mark.parametrize("depth", [8, 16])
    def test_the_colour_that_is_declared_transparent_is(self, depth: int) -> None:
        samples = sample(depth, 3)
        content = encode_png(
            samples, depth=depth, color_type=RGB, chunks=[(b"tRNS", pack(*samples[0, 0].tolist()))]
        )

        picture = decode(content)

        assert picture.alpha is not None
        assert (picture.alpha == np.where((samples == samples[0, 0]).all(axis=2), 0, 255)).all()

    @pytest.mark.parametrize("depth", [1, 2, 4, 8])
    def test_palettes_are_expanded_with_their_alpha(self, depth: int) -> None:
        samples = sample(depth)
        palette = np.random.default_rng(1).integers(0, 256, (2**depth, 3), np.uint8)
        chunks = [(b"PLTE", palette.tobytes()), (b"tRNS", bytes([7, 130]))]

        picture = decode(encode_png(samples, depth=depth, color_type=PALETTE, chunks=chunks))

        alphas = np.full(2**depth, 255)
        alphas[:2] = 7, 130
        assert (picture.rgb == palette[samples[..., 0]]).all()
        assert (picture.alpha == alphas[samples[..., 0]]).all()

    def test_an_alpha_channel_that_is_opaque_everywhere_is_none(self) -> None:
        pixels = np.dstack([noise(9, 8, seed=1), plain(9, 8, (255,))])

        picture = decode(encode(pixels, "PNG"))

        assert picture.alpha is None
        assert (picture.rgb == pixels[..., :3]).all()

    def test_the_first_frame_of_an_animation_is_read(self) -> None:
        first, others = frames(noise(9, 8, seed=1), noise(9, 8, seed=2))
        buffer = io.BytesIO()
        first.save(buffer, "PNG", save_all=True, append_images=others)

        picture = decode(buffer.getvalue())

        assert (picture.rgb == noise(9, 8, seed=1)).all()

    def test_an_animation_of_16_bits_is_read_though_its_second_frame_is_missing(self) -> None:
        samples = sample(16, 3)
        frame = struct.pack(">5I2H2B", 0, 13, 11, 0, 0, 1, 10, 0, 0)
        chunks = [(b"acTL", struct.pack(">2I", 2, 0)), (b"fcTL", frame)]

        picture = decode(encode_png(samples, depth=16, color_type=RGB, chunks=chunks))

        assert (picture.rgb == to_8_bit(samples, 16)).all()

    def test_a_wrong_checksum_is_corrupt(self) -> None:
        content = bytearray(encode(noise(9, 8, seed=1), "PNG"))
        content[content.index(b"IDAT") + 6] ^= 0xFF

        with pytest.raises(ImageCorrupt):
            decode(bytes(content))


class TestJpeg:
    @pytest.mark.parametrize("encoding", [{}, {"progressive": True}], ids=["plain", "progressive"])
    @pytest.mark.parametrize("subsampling", [0, 1, 2])
    def test_pixels_are_opencvs(self, encoding: dict[str, bool], subsampling: int) -> None:
        content = encode(gradient(70, 50), "JPEG", subsampling=subsampling, **encoding)

        picture = decode(content)

        assert np.abs(picture.rgb.astype(int) - decode_by_opencv(content)).max() <= 1

    def test_gray_is_read_as_rgb(self) -> None:
        content = encode(gradient(70, 50)[..., 0], "JPEG")

        picture = decode(content)

        assert np.abs(picture.rgb.astype(int) - decode_by_opencv(content)).max() <= 1

    def test_cmyk_is_converted_to_rgb(self) -> None:
        cmyk = plain(16, 16, (200, 100, 50, 30))
        buffer = io.BytesIO()
        Image.fromarray(cmyk, "CMYK").save(buffer, "JPEG", quality=100)

        picture = decode(buffer.getvalue())

        expected = [(255 - ink) * (255 - 30) / 255 for ink in (200, 100, 50)]
        assert np.abs(picture.rgb - expected).max() <= 2

    def test_a_camera_file_of_several_pictures_is_its_first(self) -> None:
        first, others = frames(gradient(70, 50), noise(70, 50, seed=1))
        buffer = io.BytesIO()
        first.save(buffer, "MPO", save_all=True, append_images=others)

        picture = decode(buffer.getvalue())

        assert read_header(buffer.getvalue(), Limits()).media_type == "image/jpeg"
        assert np.abs(picture.rgb.astype(int) - gradient(70, 50)).max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("file_format", "encoding"),
    [("PNG", {}), ("JPEG", {}), ("TIFF", {}), ("AVIF", {})],
    ids=["PNG", "JPEG", "TIFF", "AVIF"],
)
def test_pictures_are_upright(
    file_format: str, encoding: dict[str, bool], orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(gradient(40, 24), file_format, exif=exif, **encoding)

    picture = decode(content)

    with Image.open(io.BytesIO(content)) as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert (picture.rgb == upright).all()
    assert (picture.width < picture.height) == (orientation > 4)


LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "TIFF, LZW": {"compression": "tiff_lzw"},
    "TIFF, deflate": {"compression": "tiff_deflate"},
    "TIFF, packbits": {"compression": "packbits"},
}
LOSSY = {"JPEG": {}, "WEBP": {}, "AVIF": {}, "TIFF, JPEG": {"compression": "jpeg"}}


@pytest.mark.parametrize(("file_format", "encoding"), LOSSLESS.items(), ids=LOSSLESS)
def test_lossless_formats_keep_every_pixel(file_format: str, encoding: dict[str, Any]) -> None:
    pixels = np.repeat(noise(30, 20, seed=1)[..., :1], 3, axis=2)

    content = encode(pixels, file_format.split(",", maxsplit=1)[0], **encoding)
    picture = decode(content)

    assert (picture.rgb == pixels).all()
    assert (picture.rgb == decode_by_opencv(content)).all()


@pytest.mark.parametrize(("file_format", "encoding"), LOSSY.items(), ids=LOSSY)
def test_lossy_formats_are_read_as_opencv_reads_them(
    file_format: str, encoding: dict[str, Any]
) -> None:
    content = encode(gradient(70, 50), file_format.split(",", maxsplit=1)[0], **encoding)

    picture = decode(content)

    assert np.abs(picture.rgb.astype(int) - decode_by_opencv(content)).max() <= 1


def decode_by_opencv(content: bytes) -> Pixels:
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_is_read(file_format: str) -> None:
    first, others = frames(plain(20, 20, (255, 255, 255)), plain(20, 20, (0, 0, 0)))
    buffer = io.BytesIO()
    first.save(buffer, file_format, save_all=True, append_images=others)

    picture = decode(buffer.getvalue())

    assert (picture.rgb >= 254).all()


def test_transparent_gif_pixels_have_no_opacity() -> None:
    image = Image.fromarray(noise(20, 20, seed=1)[..., 0] % 4)
    image = image.convert("P")
    buffer = io.BytesIO()
    image.save(buffer, "GIF", transparency=2)

    picture = decode(buffer.getvalue())

    assert picture.alpha is not None
    assert (picture.alpha == np.where(np.asarray(image) == 2, 0, 255)).all()


class TestTiff:
    @pytest.mark.parametrize("compression", [1, 5, 8], ids=["plain", "LZW", "deflate"])
    @pytest.mark.parametrize("channels", [1, 3, 4], ids=["gray", "RGB", "RGBA"])
    def test_16_bits_are_rounded_to_8(self, channels: int, compression: int) -> None:
        samples = sample(16, channels).astype(np.uint16)
        stored = samples[..., [2, 1, 0, 3][:channels]] if channels > 1 else samples
        encoding = [cv2.IMWRITE_TIFF_COMPRESSION, compression]

        picture = decode(cv2.imencode(".tiff", stored, encoding)[1].tobytes())

        assert (picture.rgb == to_8_bit(samples[..., :3], 16)).all()
        if channels == 4:
            assert picture.alpha is not None
            assert (picture.alpha == to_8_bit(samples[..., 3], 16)).all()

    @pytest.mark.parametrize(("photometric", "inverted"), [(0, True), (1, False)])
    def test_white_may_be_zero(self, photometric: int, *, inverted: bool) -> None:
        samples = sample(16)[..., 0].astype(np.uint16)

        picture = decode(encode_gray_tiff(samples, photometric=photometric))

        expected = to_8_bit(65535 - samples if inverted else samples, 16)
        assert (picture.rgb == expected[..., np.newaxis]).all()


SOUND = {
    name: encode(noise(16, 16, seed=1), name)
    for name in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
}
SOUND["PNG of 16 bits"] = encode_png(sample(16, 3), depth=16, color_type=RGB)
SOUND["TIFF of 16 bits"] = encode_gray_tiff(sample(16)[..., 0].astype(np.uint16), photometric=1)


class TestRefusals:
    def test_nothing_is_empty(self) -> None:
        with pytest.raises(ImageEmpty):
            decode(b"")

    @pytest.mark.parametrize(
        "content",
        [b"<html></html>", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"P6 1 1 255 \0\0\0"],
        ids=["HTML", "PDF", "EPS", "PPM"],
    )
    def test_other_formats_are_not_recognized(self, content: bytes) -> None:
        with pytest.raises(ImageNotRecognized):
            decode(content)

    @pytest.mark.parametrize("name", SOUND)
    @pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
    def test_no_truncated_file_is_half_a_picture(self, name: str, kept: float) -> None:
        content = SOUND[name]

        with pytest.raises((ImageTruncated, ImageCorrupt, ImageNotRecognized)):
            decode(content[: int(len(content) * kept)])

    @pytest.mark.parametrize("file_format", ["PNG", "JPEG", "BMP"])
    def test_truncation_is_named(self, file_format: str) -> None:
        content = encode(noise(64, 64, seed=1), file_format)

        with pytest.raises(ImageTruncated):
            decode(content[: len(content) // 2])

    def test_pixels_are_counted_before_any_is_decoded(self) -> None:
        header = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
        content = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"")

        with pytest.raises(TooManyPixels, match="60000 x 60000"):
            decode(content)

    def test_the_limit_itself_is_allowed(self) -> None:
        content = encode(plain(10, 10), "PNG")

        assert decode_image(content, Limits(max_pixels=100)).width == 10
        with pytest.raises(TooManyPixels):
            decode_image(content, Limits(max_pixels=99))

    @given(
        name=st.sampled_from([*SOUND]),
        position=st.floats(0, 1, exclude_max=True),
        damage=st.binary(min_size=1, max_size=8),
    )
    def test_damage_gives_a_picture_or_a_typed_error(
        self, name: str, position: float, damage: bytes
    ) -> None:
        content = bytearray(SOUND[name])
        start = int(position * len(content))
        content[start : start + len(damage)] = damage

        try:
            picture = decode_image(bytes(content), Limits(max_pixels=100_000))
        except DecodeError:
            return
        assert picture.rgb.dtype == np.uint8


@pytest.mark.parametrize(
    ("mode", "kwargs"),
    [
        pytest.param("RGB", {}, id="RGB"),
        pytest.param("L", {}, id="gray"),
        pytest.param("P", {"transparency": 7}, id="palette with a transparent colour"),
        pytest.param("RGBA", {}, id="RGBA"),
    ],
)
def test_a_picture_of_many_bands_is_read_as_a_whole(mode: str, kwargs: dict[str, int]) -> None:
    # 300 000 pixels: more than two bands.
    buffer = io.BytesIO()
    Image.fromarray(noise(600, 500, seed=1)).convert(mode).save(buffer, "PNG", **kwargs)

    picture = decode_image(buffer.getvalue(), Limits())

    with Image.open(buffer) as image:
        expected = np.asarray(image.convert("RGBA"))
    assert np.array_equal(picture.rgb, expected[..., :3])
    if picture.alpha is not None:
        assert np.array_equal(picture.alpha, expected[..., 3])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_the_size_in_the_header_is_that_of_the_upright_picture(
    file_format: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encode(gradient(40, 24), file_format, exif=exif)

    picture = decode_image(content, Limits())

    header = read_header(content, Limits())
    assert (header.width, header.height) == (picture.width, picture.height)
