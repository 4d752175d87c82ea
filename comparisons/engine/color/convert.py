"""Values of any colour space to sRGB, as Chromium shows them."""

import numpy as np
from numpy.typing import NDArray

from .curves import HdrTransfer, RoundedCurve
from .icc import read_profile
from .icc_tables import Table
from .linear import convert_gray, convert_inks, convert_linear, cut_depth, reduce_depth
from .primaries import find_matrix
from .raster import ColorModel, Raster, Samples
from .spaces import (
    CodedColors,
    ColorSpace,
    Encoding,
    GrayColors,
    IccProfile,
    MatrixColors,
)
from .tables import convert_by_table
from .tone_mapping import map_tones

# All grays, and colours all over the cube, as a picture one pixel high.
RAMP = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, -1, 1), 3, axis=2)
CUBE = np.stack(np.meshgrid(*[RAMP[0, ::15, 0]] * 3), axis=-1).reshape(1, -1, 3)
PROBES = {ColorModel.GRAY: RAMP, ColorModel.RGB: np.hstack([RAMP, CUBE])}


def convert_to_srgb(
    raster: Raster, color_space: ColorSpace | None, *, cuts_depth: bool = False
) -> NDArray[np.uint8]:
    """Convert a raster to height x width x 3 or 4, uint8, RGB or RGBA.

    Where nothing changes, the raster's own pixels come back. A profile that is broken, or for other
    kinds of pixels, is ignored, as browsers do. One that changes no colour by more than 1 is taken for
    sRGB, and changes none: a tagged picture equals an untagged one.

    16 bits are converted as such, and rounded to 8 at the end. With ``cuts_depth``, their low bytes are
    dropped before, as Chromium does with most PNGs.
    """
    pixels, model = raster.pixels, raster.model
    encoding = find_encoding(color_space, model)
    if encoding is not None and is_change(encoding, model):
        is_cut = cuts_depth and not keeps_depth(encoding, model)
        return convert_colors(cut_depth(pixels) if is_cut else pixels, encoding)
    shallow = reduce_depth(pixels)
    return convert_inks(shallow) if model is ColorModel.CMYK else shallow


def keeps_depth(encoding: Encoding, model: ColorModel) -> bool:
    """Tell whether Chromium converts all 16 bits of a PNG: only RGB of PQ, HLG, and profiles with tables.

    Curves that are tables are enough.
    """
    match encoding:
        case CodedColors(transfer=HdrTransfer()) | Table():
            return model is ColorModel.RGB
        case MatrixColors(curves=(RoundedCurve(), _, _)):
            return model is ColorModel.RGB
    return False


def is_high_dynamic_range(color_space: ColorSpace | None, model: ColorModel) -> bool:
    """Tell whether white isn't the brightest of such pixels, so that their tones are mapped."""
    encoding = find_encoding(color_space, model)
    return isinstance(encoding, CodedColors) and isinstance(encoding.transfer, HdrTransfer)


def find_encoding(color_space: ColorSpace | None, model: ColorModel) -> Encoding | None:
    """Find what a file's values mean; None if that is sRGB, or isn't said."""
    if isinstance(color_space, IccProfile):
        profile = read_profile(color_space.content)
        return profile.encoding if profile and model in profile.models else None
    return color_space if model is not ColorModel.CMYK else None


def convert_colors(pixels: Samples, encoding: Encoding) -> NDArray[np.uint8]:
    match encoding:
        case CodedColors():
            return convert_coded(pixels, encoding)
        case MatrixColors(curves, to_xyz):
            return convert_linear(pixels, curves, to_xyz)
        case GrayColors(curve):
            return convert_gray(pixels, curve)
        case Table():
            return convert_by_table(pixels, encoding)


def convert_coded(pixels: Samples, colors: CodedColors) -> NDArray[np.uint8]:
    curve = colors.transfer
    if isinstance(curve, HdrTransfer):
        return map_tones(pixels, colors.primaries, curve, colors.peak_nits)
    return convert_linear(pixels, (curve, curve, curve), find_matrix(colors.primaries))


def is_change(encoding: Encoding, model: ColorModel) -> bool:
    """Tell whether any colour changes by more than 1."""
    if model is ColorModel.CMYK:
        return True
    probes = PROBES[model]
    converted = convert_colors(probes, encoding)
    return bool(np.abs(converted.astype(np.int16) - probes).max() > 1)
