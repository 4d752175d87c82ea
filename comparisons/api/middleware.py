from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import set_response_etag

from .bodies import BODY_ERRORS
from .environ import check_body, count_body_bytes
from .limits import MAX_TEXT_BYTES
from .problems import Problem, look_up, refuse

# All that is there for pictures begins like this.
PICTURES_PATH = "/compare"
# As nginx has it. Pages and links repeat what is in a URL.
MAX_URL_BYTES = 8192


class RequestLimitMiddleware:
    """Refuses a long URL, and a body that could not be received or is too large for its path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if count_url_bytes(request) > MAX_URL_BYTES:
            detail = f"The URL has more than {MAX_URL_BYTES} bytes."
            return refuse(request, Problem(414, "url_too_long", detail))
        try:
            check_body(request)
            check_size(request)
        except BODY_ERRORS as error:
            return refuse(request, Problem(*look_up(error), str(error)))
        return self.get_response(request)


def count_url_bytes(request: HttpRequest) -> int:
    return len(request.META["PATH_INFO"]) + len(request.META.get("QUERY_STRING", ""))


def check_size(request: HttpRequest) -> None:
    """Refuse a large body where Django reads forms itself, in eighty times their memory.

    :raises RequestDataTooBig: it is too large for this path.
    """
    is_for_pictures = request.path.startswith(PICTURES_PATH)
    if not is_for_pictures and count_body_bytes(request) > MAX_TEXT_BYTES:
        raise RequestDataTooBig(f"The request has more than {MAX_TEXT_BYTES} bytes.")


class ConditionalMiddleware(ConditionalGetMiddleware):
    """Gives the answer to a HEAD the ETag that Django gives to that of a GET."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        is_head = request.method == "HEAD" and isinstance(response, HttpResponse)
        if is_head and self.needs_etag(response) and not response.has_header("ETag"):
            set_response_etag(response)
        return super().process_response(request, response)
