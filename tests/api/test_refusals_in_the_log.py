"""A refusal is one line in the log: what was refused and why, and nothing that may be secret."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, Never

import pytest
from django.core.exceptions import RequestDataTooBig
from pytest_django import Settings
from rest_framework.test import APIClient

from comparisons import pipeline
from comparisons.api import views
from comparisons.api.bodies import BodyTimedOut
from comparisons.api.environ import BODY_ERROR, CANCELLATION
from comparisons.cancellation import Cancellation
from comparisons.gate import ServerBusy
from tests.comparing import WHITE, data_url, upload, url_pair
from tests.picture_server import PictureServer
from tests.pictures import plain

pytestmark = pytest.mark.django_db

PATH = "/compare"
NOWHERE = "/compare/00000000-0000-4000-8000-000000000000"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _from_info_on(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    # As the settings have it; pytest's own handler takes everything.
    with caplog.at_level(logging.INFO):
        yield


def read_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """Read what was logged by anyone: logger, level and the text as it is written."""
    formatter = logging.Formatter("%(message)s")
    return [(r.name, r.levelname, formatter.format(r)) for r in caplog.records]


@pytest.mark.parametrize(
    ("fields", "level", "line"),
    [
        pytest.param(
            {"image_url2": "http://169.254.169.254/"},
            "INFO",
            "422 address_not_allowed: image_url2: the URL's host is unknown or its address is not allowed",
            id="address",
        ),
        pytest.param(
            {"image_url1": "ftp://example.com/a"},
            "INFO",
            "400 url_invalid: image_url1: not an http:, https: or data: URL",
            id="scheme",
        ),
        pytest.param(
            {"image_url1": data_url(b"")},
            "INFO",
            "422 image_empty: image_url1: the image is empty (0 bytes)",
            id="picture",
        ),
        pytest.param(
            {"image_url1": data_url(b""), "image_url2": "ftp://example.com/a"},
            "INFO",
            "422 image_empty: image_url1: the image is empty (0 bytes);"
            " image_url2: not an http:, https: or data: URL",
            id="two pictures",
        ),
        pytest.param(
            {"threshold": 2, "method": "guess"},
            "INFO",
            "400 invalid_request: method: invalid_choice; threshold: max_value",
            id="two options",
        ),
        pytest.param(
            {"ignore_regions": [{"x": 1, "y": 1, "width": 0, "height": 1}]},
            "INFO",
            "400 invalid_request: ignore_regions.0.width: min_value",
            id="option within a list",
        ),
    ],
)
def test_a_refused_comparison_is_one_line_with_code_field_and_reason(
    client: APIClient,
    caplog: pytest.LogCaptureFixture,
    fields: dict[str, Any],
    level: str,
    line: str,
) -> None:
    client.post(PATH, url_pair(**fields), format="json")

    assert read_lines(caplog) == [("comparisons.problems", level, f"POST /compare: {line}")]


def test_a_host_that_fails_is_a_warning(
    client: APIClient, caplog: pytest.LogCaptureFixture, pictures: PictureServer
) -> None:
    url = pictures.serve("/a", WHITE, status=500)

    client.post(PATH, url_pair(image_url1=url), format="json")

    assert read_lines(caplog) == [
        (
            "comparisons.problems",
            "WARNING",
            "POST /compare: 502 host_answered_error: image_url1: the image's host answered with status 500",
        )
    ]


def test_a_busy_server_is_a_warning(
    client: APIClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_arguments: object) -> Never:
        raise ServerBusy

    monkeypatch.setattr(views, "compare_images", refuse)

    client.post(PATH, url_pair(), format="json")

    assert [line[:2] for line in read_lines(caplog)] == [("comparisons.problems", "WARNING")]
    assert "503 server_busy" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "line"),
    [
        pytest.param("GET", NOWHERE, "", "", f"GET {NOWHERE}: 404 not_found: ", id="404"),
        pytest.param("GET", "/none", "", "", "GET /none: 404 not_found: ", id="unknown path"),
        pytest.param("PUT", PATH, "", "", "PUT /compare: 405 method_not_allowed: ", id="405"),
        pytest.param(
            "POST", PATH, "a", "a/b", "POST /compare: 415 unsupported_media_type: ", id="415"
        ),
        pytest.param(
            "POST", PATH, "{", "application/json", "POST /compare: 400 parse_error: ", id="JSON"
        ),
    ],
)
def test_any_refusal_is_one_line(
    client: APIClient,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    body: str,
    content_type: str,
    line: str,
) -> None:
    client.generic(method, path, body, content_type)

    [(name, level, text)] = read_lines(caplog)
    assert (name, level) == ("comparisons.problems", "INFO")
    assert text.startswith(line)


@pytest.mark.parametrize(
    ("error", "level", "line"),
    [
        pytest.param(
            RequestDataTooBig("too large"),
            "INFO",
            "POST /compare: 413 request_too_large: too large",
            id="too large",
        ),
        pytest.param(
            BodyTimedOut(),
            "INFO",
            "POST /compare: 408 request_timed_out: the request's body takes too long to arrive",
            id="too slow",
        ),
        pytest.param(
            ServerBusy(),
            "WARNING",
            f"POST /compare: 503 server_busy: {ServerBusy()}",
            id="too many",
        ),
    ],
)
def test_a_body_that_was_not_received_is_one_line(
    client: APIClient, caplog: pytest.LogCaptureFixture, error: Exception, level: str, line: str
) -> None:
    not_received: dict[str, Any] = {BODY_ERROR: error}

    client.post(PATH, **not_received)

    assert read_lines(caplog) == [("comparisons.problems", level, line)]


def test_a_client_that_hangs_up_is_one_line(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    gone: dict[str, Any] = {CANCELLATION: cancellation}

    client.post(PATH, url_pair(), format="json", **gone)

    assert read_lines(caplog) == [
        (
            "comparisons.problems",
            "INFO",
            "POST /compare: 499 client_closed_request: the client has hung up",
        )
    ]


def test_a_forged_host_is_one_line_without_a_traceback(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(NOWHERE, headers={"host": "evil.example"})

    [(name, level, text)] = read_lines(caplog)
    assert (name, level, text.count("\n")) == ("comparisons.problems", "INFO", 0)


def test_a_refusal_for_a_person_is_logged_alike(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(NOWHERE, headers={"accept": "text/html"})

    assert [line[:2] for line in read_lines(caplog)] == [("comparisons.problems", "INFO")]


def test_a_success_is_not_logged(client: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    client.post(PATH, url_pair(), format="json")

    assert read_lines(caplog) == []


def test_a_bug_is_an_error_with_its_traceback(
    client: APIClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_arguments: object) -> Never:
        raise ZeroDivisionError

    monkeypatch.setattr(views, "compare_images", fail)
    client.raise_request_exception = False

    response = client.post(PATH, url_pair(), format="json")

    [(name, level, text)] = read_lines(caplog)
    assert (response.status_code, name, level) == (500, "django.request", "ERROR")
    assert "Traceback" in text
    assert "ZeroDivisionError" in text


def test_the_traceback_of_a_bug_holds_nothing_of_the_url(
    client: APIClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    pictures: PictureServer,
) -> None:
    def fail(*_arguments: object) -> Never:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "read_header", fail)
    client.raise_request_exception = False
    url = pictures.serve("/a", WHITE) + f"?token={SECRET}"

    client.post(PATH, url_pair(image_url1=url), format="json")

    [(_, _, text)] = read_lines(caplog)
    assert "ZeroDivisionError" in text
    assert SECRET not in text


def lack_a_colon(handler: BaseHTTPRequestHandler) -> None:
    """Answer with a header that urllib3 complains about."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n" + WHITE)


SECRET = "s3cret"


def make_requests(pictures: PictureServer) -> dict[str, tuple[str, str]]:
    """Make bodies that have the secret in them, with their types."""
    query = f"?token={SECRET}"
    urls = {
        "password": f"http://user:{SECRET}@127.0.0.1/a",
        "user": f"http://{SECRET}@127.0.0.1/a",
        "password and broken": f"http://user:{SECRET}@[::1/a",
        "query, 404": f"{pictures.url}/missing{query}",
        "query, unreachable": f"http://127.0.0.1:9/a{query}",
        "query, redirected": pictures.redirect("/loop", f"/loop{query}") + query,
        "query, not a picture": pictures.serve("/text", b"text") + query,
        "query, odd headers": pictures.answer_with("/odd", lack_a_colon) + query,
        "scheme": f"ftp://user:{SECRET}@127.0.0.1/{query}",
        "fragment": f"{pictures.url}/missing#{SECRET}",
    }
    bodies = {name: json.dumps(url_pair(image_url1=url)) for name, url in urls.items()}
    as_json = {name: (body, "application/json") for name, body in bodies.items()}
    return as_json | {
        "JSON sent as a form": (bodies["password"], FORM),
        "URL as a method": (json.dumps(url_pair(method=urls["password"])), "application/json"),
        "query taken apart": (f"image_url1=http://a/?b=1&{SECRET}=1", FORM),
        "broken JSON": (f'{{"image_url1": "http://user:{SECRET}@', "application/json"),
    }


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "user",
        "password and broken",
        "query, 404",
        "query, unreachable",
        "query, redirected",
        "query, not a picture",
        "query, odd headers",
        "scheme",
        "fragment",
        "JSON sent as a form",
        "URL as a method",
        "query taken apart",
        "broken JSON",
    ],
)
def test_what_was_sent_is_not_in_the_log(
    client: APIClient, caplog: pytest.LogCaptureFixture, pictures: PictureServer, name: str
) -> None:
    body, content_type = make_requests(pictures)[name]

    client.post(PATH, body, content_type=content_type)

    assert SECRET not in "".join(text for *_, text in read_lines(caplog))


def test_a_query_of_the_service_s_own_is_not_in_the_log(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.post(f"{PATH}?token={SECRET}")

    assert SECRET not in caplog.text
    assert "POST /compare" in caplog.text


def test_a_line_break_does_not_forge_a_line(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/none%0AINFO forged")

    [(_, _, text)] = read_lines(caplog)
    assert "\n" not in text
    assert "forged" in text


def test_a_long_path_is_cut_off(client: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/" + "x" * 10_000)

    [(_, _, text)] = read_lines(caplog)
    assert len(text) < 600


def test_many_unknown_fields_are_cut_off(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.post(PATH, {f"field{number}": 1 for number in range(1000)}, format="json")

    [(_, _, text)] = read_lines(caplog)
    assert len(text) < 600


def test_a_picture_too_large_is_logged_by_its_field(
    client: APIClient, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.MAX_PIXELS = 47

    client.post(PATH, {"image1": upload(plain()), "image2": upload(plain(size=(1, 1)))})

    assert "413 too_many_pixels: image1: " in caplog.text
