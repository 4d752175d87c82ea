import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comparisons import changelist
from comparisons.models import Comparison
from tests.comparing import BLACK, WHITE, find_files, is_nothing_stored, record_comparison
from tests.pictures import plain

pytestmark = pytest.mark.django_db

CaptureCommits = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]

LIST = "/admin/comparisons/comparison/"


def page_of(comparison: Comparison, action: str = "change") -> str:
    return f"{LIST}{comparison.pk}/{action}/"


def read_page(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def admin_client(django_user_model: Any) -> Client:
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("admin"))
    return client


def find_listed(admin_client: Client, query: dict[str, str]) -> set[Comparison]:
    response = admin_client.get(LIST, query)
    assert response.status_code == 200
    return set(response.context["cl"].result_list)


class TestList:
    def test_shows_the_figures_and_sources(self, admin_client: Client) -> None:
        record_comparison(source1="https://example.com/before.png", source2="after.png")

        page = read_page(admin_client.get(LIST))

        assert "https://example.com/before.png" in page
        assert "after.png" in page
        assert "65025" in page
        assert "100.0000%" in page

    def test_shows_thumbnails_of_both_inputs_and_the_result(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(LIST))

        for picture in ("image1", "image2", "mask"):
            assert (
                '<img class="thumbnail" loading="lazy" width="120" height="80" alt=""'
                f' src="/compare/{comparison.pk}/thumbnails/{picture}.webp">'
            ) in page

    def test_shows_the_codes_of_warnings(self, admin_client: Client) -> None:
        # BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
        record_comparison(plain((196, 0, 0)), plain((0, 100, 0), (9, 9)))

        page = read_page(admin_client.get(LIST))

        assert "<div>color_only_differences</div><div>sizes_differ</div>" in page

    @pytest.mark.parametrize("warnings", [None, []], ids=["not recorded", "none"])
    def test_shows_comparisons_without_warnings(
        self, admin_client: Client, warnings: list[Any] | None
    ) -> None:
        comparison = record_comparison()
        Comparison.objects.update(warnings=warnings)

        assert "field-warning_codes" in read_page(admin_client.get(LIST))
        assert "Warnings:" in read_page(admin_client.get(page_of(comparison)))

    def test_shows_what_the_sizes_tell_where_no_warnings_were_recorded(
        self, admin_client: Client
    ) -> None:
        comparison = record_comparison(WHITE, plain("white", (9, 9)))
        Comparison.objects.update(warnings=None)

        assert "<div>sizes_differ</div>" in read_page(admin_client.get(LIST))
        assert "(8 x 6 and 9 x 9 pixels)" in read_page(admin_client.get(page_of(comparison)))

    def test_links_to_the_detail_page(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(LIST))

        assert f'href="{page_of(comparison)}"' in page

    def test_needs_as_many_queries_for_20_as_for_2(self, admin_client: Client) -> None:
        def count_queries() -> int:
            with CaptureQueriesContext(connection) as queries:
                read_page(admin_client.get(LIST))
            return len(queries)

        for _ in range(2):
            record_comparison()
        of_2 = count_queries()
        for number in range(18):
            record_comparison(plain((number, 0, 0), (9, 9)), BLACK)
        Comparison.objects.update(warnings=None)
        of_20 = count_queries()

        assert of_20 == of_2
        assert of_20 <= 10

    def test_sorts_equal_rows_with_the_column(self, admin_client: Client) -> None:
        recorded = sorted((record_comparison() for _ in range(5)), key=lambda row: row.pk)

        for column, expected in (("7", recorded), ("-7", recorded[::-1])):
            response = admin_client.get(LIST, {"o": column})
            assert list(response.context["cl"].result_list) == expected

    def test_is_in_its_own_order_where_a_column_has_none(self, admin_client: Client) -> None:
        recorded = [record_comparison() for _ in range(3)]

        response = admin_client.get(LIST, {"o": "3"})

        assert list(response.context["cl"].result_list) == recorded[::-1]

    def test_counts_no_further_than_anyone_turns_pages(
        self, admin_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(changelist, "MAX_COUNTED", 2)
        for _ in range(3):
            record_comparison()

        response = admin_client.get(LIST)

        assert response.context["cl"].result_count == 2

    def test_counts_in_whatever_order_is_quick(self, admin_client: Client) -> None:
        with CaptureQueriesContext(connection) as queries:
            read_page(admin_client.get(LIST, {"match__exact": "1", "method": "ssim", "o": "-8"}))

        counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        assert counts
        assert all("LIMIT" in count and "ORDER BY" not in count for count in counts)

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plans")
    def test_visits_and_sorts_all_rows_in_no_query(self, admin_client: Client) -> None:
        for _ in range(3):
            record_comparison()

        with CaptureQueriesContext(connection) as queries:
            read_page(admin_client.get(LIST))

        for query in queries:
            # The first and the last date are read off an index; a count has a bound, and no order.
            if re.search(r"^SELECT (?!MIN|COUNT).*comparisons_comparison", query["sql"]):
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                    plan = " ".join(str(row[-1]) for row in cursor)
                assert "comparison_newest" in plan, query["sql"]
                assert "TEMP B-TREE" not in plan, query["sql"]

    def test_shows_sources_as_text(self, admin_client: Client) -> None:
        record_comparison(source1="<script>alert(1)</script>")

        page = read_page(admin_client.get(LIST))

        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


class TestSearch:
    @pytest.mark.parametrize(
        "query",
        [
            pytest.param("wanted", id="source"),
            pytest.param("example.com/wanted.png", id="longer part of a source"),
            pytest.param("WANTED", id="upper case"),
            pytest.param("second.png", id="second source"),
            pytest.param("ted.png and", id="part with a space"),
        ],
    )
    def test_finds_by_source(self, admin_client: Client, query: str) -> None:
        wanted = record_comparison(
            source1="https://example.com/wanted.png", source2="wanted.png and second.png"
        )
        record_comparison(source1="https://example.com/other.png")

        assert find_listed(admin_client, {"q": query}) == {wanted}

    @pytest.mark.parametrize("form", ["with dashes", "without dashes", "beginning", "upper case"])
    def test_finds_by_id(self, admin_client: Client, form: str) -> None:
        wanted = record_comparison()
        record_comparison()
        queries = {
            "with dashes": str(wanted.pk),
            "without dashes": wanted.pk.hex,
            "beginning": str(wanted.pk)[:13],
            "upper case": str(wanted.pk).upper(),
        }

        assert find_listed(admin_client, {"q": queries[form]}) == {wanted}

    @pytest.mark.parametrize("length", [8, 64])
    def test_finds_by_the_sha256_of_an_input(self, admin_client: Client, length: int) -> None:
        wanted = record_comparison(plain("red"), BLACK)
        record_comparison()

        sha256 = hashlib.sha256(plain("red")).hexdigest()
        assert find_listed(admin_client, {"q": sha256[:length]}) == {wanted}

    def test_finds_among_what_is_filtered(self, admin_client: Client) -> None:
        wanted = record_comparison(WHITE, WHITE, source1="wanted.png")
        record_comparison(WHITE, BLACK, source1="wanted.png")

        assert find_listed(admin_client, {"q": "wanted", "match__exact": "1"}) == {wanted}

    def test_finds_nothing_for_nonsense(self, admin_client: Client) -> None:
        record_comparison()

        assert find_listed(admin_client, {"q": "nonsense"}) == set()


class TestFilter:
    @pytest.mark.parametrize(("value", "index"), [("1", 0), ("0", 1)])
    def test_by_verdict(self, admin_client: Client, value: str, index: int) -> None:
        recorded = [record_comparison(WHITE, WHITE), record_comparison(WHITE, BLACK)]

        assert find_listed(admin_client, {"match__exact": value}) == {recorded[index]}

    @pytest.mark.parametrize(("value", "index"), [("yes", 0), ("no", 1)])
    def test_by_sizes_that_differ(self, admin_client: Client, value: str, index: int) -> None:
        recorded = [record_comparison(plain(size=(4, 4)), BLACK), record_comparison()]

        assert find_listed(admin_client, {"size_differs": value}) == {recorded[index]}

    def test_by_sizes_ignores_nonsense(self, admin_client: Client) -> None:
        comparison = record_comparison()

        assert find_listed(admin_client, {"size_differs": "perhaps"}) == {comparison}

    def test_by_method(self, admin_client: Client) -> None:
        comparison = record_comparison()

        assert find_listed(admin_client, {"method": "grayscale"}) == {comparison}
        assert find_listed(admin_client, {"method": "yiq"}) == set()

    def test_by_date(self, admin_client: Client) -> None:
        old, new = record_comparison(), record_comparison()
        Comparison.objects.filter(pk=old.pk).update(created_at=datetime(2020, 2, 3, tzinfo=UTC))

        assert find_listed(admin_client, {"created_at__gte": "2021-01-01 00:00:00+00:00"}) == {new}

    def test_by_date_hierarchy(self, admin_client: Client) -> None:
        old = record_comparison()
        record_comparison()
        Comparison.objects.filter(pk=old.pk).update(created_at=datetime(2020, 2, 3, tzinfo=UTC))

        assert "created_at__year=2020" in read_page(admin_client.get(LIST))
        assert find_listed(admin_client, {"created_at__year": "2020"}) == {old}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            pytest.param({}, ["year=2019", "year=2020"], id="years"),
            pytest.param(
                {"created_at__year": "2020"},
                ["month=2&amp;", "month=12&amp;"],
                id="months of a year",
            ),
            pytest.param(
                {"created_at__year": "2020", "created_at__month": "2"},
                ["day=1&amp;", "day=29&amp;"],
                id="days of a month",
            ),
        ],
    )
    def test_by_date_hierarchy_offers_what_has_comparisons(
        self, admin_client: Client, query: dict[str, str], expected: list[str]
    ) -> None:
        for year, month, day in (
            (2019, 12, 31),
            (2020, 2, 1),
            (2020, 2, 29),
            (2020, 2, 29),
            (2020, 12, 31),
        ):
            moment = datetime(year, month, day, 23, 59, tzinfo=UTC)
            Comparison.objects.filter(pk=record_comparison().pk).update(created_at=moment)

        page = read_page(admin_client.get(LIST, query))

        hierarchy = page.partition('<nav class="toplinks"')[2].partition("</nav>")[0]
        unit = expected[0].partition("=")[0]
        assert re.findall(rf"{unit}=\d+(?:&amp;)?", hierarchy) == expected

    def test_is_offered_for_verdict_method_size_and_date(self, admin_client: Client) -> None:
        record_comparison(WHITE, WHITE)
        record_comparison(plain(size=(4, 4)), BLACK)

        page = read_page(admin_client.get(LIST))

        for parameter in (
            "match__exact=1",
            "method=grayscale",
            "size_differs=yes",
            "created_at__gte=",
        ):
            assert parameter in page


class TestDetailPage:
    def test_shows_three_small_pictures_that_lead_to_the_large_ones(
        self, admin_client: Client
    ) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(page_of(comparison)))

        for name, picture in (("image1", "image1"), ("image2", "image2"), ("mask", "mask.png")):
            assert f'href="/compare/{comparison.pk}/{picture}"><img loading="lazy"' in page
            assert f'src="/compare/{comparison.pk}/thumbnails/{name}.webp"' in page
        assert len(re.findall(r'src="/compare/', page)) == 3

    def test_shows_all_figures_and_options(self, admin_client: Client) -> None:
        comparison = record_comparison(WHITE, BLACK, max_mse=1234.5)

        page = read_page(admin_client.get(page_of(comparison)))

        for text in ("65025", "48", "1.0", "1234.5", "grayscale", "apply", comparison.engine):
            assert text in page

    def test_shows_warnings(self, admin_client: Client) -> None:
        comparison = record_comparison(WHITE, plain("white", (9, 9)))

        page = read_page(admin_client.get(page_of(comparison)))

        assert (
            "<div>The sizes differ (8 x 6 and 9 x 9 pixels):"
            " image 2 was scaled to the size of image 1.</div>"
        ) in page

    def test_links_to_the_public_page(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(page_of(comparison)))

        assert f'href="/compare/{comparison.pk}?format=html"' in page

    def test_is_linked_from_the_public_page_for_staff(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(f"/compare/{comparison.pk}?format=html"))

        assert f'href="{page_of(comparison)}"' in page

    def test_is_not_linked_from_the_public_page_for_others(self, client: Client) -> None:
        comparison = record_comparison()

        page = read_page(client.get(f"/compare/{comparison.pk}?format=html"))

        assert "/admin/" not in page

    def test_has_nothing_to_fill_in(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(page_of(comparison)))

        assert 'name="_save"' not in page
        assert 'name="mse"' not in page


class TestChange:
    def test_by_adding_is_forbidden(self, admin_client: Client) -> None:
        assert admin_client.get(f"{LIST}add/").status_code == 403
        assert admin_client.post(f"{LIST}add/", {"mse": "0"}).status_code == 403
        assert not Comparison.objects.exists()

    def test_by_posting_is_forbidden(self, admin_client: Client) -> None:
        comparison = record_comparison()

        response = admin_client.post(page_of(comparison), {"mse": "0", "match": "on"})

        assert response.status_code == 403
        comparison.refresh_from_db()
        assert comparison.mse == 255**2


class TestDeletion:
    def test_asks_first(self, admin_client: Client) -> None:
        comparison = record_comparison()

        page = read_page(admin_client.get(page_of(comparison, "delete")))

        assert "Are you sure" in page
        assert Comparison.objects.exists()

    def test_on_the_detail_page_removes_the_files(
        self,
        admin_client: Client,
        media_root: Path,
        django_capture_on_commit_callbacks: CaptureCommits,
    ) -> None:
        comparison = record_comparison()

        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(page_of(comparison, "delete"), {"post": "yes"})

        assert response.status_code == 302
        assert is_nothing_stored(media_root)

    def test_from_the_list_removes_what_nothing_else_uses(
        self,
        admin_client: Client,
        media_root: Path,
        django_capture_on_commit_callbacks: CaptureCommits,
    ) -> None:
        kept = record_comparison(WHITE, WHITE)
        gone = [record_comparison(WHITE, BLACK), record_comparison(BLACK, plain("red"))]
        selection = {
            "action": "delete_selected",
            "_selected_action": [str(comparison.pk) for comparison in gone],
            "post": "yes",
        }

        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(LIST, selection)

        assert response.status_code == 302
        assert Comparison.objects.get() == kept
        assert find_files(media_root) == {
            media_root / str(name) for name in (kept.image1.file.name, kept.result_image.name)
        }

    @pytest.mark.parametrize("path", ["", "delete/"], ids=["list", "detail page"])
    def test_is_not_for_pages_elsewhere_to_ask_for(self, path: str, django_user_model: Any) -> None:
        comparison = record_comparison()
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(django_user_model.objects.create_superuser("admin"))
        selection = {
            "action": "delete_selected",
            "_selected_action": [str(comparison.pk)],
            "post": "yes",
        }

        response = browser.post(
            f"{LIST}{comparison.pk}/{path}" if path else LIST,
            selection,
            headers={"origin": "https://pages.example"},
        )

        assert response.status_code == 403
        assert Comparison.objects.exists()


class TestPassword:
    @pytest.mark.parametrize(
        "password",
        [
            pytest.param("x7!kQz", id="short"),
            pytest.param("password1", id="common"),
            pytest.param("83920174650", id="numeric"),
            pytest.param("archibald-smith", id="like the name"),
        ],
    )
    def test_of_staff_is_not_easy_to_guess(self, password: str, django_user_model: Any) -> None:
        user = django_user_model(username="archibald.smith")

        with pytest.raises(ValidationError):
            validate_password(password, user)


class TestVisitor:
    @pytest.mark.parametrize("path", [LIST, f"{LIST}add/", "/admin/"])
    def test_without_an_account_is_asked_to_log_in(self, client: Client, path: str) -> None:
        response = client.get(path)

        assert response.status_code == 302
        assert response["Location"] == f"/admin/login/?next={path}"

    def test_without_an_account_sees_no_comparison(self, client: Client) -> None:
        comparison = record_comparison()

        response = client.get(page_of(comparison))

        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")

    def test_without_an_account_deletes_nothing(self, client: Client) -> None:
        comparison = record_comparison()

        client.post(page_of(comparison, "delete"), {"post": "yes"})

        assert Comparison.objects.exists()

    def test_who_is_no_staff_is_asked_to_log_in(
        self, client: Client, django_user_model: Any
    ) -> None:
        client.force_login(django_user_model.objects.create_user("someone"))

        response = client.get(LIST)

        assert response.status_code == 302
