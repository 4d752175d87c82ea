"""Pages of any origin may call the API: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from rest_framework.test import APIClient

from comparisons.api.environ import BODY_ERROR
from tests.comparing import read_body, record_comparison, url_pair

pytestmark = pytest.mark.django_db

ORIGINS = ["https://app.example", "http://localhost:3000", "null"]
NOTHING = "/compare/00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("origin", ORIGINS)
def test_any_origin_may_read_the_answer(client: APIClient, origin: str) -> None:
    response = client.post("/compare", url_pair(), format="json", headers={"origin": origin})

    assert response.status_code == 201
    assert response["Access-Control-Allow-Origin"] in {"*", origin}


def test_cookies_are_not_asked_for(client: APIClient) -> None:
    response = client.post("/compare", url_pair(), format="json", headers={"origin": ORIGINS[0]})

    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize(
    "header",
    ["Location", "X-Comparison-Id", "X-MSE", "X-Diff-Pixels", "X-Diff-Ratio", "X-Match"],
)
def test_header_is_exposed(client: APIClient, header: str) -> None:
    response = client.post("/compare", url_pair(), format="json", headers={"origin": ORIGINS[0]})

    exposed = response["Access-Control-Expose-Headers"].lower().split(", ")
    assert header in response
    assert header.lower() in exposed


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(
    ("path", "method"),
    [
        pytest.param("/compare", "POST", id="compare"),
        pytest.param("/compare/", "POST", id="compare with a slash"),
        pytest.param(NOTHING, "GET", id="comparison"),
        pytest.param(f"{NOTHING}/mask.png", "GET", id="mask"),
        pytest.param(f"{NOTHING}/image1", "GET", id="input"),
        pytest.param("/openapi.json", "GET", id="schema"),
    ],
)
def test_preflight_of_any_origin_is_granted(
    client: APIClient, path: str, method: str, origin: str
) -> None:
    response = client.options(
        path,
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": "content-type",
        },
    )

    assert response.status_code in {200, 204}
    assert response["Access-Control-Allow-Origin"] in {"*", origin}
    assert method in response["Access-Control-Allow-Methods"]
    assert "content-type" in response["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("POST", "/compare", 400, id="bad request"),
        pytest.param("PUT", "/compare", 405, id="wrong method"),
        pytest.param("GET", "/compare", 403, id="not logged in"),
        pytest.param("GET", NOTHING, 404, id="no such comparison"),
        pytest.param("GET", "/nothing", 404, id="unknown path"),
    ],
)
def test_error_may_be_read_too(client: APIClient, method: str, path: str, status: int) -> None:
    response = client.generic(
        method, path, "{}", content_type="application/json", headers={"origin": ORIGINS[0]}
    )

    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] in {"*", ORIGINS[0]}


def test_error_before_the_api_may_be_read_too(client: APIClient) -> None:
    not_received: dict[str, Any] = {BODY_ERROR: RequestDataTooBig("too large")}

    response = client.post(
        "/compare",
        b"{}",
        content_type="application/json",
        headers={"origin": ORIGINS[0]},
        **not_received,
    )

    assert response.status_code == 413
    assert response["Access-Control-Allow-Origin"] in {"*", ORIGINS[0]}


@pytest.mark.parametrize("ending", ["/mask.png", "/image1", "", "?format=png"])
def test_picture_may_be_read_too(client: APIClient, ending: str) -> None:
    comparison = record_comparison()

    response = client.get(f"/compare/{comparison.pk}{ending}", headers={"origin": ORIGINS[0]})

    read_body(response)
    assert response["Access-Control-Allow-Origin"] in {"*", ORIGINS[0]}


def test_admin_is_closed_to_other_origins(client: APIClient) -> None:
    response = client.get("/admin/login/", headers={"origin": ORIGINS[0]})

    assert "Access-Control-Allow-Origin" not in response
