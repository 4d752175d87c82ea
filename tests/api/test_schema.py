import re
from typing import Any

import pytest
from openapi_spec_validator import validate
from rest_framework.test import APIClient

from comparisons.engine import METHODS, SizePolicy
from tests.comparing import read_body

LIMITS = {"max_diff_pixels", "max_diff_ratio", "max_mse", "min_ssim"}
IMAGE_FIELDS = {
    "image_url1",
    "image_url2",
    "image1",
    "image2",
    "mask_image_url",
    "mask_image",
}


@pytest.fixture
def schema(client: APIClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


def find_request_fields(schema: dict[str, Any], media_type: str) -> dict[str, Any]:
    content = schema["paths"]["/compare"]["post"]["requestBody"]["content"][media_type]["schema"]
    name = content["$ref"].rpartition("/")[2]
    fields: dict[str, Any] = schema["components"]["schemas"][name]["properties"]
    return fields


def test_schema_is_valid(schema: dict[str, Any]) -> None:
    validate(schema)


def test_schema_is_openapi_3_1(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1.")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8",
        "application/json, */*;q=0.5",
    ],
)
def test_schema_is_json_for_every_client(client: APIClient, accept: str) -> None:
    response = client.get("/openapi.json", headers={"accept": accept})

    assert response.status_code == 200
    assert response.json()["openapi"]


def test_schema_lists_each_path_once(schema: dict[str, Any]) -> None:
    assert {
        "/compare",
        "/compare/{id}",
        "/compare/{id}/{name}",
        "/compare/{id}/{view}.png",
    } <= set(schema["paths"])
    assert not [path for path in schema["paths"] if path.endswith("/")]


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
)
def test_every_option_has_a_description_and_a_default(
    schema: dict[str, Any], media_type: str
) -> None:
    options = {
        name: field
        for name, field in find_request_fields(schema, media_type).items()
        if name not in IMAGE_FIELDS and name not in LIMITS
    }

    assert options
    for name, field in options.items():
        assert field.get("description"), name
        assert "default" in field, name


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("method", "grayscale"),
        ("threshold", 0.1),
        ("size_policy", "resize"),
        ("background", "#ffffff"),
        ("view", "mask"),
    ],
)
def test_default_is_the_one_of_the_contract(
    schema: dict[str, Any], name: str, default: str | float
) -> None:
    fields = find_request_fields(schema, "application/json")

    assert fields[name]["default"] == default


def test_threshold_has_its_range(schema: dict[str, Any]) -> None:
    threshold = find_request_fields(schema, "application/json")["threshold"]

    assert (threshold["minimum"], threshold["maximum"]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "values"), [("method", set(METHODS)), ("size_policy", set(SizePolicy))]
)
def test_choices_are_listed(schema: dict[str, Any], name: str, values: set[str]) -> None:
    field = find_request_fields(schema, "application/json")[name]
    reference = (field.get("allOf") or field.get("oneOf") or [field])[0].get("$ref", "")
    choices = schema["components"]["schemas"].get(reference.rpartition("/")[2], field)

    assert set(choices["enum"]) == values


@pytest.mark.parametrize("path", ["/compare", "/compare/{id}/rerun"])
@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_forms_say_how_they_send_lists(schema: dict[str, Any], path: str, media_type: str) -> None:
    content = schema["paths"][path]["post"]["requestBody"]["content"][media_type]

    assert content["encoding"] == {
        "metrics": {"style": "form", "explode": True},
        "ignore_regions": {"contentType": "application/json"},
    }


def test_only_multipart_takes_files(schema: dict[str, Any]) -> None:
    taking = {
        media_type
        for media_type in schema["paths"]["/compare"]["post"]["requestBody"]["content"]
        if "image1" in find_request_fields(schema, media_type)
    }

    assert taking == {"multipart/form-data"}


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/compare", "post", "201"), ("/compare/{id}", "get", "200")]
)
def test_all_three_answers_are_described(
    schema: dict[str, Any], path: str, method: str, status: str
) -> None:
    content = schema["paths"][path][method]["responses"][status]["content"]

    assert set(content) == {"image/png", "application/json", "text/html"}


@pytest.mark.parametrize("status", ["400", "406", "408", "413", "415", "422", "502", "504"])
def test_every_error_of_compare_is_described(schema: dict[str, Any], status: str) -> None:
    answer = schema["paths"]["/compare"]["post"]["responses"][status]

    assert list(answer["content"]) == ["application/problem+json"]
    assert answer["description"]


@pytest.mark.parametrize(
    "header",
    [
        *("Location", "X-Comparison-Id", "X-MSE", "X-Diff-Pixels", "X-Diff-Ratio", "X-Match"),
        "X-Warnings",
    ],
)
def test_header_of_compare_is_described(schema: dict[str, Any], header: str) -> None:
    answer = schema["paths"]["/compare"]["post"]["responses"]["201"]

    assert header in answer["headers"]


def test_every_field_has_a_description(schema: dict[str, Any]) -> None:
    fields = find_request_fields(schema, "multipart/form-data")

    assert set(fields) >= IMAGE_FIELDS | LIMITS
    assert not [name for name, field in fields.items() if not field.get("description")]


class TestDocsPage:
    @pytest.mark.parametrize("path", ["/docs", "/docs/"])
    def test_shows_the_schema(self, client: APIClient, path: str) -> None:
        response = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})

        assert response.status_code == 200
        assert 'data-schema="/openapi.json"' in response.content.decode()

    def test_refers_only_to_what_this_server_serves(self, client: APIClient) -> None:
        page = client.get("/docs").content.decode()
        links = re.findall(r"""(?:src|href)=["']([^"'#]+)["']""", page)

        assert links
        for link in links:
            assert link.startswith("/")
            assert not link.startswith("//")
            response = client.get(link)
            assert response.status_code == 200, link
            assert read_body(response)

    def test_names_no_other_host(self, client: APIClient) -> None:
        page = client.get("/docs").content.decode()

        assert not re.findall(r"https?://(?!testserver)[\w.-]+", page)


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_limit_of_the_verdict_has_no_default_and_says_so(schema: dict[str, Any], name: str) -> None:
    field = find_request_fields(schema, "application/json")[name]

    # A default of null would be put into forms, as the word, by the page that tries the API.
    assert "default" not in field
    assert "no limit by default" in field["description"]


@pytest.mark.parametrize("code", ["sizes_differ", "not_an_image", "server_busy", "not_found"])
def test_codes_of_errors_are_listed(schema: dict[str, Any], code: str) -> None:
    problem = schema["components"]["schemas"]["Problem"]

    assert f"`{code}`" in problem["properties"]["code"]["description"]
