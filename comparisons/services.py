"""The pipeline: fetch → decode → fit → compare → render → record."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

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
    read_size,
)
from .fetch import FetchError
from .files import delete_files, is_older, list_files
from .gate import Gate
from .inputs import ImageFile, ImageInput
from .models import IMAGE_FOLDER, VIEW_FOLDER, Comparison, ReceivedImage, find_needed_files

T = TypeVar("T")

# Decoders need several times the memory of the pixels that they leave: WebP's 16 bytes a pixel.
MAX_PIXELS_SIDE_BY_SIDE = 40_000_000


@dataclass(frozen=True)
class Limits:
    """What one comparison may take."""

    fetch: fetch.Policy
    engine: engine.Limits


@dataclass(frozen=True)
class Gates:
    """What one process does at a time: comparisons by number, and those being decoded by pixels."""

    comparisons: Gate
    pixels: Gate


class ImagesRejected(Exception):
    """Some inputs can't be had, decoded or used: by field, the error that says why."""

    def __init__(self, errors: dict[str, FetchError | EngineError]) -> None:
        super().__init__("; ".join(f"{field}: {error}" for field, error in errors.items()))
        self.errors = errors


Inputs = Mapping[str, ImageInput]


def compare_images(
    *,
    image1: ImageInput,
    image2: ImageInput,
    mask_image: ImageInput | None = None,
    options: Options,
    view: str = "mask",
    limits: Limits,
    gates: Gates,
) -> Comparison:
    """Get two images (and a mask of what to ignore), compare them and record the comparison.

    ``view`` names a picture to render at once, beside the mask; the others can be had later.

    :raises ImagesRejected: an image can't be had or decoded, or the mask does not fit.
    :raises EngineError: the two can't be compared with each other.
    :raises ServerBusy: there is too much work in hand.
    """
    started_at = time.perf_counter()
    inputs = {"image1": image1, "image2": image2} | (
        {"mask_image": mask_image} if mask_image else {}
    )
    with comparing(inputs, options, limits, gates) as (images, result):
        views = {name: VIEWS[name](result) for name in {"mask", view}}
        return Comparison.objects.record(
            images=images,
            options=options,
            result=result,
            views=views,
            duration_ms=(time.perf_counter() - started_at) * 1000,
        )


def render_view(*, comparison: Comparison, view: str, limits: Limits, gates: Gates) -> FieldFile:
    """Get a picture of a comparison: kept from before, or rendered from the stored inputs.

    :raises ImagesRejected: the limits are stricter than when they were compared.
    :raises ServerBusy: there is too much work in hand.
    """
    kept = comparison.find_view(view)
    if kept is not None:
        return kept
    inputs = {
        field: ImageFile(field, source, stored.size_bytes, stored.read_content)
        for field, (source, stored) in comparison.inputs.items()
    }
    with comparing(inputs, comparison.load_options(), limits, gates) as (_, result):
        return comparison.keep_view(view, VIEWS[view](result))


def prune_files(*, min_age: timedelta, dry_run: bool = False) -> list[str]:
    """Delete the files that no row points at, and that are old enough not to wait for one."""
    names = [*list_files(IMAGE_FOLDER), *list_files(VIEW_FOLDER)]
    needed = find_needed_files()
    pruned = [name for name in names if name not in needed and is_older(name, min_age)]
    if not dry_run:
        delete_files(pruned)
    return pruned


@contextmanager
def comparing(
    inputs: Inputs, options: Options, limits: Limits, gates: Gates
) -> Iterator[tuple[dict[str, ReceivedImage], Result]]:
    """Compare the inputs, and hold a place for them and their pixels for as long as the block runs."""
    with gates.comparisons.admit(1):
        arrivals = do_side_by_side(inputs, lambda name: receive_image(inputs[name], limits))
        pixels = count_pixels(arrivals.values(), limits.engine)
        with gates.pixels.admit(pixels):
            pictures = do_side_by_side(
                inputs,
                lambda name: decode_image(arrivals[name].content, limits.engine),
                at_once=len(inputs) if pixels <= MAX_PIXELS_SIDE_BY_SIDE else 1,
            )
            images = {
                name: ReceivedImage(
                    source=inputs[name].source,
                    content=arrivals[name].content,
                    media_type=picture.media_type,
                    width=picture.width,
                    height=picture.height,
                )
                for name, picture in pictures.items()
            }
            yield images, compare_pictures(inputs, pictures, options, limits)


@dataclass(frozen=True)
class Arrival:
    """The bytes of an image, and the size that their header announces."""

    content: bytes
    width: int
    height: int


def receive_image(image: ImageInput, limits: Limits) -> Arrival:
    content = image.read(limits.fetch)
    width, height = read_size(content, limits.engine)
    return Arrival(content, width, height)


def count_pixels(arrivals: Collection[Arrival], limits: engine.Limits) -> int:
    """Count the pixels of as many canvases, each of which holds all the images."""
    canvas_pixels = max(a.width for a in arrivals) * max(a.height for a in arrivals)
    return len(arrivals) * min(canvas_pixels, limits.max_pixels)


def do_side_by_side(
    inputs: Inputs, work: Callable[[str], T], *, at_once: int | None = None
) -> dict[str, T]:
    """Do the same with each input: downloading and decoding release the interpreter lock.

    ``at_once`` bounds how many; None stands for all.

    :raises ImagesRejected: it went wrong with some.
    """
    with ThreadPoolExecutor(max_workers=at_once or len(inputs)) as pool:
        futures = {name: pool.submit(work, name) for name in inputs}
    errors = {
        inputs[name].field: error
        for name, future in futures.items()
        if isinstance(error := future.exception(), FetchError | EngineError)
    }
    if errors:
        raise ImagesRejected(errors) from next(iter(errors.values()))
    return {name: future.result() for name, future in futures.items()}


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
