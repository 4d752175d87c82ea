"""What a file of each format says of its size, and what it is made of: one file a format, all of one shape.

``recognizes`` tells a format by the first bytes, ``measure`` reads the width and the height as they are
stored. Both are plain Python over the bytes, and come before any decoder: those allocate, loop and
inflate by numbers that they find in the file. So ``measure`` refuses what is too costly for its size.
"""

from dataclasses import dataclass
from typing import Protocol

from comparisons.engine.errors import ImageCorrupt, ImageNotRecognized
from comparisons.engine.options import Limits
from comparisons.engine.picture import check_pixel_count

from . import avif, bmp, gif, jpeg, png, tiff, webp


class Format(Protocol):
    def recognizes(self, content: bytes) -> bool: ...

    def measure(self, content: bytes) -> tuple[int, int]:
        """Read width and height.

        :raises DecodeError: there is none, or reading the file would cost far more than its pixels.
        """


# By Pillow's name.
FORMATS: dict[str, Format] = {
    "PNG": png,
    "JPEG": jpeg,
    "WEBP": webp,
    "GIF": gif,
    "BMP": bmp,
    "TIFF": tiff,
    "AVIF": avif,
}


@dataclass(frozen=True)
class Container:
    """The format of a file, and the size in pixels of what it stores."""

    format: str
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def read_container(content: bytes, limits: Limits) -> Container:
    """Read what a file announces, and hold it to the limits.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    name = find_format(content)
    width, height = FORMATS[name].measure(content)
    if not width * height:
        raise ImageCorrupt("the image is corrupt: it has no width or no height")
    check_pixel_count(width, height, limits)
    return Container(name, width, height)


def find_format(content: bytes) -> str:
    """:raises ImageNotRecognized: it is none of the formats that are read here."""
    for name, container in FORMATS.items():
        if container.recognizes(content):
            return name
    raise ImageNotRecognized("not an image in a format that is read here")
