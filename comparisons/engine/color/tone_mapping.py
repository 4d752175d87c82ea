"""Pictures brighter than white (PQ, HLG) on a screen that isn't: as Chromium shows them.

The formula is the reference white tone mapping of SMPTE ST 2094-50, annex C, which Skia applies to
pictures that bring no mapping of their own: linear light in the primaries of BT.2020, 1 being a white
paper's (203 cd/m²), is multiplied by a gain that depends on the largest of the three channels.
https://skia.googlesource.com/skia/+/refs/heads/main/src/codec/SkHdrAgtm.cpp
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import cut_pixels

from .curves import HdrTransfer, Values
from .linear import MAX_16_BIT, Depth, make_encoding_tables, make_rounding_table, round_to_16_bit
from .primaries import BT_2020, SRGB_TO_XYZ, Chromaticities, find_matrix, find_unadapted_matrix
from .raster import Samples

Light = NDArray[np.float32]

# https://www.itu.int/pub/R-REP-BT.2408, 2.2: diffuse white
WHITE_NITS = 203
PQ_NITS, HLG_NITS = 10_000, 1_000
PEAK_NITS = {HdrTransfer.PQ: PQ_NITS, HdrTransfer.HLG: HLG_NITS}

# https://www.itu.int/rec/R-REC-BT.2100, tables 4 and 5
PQ_M1, PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
PQ_C1, PQ_C2, PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
HLG_A, HLG_B, HLG_C = 0.17883277, 0.28466892, 0.55991073
HLG_GAMMA = 1.2

# SMPTE ST 2094-50, C.2: how dark white gets at most, and how sharply the curve bends.
DARKEST_WHITE, BEND, KNOTS = 0.5, 0.65, 8
USUAL_HEADROOM = math.log2(1000 / WHITE_NITS)


def map_tones(
    pixels: Samples, primaries: Chromaticities, transfer: HdrTransfer, peak_nits: float
) -> NDArray[np.uint8]:
    """Convert height x width x 3 or 4, RGB or RGBA, to sRGB's 8 bits; opacity is rounded only."""
    bt_2020_to_xyz = find_matrix(BT_2020)
    to_bt_2020 = (np.linalg.inv(bt_2020_to_xyz) @ find_matrix(primaries)).astype(np.float32)
    to_srgb = (np.linalg.inv(SRGB_TO_XYZ) @ bt_2020_to_xyz).astype(np.float32)
    luminance = find_unadapted_matrix(primaries)[1:2].astype(np.float32)
    light_table = make_light_table(transfer, pixels.dtype)
    # White stays white, so that rows of the matrix add up to 1; but colours may exceed it.
    brightest = (
        PEAK_NITS[transfer] / WHITE_NITS * float(np.maximum(to_bt_2020, 0).sum(axis=1).max())
    )
    gains = make_gain_table(peak_nits, brightest)
    encoded = make_encoding_tables(3)
    opacity = make_rounding_table(pixels.dtype)
    converted = np.empty(pixels.shape, np.uint8)
    for stored, mapped in cut_pixels(pixels, converted):
        light = cv2.LUT(np.ascontiguousarray(stored[..., :3]), light_table)
        if transfer is HdrTransfer.HLG:
            light = apply_system_gamma(light, luminance)
        light = cv2.transform(light, to_bt_2020)
        gain = cv2.LUT(round_to_16_bit(light.max(axis=2), greatest=brightest), gains)
        shown = cv2.transform(light * gain[..., np.newaxis], to_srgb)
        mapped[..., :3] = cv2.LUT(round_to_16_bit(shown), encoded)
        mapped[..., 3:] = opacity[stored[..., 3:]]
    return converted


def make_light_table(transfer: HdrTransfer, depth: Depth) -> Light:
    """Make float32: the light of each value, of PQ and of HLG's scene, whose brightest is 1."""
    highest = np.iinfo(depth).max
    stored = np.arange(highest + 1) / highest
    if transfer is HdrTransfer.PQ:
        root = stored ** (1 / PQ_M2)
        nits = (np.maximum(root - PQ_C1, 0) / (PQ_C2 - PQ_C3 * root)) ** (1 / PQ_M1) * PQ_NITS
        return np.asarray(nits / WHITE_NITS, np.float32)
    dark = stored**2 / 3
    bright = (np.exp((stored - HLG_C) / HLG_A) + HLG_B) / 12
    return np.asarray(np.where(stored <= 0.5, dark, bright), np.float32)


def apply_system_gamma(scene: cv2.typing.MatLike, weights: Light) -> cv2.typing.MatLike:
    """Convert the light of HLG's scene to that of a display of 1000 cd/m²: BT.2100's OOTF.

    ``weights``, 1 x 3, are those of red, green and blue in the luminance.
    """
    luminance = cv2.transform(scene, weights)
    factor = cv2.pow(luminance, HLG_GAMMA - 1) * (HLG_NITS / WHITE_NITS)
    return scene * factor[..., np.newaxis]


def make_gain_table(peak_nits: float, brightest: float) -> Light:
    """Make float32 of 65536: the gain by the largest channel, from 0 to ``brightest``."""
    if peak_nits <= WHITE_NITS:
        return np.ones(MAX_16_BIT + 1, np.float32)
    knots, gains, slopes = bend_curve(math.log2(peak_nits / WHITE_NITS))
    light = np.linspace(0, brightest, MAX_16_BIT + 1)
    # Whites and all that is darker have one gain; what is brighter than the peak is shown like it.
    log_gain = interpolate_cubic(np.clip(light, knots[0], knots[-1]), knots, gains, slopes)
    beyond = np.log2(knots[-1] / np.maximum(light, knots[-1]))
    return np.asarray(np.exp2(log_gain + beyond), np.float32)


def bend_curve(headroom: float) -> tuple[Values, Values, Values]:
    """Find the light of 8 knots, from white to the peak, their gains' logarithms to base 2, and slopes.

    They lie on a Bézier curve between white, which gets darker to make room, and the peak.
    """
    white = 1 - DARKEST_WHITE * min(headroom / USUAL_HEADROOM, 1)
    start, end = np.array([1, white]), np.array([2**headroom, 1])
    middle = np.array([1 - BEND + BEND / white, (1 - BEND) * white + BEND])
    t = np.linspace(0, 1, KNOTS)[:, np.newaxis]
    light, mapped = (start * (1 - t) ** 2 + middle * 2 * t * (1 - t) + end * t**2).T
    change = 2 * ((middle - start) * (1 - t) + (end - middle) * t)
    slope = change[:, 1] / change[:, 0]
    return light, np.log2(mapped / light), (slope / mapped - 1 / light) / math.log(2)


def interpolate_cubic(x: Values, knots: Values, values: Values, slopes: Values) -> Values:
    """Interpolate by cubic Hermite splines."""
    part = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    width = np.diff(knots)[part]
    t = (x - knots[part]) / width
    before = values[part] * (1 + 2 * t) + slopes[part] * width * t
    after = values[part + 1] * (3 - 2 * t) + slopes[part + 1] * width * (t - 1)
    return np.asarray(before * (1 - t) ** 2 + after * t**2)
