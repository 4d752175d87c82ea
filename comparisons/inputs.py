"""The ways to give an image: what there is to read, and what to call it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO

from .cancellation import NEVER, Cancellation
from .fetch import (
    Policy,
    TooManyBytes,
    fetch_image,
    is_data_url,
    read_data_url_header,
    write_data_url,
)


@dataclass(frozen=True)
class ImageUrl:
    """An image to download; ``field`` is the input's name in error answers."""

    field: str
    url: str

    @property
    def source(self) -> str:
        """The URL; of a ``data:`` URL, which holds the whole image, only what comes before the data."""
        return self.url.partition(",")[0] if is_data_url(self.url) else self.url

    @property
    def is_at_hand(self) -> bool:
        return is_data_url(self.url)

    def receive(
        self, file: IO[bytes], policy: Policy, cancellation: Cancellation = NEVER
    ) -> "ImageFile":
        """Get the image into an empty file.

        :raises FetchError: it can't be had.
        :raises Cancelled: nobody waits for it any more.
        """
        fetch_image(self.url, file, policy, cancellation)
        return ImageFile(self.field, self.source, file.tell(), partial(read_whole, file))


@dataclass(frozen=True)
class ImageDataUrl:
    """An image in a ``data:`` URL, which is in a file itself: it may have megabytes."""

    field: str
    url: IO[bytes]
    is_at_hand = True

    @property
    def source(self) -> str:
        return read_data_url_header(self.url)

    def receive(
        self,
        file: IO[bytes],
        policy: Policy,
        cancellation: Cancellation = NEVER,  # noqa: ARG002
    ) -> "ImageFile":
        """Decode the image into an empty file, and let go of the URL.

        :raises FetchError: it is too large, or can't be decoded.
        """
        source = self.source
        with self.url:
            write_data_url(self.url, file, policy.max_bytes)
        return ImageFile(self.field, source, file.tell(), partial(read_whole, file))


@dataclass(frozen=True)
class ImageFile:
    """An image at hand, received or stored, but not in memory: it can be read more than once."""

    field: str
    source: str
    size_bytes: int
    read_content: Callable[[], bytes]
    is_at_hand = True

    def receive(
        self,
        file: IO[bytes],  # noqa: ARG002
        policy: Policy,
        cancellation: Cancellation = NEVER,  # noqa: ARG002
    ) -> "ImageFile":
        """Find that it is here already.

        :raises TooManyBytes: it is larger than the policy allows.
        """
        if self.size_bytes > policy.max_bytes:
            raise TooManyBytes(f"the image has more than {policy.max_bytes} bytes")
        return self


def read_whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


ImageInput = ImageUrl | ImageDataUrl | ImageFile
