from functools import cache

from django.conf import settings
from django.http import HttpRequest

from comparisons import engine, fetch
from comparisons.gate import Gate
from comparisons.pipeline import Gates, Limits

from .bodies import BodyLimits
from .middleware import WAITING_BODIES
from .origins import is_from_elsewhere

# Downloading, or waiting for a place. Each keeps a few threads, and its images on the disk.
WAITING_PER_PLACE = 24
PATIENCE_SECONDS = 10
IMAGES_PER_COMPARISON = 3
# Two images at the limit can always be compared.
IMAGES_AT_ONCE = 2
# Of the largest size, being received or worked on: they are on the disk.
BODIES_IN_HAND = 16
THREADS_FOR_SHORT_REQUESTS = 32


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


def count_comparisons_in_hand() -> int:
    return (1 + WAITING_PER_PLACE) * settings.MAX_CONCURRENT_COMPARISONS


def count_threads() -> int:
    """Count the threads of one process: all that may wait in them, and some for short requests."""
    return count_comparisons_in_hand() + WAITING_BODIES + THREADS_FOR_SHORT_REQUESTS


@cache
def configured_gates() -> Gates:
    """Make this process's gates, once."""
    in_hand = count_comparisons_in_hand()
    return Gates(
        in_hand=Gate(capacity=in_hand, queue_length=0, patience_seconds=0),
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
