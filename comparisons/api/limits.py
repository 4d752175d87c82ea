from functools import cache

from django.conf import settings

from comparisons import engine, fetch
from comparisons.gate import Gate
from comparisons.services import Gates, Limits

# Downloading, or waiting for a place. Each keeps a few threads, and its images on the disk.
WAITING_PER_PLACE = 8
PATIENCE_SECONDS = 10
IMAGES_PER_COMPARISON = 3
# Two images at the limit can always be compared.
IMAGES_AT_ONCE = 2


def configured_limits() -> Limits:
    """Read the operator's limits from the settings."""
    return Limits(
        fetch=fetch.Policy(
            allowed_networks=tuple(settings.FETCH_ALLOWED_NETWORKS),
            allowed_ports=tuple(settings.FETCH_ALLOWED_PORTS),
            timeout_seconds=settings.FETCH_TIMEOUT_SECONDS,
            max_bytes=settings.FETCH_MAX_BYTES,
        ),
        engine=engine.Limits(max_pixels=settings.MAX_PIXELS),
        work_timeout_seconds=settings.WORK_TIMEOUT_SECONDS,
    )


def count_comparisons_in_hand() -> int:
    return (1 + WAITING_PER_PLACE) * settings.MAX_CONCURRENT_COMPARISONS


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
