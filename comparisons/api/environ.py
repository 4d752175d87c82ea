"""What the front knows of a request and its client beyond the request itself."""

from django.http import HttpRequest

from comparisons.cancellation import NEVER, Cancellation

BODY_ERROR = "comparisons.body_error"
CANCELLATION = "comparisons.cancellation"


def check_body(request: HttpRequest) -> None:
    """Raise what has kept the body from being received."""
    error = request.META.get(BODY_ERROR)
    if error is not None:
        raise error


def find_cancellation(request: HttpRequest) -> Cancellation:
    """Find what is cancelled when the client hangs up."""
    cancellation: Cancellation = request.META.get(CANCELLATION, NEVER)
    return cancellation
