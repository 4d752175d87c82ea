from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from comparisons.gate import Gate, ServerBusy

from .problems import Problem, refuse, refuse_when_busy

# Smaller bodies don't wait behind the large ones.
MIN_WEIGHED_BYTES = 1_000_000
WAITING_BODIES = 16
PATIENCE_SECONDS = 10


class BodyLimitMiddleware:
    """Refuses a body by its announced length, before any of it is read, and bounds those in hand.

    JSON and forms are held in memory; the parts of a multipart body go to the disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.gate = Gate(
            capacity=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
            queue_length=WAITING_BODIES,
            patience_seconds=PATIENCE_SECONDS,
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        problem = check_body_length(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if problem:
            return refuse(request, problem)
        weight = weigh_body(request)
        if not weight:
            return self.get_response(request)
        try:
            with self.gate.admit(weight):
                return self.get_response(request)
        except ServerBusy as error:
            return refuse_when_busy(request, error)


def check_body_length(request: HttpRequest, max_bytes: int) -> Problem | None:
    length = request.headers.get("Content-Length", "")
    if not length and "Transfer-Encoding" in request.headers:
        # WSGI hands over no body without a length; it must not pass for an empty one.
        return Problem(
            411, "length_required", "Send the body with a Content-Length, not in chunks."
        )
    if length.isdecimal() and int(length) > max_bytes:
        return Problem(413, "request_too_large", f"The request has more than {max_bytes} bytes.")
    return None


def weigh_body(request: HttpRequest) -> int:
    """Tell how many bytes the body takes in memory, where that is much."""
    length = request.headers.get("Content-Length", "")
    if request.content_type == "multipart/form-data" or not length.isdecimal():
        return 0
    return int(length) if int(length) >= MIN_WEIGHED_BYTES else 0
