from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from comparisons import engine, fetch
from comparisons.cancellation import Cancellation
from comparisons.gate import Gate
from comparisons.pipeline import Gates, Limits

from .bodies import BodyLimits
from .origins import is_from_elsewhere

# Downloading, or waiting for a place. Each keeps a few threads, and its images on the disk.
WAITING_PER_PLACE = 24
# Besides, for comparisons that download nothing.
UPLOADS_PER_PLACE = 8
PATIENCE_SECONDS = 10
IMAGES_PER_COMPARISON = 3
# Of the places for downloads, what one client may have.
SHARE_OF_ONE_CLIENT = 0.75
# Two images at the limit can always be compared.
IMAGES_AT_ONCE = 2
# Of the largest size, being received or worked on: they are on the disk.
BODIES_IN_HAND = 16
THREADS_FOR_SHORT_REQUESTS = 32
# Of one request, beside its images: JSON, names, options, URLs to download, headers of parts.
MAX_TEXT_BYTES = 1_000_000
# Bodies to be parsed, which takes their memory. Smaller ones don't wait behind the large ones.
MIN_WEIGHED_BYTES = 1_000_000
WAITING_BODIES = 64


def configured_limits(request: HttpRequest | None = None) -> Limits:
    """Read the operator's limits from the settings, for a request if it may have more than others."""
    is_ours = request is not None and not is_from_elsewhere(request)
    return Limits(
        fetch=fetch.Policy(
            allowed_networks=tuple(settings.FETCH_ALLOWED_NETWORKS),
            allowed_ports=tuple(settings.FETCH_ALLOWED_PORTS),
            loopback_ports=tuple(settings.FETCH_LOOPBACK_PORTS) if is_ours else (),
            timeout_seconds=settings.FETCH_TIMEOUT_SECONDS,
            max_bytes=settings.FETCH_MAX_BYTES,
        ),
        engine=engine.Limits(max_pixels=settings.MAX_PIXELS),
        work_timeout_seconds=settings.WORK_TIMEOUT_SECONDS,
    )


def configured_body_limits() -> BodyLimits:
    return BodyLimits(
        max_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        max_bytes_in_hand=BODIES_IN_HAND * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        timeout_seconds=settings.BODY_TIMEOUT_SECONDS,
    )


def count_downloads() -> int:
    return (1 + WAITING_PER_PLACE) * settings.MAX_CONCURRENT_COMPARISONS


def count_comparisons_in_hand() -> int:
    return count_downloads() + UPLOADS_PER_PLACE * settings.MAX_CONCURRENT_COMPARISONS


def count_posts_per_client() -> int:
    return max(1, int(SHARE_OF_ONE_CLIENT * count_downloads()))


def count_threads() -> int:
    """Count the threads of one process: all that may wait in them, and some for short requests."""
    return count_comparisons_in_hand() + WAITING_BODIES + THREADS_FOR_SHORT_REQUESTS


@cache
def configured_gates() -> Gates:
    """Make this process's gates, once."""
    in_hand = count_comparisons_in_hand()
    return Gates(
        in_hand=Gate(capacity=in_hand, queue_length=0, patience_seconds=0),
        downloads=Gate(capacity=count_downloads(), queue_length=0, patience_seconds=0),
        comparisons=Gate(
            capacity=settings.MAX_CONCURRENT_COMPARISONS,
            queue_length=IMAGES_PER_COMPARISON * in_hand,
            patience_seconds=PATIENCE_SECONDS,
        ),
        pixels=Gate(
            capacity=IMAGES_AT_ONCE * settings.MAX_PIXELS,
            queue_length=in_hand,
            patience_seconds=PATIENCE_SECONDS,
        ),
    )


@cache
def configured_parsing_gate() -> Gate:
    return Gate(
        capacity=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        queue_length=WAITING_BODIES,
        patience_seconds=PATIENCE_SECONDS,
    )


@contextmanager
def admit_body(size_bytes: int, cancellation: Cancellation) -> Iterator[None]:
    """Hold memory for a body that is parsed in the block, if it takes much.

    :raises ServerBusy: there is none.
    :raises Cancelled: nobody waits for it any more.
    """
    if size_bytes < MIN_WEIGHED_BYTES:
        yield
    else:
        with configured_parsing_gate().admit(size_bytes, cancellation):
            yield
