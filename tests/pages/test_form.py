import re

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from comparisons.engine import METHODS
from tests.comparing import read_body


@pytest.fixture
def page(client: APIClient) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_form_offers_every_method(page: str) -> None:
    assert re.findall(r'name="method" value="(\w+)"', page) == list(METHODS)


@pytest.mark.parametrize(
    "name",
    [
        "image_url1",
        "image_url2",
        "image1",
        "image2",
        "threshold",
        "background",
        "max_mse",
        "max_diff_pixels",
        "max_diff_ratio",
        "min_ssim",
        "ignore_antialiasing",
        "metrics",
        "mask_image",
        "mask_image_url",
    ],
)
def test_form_has_a_field_of_the_api(page: str, name: str) -> None:
    assert re.search(rf'<input[^>]* name="{name}"', page)


def test_form_is_sent_to_the_api_with_its_files(page: str) -> None:
    form = re.search(r"<form[^>]*>", page)

    assert form
    assert 'action="/compare"' in form.group()
    assert 'method="post"' in form.group()
    assert 'enctype="multipart/form-data"' in form.group()


@pytest.mark.parametrize(("debug", "is_linked"), [(True, True), (False, False)])
def test_form_links_to_the_sample_where_the_service_can_reach_it(
    client: APIClient, settings: Settings, debug: bool, is_linked: bool
) -> None:
    settings.DEBUG = debug

    page = client.get("/").content.decode()

    assert ('href="?sample"' in page) is is_linked


def test_form_is_empty_without_the_sample(page: str) -> None:
    assert re.findall(r'name="image_url\d" value="([^"]*)"', page) == ["", ""]


def test_sample_fills_in_two_pictures_that_are_there(client: APIClient) -> None:
    page = " ".join(client.get("/?sample").content.decode().split())

    urls = re.findall(r'name="image_url\d" value="([^"]+)"', page)

    assert len(urls) == 2
    for url in urls:
        assert url.startswith("http://testserver/static/samples/")
        response = client.get(url)
        assert response.status_code == 200
        assert read_body(response).startswith(b"\x89PNG")


def test_page_refers_only_to_what_this_server_serves(client: APIClient, page: str) -> None:
    links = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"', page)

    assert links
    for link in links:
        response = client.get(link)
        assert response.status_code == 200, link
        assert read_body(response)


def test_page_can_not_be_posted_to(client: APIClient) -> None:
    response = client.post("/")

    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("size_policy", ["resize", "pad", "crop", "error"]),
        ("color_profiles", ["apply", "ignore"]),
    ],
)
def test_form_offers_every_choice(page: str, name: str, choices: list[str]) -> None:
    select = re.search(rf'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)

    assert select
    assert re.findall(r'<option value="(\w+)"', select[0]) == choices
