"""Bodies that are parsed, which takes memory, and those that wait for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from comparisons.api.environ import RELEASE_BODY
from comparisons.api.limits import configured_parsing_gate
from comparisons.gate import Gate

pytestmark = pytest.mark.django_db

JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=limit",
)
LARGE, SMALL = 2_000_000, 2_000
# Nothing that can be compared: what matters is whether it is looked at.
BODIES = {
    JSON: b'{"image_url1": "data:,%b"}',
    FORM: b"image_url1=data:,%b",
    MULTIPART: b'--limit\r\nContent-Disposition: form-data; name="image_url1"\r\n\r\ndata:,%b'
    b"\r\n--limit--\r\n",
}


@pytest.fixture
def gate(settings: Settings) -> Iterator[Gate]:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3_000_000
    configured_parsing_gate.cache_clear()
    gate = configured_parsing_gate()
    gate.queue_length = 0
    yield gate
    configured_parsing_gate.cache_clear()


def post(client: APIClient, length: int, content_type: str, **environ: Any) -> Any:
    body = BODIES[content_type] % (b"x" * length)
    return client.post("/compare", body, content_type=content_type, **environ)


@pytest.mark.parametrize("content_type", BODIES)
def test_a_large_body_beyond_what_memory_is_for_is_sent_away(
    client: APIClient, gate: Gate, content_type: str
) -> None:
    with gate.admit(gate.capacity):
        response = post(client, LARGE, content_type)

    assert (response.status_code, response.json()["code"]) == (503, "server_busy")
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("content_type", BODIES)
def test_a_small_body_does_not_wait_for_large_ones(
    client: APIClient, gate: Gate, content_type: str
) -> None:
    with gate.admit(gate.capacity):
        response = post(client, SMALL, content_type)

    assert response.json()["code"] == "invalid_request"


@pytest.mark.parametrize("content_type", BODIES)
def test_a_large_body_gives_its_memory_back(
    client: APIClient, gate: Gate, content_type: str
) -> None:
    codes = [post(client, LARGE, content_type).json()["code"] for _ in range(3)]

    assert codes == ["invalid_request"] * 3
    assert gate.weight_in_hand == 0


@pytest.mark.parametrize("content_type", BODIES)
def test_a_body_that_has_been_read_is_let_go(client: APIClient, content_type: str) -> None:
    released = []

    post(client, LARGE, content_type, **{RELEASE_BODY: lambda: released.append(True)})

    assert released == [True]


@pytest.mark.parametrize("path", ["/admin/login/", "/", "/nowhere"])
def test_a_large_body_is_refused_where_no_pictures_are_compared(
    client: APIClient, path: str
) -> None:
    response = client.post(path, b"x" * LARGE, content_type=FORM)

    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")
