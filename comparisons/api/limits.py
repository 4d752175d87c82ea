from django.conf import settings

from comparisons import engine, fetch
from comparisons.services import Limits


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
