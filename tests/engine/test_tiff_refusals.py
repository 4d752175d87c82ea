"""What is no picture, or one that is not read, is refused by its right name."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from comparisons.engine import (
    DecodeError,
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
    Limits,
    Picture,
    decode_image,
)
from comparisons.engine.containers import read_container

from .tiff_files import (
    ASCII,
    BLACK_IS_ZERO,
    COLOR_MAP,
    EXTRA_SAMPLES,
    LAYOUTS,
    LONG,
    LONG8,
    PALETTE,
    RATIONAL,
    RGB,
    SAMPLE_FORMAT,
    SEPARATED,
    SHORT,
    UNASSOCIATED,
    UNDEFINED,
    YCBCR,
    Layout,
    encode_tiff,
    join_file,
    make_samples,
)


def decode(content: bytes) -> Picture:
    return decode_image(content, Limits())


def encode_variant(tags: dict[int, Any], bits: int = 8, photometric: int = RGB) -> bytes:
    channels = {RGB: 3, SEPARATED: 4}.get(photometric, 1)
    channels += len(tags[EXTRA_SAMPLES][1]) if EXTRA_SAMPLES in tags else 0
    return encode_tiff(
        np.zeros((3, 4, channels), int), bits=bits, photometric=photometric, tags=tags
    )


class TestRefusals:
    """What isn't read is refused by its name."""

    @pytest.mark.parametrize(
        ("tags", "bits", "photometric", "name"),
        [
            pytest.param({SAMPLE_FORMAT: (SHORT, [3])}, 16, RGB, "floating-point", id="half float"),
            pytest.param({SAMPLE_FORMAT: (SHORT, [3])}, 32, RGB, "floating-point", id="float"),
            pytest.param({SAMPLE_FORMAT: (SHORT, [3])}, 64, RGB, "floating-point", id="double"),
            pytest.param({SAMPLE_FORMAT: (SHORT, [2])}, 8, RGB, "signed", id="signed"),
            pytest.param({SAMPLE_FORMAT: (SHORT, [6])}, 64, RGB, "complex", id="complex"),
            pytest.param({}, 24, BLACK_IS_ZERO, "24 bits", id="24 bits"),
            pytest.param({}, 32, RGB, "32 bits", id="32 bits"),
            pytest.param({258: (SHORT, [5, 6, 5])}, 8, RGB, "different depths", id="5, 6, 5 bits"),
            pytest.param(
                {EXTRA_SAMPLES: (SHORT, [UNASSOCIATED])}, 8, SEPARATED, "CMYK and alpha", id="CMYKA"
            ),
            pytest.param({332: (SHORT, [2])}, 8, SEPARATED, "inks", id="other inks"),
            pytest.param({EXTRA_SAMPLES: (SHORT, [0] * 4)}, 16, RGB, "96 bits", id="7 samples"),
            pytest.param({262: (SHORT, [8])}, 8, RGB, r"L\*a\*b\*", id="Lab"),
            pytest.param({262: (SHORT, [4])}, 1, BLACK_IS_ZERO, "masks", id="mask"),
            pytest.param({262: (SHORT, [32803])}, 16, BLACK_IS_ZERO, "camera", id="raw"),
            pytest.param({262: (SHORT, [32845])}, 16, RGB, "LogLuv", id="LogLuv"),
            pytest.param({262: (SHORT, [777])}, 8, RGB, "777", id="unknown colors"),
            pytest.param({262: (SHORT, [6])}, 16, RGB, "YCbCr", id="YCbCr of 16 bits"),
            pytest.param(
                {262: (SHORT, [6]), 284: (SHORT, [2])},
                8,
                RGB,
                "YCbCr in separate",
                id="YCbCr planes",
            ),
            pytest.param(
                {259: (SHORT, [7]), EXTRA_SAMPLES: (SHORT, [0])},
                8,
                BLACK_IS_ZERO,
                "JPEG of 2 samples",
                id="JPEG of gray and another",
            ),
            pytest.param({259: (SHORT, [50001])}, 8, RGB, "WebP", id="WebP"),
            pytest.param({259: (SHORT, [34712])}, 8, RGB, "JPEG 2000", id="JPEG 2000"),
            pytest.param({259: (SHORT, [50002])}, 8, RGB, "JPEG XL", id="JPEG XL"),
            pytest.param({259: (SHORT, [34887])}, 8, RGB, "LERC", id="LERC"),
            pytest.param({259: (SHORT, [34661])}, 1, BLACK_IS_ZERO, "JBIG", id="JBIG"),
            pytest.param({259: (SHORT, [32809])}, 4, BLACK_IS_ZERO, "ThunderScan", id="Thunder"),
            pytest.param({259: (SHORT, [4444])}, 8, RGB, "4444", id="unknown compression"),
            pytest.param({259: (SHORT, [7])}, 12, RGB, "12-bit JPEG", id="12-bit JPEG"),
            pytest.param(
                {259: (SHORT, [8]), 317: (SHORT, [3])}, 8, RGB, "predictor 3", id="floats"
            ),
        ],
    )
    def test_name_what_is_not_supported(
        self, tags: dict[int, Any], bits: int, photometric: int, name: str
    ) -> None:
        content = encode_variant(tags, bits, photometric)

        with pytest.raises(ImageUnsupported, match=f"TIFF.*{name}.*not supported; export it"):
            decode(content)

    @pytest.mark.parametrize(
        ("tags", "photometric"),
        [
            pytest.param({256: (ASCII, [8])}, RGB, id="width in letters"),
            pytest.param({257: (LONG, [0])}, RGB, id="no height"),
            pytest.param({258: (SHORT, [0])}, RGB, id="no bits"),
            pytest.param({277: (SHORT, [2])}, RGB, id="two samples for three colors"),
            pytest.param({COLOR_MAP: (SHORT, [0] * 767)}, PALETTE, id="short palette"),
            pytest.param({COLOR_MAP: (LONG, [70000] * 768)}, PALETTE, id="palette beyond 16 bits"),
            pytest.param({}, PALETTE, id="no palette"),
            pytest.param({278: (SHORT, [0])}, RGB, id="strips of no rows"),
            pytest.param({278: (SHORT, [1])}, RGB, id="too few strips"),
            pytest.param({259: (SHORT, [4])}, RGB, id="CCITT of bytes"),
            pytest.param({530: (SHORT, [3, 1])}, YCBCR, id="three pixels for a color"),
            pytest.param({529: (RATIONAL, [0, 1] * 3)}, YCBCR, id="no luma"),
            pytest.param({532: (RATIONAL, [9, 1] * 6)}, YCBCR, id="black that is white"),
        ],
    )
    def test_tell_what_contradicts_itself(self, tags: dict[int, Any], photometric: int) -> None:
        channels = 3 if photometric == YCBCR else 0
        if channels:
            samples = np.zeros((3, 4, 3), int)
            tags = {530: (SHORT, [1, 1])} | tags
            content = encode_tiff(samples, bits=8, photometric=photometric, tags=tags)
        else:
            content = encode_variant(tags, photometric=photometric)

        with pytest.raises(ImageCorrupt):
            decode(content)


@pytest.mark.parametrize("layout", [pytest.param(LAYOUTS[name], id=name) for name in LAYOUTS])
class TestDamage:
    def test_of_what_is_cut_off_is_named(self, layout: Layout) -> None:
        samples = make_samples(8, 3)
        ahead = replace(layout, begins_with_directory=True)

        content = encode_tiff(samples, bits=8, photometric=RGB, layout=ahead)

        assert np.array_equal(decode(content).rgb, samples)
        for part in (0.1, 0.6, 0.9, 0.99):
            with pytest.raises(ImageTruncated):
                decode(content[: int(len(content) * part)])

    def test_raises_nothing_else(self, layout: Layout) -> None:
        content = encode_tiff(make_samples(8, 3), bits=8, photometric=RGB, layout=layout)
        chance = np.random.default_rng(1)

        for _ in range(200):
            damaged = bytearray(content)
            for position in chance.integers(4, len(content), 3):
                damaged[position] = chance.integers(256)
            with suppress(DecodeError):
                decode_image(bytes(damaged), Limits(max_pixels=100_000))


@contextmanager
def limiting_memory(limit_bytes: float) -> Iterator[None]:
    """Fail if what is done in the block ever holds more than that."""
    tracemalloc.start()
    try:
        yield
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < limit_bytes


class TestHostileNumbers:
    @pytest.mark.parametrize("tag", [258, SAMPLE_FORMAT, COLOR_MAP, EXTRA_SAMPLES, 530, 273, 279])
    @pytest.mark.parametrize("samples", [1, 3, 1_000_000, 2**32 - 1])
    @pytest.mark.parametrize("photometric", [BLACK_IS_ZERO, RGB, PALETTE, YCBCR])
    def test_lists_are_not_read_further_than_a_picture_needs(
        self, tag: int, samples: int, photometric: int
    ) -> None:
        tags = {tag: (SHORT, [8] * 1_000_000), 277: (LONG, [samples])}
        content = encode_variant(tags, photometric=photometric)

        with limiting_memory(1_000_000), suppress(DecodeError):
            read_container(content, Limits())

    @pytest.mark.parametrize(
        "tag", [256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 317, 322, 323]
    )
    @pytest.mark.parametrize("number", [2**32, 2**40, 2**64 - 1])
    @pytest.mark.parametrize("compression", [1, 2, 3, 4, 5, 6, 7, 8, 32773])
    def test_numbers_that_only_a_big_tiff_has_room_for_are_refused(
        self, tag: int, number: int, compression: int
    ) -> None:
        content = encode_tiff(
            np.zeros((8, 8, 1), int),
            bits=1,
            photometric=BLACK_IS_ZERO,
            layout=Layout(is_big=True),
            tags={259: (SHORT, [compression]), tag: (LONG8, [number])},
        )

        with suppress(DecodeError):
            decode(content)

    def test_options_of_ccitt_have_32_bits(self) -> None:
        content = encode_tiff(
            np.zeros((8, 8, 1), int),
            bits=1,
            photometric=BLACK_IS_ZERO,
            layout=Layout(is_big=True),
            tags={259: (SHORT, [3]), 292: (LONG8, [2**40])},
        )

        with pytest.raises(ImageCorrupt, match="T4Options"):
            read_container(content, Limits())

    def test_jpeg_tables_are_short(self) -> None:
        content = encode_variant({259: (SHORT, [7]), 347: (UNDEFINED, [0] * 100_000)})

        with pytest.raises(ImageCorrupt, match="JPEG tables"):
            read_container(content, Limits())

    @pytest.mark.parametrize("bits", [6, 8, 12, 16])
    @pytest.mark.parametrize("shape", [(1, 1_500_000), (1_500_000, 1), (1000, 1500)])
    def test_a_picture_takes_memory_by_its_pixels_whatever_its_shape(
        self, bits: int, shape: tuple[int, int]
    ) -> None:
        samples = bytes(shape[0] * -(-shape[1] * bits * 3 // 8))
        tags = {256: (LONG, shape[1:]), 257: (LONG, shape[:1]), 258: (SHORT, [bits] * 3)}
        content = join_file([samples], {**tags, 262: (SHORT, [RGB]), 277: (SHORT, [3])})

        with limiting_memory(32 * 1_500_000):
            assert decode(content).rgb.shape == (*shape, 3)

    @pytest.mark.parametrize("width", [32_760, 32_768, 32_769, 40_000, 100_003])
    @pytest.mark.parametrize("bits", [3, 5, 7, 9, 12, 15])
    def test_samples_of_a_wide_row_are_read_in_their_places(self, width: int, bits: int) -> None:
        samples = np.random.default_rng(bits).integers(0, 1 << bits, (2, width, 1))
        content = encode_tiff(samples, bits=bits, photometric=BLACK_IS_ZERO)

        expected = np.rint(samples[..., 0] * 255 / ((1 << bits) - 1))
        assert np.abs(decode(content).rgb[..., 0] - expected).max() <= (bits > 8)
