"""What pages may load, as their answers tell browsers: https://www.w3.org/TR/CSP3/"""

import pytest
from django.http import HttpResponseBase
from rest_framework.test import APIClient

from tests.comparing import read_body, record_comparison, url_pair

STRICT = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:", "blob:"},
    "object-src": {"'none'"},
    "base-uri": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}


def read_policy(response: HttpResponseBase) -> dict[str, set[str]]:
    directives = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in directives}


@pytest.mark.parametrize("path", ["/", "/docs", "/admin/login/", "/nothing", "/compare/nothing"])
def test_page_may_load_only_what_this_server_serves(client: APIClient, path: str) -> None:
    response = client.get(path, headers={"accept": "text/html"})

    assert response["Content-Type"].startswith("text/html")
    assert read_policy(response) == STRICT


@pytest.mark.parametrize("path", ["/", "/docs", "/admin/login/"])
def test_page_is_shown_in_no_frame_by_old_browsers_either(client: APIClient, path: str) -> None:
    response = client.get(path, headers={"accept": "text/html"})

    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_page_of_a_new_comparison_may_load_only_what_this_server_serves(client: APIClient) -> None:
    response = client.post("/compare?format=html", url_pair(), format="json")

    assert read_policy(response) == STRICT


@pytest.mark.django_db
@pytest.mark.parametrize("picture", ["image1", "mask.png", "thumbnails/mask.webp"])
def test_picture_keeps_its_stricter_policy(client: APIClient, picture: str) -> None:
    response = client.get(f"/compare/{record_comparison().pk}/{picture}")

    assert read_body(response)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
