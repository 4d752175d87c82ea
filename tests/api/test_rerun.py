"""`POST /compare/<id>/rerun`: the stored images again, with other options."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from comparisons.models import Comparison, StoredImage
from tests.comparing import BLACK, WHITE, find_files, record_comparison, upload, url_pair
from tests.pictures import plain

pytestmark = pytest.mark.django_db

# Luma 119 and 136: 17 of 255 apart, which is within the default threshold.
DARKER, LIGHTER = plain("#777777"), plain("#888888")


def rerun(client: APIClient, comparison: Comparison, **changes: Any) -> Comparison:
    response = client.post(f"/compare/{comparison.pk}/rerun", changes, format="json")
    assert response.status_code == 201, response.content
    return Comparison.objects.get(pk=response["X-Comparison-Id"])


class TestOptions:
    def test_that_are_given_decide_anew(self, client: APIClient) -> None:
        comparison = record_comparison(DARKER, LIGHTER)

        stricter = rerun(client, comparison, threshold=0.01)

        assert (comparison.match, comparison.diff_pixels) == (True, 0)
        assert (stricter.match, stricter.diff_pixels) == (False, 48)

    def test_that_are_not_given_stay_as_they_were(self, client: APIClient) -> None:
        given: dict[str, Any] = {
            "method": "yiq",
            "ignore_antialiasing": True,
            "background": "#112233",
            "ignore_regions": [{"x": 1, "y": 2, "width": 3, "height": 1}],
            "metrics": ["ssim"],
            "max_diff_pixels": 7,
        }
        posted = client.post("/compare?format=json", url_pair(**given), format="json").json()

        again = rerun(client, Comparison.objects.get(), threshold=0.5)

        expected = {**Comparison.objects.get(pk=posted["id"]).options, "threshold": 0.5}
        assert again.options == expected

    def test_all_stay_without_a_body(self, client: APIClient) -> None:
        comparison = record_comparison(threshold=0.3, max_mse=5)

        response = client.post(f"/compare/{comparison.pk}/rerun")

        assert response.status_code == 201
        again = Comparison.objects.exclude(pk=comparison.pk).get()
        comparison.refresh_from_db()
        assert again.options == comparison.options

    @pytest.mark.parametrize("content_format", ["json", "multipart"])
    def test_may_come_in_any_kind_of_body(self, client: APIClient, content_format: str) -> None:
        comparison = record_comparison(ignore_antialiasing=True)

        response = client.post(
            f"/compare/{comparison.pk}/rerun?format=json",
            {"threshold": "0.25", "background": "black"},
            format=content_format,
        )

        options = response.json()["options"]
        assert (options["threshold"], options["background"]) == (0.25, "#000000")
        # A form leaves out a box that is not ticked as well as one that it does not have.
        assert options["ignore_antialiasing"] is True

    def test_may_come_in_an_urlencoded_form(self, client: APIClient) -> None:
        comparison = record_comparison(ignore_antialiasing=True)

        response = client.post(
            f"/compare/{comparison.pk}/rerun?format=json",
            "ignore_antialiasing=false",
            content_type="application/x-www-form-urlencoded",
        )

        assert response.json()["options"]["ignore_antialiasing"] is False

    @pytest.mark.parametrize(
        ("name", "kept", "empty", "expected"),
        [
            pytest.param("max_mse", 5, None, None, id="null lifts a limit"),
            pytest.param(
                "ignore_regions",
                [{"x": 0, "y": 0, "width": 1, "height": 1}],
                [],
                [],
                id="an empty list ignores nothing",
            ),
        ],
    )
    def test_can_be_taken_back(
        self, client: APIClient, name: str, kept: Any, empty: Any, expected: Any
    ) -> None:
        client.post("/compare", url_pair(**{name: kept}), format="json")

        again = rerun(client, Comparison.objects.get(), **{name: empty})

        assert again.options[name] == expected

    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"threshold": 2}, "threshold", "max_value"),
            ({"method": "guess"}, "method", "invalid_choice"),
            ({"image_url1": "http://example.com/a.png"}, "image_url1", "unknown"),
        ],
    )
    def test_that_can_not_be_used_are_refused(
        self, client: APIClient, changes: dict[str, Any], field: str, code: str
    ) -> None:
        comparison = record_comparison()

        response = client.post(f"/compare/{comparison.pk}/rerun", changes, format="json")

        assert response.status_code == 400
        assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
            (field, code)
        ]
        assert Comparison.objects.count() == 1

    def test_that_the_images_do_not_allow_are_refused(self, client: APIClient) -> None:
        comparison = record_comparison(WHITE, plain(size=(9, 9)))

        response = client.post(
            f"/compare/{comparison.pk}/rerun", {"size_policy": "error"}, format="json"
        )

        assert (response.status_code, response.json()["code"]) == (422, "sizes_differ")


class TestInputs:
    def test_are_those_of_before(self, client: APIClient, media_root: Path) -> None:
        comparison = record_comparison(source1="https://example.com/a.png", source2="b.png")
        before = len(find_files(media_root))

        again = rerun(client, comparison, threshold=0.2)

        assert again.pk != comparison.pk
        assert (again.source1, again.source2) == ("https://example.com/a.png", "b.png")
        assert (again.image1, again.image2) == (comparison.image1, comparison.image2)
        assert StoredImage.objects.count() == 2
        # Only its mask is new.
        assert len(find_files(media_root)) == before + 1

    def test_include_the_mask_of_what_to_ignore(self, client: APIClient) -> None:
        fields = {
            "image1": upload(WHITE),
            "image2": upload(BLACK),
            "mask_image": upload(plain("black"), "ignore.png"),
        }
        client.post("/compare", fields)

        again = rerun(client, Comparison.objects.get(), threshold=0.2)

        assert (again.mask_source, again.ignored_pixels) == ("ignore.png", 48)


class TestAnswer:
    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("*/*", "image/png"),
            ("application/json, text/plain, */*", "image/png"),
            ("application/json", "application/json"),
            ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ],
    )
    @pytest.mark.parametrize("slash", ["", "/"])
    def test_is_that_of_a_new_comparison(
        self, client: APIClient, accept: str, content_type: str, slash: str
    ) -> None:
        comparison = record_comparison()

        response = client.post(
            f"/compare/{comparison.pk}/rerun{slash}",
            headers={"accept": accept, "origin": "https://elsewhere.example"},
        )

        new = Comparison.objects.exclude(pk=comparison.pk).get()
        assert response.status_code == 201
        assert response["Content-Type"] == content_type
        assert response["Location"] == f"http://testserver/compare/{new.pk}"
        assert response["X-Comparison-Id"] == str(new.pk)
        assert float(response["X-MSE"]) == new.mse == 65025
        assert response["X-Diff-Pixels"] == "48"
        assert response["X-Match"] == "false"
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_carries_the_view_that_was_asked_for(self, client: APIClient) -> None:
        comparison = record_comparison()

        response = client.post(
            f"/compare/{comparison.pk}/rerun", {"view": "overlay"}, format="json"
        )

        served = client.get(f"{response['Location']}/overlay.png").getvalue()
        assert response.content == served

    def test_for_an_unknown_comparison_is_not_found(self, client: APIClient) -> None:
        response = client.post(f"/compare/{uuid4()}/rerun", {"threshold": 2}, format="json")

        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_to_get_is_that_it_must_be_posted(self, client: APIClient) -> None:
        response = client.get(f"/compare/{record_comparison().pk}/rerun")

        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_the_schema_gives_options_of_a_rerun_no_default(client: APIClient) -> None:
    document = client.get("/openapi.json").json()

    content = document["paths"]["/compare/{id}/rerun"]["post"]["requestBody"]["content"]
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = document["components"]["schemas"][name]
    assert {name for name, field in fields["properties"].items() if "default" in field} == {"view"}
    assert "required" not in fields
