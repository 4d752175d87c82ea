"""From the values in a file to sRGB: what they mean, and what a viewer that knows it shows."""

from .choices import (
    CodePoints,
    choose_avif_color_space,
    choose_png_color_space,
    from_png_gamma,
)
from .convert import convert_to_srgb, is_high_dynamic_range
from .icc import MAX_PROFILE_BYTES
from .primaries import Chromaticities
from .raster import ColorModel, Raster, Samples
from .spaces import CodedColors, ColorSpace, IccProfile, from_code_points

__all__ = [
    "MAX_PROFILE_BYTES",
    "Chromaticities",
    "CodePoints",
    "CodedColors",
    "ColorModel",
    "ColorSpace",
    "IccProfile",
    "Raster",
    "Samples",
    "choose_avif_color_space",
    "choose_png_color_space",
    "convert_to_srgb",
    "from_code_points",
    "from_png_gamma",
    "is_high_dynamic_range",
]
