"""Bounds of what is read in a file besides its pixels."""

from comparisons.engine.errors import ImageUnsupported

# More than any honest file has: 20 MB of PNG are 5,000 chunks of 4 KiB.
MAX_PARTS = 20_000


class Counter:
    """Counts the parts of a file, so that reading it comes to an end."""

    def __init__(self, limit: int = MAX_PARTS) -> None:
        self.limit = limit
        self._left = limit

    def count(self, number: int = 1) -> None:
        """:raises ImageUnsupported: there is more than the limit."""
        self._left -= number
        if self._left < 0:
            raise ImageUnsupported(f"the file has too many parts: more than {self.limit}")
