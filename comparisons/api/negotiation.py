import contextlib
from collections.abc import Iterable, Iterator, Sequence

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MAX_ACCEPT_LENGTH = 8192


def choose_media_type(accept: str, media_types: Sequence[str]) -> str | None:
    """Choose what a client prefers, as RFC 9110, section 12.5.1, has it.

    The most specific range that covers a type decides its quality, and nothing else. Among types of
    equal quality the first wins. None if all are refused.
    """
    if len(accept) > MAX_ACCEPT_LENGTH:
        return None
    ranges = [*parse_ranges(accept)]
    if not ranges:
        return media_types[0]
    best = max(media_types, key=lambda media_type: find_quality(media_type, ranges))
    return best if find_quality(best, ranges) > 0 else None


def parse_ranges(accept: str) -> Iterator[MediaType]:
    for part in accept.split(","):
        # Parameters in an unknown charset (RFC 8187), or numbered wrongly (RFC 2231).
        with contextlib.suppress(LookupError, TypeError, ValueError):
            if part.strip():
                yield MediaType(part)


def find_quality(media_type: str, ranges: Sequence[MediaType]) -> float:
    covering = [accepted for accepted in ranges if accepted.match(media_type)]
    if not covering:
        return 0
    return max(covering, key=lambda accepted: accepted.specificity).quality


class ServerOrderNegotiation(DefaultContentNegotiation):
    """Chooses among a view's renderers; their order is the server's.

    DRF's own choice prefers the more specific range at equal quality, which would hand JSON to
    ``application/json, text/plain, */*``: axios' default, sent by pages that show a picture.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """:raises NotAcceptable: no renderer is acceptable, or ``?format=`` names none."""
        wanted_format = format_suffix or request.query_params.get("format")
        if wanted_format:
            candidates = [renderer for renderer in renderers if renderer.format == wanted_format]
            if not candidates:
                known = ", ".join(renderer.format for renderer in renderers)
                raise NotAcceptable(f"The format must be one of {known}.")
            return candidates[0], candidates[0].media_type
        accept = request.headers.get("Accept", "")
        media_type = choose_media_type(accept, [renderer.media_type for renderer in renderers])
        if media_type is None:
            raise NotAcceptable
        return next(r for r in renderers if r.media_type == media_type), media_type
