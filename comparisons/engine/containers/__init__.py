"""What a file of each format says of its picture: one file a format, all of one shape.

``recognizes`` tells a format by the first bytes, ``read`` reads what the picture's size, orientation and
colours are, and what decoders need of the file. All are plain Python over the bytes, and come before any
decoder: those allocate, loop and inflate by numbers that they find in the file, and refuse it for
damage that has nothing to do with its pixels.
"""

import struct
from dataclasses import replace
from typing import Protocol

from comparisons.engine.errors import ImageCorrupt, ImageEmpty
from comparisons.engine.options import Limits
from comparisons.engine.picture import check_pixel_count

from . import avif, bmp, gif, jpeg, png, tiff, webp
from .container import Container, Frame
from .others import explain_refusal

__all__ = ["FORMATS", "Container", "Frame", "find_format", "read_container"]


class Format(Protocol):
    def recognizes(self, content: bytes) -> bool: ...

    def read(self, content: bytes) -> Container:
        """Read what the file says of its picture.

        :raises DecodeError: it says no size, or decoding it would cost far more than its pixels.
        """


FORMATS: dict[str, Format] = {
    "PNG": png,
    "JPEG": jpeg,
    "WebP": webp,
    "GIF": gif,
    "BMP": bmp,
    "TIFF": tiff,
    "AVIF": avif,
}


def read_container(content: bytes, limits: Limits) -> Container:
    """Read what a file announces, and hold it to the limits.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    name = find_format(content)
    try:
        container = FORMATS[name].read(content)
    # Numbers that lead nowhere, or are larger than what they are for.
    except (ArithmeticError, LookupError, ValueError, struct.error) as error:
        raise ImageCorrupt("the image is corrupt: its header can't be read") from error
    frame = container.frame
    if not container.pixels or (frame and not frame.width * frame.height):
        raise ImageCorrupt("the image is corrupt: it has no width or no height")
    check_pixel_count(container.width, container.height, limits)
    return replace(container, format=name)


def find_format(content: bytes) -> str:
    """Find the format's name in ``FORMATS``.

    :raises ImageEmpty: there are no bytes.
    :raises ImageUnsupported: it is a picture in another format.
    :raises ImageNotRecognized: it is none.
    """
    if not content:
        raise ImageEmpty("the image is empty (0 bytes)")
    for name, container in FORMATS.items():
        if container.recognizes(content):
            return name
    raise explain_refusal(content)
