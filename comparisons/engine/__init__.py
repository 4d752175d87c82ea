"""Pixels in, figures out: decode → composite → fit → compare → render. No Django, no network."""

from .compare import ENGINE, Result, compare_pictures
from .decode import MEDIA_TYPES, Picture, decode_image
from .errors import (
    CanvasTooLarge,
    DecodeError,
    EngineError,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
    SizesDiffer,
    TooManyPixels,
)
from .methods import METHODS
from .options import Limits, Options, SizePolicy
from .regions import Region
from .render import render_mask

__all__ = [
    "ENGINE",
    "MEDIA_TYPES",
    "METHODS",
    "CanvasTooLarge",
    "DecodeError",
    "EngineError",
    "ImageCorrupt",
    "ImageEmpty",
    "ImageNotRecognized",
    "ImageTruncated",
    "ImageUnsupported",
    "Limits",
    "Options",
    "Picture",
    "Region",
    "Result",
    "SizePolicy",
    "SizesDiffer",
    "TooManyPixels",
    "compare_pictures",
    "decode_image",
    "render_mask",
]
