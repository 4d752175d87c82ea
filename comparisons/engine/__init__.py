"""Pixels in, figures out: decode → composite → fit → ignore → compare → render. No Django, no network.

``decoder_pool`` is not among these names: who compares two files once is quicker without it.
"""

from .browsers import is_shown_as_decoded
from .comparison import ENGINE, Result, compare
from .decode import decode_fast, decode_image, decode_on
from .draw import MAX_SHOWN_SIDE
from .errors import (
    CanvasTooLarge,
    DecodeError,
    EngineError,
    IgnoreMaskSizeDiffers,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
    MethodUnknown,
    SizesDiffer,
    TooManyPixels,
)
from .header import MEDIA_TYPES, Header, read_header
from .methods import METHODS
from .options import ColorProfiles, Limits, Metric, Options, Rectangle, SizePolicy
from .picture import Picture, make_stand_in
from .regions import Region
from .render import VIEWS, render_mask
from .result_warnings import WARNING_FACTS, Fact, ResultWarning, warn_of_sizes
from .thumbnail import THUMBNAILS
from .verdict import LimitCheck, check_limits

__all__ = [
    "ENGINE",
    "MAX_SHOWN_SIDE",
    "MEDIA_TYPES",
    "METHODS",
    "THUMBNAILS",
    "VIEWS",
    "WARNING_FACTS",
    "CanvasTooLarge",
    "ColorProfiles",
    "DecodeError",
    "EngineError",
    "Fact",
    "Header",
    "IgnoreMaskSizeDiffers",
    "ImageCorrupt",
    "ImageEmpty",
    "ImageNotRecognized",
    "ImageTruncated",
    "ImageUnsupported",
    "LimitCheck",
    "Limits",
    "MethodUnknown",
    "Metric",
    "Options",
    "Picture",
    "Rectangle",
    "Region",
    "Result",
    "ResultWarning",
    "SizePolicy",
    "SizesDiffer",
    "TooManyPixels",
    "check_limits",
    "compare",
    "decode_fast",
    "decode_image",
    "decode_on",
    "is_shown_as_decoded",
    "make_stand_in",
    "read_header",
    "render_mask",
    "warn_of_sizes",
]
