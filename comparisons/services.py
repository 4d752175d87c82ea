"""The pipeline: fetch → decode → fit → compare → render → record."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import engine, fetch
from .engine import EngineError, Options, Picture, compare_pictures, decode_image, render_mask
from .fetch import FetchError, TooManyBytes, fetch_image, is_data_url
from .models import Comparison, ReceivedImage


@dataclass(frozen=True)
class Limits:
    """What one comparison may take."""

    fetch: fetch.Policy
    engine: engine.Limits


@dataclass(frozen=True)
class ImageUrl:
    """An image to download; ``field`` is the input's name in error answers."""

    field: str
    url: str

    @property
    def source(self) -> str:
        """The URL; of a ``data:`` URL, which holds the whole image, only what comes before the data."""
        return self.url.partition(",")[0] if is_data_url(self.url) else self.url

    def read(self, policy: fetch.Policy) -> bytes:
        return fetch_image(self.url, policy)


@dataclass(frozen=True)
class ImageUpload:
    """An uploaded image, not read into memory yet."""

    field: str
    source: str
    size_bytes: int
    read_content: Callable[[], bytes]

    def read(self, policy: fetch.Policy) -> bytes:
        if self.size_bytes > policy.max_bytes:
            raise TooManyBytes(f"the image has more than {policy.max_bytes} bytes")
        return self.read_content()


ImageInput = ImageUrl | ImageUpload


class ImagesRejected(Exception):
    """One or both inputs can't be had or decoded: by field, the error that says why."""

    def __init__(self, errors: dict[str, FetchError | EngineError]) -> None:
        super().__init__("; ".join(f"{field}: {error}" for field, error in errors.items()))
        self.errors = errors


def compare_images(
    *, image1: ImageInput, image2: ImageInput, options: Options, limits: Limits
) -> Comparison:
    """Get two images, compare them and record the comparison.

    :raises ImagesRejected: an image can't be had or decoded.
    :raises EngineError: the two can't be compared with each other.
    """
    started_at = time.perf_counter()
    (received1, picture1), (received2, picture2) = receive_both(image1, image2, limits)
    result = compare_pictures(picture1, picture2, options, limits.engine)
    mask_png = render_mask(result.mask)
    return Comparison.objects.record(
        image1=received1,
        image2=received2,
        options=options,
        result=result,
        mask_png=mask_png,
        duration_ms=(time.perf_counter() - started_at) * 1000,
    )


def receive_both(
    image1: ImageInput, image2: ImageInput, limits: Limits
) -> tuple[tuple[ReceivedImage, Picture], tuple[ReceivedImage, Picture]]:
    """Receive both images side by side: downloading and decoding release the interpreter lock."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = {
            image.field: pool.submit(receive_image, image, limits) for image in (image1, image2)
        }
    errors = {}
    for field, future in futures.items():
        error = future.exception()
        if isinstance(error, FetchError | EngineError):
            errors[field] = error
    if errors:
        raise ImagesRejected(errors) from next(iter(errors.values()))
    received1, received2 = (future.result() for future in futures.values())
    return received1, received2


def receive_image(image: ImageInput, limits: Limits) -> tuple[ReceivedImage, Picture]:
    content = image.read(limits.fetch)
    picture = decode_image(content, limits.engine)
    received = ReceivedImage(
        source=image.source,
        content=content,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
    )
    return received, picture
