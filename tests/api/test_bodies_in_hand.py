import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from comparisons.api.middleware import BodyLimitMiddleware
from comparisons.gate import Gate

JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=limit",
)
LARGE, SMALL = 2_000_000, 2_000


def answer_while_full(length: int, content_type: str) -> HttpResponse:
    """Ask while bodies take all the memory they may, and nobody may wait."""
    middleware = BodyLimitMiddleware(lambda _: HttpResponse(status=201))
    middleware.gate = Gate(capacity=10, queue_length=0, patience_seconds=1)
    request = RequestFactory().post("/compare", b"x" * length, content_type=content_type)
    with middleware.gate.admit(10):
        return middleware(request)


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_a_large_body_beyond_what_memory_is_for_is_sent_away(content_type: str) -> None:
    response = answer_while_full(LARGE, content_type)

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


def test_a_small_body_does_not_wait_for_large_ones() -> None:
    assert answer_while_full(SMALL, JSON).status_code == 201


@pytest.mark.parametrize("path", ["/admin/login/", "/", "/nowhere"])
def test_a_large_body_is_refused_where_no_pictures_are_compared(path: str) -> None:
    middleware = BodyLimitMiddleware(lambda _: HttpResponse(status=200))

    response = middleware(RequestFactory().post(path, b"x" * LARGE, content_type=FORM))

    assert response.status_code == 413


def test_a_large_body_gives_its_memory_back() -> None:
    middleware = BodyLimitMiddleware(lambda _: HttpResponse(status=201))
    middleware.gate = Gate(capacity=LARGE, queue_length=0, patience_seconds=1)

    def post() -> HttpRequest:
        return RequestFactory().post("/compare", b"x" * LARGE, content_type=JSON)

    assert [middleware(post()).status_code for _ in range(3)] == [201, 201, 201]
