"""The pipeline: fetch → decode → fit → compare → render → record."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.fields.files import FieldFile

from . import engine, fetch
from .engine import (
    VIEWS,
    EngineError,
    IgnoreMaskSizeDiffers,
    Options,
    Picture,
    Result,
    compare,
    decode_image,
)
from .fetch import FetchError, TooManyBytes, fetch_image, is_data_url
from .files import delete_files, is_older, list_files
from .models import Comparison, ReceivedImage, find_needed_files


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
class ImageFile:
    """An image at hand, uploaded or stored, but not in memory yet."""

    field: str
    source: str
    size_bytes: int
    read_content: Callable[[], bytes]

    def read(self, policy: fetch.Policy) -> bytes:
        if self.size_bytes > policy.max_bytes:
            raise TooManyBytes(f"the image has more than {policy.max_bytes} bytes")
        return self.read_content()


ImageInput = ImageUrl | ImageFile


class ImagesRejected(Exception):
    """Some inputs can't be had, decoded or used: by field, the error that says why."""

    def __init__(self, errors: dict[str, FetchError | EngineError]) -> None:
        super().__init__("; ".join(f"{field}: {error}" for field, error in errors.items()))
        self.errors = errors


def compare_images(
    *,
    image1: ImageInput,
    image2: ImageInput,
    mask_image: ImageInput | None = None,
    options: Options,
    view: str = "mask",
    limits: Limits,
) -> Comparison:
    """Get two images (and a mask of what to ignore), compare them and record the comparison.

    ``view`` names a picture to render at once, beside the mask; the others can be had later.

    :raises ImagesRejected: an image can't be had or decoded, or the mask does not fit.
    :raises EngineError: the two can't be compared with each other.
    """
    started_at = time.perf_counter()
    inputs = {"image1": image1, "image2": image2} | (
        {"mask_image": mask_image} if mask_image else {}
    )
    images, pictures = receive_images(inputs, limits)
    result = compare_pictures(inputs, pictures, options, limits)
    views = {name: VIEWS[name](result) for name in {"mask", view}}
    return Comparison.objects.record(
        images=images,
        options=options,
        result=result,
        views=views,
        duration_ms=(time.perf_counter() - started_at) * 1000,
    )


def render_view(*, comparison: Comparison, view: str, limits: Limits) -> FieldFile:
    """Get a picture of a comparison: kept from before, or rendered from the stored inputs.

    :raises EngineError: the limits are stricter than when they were compared.
    """
    kept = comparison.find_view(view)
    if kept is not None:
        return kept
    inputs = {
        field: ImageFile(field, source, stored.size_bytes, stored.read_content)
        for field, (source, stored) in comparison.inputs.items()
    }
    _, pictures = receive_images(inputs, limits)
    result = compare_pictures(inputs, pictures, comparison.load_options(), limits)
    return comparison.keep_view(view, VIEWS[view](result))


def prune_files(*, min_age: timedelta, dry_run: bool = False) -> list[str]:
    """Delete the files that no row points at, and that are old enough not to wait for one."""
    names = [*list_files()]
    needed = find_needed_files()
    pruned = [name for name in names if name not in needed and is_older(name, min_age)]
    if not dry_run:
        delete_files(pruned)
    return pruned


def receive_images(
    inputs: Mapping[str, ImageInput], limits: Limits
) -> tuple[dict[str, ReceivedImage], dict[str, Picture]]:
    """Receive the images side by side: downloading and decoding release the interpreter lock."""
    with ThreadPoolExecutor(max_workers=len(inputs)) as pool:
        futures = {
            name: pool.submit(receive_image, image, limits) for name, image in inputs.items()
        }
    errors = {
        inputs[name].field: error
        for name, future in futures.items()
        if isinstance(error := future.exception(), FetchError | EngineError)
    }
    if errors:
        raise ImagesRejected(errors) from next(iter(errors.values()))
    received = {name: future.result() for name, future in futures.items()}
    return (
        {name: image for name, (image, _) in received.items()},
        {name: picture for name, (_, picture) in received.items()},
    )


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


def compare_pictures(
    inputs: Mapping[str, ImageInput],
    pictures: Mapping[str, Picture],
    options: Options,
    limits: Limits,
) -> Result:
    try:
        return compare(
            pictures["image1"],
            pictures["image2"],
            options,
            limits.engine,
            ignore_mask=pictures.get("mask_image"),
        )
    except IgnoreMaskSizeDiffers as error:
        raise ImagesRejected({inputs["mask_image"].field: error}) from error
