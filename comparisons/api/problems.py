"""Errors become HTTP here: RFC 9457 problem details, or a page for who prefers one."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple, dataclass, replace
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import (
    ObjectDoesNotExist,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    QueryDict,
    UnreadablePostError,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.log import log_response
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request

from comparisons import engine, fetch
from comparisons.cancellation import Cancelled, ServerStopping
from comparisons.gate import ServerBusy
from comparisons.lost_files import ContentMissing
from comparisons.outages import DatabaseUnavailable, StorageFull, StorageUnavailable, find_outage
from comparisons.pages.form import describe_form
from comparisons.pipeline import ImagesRejected

from .bodies import BodyBrokenOff, BodyTimedOut
from .negotiation import choose_media_type

MEDIA_TYPE = "application/problem+json"
FORM_MEDIA_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
INVALID_REQUEST = "invalid_request"
MAX_LOGGED_LENGTH = 500
# Errors repeat what was sent. A problem in JSON stays below 16 kB, where a character may take 12 bytes.
MAX_ECHOED_LENGTH = 100
MAX_DETAIL_LENGTH = 200
MAX_ERRORS = 20
MAX_ERRORS_BYTES = 5000

logger = logging.getLogger("comparisons.problems")

# For the log alone, by the number that nginx made usual: nobody is there to read the answer.
CLIENT_CLOSED_REQUEST = 499

# What may be otherwise soon.
PASSING = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}

TITLES = {
    # Renamed by RFC 9110; Python says so from 3.13 on.
    413: "Content Too Large",
    414: "URI Too Long",
    422: "Unprocessable Content",
    CLIENT_CLOSED_REQUEST: "Client Closed Request",
}

# Status and code of every error; a class stands for its subclasses too.
PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    engine.ImageEmpty: (422, "image_empty"),
    engine.ImageNotRecognized: (422, "not_an_image"),
    engine.ImageUnsupported: (422, "image_unsupported"),
    engine.ImageTruncated: (422, "image_truncated"),
    engine.ImageCorrupt: (422, "image_corrupt"),
    engine.TooManyPixels: (413, "too_many_pixels"),
    engine.SizesDiffer: (422, "sizes_differ"),
    engine.CanvasTooLarge: (413, "canvas_too_large"),
    engine.IgnoreMaskSizeDiffers: (422, "mask_size_differs"),
    fetch.UrlInvalid: (400, "url_invalid"),
    fetch.AddressNotAllowed: (422, "address_not_allowed"),
    fetch.TooManyBytes: (413, "too_many_bytes"),
    fetch.FetchTimedOut: (504, "fetch_timed_out"),
    fetch.TooManyLookups: (503, "server_busy"),
    fetch.HostUnreachable: (502, "host_unreachable"),
    fetch.HostAnsweredError: (502, "host_answered_error"),
    fetch.RedirectInvalid: (502, "redirect_invalid"),
    fetch.TooManyRedirects: (502, "too_many_redirects"),
    ServerBusy: (503, "server_busy"),
    StorageFull: (507, "insufficient_storage"),
    StorageUnavailable: (503, "storage_unavailable"),
    DatabaseUnavailable: (503, "database_unavailable"),
    ContentMissing: (500, "content_missing"),
    RequestDataTooBig: (413, "request_too_large"),
    SuspiciousOperation: (400, "bad_request"),
    UnreadablePostError: (400, "body_unreadable"),
    BodyBrokenOff: (400, "body_unreadable"),
    BodyTimedOut: (408, "request_timed_out"),
    Cancelled: (CLIENT_CLOSED_REQUEST, "client_closed_request"),
    ServerStopping: (503, "server_stopping"),
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one input.

    ``field`` is a path such as ``ignore_regions.0.x``, empty for the body as a whole.
    """

    field: str
    code: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """An error answer, in the members of RFC 9457 and our two: a stable code, and errors by field."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()

    @classmethod
    def with_errors(cls, status: int, code: str, errors: tuple[FieldError, ...]) -> "Problem":
        detail = "; ".join(f"{error.field}: {error.detail}".lstrip(": ") for error in errors)
        return cls(status, code, detail, errors)


def find_problem(exception: Exception) -> Problem | None:
    """Describe an exception; None for what is no answer to a client but a bug."""
    match exception:
        case ImagesRejected(errors=by_field):
            found = [(field, *look_up(error), str(error)) for field, error in by_field.items()]
            errors = tuple(FieldError(field, code, detail) for field, _, code, detail in found)
            _, status, code, _ = found[0]
            return Problem.with_errors(status, code, errors)
        case ValidationError():
            errors = tuple(flatten_details(exception.get_full_details()))
            return Problem.with_errors(exception.status_code, INVALID_REQUEST, errors)
        case Http404() | ObjectDoesNotExist():
            return find_problem(NotFound())
        case APIException():
            return Problem(exception.status_code, str(exception.get_codes()), str(exception.detail))
        case _ if isinstance(exception, tuple(PROBLEMS)):
            return Problem(*look_up(exception), str(exception))
        case _:
            outage = find_outage(exception)
            return find_problem(outage) if outage else None


def find_failure(exception: Exception) -> str:
    """Tell what the operator has to look at; nothing if it is what a client or an image's host has done."""
    match exception:
        case ContentMissing():
            return exception.reason
        case _ if not isinstance(exception, tuple(PROBLEMS)) and find_outage(exception):
            return f"{type(exception).__name__}: {exception}"
        case _:
            return ""


def look_up(exception: Exception) -> tuple[int, str]:
    return next(PROBLEMS[cls] for cls in type(exception).__mro__ if cls in PROBLEMS)


def flatten_details(details: Any, path: str = "") -> Iterator[FieldError]:
    """Walk DRF's nested error details down to the messages."""
    if isinstance(details, Mapping) and isinstance(details.get("code"), str):
        yield FieldError(path, details["code"], str(details["message"]))
    elif isinstance(details, Mapping):
        for key, inner in details.items():
            inner_path = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
            yield from flatten_details(inner, inner_path)
    else:
        for inner in details:
            yield from flatten_details(inner, path)


def limit_size(problem: Problem) -> Problem:
    """Shorten what a client has sent and errors repeat; of very many errors, tell how many they are."""
    if not problem.errors:
        return replace(problem, detail=shorten(problem.detail, MAX_DETAIL_LENGTH))
    kept: list[FieldError] = []
    bytes_left = MAX_ERRORS_BYTES
    for error in problem.errors[:MAX_ERRORS]:
        field = shorten(error.field, MAX_ECHOED_LENGTH)
        short = FieldError(field, error.code, shorten(error.detail, MAX_DETAIL_LENGTH))
        bytes_left -= len(json.dumps(astuple(short)))
        if bytes_left < 0:
            break
        kept.append(short)
    left_out = len(problem.errors) - len(kept)
    if left_out:
        kept.append(FieldError("", "too_many_errors", f"And {left_out} more errors."))
    return Problem.with_errors(problem.status, problem.code, tuple(kept))


def shorten(text: str, max_length: int) -> str:
    """Leave out the middle of a long text: what was sent mostly stands there, between what is wrong with it."""
    if len(text) <= max_length:
        return text
    end_length = max_length // 2
    return f"{text[: max_length - end_length - 1]}…{text[-end_length:]}"


def refuse(request: HttpRequest, problem: Problem, *, failure: str = "") -> HttpResponse:
    """Answer with the problem, and log it; a ``failure`` of our own as an error.

    In one line, through Django's own function: it escapes what could break the line, and doesn't log
    an answer twice.
    """
    response = respond(request, problem)
    log_response(
        # Its kind is in the text itself: of one kind, the log has only so many in a while.
        f"%s %s: {problem.status} {problem.code}: %s",
        shorten(str(request.method), MAX_ECHOED_LENGTH),
        request.path[:MAX_LOGGED_LENGTH],
        (failure or state_reason(problem))[:MAX_LOGGED_LENGTH],
        response=response,
        request=request,
        logger=logger,
        level="error" if failure else choose_level(problem),
    )
    return response


def choose_level(problem: Problem) -> str:
    return "warning" if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "info"


def state_reason(problem: Problem) -> str:
    """Say why, without what the client has sent: there may be a secret in it.

    Texts about fields quote values; and where curl sends JSON as a form, the name of the only field,
    an unknown one, is the whole body.
    """
    if problem.code != INVALID_REQUEST:
        return problem.detail
    return "; ".join(
        f"{'?' if error.code == 'unknown' else error.field}: {error.code}".lstrip(": ")
        for error in problem.errors
    )


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with the problem: as a page where that is preferred to JSON, else as problem+json."""
    problem = limit_size(problem)
    title = TITLES.get(problem.status) or HTTPStatus(problem.status).phrase
    if prefers_page(request):
        page = render_page(request, problem, title)
        # What a client sent may hold half a character, which UTF-8 can't express.
        response = HttpResponse(page.encode(errors="backslashreplace"), status=problem.status)
    else:
        body = {"type": "about:blank", "title": title, **asdict(problem)}
        response = JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if problem.status in PASSING:
        response["Retry-After"] = str(ServerBusy.retry_after_seconds)
    # Where there is a body still to come, the connection stays open for it: this ends the answer.
    response["Content-Length"] = str(len(response.content))
    return response


def render_page(request: HttpRequest, problem: Problem, title: str) -> str:
    """Show what is wrong: to whoever has sent the form, in the form, with what was typed."""
    context: dict[str, Any] = {"problem": problem, "title": title}
    if not is_sent_form(request):
        return render_to_string("problem.html", context, request)
    errors = [(error.field, error.detail) for error in problem.errors] or [("", problem.detail)]
    context |= describe_form(read_typed(request), errors)
    return render_to_string("form.html", context, request)


def read_typed(request: HttpRequest) -> QueryDict | None:
    """Read what was typed into the form, if it can be read."""
    # Only the API's views read bodies; none is read just to be refused.
    if not isinstance(request, Request):
        return None
    try:
        return cast("QueryDict", request.data)
    except Exception as error:
        if find_problem(error) is None:
            raise
        return None


def is_sent_form(request: HttpRequest) -> bool:
    return (
        request.method == "POST"
        and request.path.rstrip("/") == reverse("compare")
        and request.headers.get("Content-Type", "").startswith(FORM_MEDIA_TYPES)
    )


def prefers_page(request: HttpRequest) -> bool:
    try:
        wanted_format = request.GET.get("format")
    except TooManyFieldsSent:
        wanted_format = None
    if wanted_format:
        return wanted_format == "html"
    accept = request.headers.get("Accept", "")
    return choose_media_type(accept, [MEDIA_TYPE, "application/json", "text/html"]) == "text/html"


def handle_exception(exception: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer what an API view has raised. For DRF's setting ``EXCEPTION_HANDLER``."""
    problem = find_problem(exception)
    if problem is None:
        return None
    return refuse(context["request"], problem, failure=find_failure(exception))


def handle_400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, find_problem(exception) or Problem(400, "bad_request", "Bad request."))


def handle_403(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return refuse(request, Problem(403, "permission_denied", "Not allowed."))


def handle_404(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return refuse(request, Problem(404, "not_found", "Not found."))


def handle_500(request: HttpRequest) -> HttpResponse:
    """Answer what middleware or a view of Django's own has raised."""
    error = sys.exception()
    if isinstance(error, Exception) and (response := handle_exception(error, {"request": request})):
        return response
    return respond(
        request, Problem(500, "server_error", "The server failed; this has been logged.")
    )
