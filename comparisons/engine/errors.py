"""What can go wrong between two byte strings and a result.

::

    EngineError
    ├── DecodeError
    │   ├── ImageEmpty
    │   ├── ImageNotRecognized
    │   ├── ImageUnsupported
    │   ├── ImageTruncated
    │   ├── ImageCorrupt
    │   └── TooManyPixels
    ├── SizesDiffer
    ├── CanvasTooLarge
    ├── IgnoreMaskSizeDiffers
    └── MethodUnknown
"""


class EngineError(Exception):
    """The pictures can't be compared; the message says why, for the person who sent them."""


class DecodeError(EngineError):
    """One input can't be turned into a picture."""


class ImageEmpty(DecodeError):
    """The input has no bytes, or no pixels."""


class ImageNotRecognized(DecodeError):
    """The bytes are of no picture format that the engine reads."""


class ImageUnsupported(DecodeError):
    """It is a picture, but of a format, or a variant of one, that is not read."""


class ImageTruncated(DecodeError):
    """The picture ends before all its pixels are there."""


class ImageCorrupt(DecodeError):
    """The picture's data contradicts itself."""


class TooManyPixels(DecodeError):
    """The header announces more pixels than the limit."""


class SizesDiffer(EngineError):
    """The sizes differ and the size policy is ``error``."""


class CanvasTooLarge(EngineError):
    """The canvas that holds both pictures has more pixels than the limit."""


class IgnoreMaskSizeDiffers(EngineError):
    """The ignore mask is not of the canvas's size."""


class MethodUnknown(EngineError):
    """There is no method of that name."""
