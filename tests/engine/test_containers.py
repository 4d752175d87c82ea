"""What keeps hostile files from keeping the decoders busy, and lets honest ones pass."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest

from comparisons.engine import ImageCorrupt, ImageUnsupported, Limits, decode_image
from comparisons.engine.containers.jpeg import MAX_SCANS
from comparisons.engine.containers.parts import MAX_PARTS
from tests.malformed import (
    GIF,
    GIF_BLOCKS,
    JPEG,
    PNG,
    SIGNED_LONG,
    add_scans,
    after_start,
    chunk,
    make_tile,
    png,
    segment,
    tiff,
)

from .pictures import describe_colors, encode, noise

FEW_PARTS = MAX_PARTS // 2
PRIMARIES = [(0.51, 0.24, 0.0), (0.29, 0.69, 0.04), (0.16, 0.07, 0.78)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png(chunk(b"IDAT", b"") * FEW_PARTS), id="PNG"),
        pytest.param(after_start(JPEG, segment(0xFE, b"") * FEW_PARTS), id="JPEG"),
        pytest.param(add_scans(MAX_SCANS // 2), id="scans"),
        pytest.param(
            GIF[:GIF_BLOCKS] + b"!\xfe" + b"\1a" * FEW_PARTS + b"\0" + GIF[GIF_BLOCKS:], id="GIF"
        ),
        pytest.param(JPEG + b"\0\2" + b"\xff\xda\0\2" * 1000, id="scans behind the end"),
        pytest.param(
            after_start(JPEG, segment(0xEF, b"\xff\xda\0\2" * 1000)), id="scans in a segment"
        ),
    ],
)
def test_many_parts_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert picture.rgb.size


def test_pixels_beyond_the_last_row_are_left_alone() -> None:
    rows = zlib.compress((b"\0" + b"\7" * 24) * 6 + bytes(10_000_000))

    picture = decode_image(png(pixels=rows), Limits())

    assert picture.rgb.shape == (6, 8, 3)
    assert (picture.rgb == 7).all()


def test_a_scan_too_many_is_refused() -> None:
    with pytest.raises(ImageUnsupported, match="scans"):
        decode_image(add_scans(MAX_SCANS), Limits())


def test_the_end_of_a_picture_in_a_segment_hides_no_scans() -> None:
    jpeg = add_scans(MAX_SCANS)
    first_scan = jpeg.index(b"\xff\xda")
    content = jpeg[:first_scan] + segment(0xFE, b"\xff\xd9") + jpeg[first_scan:]

    with pytest.raises(ImageUnsupported, match="scans"):
        decode_image(content, Limits())


@pytest.mark.parametrize(
    ("width", "height"), [pytest.param(16, 16, id="small"), pytest.param(2048, 1024, id="large")]
)
def test_a_tile_may_be_larger_than_its_picture(width: int, height: int) -> None:
    picture = decode_image(make_tile(width, height), Limits())

    assert picture.rgb.shape == (6, 8, 3)


def test_a_tile_that_is_far_larger_is_refused() -> None:
    with pytest.raises(ImageUnsupported, match="tiles"):
        decode_image(make_tile(4096, 2048), Limits())


def test_a_tile_whose_sides_pillow_reads_in_its_own_way_is_corrupt() -> None:
    with pytest.raises(ImageCorrupt):
        decode_image(make_tile(16, 16, kind=SIGNED_LONG), Limits())


def test_a_wrong_checksum_of_pixels_that_are_right_is_corrupt() -> None:
    position = PNG.index(b"IEND") - 5
    content = PNG[:position] + bytes([PNG[position] ^ 1]) + PNG[position + 1 :]

    with pytest.raises(ImageCorrupt, match="checksum"):
        decode_image(content, Limits())


def test_a_profile_that_is_a_program_is_ignored() -> None:
    pixels = noise(20, 20, seed=1)
    plain_profile = describe_colors(PRIMARIES, 1.8)
    program = plain_profile + b"mpet" + bytes(100)

    converted = decode_image(encode(pixels, "PNG", icc_profile=plain_profile), Limits())
    ignored = decode_image(encode(pixels, "PNG", icc_profile=program), Limits())

    assert not np.array_equal(converted.rgb, pixels)
    assert np.array_equal(ignored.rgb, pixels)


def test_a_file_can_not_make_the_service_warn() -> None:
    entries = {1000 + number: (7, 1000, 8) for number in range(100)}
    program = (
        "import sys; from comparisons.engine import Limits, decode_image;"
        "decode_image(sys.stdin.buffer.read(), Limits())"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], input=tiff(entries), capture_output=True, check=True
    )

    assert finished.stderr == b""


class TestColorsOf16Bits:
    """Pillow reads a byte of each sample at a time, wherever it stands."""

    @pytest.mark.parametrize("byte_order", ["<", ">"], ids=["little-endian", "big-endian"])
    def test_are_rounded_in_either_byte_order(self, byte_order: str) -> None:
        samples = np.random.default_rng(1).integers(0, 65536, (6, 8, 3))

        picture = decode_image(encode_deep_tiff(samples, byte_order), Limits())

        assert np.array_equal(picture.rgb, (samples / 257).round())

    def test_in_separate_planes_are_unsupported(self) -> None:
        samples = np.zeros((6, 8, 3), int)

        content = encode_deep_tiff(samples, "<", planes=2)

        with pytest.raises(ImageUnsupported):
            decode_image(content, Limits())


def encode_deep_tiff(
    samples: np.typing.NDArray[np.int_], byte_order: str, *, planes: int = 1
) -> bytes:
    """Encode height x width x 3 samples in one strip, their depths behind them."""
    height, width, channels = samples.shape
    data = samples.astype(f"{byte_order}u2").tobytes()
    depths_at, directory_at = 8 + len(data), 8 + len(data) + 8
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, depths_at),
        (259, 4, 1, 1),
        (262, 4, 1, 2),
        (273, 4, 1, 8),
        (277, 4, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
        (284, 4, 1, planes),
    ]
    signature = b"II*\0" if byte_order == "<" else b"MM\0*"
    packed = b"".join(struct.pack(f"{byte_order}HHII", *entry) for entry in entries)
    return (
        signature
        + struct.pack(f"{byte_order}I", directory_at)
        + data
        + struct.pack(f"{byte_order}4H", 16, 16, 16, 0)
        + struct.pack(f"{byte_order}H", len(entries))
        + packed
        + bytes(4)
    )


def test_bitmaps_of_16_bits_a_pixel_are_read() -> None:
    """Five bits of red, six of green, five of blue."""
    header = struct.pack("<2sIIIIiiHHIIiiII", b"BM", 70, 0, 66, 40, 2, 1, 1, 16, 3, 4, 0, 0, 0, 0)
    masks = struct.pack("<3I", 0xF800, 0x07E0, 0x001F)

    picture = decode_image(header + masks + struct.pack("<2H", 0xF800, 0x07E0), Limits())

    assert picture.rgb.tolist() == [[[255, 0, 0], [0, 255, 0]]]
