"""The ways to give an image: what there is to read, and what to call it."""

from collections.abc import Callable
from dataclasses import dataclass

from .fetch import Policy, TooManyBytes, fetch_image, is_data_url


@dataclass(frozen=True)
class ImageUrl:
    """An image to download; ``field`` is the input's name in error answers."""

    field: str
    url: str

    @property
    def source(self) -> str:
        """The URL; of a ``data:`` URL, which holds the whole image, only what comes before the data."""
        return self.url.partition(",")[0] if is_data_url(self.url) else self.url

    def read(self, policy: Policy) -> bytes:
        return fetch_image(self.url, policy)


@dataclass(frozen=True)
class ImageFile:
    """An image at hand, uploaded or stored, but not in memory yet."""

    field: str
    source: str
    size_bytes: int
    read_content: Callable[[], bytes]

    def read(self, policy: Policy) -> bytes:
        if self.size_bytes > policy.max_bytes:
            raise TooManyBytes(f"the image has more than {policy.max_bytes} bytes")
        return self.read_content()


ImageInput = ImageUrl | ImageFile
