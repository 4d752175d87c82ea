from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from comparisons.cancellation import Cancelled
from comparisons.gate import Gate

from .bodies import BODY_ERRORS
from .environ import check_body, find_cancellation
from .problems import Problem, look_up, refuse

# Smaller bodies don't wait behind the large ones.
MIN_WEIGHED_BYTES = 1_000_000
WAITING_BODIES = 16
PATIENCE_SECONDS = 10


class BodyLimitMiddleware:
    """Refuses a body that could not be received, and bounds those in memory.

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
        try:
            check_body(request)
            weight = weigh_body(request)
            if not weight:
                return self.get_response(request)
            with self.gate.admit(weight, find_cancellation(request)):
                return self.get_response(request)
        except (*BODY_ERRORS, Cancelled) as error:
            return refuse(request, Problem(*look_up(error), str(error)))


def weigh_body(request: HttpRequest) -> int:
    """Tell how many bytes the body takes in memory, where that is much."""
    length = request.headers.get("Content-Length", "")
    if request.content_type == "multipart/form-data" or not length.isdecimal():
        return 0
    return int(length) if int(length) >= MIN_WEIGHED_BYTES else 0
