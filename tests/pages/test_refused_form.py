"""What a browser without a script gets for a form that is refused: the form again."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test.client import BOUNDARY, encode_multipart
from rest_framework.test import APIClient

from comparisons.api.environ import BODY_ERROR
from tests.comparing import upload, url_pair

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def send(client: APIClient, fields: dict[str, Any]) -> Any:
    return client.post("/compare", fields, format="multipart", headers=BROWSER)


def read(response: Any) -> str:
    return " ".join(response.content.decode().split())


def find_tag(page: str, name: str) -> str:
    tag = re.search(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', page)
    assert tag
    return tag.group()


def find_error(page: str, name: str) -> str:
    error = re.search(rf'<p class="error" id="{name}-error">([^<]*)</p>', page)
    assert error
    return html.unescape(error[1])


@pytest.mark.parametrize(
    ("fields", "status", "name", "error"),
    [
        pytest.param({}, 400, "image_url1", "Give a URL", id="nothing given"),
        pytest.param(
            url_pair(image1=upload(b"x")), 400, "image1", "Give either a URL", id="both given"
        ),
        pytest.param(url_pair(b"no picture"), 422, "image_url1", "Not an image", id="no picture"),
        pytest.param(
            url_pair(background="red-ish"), 400, "background", "Not a CSS colour", id="option"
        ),
        pytest.param(
            url_pair(ignore_regions='[{"x": 1, "y": 2, "width": 0, "height": 3}]'),
            400,
            "ignore_regions",
            "0.width: Ensure this value is greater than or equal to 1.",
            id="in a list",
        ),
    ],
)
def test_the_error_is_beside_its_input(
    client: APIClient, fields: dict[str, Any], status: int, name: str, error: str
) -> None:
    response = send(client, fields)

    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert find_error(read(response), name).startswith(error)
    assert 'aria-invalid="true"' in find_tag(read(response), name) or name == "ignore_regions"


MULTIPART = "multipart/form-data; boundary=BoUnDaRyStRiNg"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED], ids=["multipart", "urlencoded"])
def test_what_was_typed_is_kept(client: APIClient, content_type: str) -> None:
    fields = {
        "image_url1": 'http://10.0.0.1/"><b>.png',
        "threshold": "0.3",
        "ignore_antialiasing": "true",
        "method": "yiq",
        "size_policy": "crop",
        "max_mse": "12.5",
    }
    body = (
        urlencode(fields)
        if content_type == URLENCODED
        else encode_multipart(BOUNDARY, fields).decode()
    )

    page = read(client.generic("POST", "/compare", body, content_type, headers=BROWSER))

    assert 'value="http://10.0.0.1/&quot;&gt;&lt;b&gt;.png"' in find_tag(page, "image_url1")
    assert 'value="0.3"' in find_tag(page, "threshold")
    assert "checked" in find_tag(page, "ignore_antialiasing")
    assert re.search(r'value="yiq"[^>]* checked>', page)
    assert '<option value="crop" selected>' in page
    assert 'value="12.5"' in find_tag(page, "max_mse")


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        pytest.param({}, [False, False], id="all as by default"),
        pytest.param({"threshold": "0.2"}, [True, False], id="an option"),
        pytest.param({"mask_image_url": "x"}, [False, True], id="a mask"),
    ],
)
def test_what_is_in_use_is_unfolded(
    client: APIClient, fields: dict[str, str], is_open: list[bool]
) -> None:
    defaults = {
        "method": "grayscale",
        "threshold": "0.1",
        "size_policy": "resize",
        "background": "white",
        "max_mse": "",
    }

    page = read(send(client, {**defaults, **fields}))

    folds = re.findall("<details[^>]*>", page)
    assert ["open" in fold for fold in folds] == is_open


def test_files_have_to_be_chosen_again(client: APIClient) -> None:
    page = read(send(client, {"image1": upload(b"x", "before <1>.png")}))

    assert "Choose before &lt;1&gt;.png again: browsers don't keep files." in page


def test_the_name_of_a_file_is_shortened(client: APIClient) -> None:
    page = read(send(client, {"image1": upload(b"x", "n" * 200 + ".png")}))

    assert "Choose nnn" in page
    assert "n" * 101 not in page


def test_a_picture_in_a_url_is_not_sent_back(client: APIClient) -> None:
    url = "data:image/png;base64," + "A" * 10_000

    page = read(send(client, {"image_url1": url}))

    assert "AAAA" not in page
    assert "a URL this long is not kept" in page


def test_an_error_of_no_input_is_above_them(client: APIClient) -> None:
    page = read(send(client, url_pair(colour="red")))

    assert re.search(r'role="alert"[^>]*> <p>Colour: Unknown field.</p>', page)


def test_a_body_that_is_too_large_is_said_to_be_in_the_form(client: APIClient) -> None:
    not_received: dict[str, Any] = {
        BODY_ERROR: RequestDataTooBig("The request has more than 9 bytes.")
    }

    response = client.post(
        "/compare", url_pair(), format="multipart", headers=BROWSER, **not_received
    )

    assert response.status_code == 413
    assert "<p>The request has more than" in read(response)
    assert 'name="image_url1"' in read(response)


@pytest.mark.parametrize("path", ["/compare?format=html", "/compare/?format=html"])
def test_programs_that_send_json_get_a_page_without_the_form(client: APIClient, path: str) -> None:
    response = client.post(path, {}, format="json")

    assert response.status_code == 400
    assert "<form" not in response.content.decode()


def test_programs_that_send_a_form_get_json(client: APIClient) -> None:
    response = client.post("/compare", {}, format="multipart", headers={"accept": "*/*"})

    assert response["Content-Type"] == "application/problem+json"
