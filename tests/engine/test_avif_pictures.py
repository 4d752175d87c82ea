"""AVIF is shown as browsers do: turned, cut, with its opacity and in its colours."""

import struct
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageCms

from comparisons.engine import (
    ImageUnsupported,
    Limits,
    read_header,
)
from comparisons.engine.containers import read_container
from comparisons.engine.decode import DECODERS

from .avif_files import (
    ALPHA,
    Item,
    aperture,
    build,
    code,
    code_lossy,
    code_points,
    encode,
    join_units,
    kind_of_auxiliary,
    make_opacity,
    opacity_of,
    profile,
    split_units,
)
from .pictures import Pixels, decode, gradient, noise, plain

PIXELS = noise(20, 12, seed=1)
OPACITY = np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encode_coarse(pixels: Pixels, depth: int) -> bytes:
    """Encode as YCbCr in 4:2:0."""
    samples = np.round(pixels[..., ::-1] * (((1 << depth) - 1) / 255))
    settings = [cv2.IMWRITE_AVIF_QUALITY, 95, cv2.IMWRITE_AVIF_DEPTH, depth]
    kind = np.uint8 if depth == 8 else np.uint16
    return cv2.imencode(".avif", samples.astype(kind), settings)[1].tobytes()


class TestOrientation:
    @pytest.mark.parametrize("turn", [None, 0, 1, 2, 3])
    @pytest.mark.parametrize("mirror", [None, 0, 1])
    def test_the_picture_is_turned_to_the_left_and_then_mirrored(
        self, turn: int | None, mirror: int | None
    ) -> None:
        item, expected = code(PIXELS), np.rot90(PIXELS, turn or 0)
        if turn is not None:
            item = item.with_(("irot", bytes([turn])))
        if mirror is not None:
            item = item.with_(("imir", bytes([mirror])))
            expected = np.flip(expected, mirror)
        content = build(item)

        assert np.array_equal(decode(content).rgb, expected)
        header = read_header(content, Limits())
        assert (header.height, header.width) == expected.shape[:2]

    def test_the_opacity_is_turned_with_the_colours(self) -> None:
        content = build(
            code(PIXELS).with_(("irot", b"\1")),
            make_opacity(OPACITY),
            references=[("auxl", 2, [1])],
        )

        assert np.array_equal(opacity_of(decode(content)), np.rot90(OPACITY))

    def test_exif_and_xmp_turn_nothing(self) -> None:
        exif = b"\0\0\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
        xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
        content = build(
            code(PIXELS),
            Item(exif, kind="Exif"),
            Item(xmp, kind="mime"),
            references=[("cdsc", 2, [1]), ("cdsc", 3, [1])],
        )

        assert np.array_equal(decode(content).rgb, PIXELS)

    @pytest.mark.parametrize(
        "exif", [b"", b"\0", b"\0\0\0\0garbage", b"\xff\xff\xff\xffMM\0*", bytes(2_000_000)]
    )
    def test_broken_exif_refuses_no_picture(self, exif: bytes) -> None:
        content = build(code(PIXELS), Item(exif, kind="Exif"), references=[("cdsc", 2, [1])])

        assert np.array_equal(decode(content).rgb, PIXELS)

    def test_exif_beyond_the_end_refuses_no_picture(self) -> None:
        content = build(code(PIXELS), Item(b"far away", kind="Exif"), references=[("cdsc", 2, [1])])

        assert np.array_equal(decode(content[:-8]).rgb, PIXELS)


class TestAperture:
    """ISO/IEC 14496-12, 12.1.4: width, height, and how far its middle is from the picture's."""

    def test_a_part_from_the_top_left_on_is_all_that_is_shown(self) -> None:
        content = build(code(PIXELS).with_(aperture(15, 9, (-5, 2), (-3, 2))))

        assert np.array_equal(decode(content).rgb, PIXELS[:9, :15])

    def test_the_aperture_is_cut_before_the_picture_is_turned(self) -> None:
        turned = code(PIXELS).with_(aperture(15, 9, (-5, 2), (-3, 2)), ("irot", b"\1"))

        assert np.array_equal(decode(build(turned)).rgb, np.rot90(PIXELS[:9, :15]))

    @pytest.mark.parametrize(
        "clap",
        [
            pytest.param(aperture(10, 6, (0, 1), (0, 1)), id="from the middle"),
            pytest.param(aperture(30, 9, (5, 1), (-3, 2)), id="wider than the picture"),
            pytest.param(aperture(0, 9, (-10, 1), (-3, 2)), id="of no width"),
            pytest.param(aperture(15, 9, (-5, 0), (-3, 2)), id="by a division by 0"),
            pytest.param(
                ("clap", struct.pack(">8i", 31, 2, 9, 1, -9, 4, -3, 2)), id="in fractions"
            ),
            pytest.param(("clap", b"\0\0\0"), id="cut short"),
        ],
    )
    def test_any_other_aperture_hides_nothing(self, clap: tuple[str, bytes]) -> None:
        assert np.array_equal(decode(build(code(PIXELS).with_(clap))).rgb, PIXELS)


class TestOpacity:
    @pytest.mark.parametrize("depth", [8, 10, 12])
    def test_opacity_is_as_deep_as_the_colours(self, depth: int) -> None:
        highest = (1 << depth) - 1
        colors, opacity = (
            np.round(samples * (highest / 255)).astype(np.uint16) for samples in (PIXELS, OPACITY)
        )
        content = build(
            code(colors, depth), make_opacity(opacity, depth), references=[("auxl", 2, [1])]
        )
        picture = decode(content)

        assert picture.alpha is not None
        assert np.abs(picture.alpha.astype(int) - OPACITY).max() <= 1
        assert np.abs(picture.rgb.astype(int) - PIXELS).max() <= 1

    @pytest.mark.parametrize("kind", [ALPHA, "urn:mpeg:hevc:2015:auxid:1"])
    def test_opacity_has_two_names(self, kind: str) -> None:
        content = build(
            code(PIXELS), make_opacity(OPACITY, kind=kind), references=[("auxl", 2, [1])]
        )

        assert np.array_equal(opacity_of(decode(content)), OPACITY)

    def test_a_depth_map_is_no_opacity(self) -> None:
        depth_map = make_opacity(OPACITY, kind="urn:mpeg:mpegB:cicp:systems:auxiliary:depth")
        content = build(code(PIXELS), depth_map, references=[("auxl", 2, [1])])

        assert decode(content).alpha is None

    def test_gray_may_have_opacity(self) -> None:
        gray = PIXELS[..., 0]
        content = build(code(gray), make_opacity(OPACITY), references=[("auxl", 2, [1])])
        picture = decode(content)

        assert np.array_equal(picture.rgb, np.repeat(gray[..., np.newaxis], 3, axis=2))
        assert np.array_equal(opacity_of(picture), OPACITY)

    def test_premultiplied_colours_are_divided_by_opacity(self) -> None:
        """ISO/IEC 23008-12: the colours refer to the opacity that they are multiplied with."""
        opacity = np.full((12, 20), 100, np.uint8)
        multiplied = np.round(PIXELS * (100 / 255)).astype(np.uint8)
        content = build(
            code(multiplied),
            make_opacity(opacity),
            references=[("auxl", 2, [1]), ("prem", 1, [2])],
        )
        picture = decode(content)

        assert np.array_equal(opacity_of(picture), opacity)
        # As much as rounding by 100 / 255 takes away.
        assert np.abs(picture.rgb.astype(int) - PIXELS).max() <= 3

    def test_opacity_of_limited_range_is_stretched(self) -> None:
        samples = np.tile(np.linspace(0, 255, 64).round().astype(np.uint8), (16, 1))
        limited = code_lossy(
            np.repeat(samples[..., np.newaxis], 3, axis=2),
            subsampling="4:0:0",
            range="limited",
            quality=100,
        )
        content = build(
            code(noise(64, 16, seed=3)),
            limited.without("colr").with_(kind_of_auxiliary()),
            references=[("auxl", 2, [1])],
        )
        found = decode(content).alpha

        assert found is not None
        assert np.abs(found.astype(int) - samples).max() <= 1

    def test_opacity_that_needs_what_is_not_known_here_is_left_out(self) -> None:
        strange = make_opacity(OPACITY).with_(("what", b""))
        strange.essential.add("what")

        assert decode(build(code(PIXELS), strange, references=[("auxl", 2, [1])])).alpha is None


class TestColors:
    # Of P3 in sRGB: https://www.w3.org/TR/css-color-4/#color-conversion-code.
    P3_TO_SRGB = np.array(
        [
            [1.2249402, -0.2249402, 0],
            [-0.0420570, 1.0420570, 0],
            [-0.0196376, -0.0786361, 1.0982736],
        ]
    )

    @staticmethod
    def from_srgb(encoded: NDArray[Any]) -> NDArray[np.float64]:
        value = encoded / 255
        return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)

    @staticmethod
    def to_srgb(linear: NDArray[Any]) -> NDArray[np.float64]:
        value = np.clip(linear, 0, 1)
        encoded = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
        return np.asarray(encoded * 255)

    def convert_p3(self, pixels: Pixels) -> NDArray[np.float64]:
        return self.to_srgb(self.from_srgb(pixels) @ self.P3_TO_SRGB.T)

    def test_primaries_are_converted(self) -> None:
        picture = decode(build(code(PIXELS, colors=(12, 13, 0))))

        assert np.abs(picture.rgb - self.convert_p3(PIXELS)).max() <= 1

    @pytest.mark.parametrize(
        ("transfer", "linearize"),
        [
            pytest.param(8, lambda value: value / 255, id="linear"),
            pytest.param(4, lambda value: (value / 255) ** 2.2, id="gamma 2.2"),
            pytest.param(5, lambda value: (value / 255) ** 2.8, id="gamma 2.8"),
        ],
    )
    def test_curves_are_converted(
        self, transfer: int, linearize: Callable[[NDArray[Any]], NDArray[Any]]
    ) -> None:
        picture = decode(build(code(PIXELS, colors=(1, transfer, 0))))

        assert np.abs(picture.rgb - self.to_srgb(linearize(PIXELS))).max() <= 1

    @pytest.mark.parametrize(
        "colors",
        [
            pytest.param((2, 2, 0), id="unspecified"),
            pytest.param((1, 2, 0), id="unspecified curve"),
            pytest.param((2, 13, 0), id="unspecified primaries"),
            pytest.param((1, 1, 0), id="video's curve"),
        ],
    )
    def test_what_is_taken_for_srgb_is_shown_as_it_is(self, colors: tuple[int, int, int]) -> None:
        assert np.array_equal(decode(build(code(PIXELS, colors=colors))).rgb, PIXELS)

    def test_a_profile_counts_before_code_points(self) -> None:
        content = build(code(PIXELS, colors=(12, 13, 0)).with_(profile(SRGB_PROFILE)))

        assert np.array_equal(decode(content).rgb, PIXELS)

    def test_a_broken_profile_counts_for_nothing(self) -> None:
        content = build(code(PIXELS, colors=(12, 13, 0)).with_(profile(b"not one")))

        assert np.abs(decode(content).rgb - self.convert_p3(PIXELS)).max() <= 1

    def test_without_a_box_the_coded_picture_says_its_colours(self) -> None:
        item = code(PIXELS)
        units = [
            (kind, name_p3(data) if kind == 1 else data) for kind, data in split_units(item.data)
        ]
        content = build(Item(join_units(units), item.without("colr").properties))

        assert np.abs(decode(content).rgb - self.convert_p3(PIXELS)).max() <= 1

    def test_what_is_coded_by_a_matrix_that_browsers_do_not_know_is_not_converted(self) -> None:
        """It is one that follows from the primaries, which leaves gray as it is."""
        gray = plain(16, 16, (120, 120, 120))
        item = code_lossy(gray, quality=100, subsampling="4:4:4").without("colr")

        assert np.abs(decode(build(item.with_(code_points(12, 8, 12)))).rgb - 120.0).max() <= 1

    @pytest.mark.parametrize("matrix", [3, 10, 14])
    def test_a_matrix_that_is_not_supported_is_named(self, matrix: int) -> None:
        item = code(PIXELS, colors=(1, 13, matrix))

        with pytest.raises(ImageUnsupported, match="colour"):
            decode(build(item))


def name_p3(header: bytes) -> bytes:
    """Let a sequence header name P3, where it says that its colours are unspecified: 2, 2, 0."""
    bits = f"{int.from_bytes(header):0{8 * len(header)}b}"
    unspecified, p3 = (
        "".join(f"{number:08b}" for number in names) for names in [(2, 2, 0), (12, 13, 0)]
    )
    assert bits.count(unspecified) == 1
    return int(bits.replace(unspecified, p3), 2).to_bytes(len(header))


class TestDepth:
    RAMP = np.repeat(np.arange(1024, dtype=np.uint16).reshape(8, 128, 1), 3, axis=2)

    @pytest.mark.parametrize("depth", [10, 12])
    def test_more_bits_are_rounded_to_8(self, depth: int) -> None:
        ramp = self.RAMP * ((1 << depth) - 1) // 1023
        picture = decode(build(code(ramp, depth)))

        assert np.abs(picture.rgb - ramp * (255 / ((1 << depth) - 1))).max() <= 0.51
        assert picture.alpha is None

    @pytest.mark.parametrize("transfer", [pytest.param(16, id="PQ"), pytest.param(18, id="HLG")])
    def test_all_bits_of_hdr_count(self, transfer: int) -> None:
        container = read_container(build(code(self.RAMP, 10, colors=(9, transfer, 0))), Limits())
        raster = DECODERS[container.format](container)

        assert raster.pixels.dtype == np.uint16
        assert np.abs(raster.pixels - self.RAMP * (65535 / 1023)).max() <= 1

    def test_hdr_may_have_opacity(self) -> None:
        opacity = np.tile(np.arange(128, dtype=np.uint16) * 8, (8, 1))
        content = build(
            code(self.RAMP, 10, colors=(9, 16, 0)),
            make_opacity(opacity, 10),
            references=[("auxl", 2, [1])],
        )
        picture = decode(content)

        assert picture.is_tone_mapped
        assert picture.alpha is not None
        assert np.abs(picture.alpha - opacity * (255 / 1023)).max() <= 1

    @pytest.mark.parametrize("depth", [8, 10, 12])
    def test_gray_is_gray(self, depth: int) -> None:
        gray = self.RAMP[..., 0] * ((1 << depth) - 1) // 1023
        picture = decode(build(code(gray, depth)))

        expected = np.repeat((gray * (255 / ((1 << depth) - 1)))[..., np.newaxis], 3, axis=2)
        assert np.abs(picture.rgb - expected).max() <= 1

    @pytest.mark.parametrize(("depth", "is_sharp"), [(8, False), (10, False), (12, True)])
    def test_coarse_chroma_is_smoothed_but_repeated_in_12_bits_as_chromium_does(
        self, depth: int, *, is_sharp: bool
    ) -> None:
        """Four pixels share it: left of the middle, red gets some blue, or none."""
        halves = np.hstack([plain(32, 32, (200, 40, 40)), plain(32, 32, (40, 40, 200))])
        row = decode(encode_coarse(halves, depth)).rgb[16].astype(int)

        assert (np.abs(row[31] - row[16]).max() <= 8) == is_sharp

    @pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0", "4:0:0"])
    @pytest.mark.parametrize("value_range", ["full", "limited"])
    def test_ycbcr_of_any_kind_is_turned_into_rgb(self, subsampling: str, value_range: str) -> None:
        smooth = gradient(64, 48)
        if subsampling == "4:0:0":
            smooth = np.repeat(smooth[..., :1], 3, axis=2)
        content = encode(smooth, quality=100, subsampling=subsampling, range=value_range)

        assert np.abs(decode(content).rgb.astype(int) - smooth).max() <= 10
