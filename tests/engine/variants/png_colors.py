"""PNG: what its numbers mean, in the four ways that there are to say so: https://www.w3.org/TR/png-3/#color-chunk-precedence."""

import struct
import zlib
from functools import partial

from .drawing import Variants, merge
from .metadata import BROKEN_PROFILE, GRAY_PROFILE, PROFILES
from .png import GRAY, GRAY_ALPHA, PALETTE, RGB, RGBA, Chunk, encode

# x and y of white, red, green and blue.
SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
DISPLAY_P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)

# https://www.itu.int/rec/T-REC-H.273
BT709, BT470M, BT601, BT2020, P3 = 1, 4, 6, 9, 12
GAMMA_22, GAMMA_28, LINEAR, SRGB_CURVE, BT2020_12, PQ, HLG = 4, 5, 8, 13, 15, 16, 18


def gamma(value: int) -> Chunk:
    return b"gAMA", struct.pack(">I", value)


def chromaticities(values: tuple[float, ...]) -> Chunk:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


def profile(content: bytes) -> Chunk:
    return b"iCCP", b"P\0\0" + zlib.compress(content)


def coding(primaries: int, transfer: int, *, full_range: int = 1) -> Chunk:
    return b"cICP", bytes([primaries, transfer, 0, full_range])


SRGB_CHUNK: Chunk = (b"sRGB", b"\0")
SPACES: dict[str, list[Chunk]] = {
    "gamma-10": [gamma(100_000)],
    "gamma-18": [gamma(55_556)],
    "gamma-22": [gamma(45_455)],
    "gamma-30": [gamma(33_333)],
    "gamma-10-srgb-primaries": [gamma(100_000), chromaticities(SRGB)],
    "gamma-22-srgb-primaries": [gamma(45_455), chromaticities(SRGB)],
    "gamma-22-p3-primaries": [gamma(45_455), chromaticities(DISPLAY_P3)],
    "p3-primaries-alone": [chromaticities(DISPLAY_P3)],
    "srgb": [SRGB_CHUNK],
    "srgb-before-gamma-10": [SRGB_CHUNK, gamma(100_000)],
    "profile-p3": [profile(PROFILES["p3"])],
    "profile-linear": [profile(PROFILES["linear"])],
    "profile-red-and-green-swapped": [profile(PROFILES["red-and-green-swapped"])],
    "profile-before-gamma-10": [gamma(100_000), profile(PROFILES["p3"])],
    "broken-profile": [profile(BROKEN_PROFILE)],
    "coding-p3": [coding(P3, SRGB_CURVE)],
    "coding-srgb": [coding(BT709, SRGB_CURVE)],
    "coding-linear": [coding(BT709, LINEAR)],
    "coding-bt709": [coding(BT709, BT709)],
    "coding-before-profile": [coding(P3, SRGB_CURVE), profile(PROFILES["linear"])],
}
MORE_SPACES: dict[str, list[Chunk]] = {
    "coding-bt2020": [coding(BT2020, BT2020_12)],
    "coding-bt601": [coding(BT601, BT601)],
    "coding-gamma-22": [coding(BT470M, GAMMA_22)],
    "coding-gamma-28": [coding(BT709, GAMMA_28)],
    "coding-p3-linear": [coding(P3, LINEAR)],
    "coding-unspecified": [coding(2, 2)],
    "coding-unknown": [coding(200, 201)],
    "coding-limited-range": [coding(BT709, SRGB_CURVE, full_range=0)],
    "coding-pq": [coding(BT2020, PQ)],
    "coding-hlg": [coding(BT2020, HLG)],
}
KINDS = {
    "rgb-8": (RGB, 8),
    "rgb-16": (RGB, 16),
    "rgba-8": (RGBA, 8),
    "palette-4": (PALETTE, 4),
    "gray-8": (GRAY, 8),
    "gray-alpha-16": (GRAY_ALPHA, 16),
}
GRAY_KINDS = {
    "gray-8": (GRAY, 8),
    "gray-16": (GRAY, 16),
    "gray-alpha-8": (GRAY_ALPHA, 8),
    "gray-alpha-16": (GRAY_ALPHA, 16),
    "rgb-8": (RGB, 8),
}

VARIANTS: Variants = merge(
    {
        f"{kind}-{space}": partial(encode, *sample, *chunks)
        for kind, sample in KINDS.items()
        for space, chunks in SPACES.items()
    },
    {f"rgb-8-{space}": partial(encode, RGB, 8, *chunks) for space, chunks in MORE_SPACES.items()},
    {
        f"{kind}-gray-profile": partial(encode, *sample, profile(GRAY_PROFILE))
        for kind, sample in GRAY_KINDS.items()
    },
)
