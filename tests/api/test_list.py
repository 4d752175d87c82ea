"""`GET /compare`: what is stored, for staff."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from comparisons.models import Comparison
from comparisons.pages.history import HistoryPagination
from tests.comparing import WHITE, record_comparison, url_pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(django_user_model: Any) -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    return client


def list_ids(client: APIClient, path: str = "/compare", **query: str) -> list[str]:
    response = client.get(path, query)
    assert response.status_code == 200
    return [comparison["id"] for comparison in response.json()["results"]]


def test_lists_the_newest_first_as_they_are_described_elsewhere(staff: APIClient) -> None:
    recorded = [record_comparison() for _ in range(2)]

    listed = staff.get("/compare").json()["results"]

    assert listed == [staff.get(f"/compare/{made.pk}").json() for made in reversed(recorded)]


def test_goes_on_page_by_page(staff: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HistoryPagination, "page_size", 2)
    newest_first = [str(record_comparison().pk) for _ in range(3)][::-1]

    first = staff.get("/compare").json()
    second = staff.get(first["next"]).json()

    assert [item["id"] for item in first["results"] + second["results"]] == newest_first
    assert (first["previous"], second["next"]) == (None, None)


def test_finds_and_filters(staff: APIClient) -> None:
    wanted = record_comparison(WHITE, WHITE, source1="wanted.png")
    record_comparison(source1="wanted.png")
    record_comparison(WHITE, WHITE)

    assert list_ids(staff, q="wanted", match="true") == [str(wanted.pk)]


def test_knows_no_day_after_the_last_of_all(staff: APIClient) -> None:
    comparison = record_comparison()

    assert list_ids(staff, since="0001-01-01", until="9999-12-31") == [str(comparison.pk)]


def test_needs_as_many_queries_however_much_it_lists(
    staff: APIClient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        record_comparison()

    # Session, user, comparisons.
    with django_assert_max_num_queries(3):
        list_ids(staff)


def test_says_what_can_not_be_looked_for(staff: APIClient) -> None:
    response = staff.get("/compare", {"method": "guess", "since": "yesterday"})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert {(error["field"], error["code"]) for error in response.json()["errors"]} == {
        ("method", "invalid_choice"),
        ("since", "invalid"),
    }


@pytest.mark.parametrize(
    ("is_known", "code"), [(False, "not_authenticated"), (True, "permission_denied")]
)
def test_is_refused_to_others(
    client: APIClient, django_user_model: Any, is_known: bool, code: str
) -> None:
    record_comparison()
    if is_known:
        client.force_login(django_user_model.objects.create_user("someone"))

    response = client.get("/compare/")

    assert (response.status_code, response.json()["code"]) == (403, code)
    assert response["Content-Type"] == "application/problem+json"


def test_comparing_needs_no_token_of_who_may_list(staff: APIClient) -> None:
    response = staff.post("/compare", url_pair(), format="json")

    assert response.status_code == 201
    assert Comparison.objects.exists()
