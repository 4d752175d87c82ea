"""HEAD is answered as GET is, whoever asks; and what is private says so to caches."""

from contextlib import closing

import pytest
from rest_framework.test import APIClient

from tests.comparing import record_comparison

pytestmark = pytest.mark.django_db

PATHS = [
    "/",
    "/history",
    "/docs",
    "/openapi.json",
    "/compare",
    "/compare/",
    "/compare?match=maybe",
    "/compare?format=html",
    "/compare/{id}",
    "/compare/{id}?format=html",
    "/compare/{id}?format=png",
    "/compare/{id}/mask.png",
    "/compare/{id}/nothing.png",
    "/compare/{id}/image1",
    "/compare/{id}/mask_image",
    "/compare/{id}/thumbnails/mask.webp",
    "/compare/00000000-0000-4000-8000-000000000000",
    "/nowhere",
    "/admin/",
]


@pytest.fixture
def comparison_id() -> str:
    return str(record_comparison().pk)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["client", "admin_client"])
def test_a_head_has_the_status_and_headers_of_a_get_and_no_body(
    request: pytest.FixtureRequest, comparison_id: str, path: str, who: str
) -> None:
    client: APIClient = request.getfixturevalue(who)
    url = path.format(id=comparison_id)

    # In turn: a picture's file is closed with its answer.
    with closing(client.get(url)) as get, closing(client.head(url)) as head:
        body = b"".join(head)

    assert head.status_code == get.status_code
    assert {**head.headers} == {**get.headers}
    assert body == b""


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_list_is_for_staff_alone(client: APIClient, method: str) -> None:
    response = getattr(client, method)("/compare")

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("path", "who"),
    [
        pytest.param("/compare", "admin_client", id="list"),
        pytest.param("/compare/{id}", "client", id="comparison"),
        pytest.param("/compare/{id}?format=html", "client", id="its page"),
        pytest.param("/history", "client", id="history"),
    ],
)
def test_what_is_private_and_changes_is_asked_for_anew(
    request: pytest.FixtureRequest, comparison_id: str, path: str, who: str
) -> None:
    response = request.getfixturevalue(who).get(path.format(id=comparison_id))

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    "path", ["/compare?match=maybe", "/nowhere", "/compare/{id}/nothing.png", "/compare/{id}/rerun"]
)
def test_a_refusal_is_kept_by_nobody(
    client: APIClient, comparison_id: str, path: str, accept: str
) -> None:
    response = client.get(path.format(id=comparison_id), headers={"accept": accept})

    assert response.status_code >= 400
    assert response["Cache-Control"] == "no-store"
