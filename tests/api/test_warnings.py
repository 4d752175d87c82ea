"""`warnings` in JSON and `X-Warnings`: what the figures leave out."""

from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from comparisons.engine import WARNING_FACTS
from comparisons.models import Comparison
from tests.comparing import WHITE, read_body, record_comparison, upload, url_pair
from tests.malformed import chunk, png
from tests.pictures import encode, plain

pytestmark = pytest.mark.django_db

# BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
RED_OF_59, GREEN_OF_59 = (196, 0, 0), (0, 100, 0)
RED, GREEN = plain(RED_OF_59), plain(GREEN_OF_59)
HALF_CLEAR = plain((255, 255, 255, 128), mode="RGBA")
# https://www.w3.org/TR/png-3/#cICP-chunk: BT.2020 with PQ.
HDR = png(chunk(b"cICP", bytes([9, 16, 0, 1])))


def animate(*colors: str | tuple[int, int, int], image_format: str = "GIF") -> bytes:
    first, *others = (Image.new("RGB", (8, 6), color) for color in colors)
    return encode(first, image_format, save_all=True, append_images=others)


def draw_dots(columns: int, rows: int) -> bytes:
    """Draw black pixels, each too far from the others to be of one region."""
    picture = Image.new("L", (10 * columns, 10 * rows), 255)
    for x in range(columns):
        for y in range(rows):
            picture.putpixel((10 * x, 10 * y), 0)
    return encode(picture)


def post(client: APIClient, image1: bytes, image2: bytes, **fields: Any) -> dict[str, Any]:
    response = client.post(
        "/compare?format=json", url_pair(image1, image2, **fields), format="json"
    )
    assert response.status_code == 201, response.content
    return dict(response.json())


def drop_details(warnings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert all(warning["detail"].endswith(".") for warning in warnings)
    return [
        {key: value for key, value in warning.items() if key != "detail"} for warning in warnings
    ]


CASES = [
    pytest.param(
        (RED, GREEN), {}, [{"code": "color_only_differences", "pixels": 48}], id="colours"
    ),
    pytest.param(
        (RED, GREEN),
        {"method": "ssim"},
        [{"code": "color_only_differences", "pixels": 48}],
        id="colours by ssim",
    ),
    pytest.param(
        (WHITE, HALF_CLEAR), {}, [{"code": "transparency_differs", "pixels": 48}], id="transparency"
    ),
    pytest.param(
        (WHITE, animate("white", "red", "blue")),
        {},
        [{"code": "first_frame_only", "image": "image2", "frames": 3}],
        id="frames",
    ),
    pytest.param(
        (animate("white", "red", image_format="TIFF"), WHITE),
        {},
        [{"code": "first_frame_only", "image": "image1", "frames": 2}],
        id="pages",
    ),
    pytest.param(
        (WHITE, plain("white", (4, 9))),
        {"size_policy": "crop"},
        [
            {
                "code": "sizes_differ",
                "size_policy_applied": "crop",
                "width1": 8,
                "height1": 6,
                "width2": 4,
                "height2": 9,
            }
        ],
        id="sizes",
    ),
    pytest.param(
        (plain("white", (210, 50), mode="L"), draw_dots(21, 5)),
        {},
        [{"code": "regions_left_out", "regions": 5}],
        id="regions",
    ),
    pytest.param((HDR, plain("black")), {}, [{"code": "tone_mapped", "image": "image1"}], id="HDR"),
]


@pytest.mark.parametrize(("images", "fields", "expected"), CASES)
class TestEveryWarning:
    def test_is_in_the_json_of_a_new_comparison_and_of_the_stored_one(
        self,
        client: APIClient,
        images: tuple[bytes, bytes],
        fields: dict[str, Any],
        expected: list[dict[str, Any]],
    ) -> None:
        made = post(client, *images, **fields)

        assert drop_details(made["warnings"]) == expected
        assert client.get(made["url"]).json() == made

    @pytest.mark.parametrize("answer_format", ["png", "json", "html"])
    def test_is_in_the_header_of_every_answer(
        self,
        client: APIClient,
        images: tuple[bytes, bytes],
        fields: dict[str, Any],
        expected: list[dict[str, Any]],
        answer_format: str,
    ) -> None:
        query = f"?format={answer_format}"

        made = client.post(f"/compare{query}", url_pair(*images, **fields), format="json")
        found = client.get(made["Location"] + query)
        read_body(found)

        codes = [warning["code"] for warning in expected]
        assert [made["X-Warnings"], found["X-Warnings"]] == [*codes, *codes]


class TestWarnings:
    def test_are_none_where_nothing_is_left_out(self, client: APIClient) -> None:
        made = client.post("/compare", url_pair(WHITE, WHITE), format="json")

        assert "X-Warnings" not in made
        assert "X-Warnings" not in client.get(made["Location"])
        assert client.get(made["Location"]).json()["warnings"] == []

    def test_name_each_code_once_in_the_header(self, client: APIClient) -> None:
        pair = animate(RED_OF_59, "white"), animate(GREEN_OF_59, "white", "red")

        made = client.post("/compare", url_pair(*pair), format="json")

        assert made["X-Warnings"] == "color_only_differences,first_frame_only"
        assert len(client.get(made["Location"]).json()["warnings"]) == 3

    def test_can_be_read_by_pages_of_other_origins(self, client: APIClient) -> None:
        headers = {"origin": "https://elsewhere.example"}

        made = client.post("/compare", url_pair(RED, GREEN), format="json", headers=headers)

        assert "X-Warnings" in made
        assert "x-warnings" in made["Access-Control-Expose-Headers"].lower().split(", ")

    def test_leave_the_verdict_as_it_was(self, client: APIClient) -> None:
        made = post(client, RED, GREEN)

        assert (made["match"], made["diff_pixels"], made["mse"]) == (True, 0, 0)

    def test_tell_of_the_frames_of_an_ignore_mask(self, client: APIClient) -> None:
        response = client.post(
            "/compare?format=json",
            {
                "image1": upload(WHITE),
                "image2": upload(WHITE),
                "mask_image": upload(animate("white", "black"), "mask.gif"),
            },
        )

        assert drop_details(response.json()["warnings"]) == [
            {"code": "first_frame_only", "image": "mask_image", "frames": 2}
        ]

    def test_are_those_of_the_options_that_a_rerun_has(self, client: APIClient) -> None:
        url = post(client, RED, GREEN)["url"]

        rerun = client.post(f"{url}/rerun?format=json", {"method": "yiq"}, format="json").json()

        assert (rerun["match"], rerun["warnings"]) == (False, [])

    def test_are_null_where_they_were_not_recorded_yet(self, client: APIClient) -> None:
        comparison = record_comparison(RED, GREEN)
        Comparison.objects.update(warnings=None)

        found = client.get(f"/compare/{comparison.pk}")

        assert found.json()["warnings"] is None
        assert "X-Warnings" not in found

    def test_are_listed(self, client: APIClient, django_user_model: Any) -> None:
        record_comparison(RED, GREEN)
        record_comparison(WHITE, WHITE)
        client.force_login(django_user_model.objects.create_user("staff", is_staff=True))

        results = client.get("/compare").json()["results"]

        assert [drop_details(result["warnings"]) for result in results] == [
            [],
            [{"code": "color_only_differences", "pixels": 48}],
        ]


class TestFacts:
    def test_of_every_warning_reach_the_client(self, client: APIClient) -> None:
        comparison = record_comparison()
        recorded: list[dict[str, Any]] = [
            {
                "code": code,
                "detail": "A sentence.",
                **{fact.name: fact.type(number) for number, fact in enumerate(facts)},
            }
            for code, facts in WARNING_FACTS.items()
        ]
        Comparison.objects.update(warnings=recorded)

        assert client.get(f"/compare/{comparison.pk}").json()["warnings"] == recorded

    def test_of_another_version_reach_the_client_too(self, client: APIClient) -> None:
        comparison = record_comparison()
        recorded = [
            {"code": "first_frame_only", "detail": "A sentence.", "frames": 3, "seconds": 1.5},
            {"code": "moved", "detail": "Another one.", "by": [3, 4], "to": None},
        ]
        Comparison.objects.update(warnings=recorded)

        assert client.get(f"/compare/{comparison.pk}").json()["warnings"] == recorded

    def test_are_documented_with_their_types_and_codes(self, client: APIClient) -> None:
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        properties = schemas["Warning"]["properties"]

        facts = {fact for facts in WARNING_FACTS.values() for fact in facts}
        assert properties.keys() == {"code", "detail"} | {fact.name for fact in facts}
        for code, facts_of_code in WARNING_FACTS.items():
            assert f"`{code}`" in properties["code"]["description"]
            for fact in facts_of_code:
                described = properties[fact.name]
                assert f"`{code}`" in described["description"]
                assert fact.meaning in described["description"]
                assert described["type"] == {int: "integer", str: "string"}[fact.type]
        assert schemas["Warning"]["required"] == ["code", "detail"]


class TestOfAPairComparedBefore:
    @pytest.mark.parametrize(("images", "fields", "expected"), CASES)
    def test_are_those_of_then(
        self,
        client: APIClient,
        images: tuple[bytes, bytes],
        fields: dict[str, Any],
        expected: list[dict[str, Any]],
    ) -> None:
        first, again = (post(client, *images, **fields) for _ in range(2))

        assert first["id"] != again["id"]
        assert again["warnings"] == first["warnings"]
        assert drop_details(again["warnings"]) == expected

    @pytest.mark.parametrize("image_format", ["GIF", "TIFF", "WEBP"])
    def test_tell_of_the_frames_of_an_image_that_is_known_and_compared_with_itself(
        self, client: APIClient, image_format: str
    ) -> None:
        content = animate("white", "red", image_format=image_format)
        post(client, content, WHITE)

        # Not decoded: that it is equal to itself is known.
        made = post(client, content, content)

        assert drop_details(made["warnings"]) == [
            {"code": "first_frame_only", "image": image, "frames": 2}
            for image in ("image1", "image2")
        ]

    @pytest.mark.parametrize(
        ("color_profiles", "codes"),
        [("apply", {"tone_mapped"}), ("ignore", set())],
    )
    def test_tell_of_hdr_only_if_it_was_mapped(
        self, client: APIClient, color_profiles: str, codes: set[str]
    ) -> None:
        post(client, HDR, WHITE)

        known = post(client, HDR, HDR, color_profiles=color_profiles)
        Comparison.objects.all().delete()
        unknown = post(client, HDR, HDR, color_profiles=color_profiles)

        for made in (known, unknown):
            assert {warning["code"] for warning in made["warnings"]} == codes

    def test_are_not_missing_where_an_earlier_engine_recorded_none(self, client: APIClient) -> None:
        post(client, RED, GREEN)
        Comparison.objects.update(
            warnings=None, engine="1.1 (opencv 5.0.0, pillow 13.0.0)", diff_pixels=1
        )

        made = post(client, RED, GREEN)

        assert made["diff_pixels"] == 0
        assert drop_details(made["warnings"]) == [{"code": "color_only_differences", "pixels": 48}]
