"""An answer never costs more than its question: what was sent is repeated in part at most."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from tests.comparing import url_pair

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_PROBLEM_BYTES = 16_000
# What may be repeated: each of a dozen fields as a byte of it becomes at most six in HTML.
MAX_ECHO_IN_PAGE_BYTES = 20_000
MAX_LINE_LENGTH = 8000
REGION = {"x": 0, "y": 0, "width": 1, "height": 1}


@pytest.fixture(autouse=True)
def _from_info_on(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield


def deep(depth: int) -> Any:
    return [deep(depth - 1)] * 2 if depth else "x" * 10


# In JSON, the second takes six bytes of ASCII a character, the third twelve, and the last the same.
LETTERS = {"ASCII": "x", "control": "\x00", "emoji": "\U0001f600", "half": "\ud800", "markup": "<"}

KINDS: dict[str, Callable[[str], Any]] = {
    "method": lambda letter: {"method": letter * 70_000},
    "metrics": lambda letter: {"metrics": [letter * 70_000]},
    "URL": lambda letter: {"image_url1": letter * 70_000},
    "unknown": lambda letter: {letter * 70_000: 1},
    "unknown ones": lambda letter: {f"{letter * 700}{number}": 1 for number in range(100)},
    "all": lambda letter: dict.fromkeys(
        ("method", "size_policy", "view", "background", "metrics", "threshold"), letter * 5000
    ),
    "unknown in regions": lambda letter: {
        "ignore_regions": [REGION | {f"{letter * 100}{n}": 1 for n in range(9)}] * 10
    },
}
BODIES: dict[str, Any] = {
    f"{kind}, {label}": make(letter)
    for label, letter in LETTERS.items()
    for kind, make in KINDS.items()
}
BODIES |= {
    "many unknown": {f"field{number}": 1 for number in range(9000)},
    "regions of nothing": {"ignore_regions": [{}] * 100},
    "regions of texts": {"ignore_regions": [dict.fromkeys(REGION, "x" * 2000)] * 100},
    "deep list": {"metrics": deep(12)},
    "deep list for a method": {"method": deep(12)},
    "numbers": {"method": [10**4000] * 200},
}


@pytest.mark.parametrize("name", BODIES)
def test_a_problem_in_json_is_never_large(
    client: APIClient, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    body = json.dumps(BODIES[name])

    response = client.post("/compare", body, content_type=JSON)

    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "invalid_request")
    assert len(response.content) <= MAX_PROBLEM_BYTES
    assert problem["detail"]
    assert all(error["code"] for error in problem["errors"])
    assert max(len(record.getMessage()) for record in caplog.records) < MAX_LINE_LENGTH


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["method"], id="one field"),
        pytest.param(["method", "threshold", "background", "metrics", "max_mse"], id="fields"),
        pytest.param([f"unknown{number}" for number in range(500)], id="unknown fields"),
    ],
)
def test_a_page_repeats_little(client: APIClient, letter: str, names: list[str]) -> None:
    # Escaped, each byte is three.
    text = letter * (300_000 // len(names) // len(letter.encode(errors="replace")))
    body = urlencode({**url_pair(), **dict.fromkeys(names, text)}, errors="replace")
    plain = client.get("/", headers={"accept": "text/html"})

    response = client.post("/compare", body, content_type=FORM, headers={"accept": "text/html"})

    assert response.status_code == 400
    assert len(response.content) < len(plain.content) + MAX_ECHO_IN_PAGE_BYTES


def test_a_page_keeps_what_people_type(client: APIClient) -> None:
    url = "http://127.0.0.1/" + "x" * 980

    response = client.post("/compare", {"image_url1": url}, headers={"accept": "text/html"})

    assert url in response.content.decode()


HEADERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "method": ("X" * 60_000, "/compare", {}),
    "path": ("GET", "/" + "x" * 60_000, {}),
    "path of a page": ("GET", "/history/" + "%3C" * 20_000, {}),
    "view": ("GET", f"/compare/00000000-0000-4000-8000-000000000000/{'x' * 8000}.png", {}),
    "format": ("GET", "/compare?format=" + "x" * 8000, {}),
    "fields of the query": ("POST", "/compare?" + "a&" * 4000, {}),
    "long query": ("GET", "/history?q=" + "x" * 60_000, {}),
    "Accept": ("POST", "/compare", {"accept": "x/y," * 15_000}),
    "types in Accept": ("POST", "/compare", {"accept": "a/b;q=0.1," * 800}),
    "Host": ("GET", "/compare", {"host": "x" * 60_000}),
    "Content-Type": ("POST", "/compare", {"content-type": "x/" + "y" * 60_000}),
    "boundary": ("POST", "/compare", {"content-type": "multipart/form-data; boundary=" + "x" * 9000}),
    "a type like one of forms": ("POST", "/compare", {"content-type": "multipart/form-data" + "x" * 9000}),
    "Origin": ("POST", "/compare", {"origin": "http://" + "x" * 60_000}),
    "Cookie": ("GET", "/compare", {"cookie": "sessionid=" + "x" * 60_000}),
    "cookies": ("GET", "/compare", {"cookie": "; ".join(["a=b"] * 15_000)}),
    "Range": (
        "GET",
        "/compare/00000000-0000-4000-8000-000000000000/image1",
        {"range": "bytes=" + "0-1," * 15_000},
    ),
}  # fmt: skip


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("name", HEADERS)
def test_what_comes_before_a_body_is_not_repeated_at_length(
    client: APIClient, caplog: pytest.LogCaptureFixture, name: str, accept: str
) -> None:
    method, path, headers = HEADERS[name]
    content_type = headers.get("content-type", JSON)

    response = client.generic(
        method, path, "{}", content_type, headers={"accept": accept, **headers}
    )

    assert 400 <= response.status_code < 500
    page_bytes = len(client.get("/").content) if accept == "text/html" else 0
    assert len(response.content) < page_bytes + MAX_PROBLEM_BYTES
    assert sum(len(str(value)) for value in response.headers.values()) < 2000
    assert max(len(record.getMessage()) for record in caplog.records) < MAX_LINE_LENGTH


@pytest.mark.parametrize("field", ["q", "match", "method", "size_policy", "since", "until"])
def test_a_filter_is_not_repeated_at_length(admin_client: APIClient, field: str) -> None:
    query = {field: "<" * 2600}

    problem = admin_client.get("/compare", query)
    page = admin_client.get("/history", query)

    assert problem.status_code == 400
    assert len(problem.content) < MAX_PROBLEM_BYTES
    assert len(page.content) < len(admin_client.get("/history").content) + MAX_ECHO_IN_PAGE_BYTES


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize(
    ("field", "beginning"), [("username", ""), ("password", ""), ("next", "/"), ("next", "//")]
)
def test_the_login_page_repeats_little(
    client: APIClient, letter: str, field: str, beginning: str
) -> None:
    text = beginning + letter * (300_000 // len(letter.encode(errors="replace")))
    body = urlencode({"username": "a", "password": "b", field: text}, errors="replace")
    plain = client.get("/admin/login/")

    response = client.post("/admin/login/", body, content_type=FORM)

    assert response.status_code in {200, 400}
    assert len(response.content) < len(plain.content) + MAX_ECHO_IN_PAGE_BYTES


def test_the_login_page_keeps_the_longest_name_that_a_user_can_have(client: APIClient) -> None:
    name = "x" * 150

    response = client.post("/admin/login/", {"username": name, "password": "wrong"})

    assert f'value="{name}"' in response.content.decode()


def test_a_login_leads_on_to_the_page_that_was_wanted(
    client: APIClient, django_user_model: Any
) -> None:
    django_user_model.objects.create_superuser("admin", password="secret")
    typed = {"username": "admin", "password": "secret", "next": "/history?q=a"}

    response = client.post("/admin/login/", typed)

    assert (response.status_code, response["Location"]) == (302, "/history?q=a")


def test_of_many_unknown_fields_a_few_are_named_and_the_others_counted(client: APIClient) -> None:
    body = json.dumps({f"field{number}": 1 for number in range(1000)})

    response = client.post("/compare", body, content_type=JSON)

    errors = [(error["field"], error["detail"]) for error in response.json()["errors"]]
    assert errors == [
        *[(f"field{number}", "Unknown field.") for number in (0, 1, 10, 100, 101)],
        ("", "And 995 more unknown fields."),
    ]


def test_of_many_errors_some_are_listed_and_the_others_counted(client: APIClient) -> None:
    body = json.dumps(url_pair() | {"ignore_regions": [{"x": 1, "y": 1, "width": 1}] * 100})

    response = client.post("/compare", body, content_type=JSON)

    *errors, last = response.json()["errors"]
    assert [error["field"] for error in errors] == [
        f"ignore_regions.{number}.height" for number in range(20)
    ]
    assert last == {"field": "", "code": "too_many_errors", "detail": "And 80 more errors."}


def test_a_long_value_is_shortened_and_what_is_wrong_with_it_is_not(client: APIClient) -> None:
    response = client.post("/compare", {"method": "x" * 100_000}, format="json")

    [detail] = [e["detail"] for e in response.json()["errors"] if e["field"] == "method"]
    assert len(detail) <= 200
    assert detail.startswith('"xxx')
    assert detail.endswith('xxx" is not a valid choice.')


def test_a_long_name_is_shortened_and_still_named(client: APIClient) -> None:
    response = client.post("/compare", {"a" * 50_000 + "b" * 50_000: 1}, format="json")

    [error] = response.json()["errors"]
    assert (len(error["field"]), error["code"]) == (100, "unknown")
    assert (error["field"][0], error["field"][-1]) == ("a", "b")
