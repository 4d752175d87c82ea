"""What the front knows of a request and its client beyond the request itself."""

from django.http import HttpRequest

from comparisons.cancellation import NEVER, Cancellation

from .bodies import parse_length

BODY_ERROR = "comparisons.body_error"
CANCELLATION = "comparisons.cancellation"
RELEASE_BODY = "comparisons.release_body"


def check_body(request: HttpRequest) -> None:
    """Raise what has kept the body from being received."""
    error = request.META.get(BODY_ERROR)
    if error is not None:
        raise error


def find_cancellation(request: HttpRequest) -> Cancellation:
    """Find what is cancelled when the client hangs up."""
    cancellation: Cancellation = request.META.get(CANCELLATION, NEVER)
    return cancellation


def release_body(request: HttpRequest) -> None:
    """Let go of the body that was received, once it has been read."""
    release = request.META.get(RELEASE_BODY)
    if release:
        release()


def count_body_bytes(request: HttpRequest) -> int:
    return parse_length(request.headers.get("Content-Length", ""))
