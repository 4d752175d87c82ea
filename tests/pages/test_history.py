"""`/history`: everything for staff, and for everybody else what their own browser has compared."""

import base64
import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.test import APIClient

from comparisons.models import Comparison, RememberedComparison
from comparisons.pages.history import HistoryPagination
from comparisons.pages.visitors import remember_comparison
from tests.comparing import BLACK, WHITE, record_comparison, url_pair
from tests.pictures import plain

pytestmark = pytest.mark.django_db

OWN_ORIGIN = "http://testserver"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def staff(django_user_model: Any) -> APIClient:
    client = APIClient()
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    return client


def list_shown(client: APIClient, path: str = "/history", **query: str) -> list[str]:
    response = client.get(path, query, headers={"accept": BROWSER})
    assert response.status_code == 200
    return re.findall(r'<a href="/compare/([^"]+)">', response.content.decode())


def ids(comparisons: Collection[Comparison]) -> list[str]:
    return [str(comparison.pk) for comparison in comparisons]


def compare(client: APIClient, path: str = "/compare", **headers: str) -> HttpResponse:
    fields = url_pair() if path == "/compare" else {}
    response = client.post(path, fields, format="json", headers=headers)
    assert response.status_code == 201
    return response


class TestOfABrowser:
    @pytest.mark.parametrize("accept", [BROWSER, "application/json", "image/png"])
    def test_shows_what_one_of_our_pages_has_compared(self, client: APIClient, accept: str) -> None:
        made = [compare(client, origin=OWN_ORIGIN, accept=accept) for _ in range(2)]

        shown = list_shown(client)

        assert shown == [answer["X-Comparison-Id"] for answer in reversed(made)]

    def test_shows_what_was_compared_again(self, client: APIClient) -> None:
        comparison = record_comparison()

        answer = compare(client, f"/compare/{comparison.pk}/rerun", origin=OWN_ORIGIN)

        assert list_shown(client) == [answer["X-Comparison-Id"]]

    def test_shows_nothing_of_others(self, client: APIClient) -> None:
        compare(APIClient(), origin=OWN_ORIGIN)
        record_comparison()

        assert list_shown(client) == []

    def test_shows_each_browser_its_own(self) -> None:
        browsers = [APIClient(), APIClient()]

        made = [compare(browser, origin=OWN_ORIGIN) for browser in browsers]

        assert [list_shown(browser) for browser in browsers] == [
            [answer["X-Comparison-Id"]] for answer in made
        ]

    def test_stays_the_same_while_it_grows(self, client: APIClient) -> None:
        cookies = [compare(client, origin=OWN_ORIGIN).cookies["sessionid"].value for _ in range(2)]

        assert cookies[0] == cookies[1]

    @pytest.mark.parametrize(
        "headers",
        [
            pytest.param({}, id="curl"),
            pytest.param({"accept": BROWSER}, id="curl that asks for a page"),
            pytest.param({"origin": "https://elsewhere.example"}, id="a page elsewhere"),
            pytest.param({"origin": "http://testserver:81"}, id="another port"),
            pytest.param({"origin": "http://eviltestserver"}, id="a name that ends like ours"),
            pytest.param({"origin": "http://evil.testserver"}, id="a name under ours"),
            pytest.param(
                {"origin": "http://testserver.example"}, id="a name that begins like ours"
            ),
            pytest.param({"origin": "http://evil.example/testserver"}, id="our name as a path"),
            pytest.param({"origin": "testserver"}, id="our name alone"),
            pytest.param({"origin": ""}, id="an empty origin"),
            pytest.param({"origin": "null"}, id="a page of no origin"),
            pytest.param({"origin": "http://["}, id="nonsense"),
        ],
    )
    def test_is_not_kept_for(self, client: APIClient, headers: dict[str, str]) -> None:
        response = compare(client, **headers)

        assert not response.cookies
        assert list_shown(client) == []

    @pytest.mark.parametrize("path", ["/", "/history", "/docs"])
    def test_is_not_begun_by_who_only_looks(self, client: APIClient, path: str) -> None:
        response = client.get(path, headers={"accept": BROWSER, "origin": OWN_ORIGIN})

        assert not response.cookies

    def test_is_not_begun_by_looking_at_a_comparison(self, client: APIClient) -> None:
        response = client.get(
            f"/compare/{record_comparison().pk}", headers={"accept": BROWSER, "origin": OWN_ORIGIN}
        )

        assert not response.cookies

    def test_is_kept_in_a_cookie_that_scripts_do_not_see(self, client: APIClient) -> None:
        cookie = compare(client, origin=OWN_ORIGIN).cookies["sessionid"]

        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_keeps_what_was_compared_at_the_same_time(
        self, client: APIClient, rf: RequestFactory
    ) -> None:
        made = [compare(client, origin=OWN_ORIGIN)["X-Comparison-Id"]]
        requests = [rf.post("/compare", headers={"origin": OWN_ORIGIN}) for _ in range(2)]
        for request in requests:
            request.session = SessionStore(client.cookies["sessionid"].value)
            # Reads it, as both have before either is done.
            request.session.keys()

        for request in requests:
            comparison = record_comparison()
            remember_comparison(request, comparison)
            made.append(str(comparison.pk))
        for request in requests:
            request.session.save()

        assert list_shown(client) == made[::-1]

    def test_goes_on_after_a_comparison_that_was_deleted_at_once(self, rf: RequestFactory) -> None:
        request = rf.post("/compare", headers={"origin": OWN_ORIGIN})
        request.session = SessionStore()
        comparison = record_comparison()
        Comparison.objects.get_queryset().delete()

        remember_comparison(request, comparison)

        assert not RememberedComparison.objects.exists()

    def test_can_be_searched(self, client: APIClient) -> None:
        compare(client, origin=OWN_ORIGIN)

        assert len(list_shown(client, match="false")) == 1
        assert list_shown(client, match="true") == []

    def test_leaves_out_what_has_been_deleted(self, client: APIClient) -> None:
        compare(client, origin=OWN_ORIGIN)
        Comparison.objects.get().delete()

        assert list_shown(client) == []


class TestOfStaff:
    def test_shows_all_the_newest_first(self, staff: APIClient) -> None:
        recorded = [record_comparison() for _ in range(3)]

        assert list_shown(staff) == ids(recorded[::-1])

    def test_is_for_staff_only(self, client: APIClient, django_user_model: Any) -> None:
        record_comparison()
        client.force_login(django_user_model.objects.create_user("someone"))

        assert list_shown(client) == []

    @pytest.mark.parametrize(
        ("query", "index"),
        [
            ({"q": "wanted"}, 0),
            ({"match": "true"}, 1),
            ({"method": "yiq"}, 2),
            ({"size_policy": "resize"}, 3),
            ({"until": "2020-02-29"}, 4),
            ({"since": "2020-02-29", "until": "2020-02-29"}, 4),
        ],
        ids=str,
    )
    def test_finds(self, staff: APIClient, query: dict[str, str], index: int) -> None:
        recorded = [
            record_comparison(source1="wanted.png"),
            record_comparison(WHITE, WHITE),
            record_comparison(method="yiq"),
            record_comparison(WHITE, plain("black", (4, 4))),
            record_comparison(),
        ]
        Comparison.objects.filter(pk=recorded[4].pk).update(
            created_at=datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC)
        )

        assert list_shown(staff, **query) == ids([recorded[index]])

    def test_finds_same_sizes(self, staff: APIClient) -> None:
        same = record_comparison()
        record_comparison(WHITE, plain("black", (4, 4)))

        assert list_shown(staff, size_policy="none") == ids([same])

    @pytest.mark.parametrize("form", ["with dashes", "without dashes", "beginning", "sha256"])
    def test_finds_by_id_and_content(self, staff: APIClient, form: str) -> None:
        wanted = record_comparison(plain("red"), BLACK)
        record_comparison()
        queries = {
            "with dashes": str(wanted.pk),
            "without dashes": wanted.pk.hex.upper(),
            "beginning": str(wanted.pk)[:13],
            "sha256": wanted.image1.sha256,
        }

        assert list_shown(staff, q=queries[form]) == ids([wanted])

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ({"since": "yesterday"}, "Enter a valid date."),
            ({"q": "a" * 1001}, "at most 1000 characters"),
        ],
    )
    def test_says_what_can_not_be_looked_for(
        self, query: dict[str, str], words: str, staff: APIClient
    ) -> None:
        record_comparison()

        page = staff.get("/history", query).content.decode()

        assert words in page
        assert list_shown(staff, **query) == []

    def test_knows_no_day_after_the_last_of_all(self, staff: APIClient) -> None:
        comparison = record_comparison()

        assert list_shown(staff, until="9999-12-31") == ids([comparison])

    @pytest.mark.parametrize("q", ["%", "_", "\\", "'", "\0", "%ff", "-", "x" * 2000])
    def test_takes_whatever_is_typed(self, staff: APIClient, q: str) -> None:
        record_comparison()

        assert list_shown(staff, q=q) == []


class TestPages:
    def test_follow_each_other_both_ways(
        self, staff: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(HistoryPagination, "page_size", 2)
        newest_first = ids([record_comparison() for _ in range(5)][::-1])

        pages = [staff.get("/history?method=grayscale").content.decode()]
        for rel in ("next", "next", "prev"):
            link = re.search(rf'rel="{rel}" href="([^"]+)"', pages[-1].replace("\n", " "))
            assert link
            pages.append(staff.get(link[1].replace("&amp;", "&")).content.decode())

        shown = [re.findall(r'<a href="/compare/([^"]+)">', page) for page in pages]
        assert shown == [newest_first[:2], newest_first[2:4], newest_first[4:], newest_first[2:4]]
        assert 'rel="next"' not in pages[2]
        assert "method=grayscale" in pages[2]

    @pytest.mark.parametrize(
        "position",
        [
            "yesterday",
            "2020-99-99 00:00",
            "\0",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "0001-01-01T00:00:00%2B14:00",
            "9999-12-31T23:00:00-14:00",
        ],
    )
    def test_of_no_cursor_of_ours_are_not_found(self, staff: APIClient, position: str) -> None:
        record_comparison()
        cursor = base64.b64encode(f"p={position}".encode()).decode()

        response = staff.get("/history", {"cursor": cursor}, headers={"accept": BROWSER})

        assert response.status_code == 404

    def test_need_as_many_queries_however_much_they_show(
        self, staff: APIClient, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(10):
            record_comparison(plain((number, 0, 0), (9, 9)), BLACK)
        Comparison.objects.filter(pk__in=Comparison.objects.all()[:5]).update(warnings=None)

        # Session, user, comparisons.
        with django_assert_max_num_queries(3):
            list_shown(staff)


class TestPage:
    def test_shows_small_pictures_when_they_are_scrolled_to(self, staff: APIClient) -> None:
        comparison = record_comparison()

        page = " ".join(staff.get("/history").content.decode().split())

        for name in ("image1", "image2", "mask"):
            picture = f'src="/compare/{comparison.pk}/thumbnails/{name}.webp"'
            assert f'{picture} alt="" width="160" height="120" loading="lazy"' in page

    @pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "not recorded"])
    @pytest.mark.parametrize(
        ("size", "verdict"), [((9, 9), "Match with 1 warning"), ((8, 6), "Match")]
    )
    def test_gives_the_verdict_of_the_comparisons_own_page(
        self, staff: APIClient, size: tuple[int, int], verdict: str, *, is_recorded: bool
    ) -> None:
        comparison = record_comparison(WHITE, plain("white", size))
        if not is_recorded:
            Comparison.objects.update(warnings=None)

        history, page = (
            " ".join(staff.get(path, headers={"accept": BROWSER}).content.decode().split())
            for path in ("/history", f"/compare/{comparison.pk}")
        )

        assert f"> {verdict} </span>" in history
        assert f"> {verdict} </h1>" in page
        assert ("match warned" in history) == ("warning" in verdict)

    def test_shows_sources_as_text(self, staff: APIClient) -> None:
        record_comparison(source1="<script>alert(1)</script>")

        assert "<script>alert(1)" not in staff.get("/history").content.decode()

    def test_is_not_kept_by_others(self, client: APIClient) -> None:
        response = client.get("/history/")

        assert response["Cache-Control"] == "private, no-cache"
        assert "Cookie" in response["Vary"]

    def test_offers_a_search_only_where_there_is_something(self, client: APIClient) -> None:
        def is_offered(path: str) -> bool:
            return 'role="search"' in client.get(path).content.decode()

        assert not is_offered("/history")
        assert is_offered("/history?q=nothing")
        compare(client, origin=OWN_ORIGIN)
        assert is_offered("/history")

    @pytest.mark.parametrize(("path", "words"), [("/history", "History"), ("/docs", "API")])
    def test_is_marked_in_the_navigation(self, client: APIClient, path: str, words: str) -> None:
        page = client.get(path, headers={"accept": BROWSER}).content.decode()

        current = re.findall(r"<a [^>]*aria-current=\"page\"[^>]*>([^<]*)", page)
        assert current == [words]

    def test_is_linked_from_every_page(self, client: APIClient) -> None:
        assert 'href="/history"' in client.get("/").content.decode()
