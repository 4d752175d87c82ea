from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .problems import Problem, refuse


class BodyLimitMiddleware:
    """Refuses a body by its announced length, before any of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        problem = check_body_length(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return refuse(request, problem) if problem else self.get_response(request)


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
