from functools import cache

from django.conf import settings

from comparisons import engine, fetch
from comparisons.gate import Gate
from comparisons.services import Gates, Limits

# Whoever waits keeps a thread and what was uploaded: in the end, better to be sent away.
WAITING_PER_PLACE = 8
PATIENCE_SECONDS = 10
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
    )


@cache
def configured_gates() -> Gates:
    """Make this process's gates, once."""
    places = settings.MAX_CONCURRENT_COMPARISONS
    return Gates(
        comparisons=Gate(
            capacity=places,
            queue_length=WAITING_PER_PLACE * places,
            patience_seconds=PATIENCE_SECONDS,
        ),
        pixels=Gate(
            capacity=IMAGES_AT_ONCE * settings.MAX_PIXELS,
            queue_length=places,
            patience_seconds=PATIENCE_SECONDS,
        ),
    )
