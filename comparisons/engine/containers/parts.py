"""Count the parts of a file, so that reading it comes to an end."""

from comparisons.engine.errors import ImageUnsupported

# More than any honest file has: 20 MB of PNG are 5,000 chunks of 4 KiB.
MAX_PARTS = 20_000

# An orientation and a few dozen other tags, a thumbnail, notes of the camera's maker. Pillow decodes
# lists in Python: 20 MB of them take seconds and half a gigabyte.
MAX_EXIF_BYTES = 1_000_000


class Counter:
    def __init__(self, limit: int = MAX_PARTS) -> None:
        self.limit = limit
        self._left = limit

    def count(self, number: int = 1) -> None:
        """:raises ImageUnsupported: there is more than the limit."""
        self._left -= number
        if self._left < 0:
            raise ImageUnsupported(f"the file has too many parts: more than {self.limit}")


def check_exif(size_bytes: int) -> None:
    """:raises ImageUnsupported: it is larger than any camera's."""
    if size_bytes > MAX_EXIF_BYTES:
        raise ImageUnsupported(f"the image's Exif data is larger than {MAX_EXIF_BYTES} bytes")
