"""What the service does: each function is a list of its stages."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import Error as DatabaseError

from .cancellation import NEVER, Cancellation
from .database import give_back_connection
from .decoding import decode_picture
from .engine import THUMBNAILS, VIEWS, Options, read_header
from .files import delete_files, is_older, list_files, read_file
from .inputs import ImageFile, ImageInput
from .lost_files import MaskGone
from .models import (
    IMAGE_FOLDER,
    THUMBNAIL_FOLDER,
    VIEW_FOLDER,
    Comparison,
    ReceivedImage,
    StoredImage,
    find_needed_files,
)
from .outages import find_outage
from .pipeline import Gates, Limits, arriving, comparing
from .watchdog import watching

logger = logging.getLogger(__name__)


def compare_images(
    *,
    image1: ImageInput,
    image2: ImageInput,
    mask_image: ImageInput | None = None,
    options: Options,
    view: str = "mask",
    limits: Limits,
    gates: Gates,
    cancellation: Cancellation = NEVER,
) -> Comparison:
    """Get two images (and a mask of what to ignore), compare them and record the comparison.

    ``view`` names a picture to render at once, beside the mask; the others can be had later.

    :raises ImagesRejected: an image can't be had or decoded, or the mask does not fit.
    :raises EngineError: the two can't be compared with each other.
    :raises ServerBusy: there is too much work in hand.
    :raises Cancelled: nobody waits for it any more; nothing is stored.
    """
    started_at = time.perf_counter()
    inputs = {"image1": image1, "image2": image2} | (
        {"mask_image": mask_image} if mask_image else {}
    )
    give_back_connection()
    with arriving(inputs, limits, gates, cancellation) as images:
        known = StoredImage.objects.find_known(images.values())
        earlier = (
            Comparison.objects.find_equal(images, known, options, limits.engine)
            if view == "mask"
            else None
        )
        is_known = view == "mask" and not earlier and is_known_pair(images, known)
        give_back_connection()
        if earlier:
            cancellation.check()
            with suppress(MaskGone), watching(limits.work_timeout_seconds):
                return Comparison.objects.record_again(
                    earlier, images=images, duration_ms=measure_ms(started_at)
                )
        with comparing(
            inputs, images, options, limits, gates, cancellation, is_known_pair=is_known
        ) as result:
            views = {name: VIEWS[name](result) for name in {"mask", view}}
            cancellation.check()
            return Comparison.objects.record(
                images=images,
                known=known,
                options=options,
                result=result,
                views=views,
                duration_ms=measure_ms(started_at),
            )


def measure_ms(started_at: float) -> float:
    return (time.perf_counter() - started_at) * 1000


def compare_again(
    *,
    comparison: Comparison,
    options: Options,
    view: str = "mask",
    limits: Limits,
    gates: Gates,
    cancellation: Cancellation = NEVER,
) -> Comparison:
    """Compare the stored inputs of a comparison in another way, and record that as a new one.

    :raises ImagesRejected: the limits are stricter than when they were compared.
    :raises EngineError: the two can't be compared with these options.
    :raises ServerBusy: there is too much work in hand.
    :raises Cancelled: nobody waits for it any more; nothing is stored.
    """
    return compare_images(
        **list_stored_inputs(comparison),
        options=options,
        view=view,
        limits=limits,
        gates=gates,
        cancellation=cancellation,
    )


def render_view(
    *,
    comparison: Comparison,
    view: str,
    limits: Limits,
    gates: Gates,
    cancellation: Cancellation = NEVER,
) -> File[Any]:
    """Get a picture of a comparison: kept from before, or rendered from the stored inputs.

    :raises ImagesRejected: the limits are stricter than when they were compared.
    :raises ContentMissing: an input has been lost.
    :raises ServerBusy: there is too much work in hand.
    :raises Cancelled: nobody waits for it any more.
    """
    kept = comparison.find_view(view)
    if kept is not None:
        return kept
    give_back_connection()
    inputs, options = list_stored_inputs(comparison), comparison.load_options()
    with (
        arriving(inputs, limits, gates, cancellation) as images,
        comparing(inputs, images, options, limits, gates, cancellation) as result,
    ):
        return try_to_store(partial(comparison.keep_view, view), VIEWS[view](result))


def render_thumbnail(
    *,
    comparison: Comparison,
    name: str,
    limits: Limits,
    gates: Gates,
    cancellation: Cancellation = NEVER,
) -> File[Any]:
    """Get a small picture of ``image1``, ``image2`` or the ``mask``: kept from before, or rendered now.

    :raises EngineError: the limits are stricter than when they were compared.
    :raises ContentMissing: what it shows has been lost.
    :raises ServerBusy: there is too much work in hand.
    :raises Cancelled: nobody waits for it any more.
    """
    kept = comparison.find_thumbnail(name)
    if kept is not None:
        return kept
    # A lost mask is rendered again.
    mask = name == "mask" and render_view(
        comparison=comparison, view="mask", limits=limits, gates=gates, cancellation=cancellation
    )
    give_back_connection()
    with gates.in_hand.admit(1, cancellation), gates.comparisons.admit(1, cancellation):
        content = read_file(mask) if mask else comparison.read_input(name)
        timeout_seconds = limits.work_timeout_seconds
        with watching(timeout_seconds):
            header = read_header(content, limits.engine)
        with gates.pixels.admit(header.width * header.height, cancellation):
            picture = decode_picture(content, None, limits.engine, timeout_seconds, cancellation)
            with watching(timeout_seconds):
                webp = THUMBNAILS[name](picture)
    return try_to_store(partial(comparison.keep_thumbnail, name), webp)


def try_to_store(store: Callable[[bytes], File[Any]], content: bytes) -> File[Any]:
    """Store a rendered picture. During an outage, return it without storing it."""
    try:
        return store(content)
    except (OSError, DatabaseError) as error:
        if not find_outage(error):
            raise
        reason = str(error)
    logger.error("Can't store a rendered picture; sending it anyway: %s", reason)
    return ContentFile(content)


def prune_files(*, min_age: timedelta, dry_run: bool = False) -> list[str]:
    """Delete the files that no row points at, and that are old enough not to wait for one."""
    folders = (IMAGE_FOLDER, VIEW_FOLDER, THUMBNAIL_FOLDER)
    names = [name for folder in folders for name in list_files(folder)]
    needed = find_needed_files()
    pruned = [name for name in names if name not in needed and is_older(name, min_age)]
    return pruned if dry_run else delete_files(pruned)


def list_stored_inputs(comparison: Comparison) -> dict[str, ImageInput]:
    return {
        field: ImageFile(field, source, stored.size_bytes, partial(comparison.read_input, field))
        for field, (source, stored) in comparison.inputs.items()
    }


def is_known_pair(images: Mapping[str, ReceivedImage], known: Mapping[str, int]) -> bool:
    """Tell whether both images are one content that this engine has found whole before.

    ``known`` has the keys of the contents that are stored. Earlier engines have taken what this one refuses.
    """
    sha256s = {image.sha256 for image in images.values()}
    if "mask_image" in images or len(sha256s) > 1:
        return False
    image_id = known.get(sha256s.pop())
    return image_id is not None and Comparison.objects.get_queryset().have_decoded(image_id)
