"""What was sent, or comes from elsewhere, is text on every page, and never markup."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.test import RequestFactory
from rest_framework.test import APIClient

from comparisons.api.problems import FieldError, Problem, respond
from tests.comparing import record_comparison

pytestmark = pytest.mark.django_db

MARKUP = """<script>alert(1)</script><img src=x onerror=alert(1)>"'&"""
FORM = "application/x-www-form-urlencoded"
HTML = {"accept": "text/html"}
FIELDS = [
    "image_url1", "image_url2", "mask_image_url", "method", "threshold", "size_policy", "background", "metrics",
    "ignore_regions", "ignore_antialiasing", "max_mse", "max_diff_pixels", "max_diff_ratio", "min_ssim", "view",
]  # fmt: skip


class Tags(HTMLParser):
    """Collects what of a page a browser would take for tags that the markup makes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.injected: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if "onerror" in names or (tag == "script" and not names):
            self.injected.append(tag)
        self.text += " ".join(filter(None, names.values()))

    def handle_data(self, data: str) -> None:
        self.text += data


def check(page: str) -> None:
    tags = Tags(page)
    assert tags.injected == []
    # It is there, as text.
    assert "onerror=alert(1)" in tags.text


def test_a_value_is_text_in_the_form(client: APIClient) -> None:
    for field in FIELDS:
        response = client.post("/compare", {field: MARKUP}, headers=HTML)

        assert response.status_code == 400
        assert Tags(response.content.decode()).injected == []


@pytest.mark.parametrize("path", ["/compare", "/compare/{id}/rerun"])
def test_the_name_of_an_unknown_field_is_text(client: APIClient, path: str) -> None:
    url = path.format(id=record_comparison().pk)

    response = client.post(url, urlencode({MARKUP: 1}), content_type=FORM, headers=HTML)

    assert response.status_code == 400
    check(response.content.decode())


REQUESTS = {
    "page": RequestFactory().get("/nowhere", headers=HTML),
    "form": RequestFactory().post("/compare", "method=a", FORM, headers=HTML),
}


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(Problem(400, "a", MARKUP), id="detail"),
        pytest.param(
            Problem.with_errors(400, "a", (FieldError(MARKUP, "a", "b"),)), id="name of a field"
        ),
        pytest.param(
            Problem.with_errors(400, "a", (FieldError("x", "a", MARKUP),)), id="detail of a field"
        ),
        pytest.param(
            Problem.with_errors(400, "a", (FieldError("", "a", MARKUP),)), id="detail of none"
        ),
        *[
            pytest.param(Problem.with_errors(400, "a", (FieldError(field, "a", MARKUP),)), id=field)
            for field in [*FIELDS[:-1], "image1", "image2", "mask_image", "ignore_regions.0.x"]
        ],
    ],
)
def test_all_that_a_problem_says_is_text(kind: str, problem: Problem) -> None:
    response = respond(REQUESTS[kind], problem)

    check(response.content.decode())


@pytest.mark.parametrize("name", ["image1", "image2", "mask_image"])
def test_the_name_of_a_file_that_is_lost_is_text(client: APIClient, name: str) -> None:
    body = (
        f'--limit\r\nContent-Disposition: form-data; name="{name}"; filename="<img onerror=alert(1)>.png"'
        "\r\n\r\nx\r\n--limit--\r\n"
    )

    response = client.post(
        "/compare",
        body.encode(),
        content_type="multipart/form-data; boundary=limit",
        headers=HTML,
    )

    check(response.content.decode())


@pytest.mark.parametrize("path", ["/compare/{id}?format=html", "/history"])
def test_the_source_of_an_image_is_text(admin_client: APIClient, path: str) -> None:
    comparison = record_comparison(source1=MARKUP, source2=MARKUP)

    response = admin_client.get(path.format(id=comparison.pk))

    check(response.content.decode())


def test_a_search_is_text(admin_client: APIClient) -> None:
    check(admin_client.get("/history", {"q": MARKUP}).content.decode())
