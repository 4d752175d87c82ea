"""Colours by their definitions, for tests to expect: float64, of any shape whose last axis is RGB."""

import numpy as np

from .profiles import D50, SRGB, Floats


def encode_srgb(light: Floats) -> Floats:
    """Linear light, 0 to 1, to sRGB, 0 to 255: IEC 61966-2-1."""
    light = np.clip(light, 0, 1)
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(255 * curved)


def decode_srgb(values: Floats) -> Floats:
    """sRGB, 0 to 1, to linear light: IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def show_light(light: Floats, to_xyz: Floats) -> Floats:
    """Linear RGB of primaries that ``to_xyz`` stands for (D50), to sRGB, 0 to 255."""
    return encode_srgb(light @ to_xyz.T @ np.linalg.inv(SRGB).T)


def show_lightness(lightness: Floats) -> Floats:
    """CIE L* of a gray to sRGB, 0 to 255: CIE 15."""
    root = (lightness + 16) / 116
    return encode_srgb(np.where(root > 24 / 116, root**3, (root - 16 / 116) * 108 / 841))


def find_lab(xyz: Floats) -> tuple[float, float, float]:
    """CIE XYZ to L*, a* and b*, under D50: CIE 15."""
    ratio = np.maximum(xyz / np.array(D50), 0)
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), ratio * 841 / 108 + 16 / 116)
    return (116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2]))
