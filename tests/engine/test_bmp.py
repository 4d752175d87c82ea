"""BMP as Chromium 150 shows it."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from comparisons.engine import (
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
)

from .bitmaps import (
    ALPHABITFIELDS,
    BITFIELDS,
    CALIBRATED,
    COLORS,
    EMBEDDED,
    LINKED,
    SRGB,
    WINDOWS,
    describe,
    make_bmp,
    pack_rows,
)
from .pictures import decode, encode, noise
from .profiles import DISPLAY_P3, build_matrix_profile, gamma_curve

WIDTH, HEIGHT = 11, 7

NEWER_HEADERS = [40, 52, 56, 108, 124]
OS2_HEADERS = [12, 16, 20, 24, 28, 32, 36, 42, 44, 46, 48, 60, 64]


def encode_rows(samples: NDArray[Any], bits: int, **fields: Any) -> bytes:
    height, width = samples.shape
    return make_bmp(pack_rows(samples, bits), width=width, height=height, bits=bits, **fields)


class TestPixelsInRows:
    @pytest.mark.parametrize("bits", [1, 2, 4, 8])
    @pytest.mark.parametrize("header_bytes", [*NEWER_HEADERS, *OS2_HEADERS])
    def test_pixels_of_a_palette_have_its_colors(self, bits: int, header_bytes: int) -> None:
        palette = COLORS[: 1 << bits]
        indices = np.random.default_rng(1).integers(0, 1 << bits, (HEIGHT, WIDTH))

        picture = decode(encode_rows(indices, bits, header_bytes=header_bytes, palette=palette))

        assert np.array_equal(picture.rgb, np.array(palette)[indices])
        assert picture.alpha is None

    @pytest.mark.parametrize("bits", [24, 32])
    @pytest.mark.parametrize("header_bytes", [*NEWER_HEADERS, *OS2_HEADERS])
    def test_pixels_of_whole_bytes_have_blue_first(self, bits: int, header_bytes: int) -> None:
        rgb = noise(WIDTH, HEIGHT, seed=2)
        samples = rgb.astype(int) @ (1 << 16, 1 << 8, 1)

        picture = decode(encode_rows(samples, bits, header_bytes=header_bytes))

        assert np.array_equal(picture.rgb, rgb)
        assert picture.alpha is None

    @pytest.mark.parametrize("bits", [1, 4, 8, 16, 24, 32])
    def test_rows_come_from_the_top_if_the_height_is_negative(self, bits: int) -> None:
        rows = pack_rows(np.random.default_rng(1).integers(0, 2, (HEIGHT, WIDTH)), bits)
        settings: dict[str, Any] = {"width": WIDTH, "bits": bits}
        if bits <= 8:
            settings["palette"] = COLORS[: 1 << bits]

        upright = decode(make_bmp(rows, height=HEIGHT, **settings))
        from_the_top = decode(make_bmp(rows, height=-HEIGHT, **settings))

        assert np.array_equal(from_the_top.rgb, upright.rgb[::-1])

    def test_all_pixels_of_a_large_picture_are_read(self) -> None:
        rgb = noise(1001, 700, seed=3)

        assert np.array_equal(decode(encode(rgb, "BMP")).rgb, rgb)

    @pytest.mark.parametrize("missing_bytes", [1, 2, 3])
    def test_the_last_row_may_lack_its_padding(self, missing_bytes: int) -> None:
        content = make_bmp(bytes(range(1, 13)), width=3, height=1, bits=24)

        picture = decode(content[:-missing_bytes])

        assert picture.rgb.tolist() == [[[3, 2, 1], [6, 5, 4], [9, 8, 7]]]

    @pytest.mark.parametrize("bits", [1, 8, 16, 24, 32])
    def test_pixels_of_which_a_byte_is_missing_are_truncated(self, bits: int) -> None:
        rows = pack_rows(np.zeros((2, 32), int), bits)
        content = make_bmp(rows, width=32, height=2, bits=bits, palette=COLORS[: 1 << min(bits, 8)])

        with pytest.raises(ImageTruncated):
            decode(content[:-1])

    def test_pixels_begin_behind_the_header_if_nothing_says_where(self) -> None:
        picture = decode(make_bmp(bytes(range(4)), width=1, height=1, bits=24, pixels_at=0))

        assert picture.rgb.tolist() == [[[2, 1, 0]]]

    def test_pixels_begin_where_the_file_says(self) -> None:
        picture = decode(make_bmp(bytes(range(9)), width=1, height=1, bits=24, pixels_at=54 + 5))

        assert picture.rgb.tolist() == [[[7, 6, 5]]]

    @pytest.mark.parametrize("pixels_at", [1, 14, 53])
    def test_pixels_can_not_begin_in_the_header(self, pixels_at: int) -> None:
        with pytest.raises(ImageCorrupt, match="header"):
            decode(make_bmp(bytes(99), width=1, height=1, bits=24, pixels_at=pixels_at))

    def test_pixels_behind_the_file_are_truncated(self) -> None:
        with pytest.raises(ImageTruncated):
            decode(make_bmp(bytes(99), width=1, height=1, bits=24, pixels_at=2**31))


class TestPalettes:
    @pytest.mark.parametrize("bits", [1, 2, 4, 8])
    def test_palettes_are_black_beyond_the_colors_used(self, bits: int) -> None:
        most = 1 << bits
        content = encode_rows(
            np.array([[0, most - 1]]),
            bits,
            palette=COLORS[: most - 1],
            colors_used=most - 1,
        )

        assert decode(content).rgb.tolist() == [[list(COLORS[0]), [0, 0, 0]]]

    @pytest.mark.parametrize("bits", [1, 2, 4, 8])
    @pytest.mark.parametrize("colors_used", [0, 257, 2**31, 2**32 - 1])
    def test_palettes_have_all_colors_if_none_or_too_many_are_used(
        self, bits: int, colors_used: int
    ) -> None:
        content = make_bmp(
            b"\xff\0\0\0",
            width=1,
            height=1,
            bits=bits,
            palette=COLORS[: 1 << bits],
            colors_used=colors_used,
            pixels_at=0,
        )

        assert decode(content).rgb.tolist() == [[list(COLORS[(1 << bits) - 1])]]

    def test_palettes_end_where_the_pixels_begin(self) -> None:
        content = make_bmp(b"\2\3\0\0", width=2, height=1, bits=8, palette=COLORS[:3])

        assert decode(content).rgb.tolist() == [[list(COLORS[2]), [0, 0, 0]]]

    def test_palettes_may_have_a_gap_behind_them(self) -> None:
        gap = bytes(range(7))
        content = make_bmp(
            gap + b"\1\0\0\0",
            width=1,
            height=1,
            bits=8,
            palette=COLORS[:2],
            colors_used=2,
            pixels_at=54 + 8 + 7,
        )

        assert decode(content).rgb.tolist() == [[list(COLORS[1])]]

    @pytest.mark.parametrize("bits", [16, 24, 32])
    def test_palettes_of_pictures_that_need_none_are_skipped(self, bits: int) -> None:
        rows = pack_rows(np.array([[0]]), bits)

        picture = decode(
            make_bmp(rows, width=1, height=1, bits=bits, palette=COLORS[:5], colors_used=5)
        )

        assert picture.rgb.tolist() == [[[0, 0, 0]]]


class TestMasks:
    @pytest.mark.parametrize("bits", range(1, 17))
    @pytest.mark.parametrize("shift", [0, 3, 16])
    def test_masks_scale_their_bits_to_the_whole_range(self, bits: int, shift: int) -> None:
        """All values of up to 8 bits are rounded; of more bits, the highest 8 count."""
        highest = (1 << bits) - 1
        values = np.unique(np.linspace(0, highest, 300).astype(int))
        content = encode_rows(
            values[np.newaxis] << shift,
            32,
            compression=BITFIELDS,
            masks=(0, highest << shift, 0),
        )

        expected = [
            value >> bits - 8 if bits > 8 else round(Fraction(value * 255, highest))
            for value in values.tolist()
        ]
        assert decode(content).rgb[0, :, 1].tolist() == expected

    @pytest.mark.parametrize(
        ("bits", "masks", "sample", "expected"),
        [
            pytest.param(16, (), 0x7C1F, (255, 0, 255), id="5-5-5, where nothing is said"),
            pytest.param(16, (), 0x83E0, (0, 255, 0), id="5-5-5, with a bit too much"),
            pytest.param(16, (0xF800, 0x07E0, 0x1F), 0x07FF, (0, 255, 255), id="5-6-5"),
            pytest.param(16, (0x1F, 0x07E0, 0xF800), 0x001F, (255, 0, 0), id="6-5-5, blue first"),
            pytest.param(16, (0xF00, 0xF0, 0xF), 0xF1A5, (17, 170, 85), id="4-4-4"),
            pytest.param(16, (0x30, 0xE, 1), 0x1D, (85, 219, 255), id="2-3-1"),
            pytest.param(16, (0, 0, 0), 0xFFFF, (0, 0, 0), id="none"),
            pytest.param(16, (0xFFFF, 0, 0), 0x8000, (128, 0, 0), id="red alone"),
            pytest.param(
                16, (0x1F800, 0x7E0, 0x1F), 0xF800, (255, 0, 0), id="a bit beyond the pixel"
            ),
            pytest.param(
                32, (0x3FF00000, 0xFFC00, 0x3FF), 0x200FFC03, (128, 255, 0), id="10-10-10"
            ),
            pytest.param(32, (0xFF, 0xFF00, 0xFF0000), 0x00332211, (17, 34, 51), id="blue last"),
            pytest.param(32, (0xF800, 0x7E0, 0x1F), 0xFFFF07E0, (0, 255, 0), id="5-6-5 of 32"),
            pytest.param(32, (0xFFFF0000, 0xFF00, 0xFF), 0x12345678, (18, 86, 120), id="16-8-8"),
        ],
    )
    @pytest.mark.parametrize("header_bytes", [40, 52, 56, 108, 124])
    def test_masks_say_where_colors_are(
        self,
        bits: int,
        masks: Sequence[int],
        sample: int,
        expected: tuple[int, int, int],
        header_bytes: int,
    ) -> None:
        content = encode_rows(
            np.array([[sample]]),
            bits,
            header_bytes=header_bytes,
            compression=BITFIELDS if masks else 0,
            masks=masks,
        )

        assert describe(decode(content)).tolist() == [[[*expected, 255]]]

    @pytest.mark.parametrize(
        ("bits", "alpha", "sample", "expected"),
        [
            pytest.param(32, 0xFF000000, 0x40000000, 64, id="8 bits"),
            pytest.param(32, 0xC0000000, 0x40000000, 85, id="2 bits"),
            pytest.param(32, 0x80000000, 0x80000000, 255, id="1 bit"),
            pytest.param(16, 0xF000, 0x5000, 85, id="4 bits of 16"),
            pytest.param(16, 0x8000, 0x8000, 255, id="1 bit of 16"),
        ],
    )
    @pytest.mark.parametrize(
        ("header_bytes", "compression"),
        [(40, ALPHABITFIELDS), (56, BITFIELDS), (108, BITFIELDS), (124, ALPHABITFIELDS)],
    )
    def test_masks_of_alpha_make_transparent(
        self, bits: int, alpha: int, sample: int, expected: int, header_bytes: int, compression: int
    ) -> None:
        content = encode_rows(
            np.array([[sample, 0]]),
            bits,
            header_bytes=header_bytes,
            compression=compression,
            masks=(0x0F00, 0x00F0, 0x000F, alpha),
        )

        assert describe(decode(content))[0, :, 3].tolist() == [expected, 0]

    @pytest.mark.parametrize(("bits", "alpha"), [(32, 0xFF000000), (16, 0x8000)])
    @pytest.mark.parametrize("header_bytes", [56, 108, 124])
    @pytest.mark.parametrize("compression", [0, BITFIELDS])
    def test_alpha_that_is_zero_everywhere_makes_nothing_transparent(
        self, bits: int, alpha: int, header_bytes: int, compression: int
    ) -> None:
        content = encode_rows(
            np.array([[0x7FFF, 0]]),
            bits,
            header_bytes=header_bytes,
            compression=compression,
            masks=(0x7C00, 0x3E0, 0x1F, alpha),
        )

        assert decode(content).alpha is None

    def test_alpha_counts_if_one_pixel_has_any(self) -> None:
        samples = np.zeros((300, 600), int)
        samples[299, 599] = 0x01000000
        content = encode_rows(samples, 32, header_bytes=124, masks=(0, 0, 0, 0xFF000000))

        alpha = decode(content).alpha

        assert alpha is not None
        assert alpha.sum() == 1
        assert alpha[299, 599] == 1

    def test_masks_of_alpha_on_top_of_plain_colors_are_ignored(self) -> None:
        content = encode_rows(
            np.array([[0x7FFF]]),
            16,
            header_bytes=56,
            masks=(0, 0, 0, 0xF000),
        )

        assert describe(decode(content)).tolist() == [[[255, 255, 255, 255]]]

    def test_masks_with_gaps_are_corrupt(self) -> None:
        content = make_bmp(
            bytes(4), width=1, height=1, bits=16, compression=BITFIELDS, masks=(0xF0F0, 0x0F00, 0xF)
        )

        with pytest.raises(ImageCorrupt, match="bits"):
            decode(content)

    def test_masks_that_pixels_overlap_are_corrupt(self) -> None:
        content = make_bmp(
            bytes(4),
            width=1,
            height=1,
            bits=16,
            compression=BITFIELDS,
            masks=(0xF800, 0x07E0, 0x1F),
            pixels_at=54,
        )

        with pytest.raises(ImageCorrupt, match="header"):
            decode(content)


class TestColorSpaces:
    SRGB_PRIMARIES = (0.64, 0.33, 0.03, 0.3, 0.6, 0.1, 0.15, 0.06, 0.79)
    PROFILE = build_matrix_profile(DISPLAY_P3, gamma_curve(1.8))

    def test_colors_of_an_embedded_profile_are_converted(self) -> None:
        rgb = noise(20, 20, seed=1)

        picture = decode(make_tagged(rgb, color_space=EMBEDDED, profile=self.PROFILE))

        tagged_png = decode(encode(rgb, "PNG", icc_profile=self.PROFILE))
        assert np.array_equal(picture.rgb, tagged_png.rgb)
        assert not np.array_equal(picture.rgb, rgb)

    @pytest.mark.parametrize("gammas", [(1.0, 1.0, 1.0), (1.8, 1.8, 1.8), (1.0, 1.8, 2.6)])
    def test_colors_of_primaries_and_gammas_are_converted(self, gammas: Sequence[float]) -> None:
        """Those of sRGB, so that each channel follows from itself: IEC 61966-2-1."""
        rgb = noise(20, 20, seed=1)

        picture = decode(
            make_tagged(rgb, color_space=CALIBRATED, primaries=self.SRGB_PRIMARIES, gammas=gammas)
        )

        light = (rgb / 255) ** np.array(gammas)
        expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        assert np.abs(picture.rgb - expected * 255).max() < 1.5

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param({"color_space": SRGB, "gammas": (1, 1, 1)}, id="sRGB"),
            pytest.param({"color_space": WINDOWS, "gammas": (1, 1, 1)}, id="that of Windows"),
            pytest.param({"color_space": LINKED, "profile": b"c:\\a.icc\0"}, id="in another file"),
            pytest.param({"color_space": EMBEDDED, "profile": b"junk" * 99}, id="broken"),
            pytest.param({"color_space": EMBEDDED}, id="empty"),
            pytest.param({"color_space": CALIBRATED}, id="without primaries"),
            pytest.param({"color_space": CALIBRATED, "gammas": (1, 1, 1)}, id="with gammas alone"),
            pytest.param(
                {"color_space": CALIBRATED, "primaries": SRGB_PRIMARIES, "gammas": (1, 1, 0)},
                id="with a gamma of 0",
            ),
            pytest.param({"color_space": 0x12345678}, id="unknown"),
        ],
    )
    def test_color_spaces_that_say_nothing_change_nothing(self, fields: dict[str, Any]) -> None:
        rgb = noise(20, 20, seed=1)

        assert np.array_equal(decode(make_tagged(rgb, **fields)).rgb, rgb)

    def test_a_profile_behind_the_end_changes_nothing(self) -> None:
        rgb = noise(20, 20, seed=1)
        content = make_tagged(rgb, color_space=EMBEDDED, profile=self.PROFILE)

        assert np.array_equal(decode(content[: -len(self.PROFILE)]).rgb, rgb)


def make_tagged(rgb: NDArray[np.uint8], **fields: Any) -> bytes:
    samples = rgb.astype(int) @ (1 << 16, 1 << 8, 1)
    return encode_rows(samples, 24, header_bytes=124, **fields)


class TestRefused:
    @pytest.mark.parametrize(
        ("compression", "bits", "name"),
        [
            pytest.param(4, 0, "JPEG", id="a JPEG"),
            pytest.param(5, 0, "PNG", id="a PNG"),
            pytest.param(3, 1, "Huffman", id="Huffman codes"),
            pytest.param(11, 32, "CMYK", id="CMYK"),
            pytest.param(2, 8, "compression 2", id="runs of 4 bits in pixels of 8"),
            pytest.param(99, 24, "compression 99", id="unknown"),
        ],
    )
    def test_what_is_compressed_otherwise_is_refused_by_its_name(
        self, compression: int, bits: int, name: str
    ) -> None:
        with pytest.raises(ImageUnsupported, match=name):
            decode(make_bmp(bytes(99), width=1, height=1, bits=bits, compression=compression))

    @pytest.mark.parametrize("bits", [3, 7, 48, 65535])
    def test_pixels_of_odd_sizes_are_refused(self, bits: int) -> None:
        with pytest.raises(ImageCorrupt, match=f"{bits} bits"):
            decode(make_bmp(bytes(99), width=1, height=1, bits=bits))

    @pytest.mark.parametrize("header_bytes", [4, 13, 41, 68, 128])
    def test_headers_of_odd_sizes_are_refused(self, header_bytes: int) -> None:
        with pytest.raises(ImageCorrupt, match=f"{header_bytes} bytes"):
            decode(make_bmp(bytes(99), width=1, height=1, bits=24, header_bytes=header_bytes))

    @pytest.mark.parametrize("header_bytes", [12, 40, 124])
    def test_headers_that_end_early_are_refused(self, header_bytes: int) -> None:
        content = make_bmp(b"", width=1, height=1, bits=24, header_bytes=header_bytes)

        with pytest.raises(ImageTruncated):
            decode(content[:-1])


def test_the_first_of_a_list_of_bitmaps_is_shown() -> None:
    content = make_bmp(bytes(range(4)), width=1, height=1, bits=24, pixels_at=14 + 54)

    assert decode(b"BA" + bytes(12) + content).rgb.tolist() == [[[2, 1, 0]]]
