"""Every bad input gets its problem details and leaves nothing stored: RFC 9457."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from comparisons.fetch import guard
from tests.comparing import BLACK, WHITE, data_url, is_nothing_stored, upload, url_pair
from tests.picture_server import PictureServer
from tests.pictures import encode_noise, plain

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=limit"
NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GOOD = url_pair()

MakeUrl = Callable[[PictureServer], str]


@pytest.fixture(autouse=True)
def _nothing_is_stored_in_the_end(media_root: Path) -> Iterator[None]:
    yield
    assert is_nothing_stored(media_root)


def check_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check the shape that all errors share; return the problem."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "errors"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    return problem


def check_field_problem(
    response: Any, status: int, code: str, field: str, field_code: str
) -> dict[str, Any]:
    problem = check_problem(response, status, code)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, field_code)]
    assert problem["errors"][0]["detail"]
    return problem


class TestFieldValue:
    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            pytest.param("treshold", 0.1, "unknown", id="misspelt field"),
            pytest.param("", 1, "unknown", id="field without a name"),
            pytest.param("threshold", -0.01, "min_value", id="threshold below 0"),
            pytest.param("threshold", 1.01, "max_value", id="threshold above 1"),
            pytest.param("threshold", "high", "invalid", id="threshold in letters"),
            pytest.param("threshold", "nan", "invalid", id="threshold not a number, as text"),
            pytest.param("threshold", "-inf", "invalid", id="infinite threshold, as text"),
            pytest.param("threshold", "", "invalid", id="empty threshold"),
            pytest.param("threshold", None, "null", id="threshold of null"),
            pytest.param("threshold", True, "invalid", id="threshold of true"),
            pytest.param("threshold", False, "invalid", id="threshold of false"),
            pytest.param("threshold", [], "invalid", id="list for a threshold"),
            pytest.param("threshold", {}, "invalid", id="object for a threshold"),
            pytest.param("threshold", 10**400, "overflow", id="threshold beyond floating point"),
            pytest.param("threshold", "1" * 5000, "max_string_length", id="threshold too long"),
            pytest.param("method", "guess", "invalid_choice", id="unknown method"),
            pytest.param("method", "", "invalid_choice", id="empty method"),
            pytest.param("method", None, "null", id="method of null"),
            pytest.param("method", ["grayscale"], "invalid_choice", id="list for a method"),
            pytest.param("method", {"a": 1}, "invalid_choice", id="object for a method"),
            pytest.param("method", "\ud800", "invalid_choice", id="method of half a character"),
            pytest.param("size_policy", "stretch", "invalid_choice", id="unknown size policy"),
            pytest.param("size_policy", 1, "invalid_choice", id="number for a size policy"),
            pytest.param("view", "nothing", "invalid_choice", id="unknown view"),
            pytest.param("background", "no colour", "invalid", id="unknown colour"),
            pytest.param("background", "#12345", "invalid", id="colour of five digits"),
            pytest.param("background", "currentcolor", "invalid", id="colour of the context"),
            pytest.param(
                "background", "color(xyz 1 1 1)", "invalid", id="colour space unknown here"
            ),
            pytest.param("background", "transparent", "not_opaque", id="no colour at all"),
            pytest.param(
                "background", "hsl(1e308 1e308% 1e308%)", "invalid", id="colour beyond all bounds"
            ),
            pytest.param("background", "#ffffff80", "not_opaque", id="half transparent colour"),
            pytest.param("background", 255, "invalid", id="number for a colour"),
            pytest.param("background", [255, 255, 255], "invalid", id="list for a colour"),
            pytest.param("background", "(" * 100_000, "invalid", id="colour nested deeply"),
            pytest.param("background", "\ud800", "invalid", id="colour of half a character"),
            pytest.param("max_mse", -1, "min_value", id="MSE below 0"),
            pytest.param("max_mse", 255**2 + 1, "max_value", id="MSE beyond any"),
            pytest.param("max_mse", "low", "invalid", id="MSE in letters"),
            pytest.param("max_mse", True, "invalid", id="MSE of true"),
            pytest.param("max_diff_ratio", -0.1, "min_value", id="ratio below 0"),
            pytest.param("max_diff_ratio", 1.1, "max_value", id="ratio above 1"),
            pytest.param("max_diff_pixels", -1, "min_value", id="pixels below 0"),
            pytest.param("max_diff_pixels", 1.5, "invalid", id="one and a half pixels"),
            pytest.param("max_diff_pixels", True, "invalid", id="pixels of true"),
            pytest.param("max_diff_pixels", 10**30, "max_value", id="pixels beyond any"),
            pytest.param("max_diff_pixels", "1" * 5000, "max_string_length", id="pixels too long"),
        ],
    )
    def test_that_is_bad_is_named(
        self, client: APIClient, field: str, value: object, code: str
    ) -> None:
        body = json.dumps({**GOOD, field: value})

        response = client.post("/compare", body, content_type=JSON)

        check_field_problem(response, 400, "invalid_request", field, code)

    @pytest.mark.parametrize("field", ["threshold", "max_mse", "max_diff_ratio", "max_diff_pixels"])
    def test_that_is_too_great_for_floating_point_is_named(
        self, client: APIClient, field: str
    ) -> None:
        body = json.dumps(GOOD)[:-1] + f', "{field}": 1e400}}'

        response = client.post("/compare", body, content_type=JSON)

        check_field_problem(response, 400, "invalid_request", field, "invalid")

    def test_errors_are_all_reported_at_once(self, client: APIClient) -> None:
        response = client.post(
            "/compare", {**GOOD, "threshold": 2, "method": "guess"}, format="json"
        )

        problem = check_problem(response, 400, "invalid_request")
        assert {error["field"] for error in problem["errors"]} == {"threshold", "method"}
        assert "threshold" in problem["detail"]
        assert "method" in problem["detail"]

    @pytest.mark.parametrize(
        "repeated",
        [
            pytest.param("threshold=0.1&threshold=0.9", id="different values"),
            pytest.param("threshold=0.1&threshold=0.1", id="equal values"),
        ],
    )
    def test_given_twice_in_a_form_is_named(self, client: APIClient, repeated: str) -> None:
        response = client.post("/compare", repeated, content_type=FORM)

        check_field_problem(response, 400, "invalid_request", "threshold", "repeated")

    def test_given_twice_as_file_is_named(self, client: APIClient) -> None:
        fields = {"image1": [upload(WHITE), upload(BLACK)], "image2": upload(BLACK)}

        response = client.post("/compare", fields, format="multipart")

        check_field_problem(response, 400, "invalid_request", "image1", "repeated")


class TestImageField:
    @pytest.mark.parametrize(
        ("fields", "missing"),
        [
            pytest.param({}, ["image_url1", "image_url2"], id="both"),
            pytest.param({"image_url1": GOOD["image_url1"]}, ["image_url2"], id="second"),
            pytest.param({"image_url2": GOOD["image_url2"]}, ["image_url1"], id="first"),
            pytest.param({**GOOD, "image_url1": ""}, ["image_url1"], id="blank"),
            pytest.param({**GOOD, "image_url1": " "}, ["image_url1"], id="white space"),
            pytest.param({**GOOD, "image_url1": None}, ["image_url1"], id="null"),
        ],
    )
    def test_that_is_missing_is_named(
        self, client: APIClient, fields: dict[str, Any], missing: list[str]
    ) -> None:
        response = client.post("/compare", fields, format="json")

        problem = check_problem(response, 400, "invalid_request")
        assert [(error["field"], error["code"]) for error in problem["errors"]] == [
            (field, "required") for field in missing
        ]

    def test_given_both_ways_is_contradictory(self, client: APIClient) -> None:
        fields = {**GOOD, "image1": upload(WHITE)}

        response = client.post("/compare", fields, format="multipart")

        check_field_problem(response, 400, "invalid_request", "image1", "contradictory")

    @pytest.mark.parametrize("content_type", [JSON, FORM])
    def test_of_a_file_that_is_text_is_invalid(self, client: APIClient, content_type: str) -> None:
        bodies = {JSON: '{"image1": "a", "image_url2": "data:,"}', FORM: "image1=a&image_url2=b"}

        response = client.post("/compare", bodies[content_type], content_type=content_type)

        check_field_problem(response, 400, "invalid_request", "image1", "invalid")

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            pytest.param(True, "invalid", id="true"),
            pytest.param([], "invalid", id="list"),
            pytest.param({}, "invalid", id="object"),
            pytest.param("http://a\x00b/", "null_characters_not_allowed", id="NUL"),
            pytest.param(
                "http://\ud800/", "surrogate_characters_not_allowed", id="half a character"
            ),
            pytest.param("http://a/" + "x" * 8192, "max_length", id="too long"),
        ],
    )
    def test_of_a_url_that_is_no_text_of_one_is_invalid(
        self, client: APIClient, url: object, code: str
    ) -> None:
        body = json.dumps({**GOOD, "image_url1": url})

        response = client.post("/compare", body, content_type=JSON)

        check_field_problem(response, 400, "invalid_request", "image_url1", code)

    @pytest.mark.parametrize("field", ["image_url1", "image_url2"])
    @pytest.mark.parametrize(
        "url",
        [
            pytest.param("file:///etc/passwd", id="file"),
            pytest.param("ftp://example.com/a.png", id="ftp"),
            pytest.param("a.png", id="relative"),
            pytest.param("http://[::1", id="broken address"),
            pytest.param("http://127.0.0.1:0/", id="port 0"),
            pytest.param("http://user:secret@127.0.0.1/", id="password"),
            pytest.param("data:image/png;base64", id="data: without a comma"),
            pytest.param("data:image/png;base64,!", id="data: of broken base64"),
        ],
    )
    def test_of_a_url_that_is_never_fetched_is_invalid(
        self, client: APIClient, field: str, url: str
    ) -> None:
        response = client.post("/compare", {**GOOD, field: url}, format="json")

        check_field_problem(response, 400, "url_invalid", field, "url_invalid")

    def test_of_a_password_is_not_repeated_in_the_answer(self, client: APIClient) -> None:
        fields = {**GOOD, "image_url1": "http://user:secret@127.0.0.1/"}

        response = client.post("/compare", fields, format="json")

        assert b"secret" not in response.content

    @pytest.mark.parametrize(
        "url",
        [
            pytest.param("http://10.0.0.1/a.png", id="private"),
            pytest.param("http://169.254.169.254/latest/meta-data", id="metadata service"),
            pytest.param("http://[::1]/a.png", id="v6 loopback"),
            pytest.param("http://127.0.0.2/a.png", id="loopback that is not allowed"),
        ],
    )
    def test_of_a_private_address_is_not_allowed(self, client: APIClient, url: str) -> None:
        response = client.post("/compare", {**GOOD, "image_url2": url}, format="json")

        check_field_problem(
            response, 422, "address_not_allowed", "image_url2", "address_not_allowed"
        )


def answer_late(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.5)
    handler.close_connection = True


def find_closed_url(_pictures: PictureServer) -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"


def break_off(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + WHITE)


HOST_FAILURES: list[tuple[str, MakeUrl, int, str]] = [
    ("404", lambda p: f"{p.url}/none.png", 502, "host_answered_error"),
    ("500", lambda p: p.serve("/a", WHITE, status=500), 502, "host_answered_error"),
    ("connection refused", find_closed_url, 502, "host_unreachable"),
    ("unknown name", lambda _: "http://nowhere.invalid/a.png", 422, "address_not_allowed"),
    ("breaks off", lambda p: p.answer_with("/a", break_off), 502, "host_unreachable"),
    ("redirect loop", lambda p: p.redirect("/a", "/a"), 502, "too_many_redirects"),
    ("to a file", lambda p: p.redirect("/a", "file:///etc/passwd"), 502, "redirect_invalid"),
    (
        "to a private one",
        lambda p: p.redirect("/a", "http://10.0.0.1/"),
        422,
        "address_not_allowed",
    ),
    ("too late", lambda p: p.answer_with("/a", answer_late), 504, "fetch_timed_out"),
    ("too many bytes", lambda p: p.serve("/a", bytes(2001)), 413, "too_many_bytes"),
    ("empty", lambda p: p.serve("/a", b""), 422, "image_empty"),
]


class TestHost:
    @pytest.mark.parametrize("field", ["image_url1", "image_url2"])
    @pytest.mark.parametrize(
        ("make_url", "status", "code"),
        [pytest.param(*row, id=label) for label, *row in HOST_FAILURES],
    )
    def test_that_fails_is_reported_by_the_images_field(
        self,
        client: APIClient,
        pictures: PictureServer,
        settings: Settings,
        field: str,
        make_url: MakeUrl,
        status: int,
        code: str,
    ) -> None:
        settings.FETCH_TIMEOUT_SECONDS = 0.3 if code == "fetch_timed_out" else 5
        settings.FETCH_MAX_BYTES = 2000

        response = client.post("/compare", {**GOOD, field: make_url(pictures)}, format="json")

        check_field_problem(response, status, code, field, code)


def test_a_name_that_can_not_be_looked_up_now_is_for_later(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOOKUPS", BoundedSemaphore(1))
    guard.LOOKUPS.acquire()

    response = client.post("/compare", {**GOOD, "image_url2": "http://a.example/"}, format="json")

    check_field_problem(response, 503, "server_busy", "image_url2", "server_busy")
    assert int(response["Retry-After"]) > 0


NOISE_PNG = encode_noise(1)
NOISE_JPEG = encode_noise(1, image_format="JPEG")

BAD_CONTENTS = [
    pytest.param(b"", 422, "image_empty", id="empty"),
    pytest.param(NOISE_PNG[: len(NOISE_PNG) // 2], 422, "image_truncated", id="truncated PNG"),
    pytest.param(NOISE_JPEG[: len(NOISE_JPEG) // 2], 422, "image_truncated", id="truncated JPEG"),
    pytest.param(bytes(20_001), 413, "too_many_bytes", id="too many bytes"),
    pytest.param(plain(size=(50, 41)), 413, "too_many_pixels", id="too many pixels"),
]


class TestImage:
    @pytest.fixture(autouse=True)
    def _limits(self, settings: Settings) -> None:
        settings.FETCH_MAX_BYTES = 20_000
        settings.MAX_PIXELS = 2000

    @pytest.mark.parametrize(("content", "status", "code"), BAD_CONTENTS)
    @pytest.mark.parametrize("field", ["image1", "image2"])
    def test_uploaded_that_is_bad_is_named(
        self, client: APIClient, field: str, content: bytes, status: int, code: str
    ) -> None:
        fields = {"image1": upload(WHITE), "image2": upload(WHITE), field: upload(content)}

        response = client.post("/compare", fields, format="multipart")

        check_field_problem(response, status, code, field, code)

    @pytest.mark.parametrize(("content", "status", "code"), BAD_CONTENTS)
    def test_downloaded_that_is_bad_is_named(
        self,
        client: APIClient,
        pictures: PictureServer,
        content: bytes,
        status: int,
        code: str,
    ) -> None:
        url = pictures.serve("/a.png", content)

        response = client.post("/compare", {**GOOD, "image_url2": url}, format="json")

        check_field_problem(response, status, code, "image_url2", code)

    @pytest.mark.parametrize(("content", "status", "code"), BAD_CONTENTS)
    def test_in_a_data_url_that_is_bad_is_named(
        self, client: APIClient, content: bytes, status: int, code: str
    ) -> None:
        fields = {**GOOD, "image_url1": data_url(content)}

        response = client.post("/compare", fields, format="json")

        check_field_problem(response, status, code, "image_url1", code)

    def test_pair_that_is_bad_twice_is_named_twice(self, client: APIClient) -> None:
        fields = url_pair(b"", b"GIF")

        response = client.post("/compare", fields, format="json")

        problem = check_problem(response, 422, "image_empty")
        assert [(error["field"], error["code"]) for error in problem["errors"]] == [
            ("image_url1", "image_empty"),
            ("image_url2", "not_an_image"),
        ]
        assert "image_url1" in problem["detail"]
        assert "image_url2" in problem["detail"]

    def test_pair_of_different_sizes_is_refused_under_error(self, client: APIClient) -> None:
        fields = url_pair(plain(size=(8, 6)), plain(size=(4, 6)), size_policy="error")

        response = client.post("/compare", fields, format="json")

        problem = check_problem(response, 422, "sizes_differ")
        assert "8 x 6" in problem["detail"]
        assert "4 x 6" in problem["detail"]

    def test_pair_whose_padded_canvas_is_too_large_is_refused(self, client: APIClient) -> None:
        fields = url_pair(plain(size=(50, 2)), plain(size=(2, 50)), size_policy="pad")

        response = client.post("/compare", fields, format="json")

        check_problem(response, 413, "canvas_too_large")


class TestBody:
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"{", id="broken"),
            pytest.param(b"", id="empty, announced as JSON with a length"),
            pytest.param(b"image_url1=a", id="form announced as JSON"),
            pytest.param(b"{'image_url1': 'a'}", id="single quotes"),
            pytest.param(b'{"threshold": NaN}', id="NaN"),
            pytest.param(b'{"threshold": Infinity}', id="Infinity"),
            pytest.param(b'{"threshold": -Infinity}', id="-Infinity"),
            pytest.param(b'{"threshold": ' + b"1" * 5000 + b"}", id="5000 digits"),
            pytest.param(b'{"method": "\xff"}', id="not UTF-8"),
            pytest.param(b'{"a": ' + b"[" * 100_000, id="nested deeply, open"),
            pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested deeply, closed"),
            pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="objects nested deeply"),
        ],
    )
    def test_of_malformed_json_is_a_parse_error(self, client: APIClient, body: bytes) -> None:
        response = client.post("/compare", body or b" ", content_type=JSON)

        check_problem(response, 400, "parse_error")

    @pytest.mark.parametrize("depth", [100, 900, 950, 970])
    @pytest.mark.parametrize("field", ["threshold", "method", "background", "image_url1", "other"])
    def test_of_values_nested_less_deeply_is_bad_all_the_same(
        self, client: APIClient, field: str, depth: int
    ) -> None:
        body = f'{{"{field}": {"[" * depth}{"]" * depth}}}'

        response = client.post("/compare", body, content_type=JSON)

        assert response.status_code == 400

    @pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"true", b"null", b'[{"a": 1}]'])
    def test_of_json_that_is_no_object_is_invalid(self, client: APIClient, body: bytes) -> None:
        response = client.post("/compare", body, content_type=JSON)

        check_problem(response, 400, "invalid_request")

    def test_in_accept_of_an_unknown_charset_is_no_failure(self, client: APIClient) -> None:
        response = client.post(
            "/compare", {}, format="json", headers={"accept": "text/html;q*=bogus''%41"}
        )

        assert response.status_code in {400, 406}


def test_unknown_fields_named_like_an_error_are_named(client: APIClient) -> None:
    response = client.post("/compare", {**GOOD, "message": 1, "code": 2}, format="json")

    errors = check_problem(response, 400, "invalid_request")["errors"]
    assert [(error["field"], error["code"]) for error in errors] == [
        ("code", "unknown"),
        ("message", "unknown"),
    ]


class TestNoImage:
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"<!doctype html><title>Not found</title>", id="HTML"),
            pytest.param(b"x", id="one byte"),
            pytest.param(bytes(1000), id="zeros"),
            pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", id="PostScript"),
        ],
    )
    def test_is_told_from_a_corrupt_one(
        self, client: APIClient, pictures: PictureServer, content: bytes
    ) -> None:
        url = pictures.serve("/a.png", content)

        response = client.post("/compare", {**GOOD, "image_url1": url}, format="json")

        check_field_problem(response, 422, "not_an_image", "image_url1", "not_an_image")


@pytest.mark.parametrize(
    "path",
    [
        "/compare",
        "/compare/00000000-0000-4000-8000-000000000000",
        "/compare/00000000-0000-4000-8000-000000000000/mask.png",
        "/compare/00000000-0000-4000-8000-000000000000/image1",
        "/docs",
    ],
)
def test_options_without_a_preflight_are_answered(client: APIClient, path: str) -> None:
    response = client.options(path)

    assert response.status_code < 500
    assert "OPTIONS" in response["Allow"]
