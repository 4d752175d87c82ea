"""The application as a server calls it: before Django makes a request of what arrives."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from config.wsgi import application

pytestmark = pytest.mark.django_db

BOUNDARY = "multipart/form-data; boundary=limit"
FORM = b'--limit\r\nContent-Disposition: form-data; name="method"\r\n\r\nx\r\n--limit--\r\n'


def post(body: bytes, content_type: str) -> tuple[str, bytes]:
    """Post to ``/compare?format=json``; return the status line and the body."""
    environ = RequestFactory().post("/compare?format=json").environ
    environ |= {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    statuses: list[str] = []

    def start_response(status: str, _headers: Any, _exc_info: Any = None) -> None:
        statuses.append(status)

    return read_answer(application(environ, start_response), statuses)


def read_answer(parts: Any, statuses: list[str]) -> tuple[str, bytes]:
    body = b"".join(parts)
    parts.close()
    return statuses[0], body


@pytest.mark.parametrize(
    "charset",
    [
        pytest.param("; charset=utf-8", id="the usual one"),
        pytest.param("; charset=hex", id="no encoding of text"),
        pytest.param("; charset=rot13", id="text to text"),
        pytest.param("; charset=undefined", id="always failing"),
        pytest.param("; charset=idna", id="without replacements"),
        pytest.param("; charset*=bogus''%41", id="of an unknown charset itself"),
        pytest.param('; charset="', id="broken off"),
    ],
)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", b'{"method": "x"}', id="JSON"),
        pytest.param("application/x-www-form-urlencoded", b"method=x", id="form"),
        pytest.param(BOUNDARY, FORM, id="multipart"),
    ],
)
def test_a_body_is_utf_8_whatever_charset_it_names(
    content_type: str, body: bytes, charset: str
) -> None:
    status, answer = post(body, content_type + charset)

    assert status == "400 Bad Request"
    assert b'"field": "method"' in answer


def test_a_quoted_boundary_is_understood() -> None:
    status, answer = post(FORM, 'multipart/form-data; charset=hex; boundary="limit"')

    assert status == "400 Bad Request"
    assert b'"field": "method"' in answer


def test_an_unknown_type_is_refused_by_its_name() -> None:
    status, answer = post(b"x", "text/csv; header=present")

    assert status.startswith("415")
    assert b"text/csv" in answer
