from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from comparisons.cancellation import Cancelled
from comparisons.gate import Gate

from .bodies import BODY_ERRORS
from .environ import check_body, find_cancellation
from .problems import Problem, look_up, refuse

# Smaller bodies don't wait behind the large ones.
MIN_WEIGHED_BYTES = 1_000_000
WAITING_BODIES = 64
PATIENCE_SECONDS = 10
# All that is there for pictures begins like this.
PICTURES_PATH = "/compare"


class BodyLimitMiddleware:
    """Refuses a body that could not be received, and bounds those in memory.

    Of a multipart body, only the files go to the disk, and which of its parts are files, nobody knows
    before it is read. Elsewhere than where pictures are compared, Django reads forms by itself, in
    eighty times their memory: large ones are refused.
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
            if not request.path.startswith(PICTURES_PATH):
                raise RequestDataTooBig(f"The request has more than {MIN_WEIGHED_BYTES} bytes.")
            with self.gate.admit(weight, find_cancellation(request)):
                return self.get_response(request)
        except (*BODY_ERRORS, Cancelled) as error:
            return refuse(request, Problem(*look_up(error), str(error)))


def weigh_body(request: HttpRequest) -> int:
    """Tell how many bytes the body takes in memory, where that is much."""
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and int(length) >= MIN_WEIGHED_BYTES else 0
