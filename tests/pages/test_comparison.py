import html
import json
import re
import shlex
import struct
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from comparisons.engine import ColorProfiles
from comparisons.models import Comparison
from comparisons.pages.comparison import write_bytes, write_number, write_percent, write_similarity
from tests.comparing import WHITE, record_comparison, upload, url_pair
from tests.malformed import chunk, png
from tests.pictures import encode, encode_noise, plain

pytestmark = pytest.mark.django_db

SPOT = plain("black", size=(2, 1))
# BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
RED, GREEN = plain((196, 0, 0)), plain((0, 100, 0))
TICK = 'd="m7 12.5 3.5 3.5L17.5 9"'

# https://www.w3.org/TR/png-3/#11gAMA and 11cHRM: the gamma 1, and the primaries of BT.2020.
GAMMA_1 = (b"gAMA", struct.pack(">I", 100_000))
PRIMARIES = (
    b"cHRM",
    struct.pack(">8I", 31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
)


def read_page(client: APIClient, comparison: Comparison) -> str:
    response = client.get(f"/compare/{comparison.pk}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return " ".join(html.unescape(response.content.decode()).split())


def read_text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def read_verdict(page: str) -> tuple[str, set[str]]:
    """Read the heading and its classes."""
    heading = re.search(r'<h1 class="([^"]*)">(.*?)</h1>', page)
    assert heading
    return read_text(heading[2]), set(heading[1].split())


def list_warnings(page: str) -> list[str]:
    listed = re.search(r'<ul class="warnings"[^>]*>(.*?)</ul>', page)
    return [read_text(item) for item in re.findall("<li>(.*?)</li>", listed[1])] if listed else []


class TestVerdict:
    @pytest.mark.parametrize(
        ("options", "reasons"),
        [
            ({}, ["48 pixels differ; without limits, none may"]),
            ({"threshold": 1}, ["No pixel differs by more than the threshold"]),
            (
                {"max_diff_pixels": 100, "max_diff_ratio": 0.5, "max_mse": 1, "min_ssim": 0.9},
                [
                    "Held Different pixels: 48, at most 100",
                    "Failed Share of different pixels: 100 %, at most 50 %",
                    "Failed Mean squared error: 16,129.00, at most 1.00",
                    "Failed SSIM: 0.8018, at least 0.9",
                ],
            ),
        ],
        ids=["no limits", "a match", "each limit"],
    )
    def test_it_says_why(
        self, client: APIClient, options: dict[str, Any], reasons: list[str]
    ) -> None:
        page = read_page(client, record_comparison(WHITE, plain("gray"), **options))

        shown = re.search(r'<ul class="reasons">(.*?)</ul>', page)
        assert shown
        items = re.findall(r"<li>(.*?)</li>", shown[1])
        assert [read_text(item) for item in items] == reasons

    @pytest.mark.parametrize("warnings", [None, []], ids=["not recorded", "none"])
    def test_a_match_has_no_warning_where_none_was_recorded(
        self, client: APIClient, warnings: list[Any] | None
    ) -> None:
        comparison = record_comparison(WHITE, WHITE)
        Comparison.objects.update(warnings=warnings)

        page = read_page(client, comparison)

        assert "<title> Match · Image Compare </title>" in page
        assert read_verdict(page) == ("Match", {"match"})
        assert ("without warnings. Compare again to see them." in page) == (warnings is None)

    def test_a_match_with_warnings_is_told_from_one_without(self, client: APIClient) -> None:
        page = read_page(client, record_comparison(RED, GREEN))

        assert "<title> Match with 1 warning · Image Compare </title>" in page
        assert read_verdict(page) == ("Match with 1 warning", {"match", "warned"})
        assert TICK in read_page(client, record_comparison(WHITE, WHITE))
        assert TICK not in page

    def test_a_mismatch_is_one_whatever_is_warned_of(self, client: APIClient) -> None:
        page = read_page(client, record_comparison(WHITE, plain("black", (9, 9))))

        assert read_verdict(page)[0] == "No match"
        assert len(list_warnings(page)) == 1


class TestWarnings:
    def test_each_is_said(self, client: APIClient) -> None:
        comparison = record_comparison(RED, plain((0, 100, 0), (9, 9)))

        warnings = list_warnings(read_page(client, comparison))

        assert warnings == [
            "The method grayscale treats 48 pixels as equal, although a colour channel differs by more"
            " than 25.5 of 255.",
            "The sizes differ (8 x 6 and 9 x 9 pixels): image 2 was scaled to the size of image 1.",
        ]

    def test_they_name_inputs_as_the_page_does(self, client: APIClient) -> None:
        frames = [Image.new("RGB", (8, 6), color) for color in ("white", "red")]
        animated = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
        files = {name: upload(animated) for name in ("image1", "image2", "mask_image")}
        made = client.post("/compare?format=json", files).json()

        warnings = list_warnings(read_page(client, Comparison.objects.get(pk=made["id"])))

        assert warnings == [
            "Image 1 has 2 frames or pages; only the first is compared.",
            "Image 2 has 2 frames or pages; only the first is compared.",
            "The mask of ignored parts has 2 frames or pages; only the first is used.",
        ]

    @pytest.mark.parametrize(
        ("policy", "words"),
        [
            ("resize", "image 2 was scaled to the size of image 1."),
            ("pad", "both were padded to the larger size."),
            ("crop", "only the top-left part that both have was compared."),
        ],
    )
    @pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "not recorded"])
    def test_they_say_what_was_done_about_sizes(
        self, client: APIClient, policy: str, words: str, *, is_recorded: bool
    ) -> None:
        comparison = record_comparison(plain("white"), SPOT, size_policy=policy)
        if not is_recorded:
            Comparison.objects.update(warnings=None)

        warnings = list_warnings(read_page(client, comparison))

        assert f"The sizes differ (8 x 6 and 2 x 1 pixels): {words}" in warnings

    def test_they_are_text_whatever_was_recorded(self, client: APIClient) -> None:
        comparison = record_comparison(RED, GREEN)
        Comparison.objects.update(warnings=[{"code": "new", "detail": "<img src=x>"}])

        response = client.get(f"/compare/{comparison.pk}?format=html")

        assert "<img src=x>" not in response.content.decode()
        assert "&lt;img src=x&gt;" in response.content.decode()


class TestNotes:
    """Of comparisons by another version."""

    FIGURES = "Another version computed these figures."

    def test_are_none_for_one_of_this_version(self, client: APIClient) -> None:
        page = read_page(client, record_comparison(RED, GREEN))

        assert self.FIGURES not in page
        assert "version" not in read_text(page)

    def test_say_that_the_figures_are_of_another(self, client: APIClient) -> None:
        comparison = record_comparison(RED, GREEN)
        Comparison.objects.update(engine="1.1 (opencv 5.0.0, pillow 13.0.0)")

        page = read_page(client, comparison)

        assert self.FIGURES in page
        assert "without warnings" not in page

    def test_and_warnings_do_not_contradict_each_other(self, client: APIClient) -> None:
        comparison = record_comparison(WHITE, plain("white", (9, 9)))
        Comparison.objects.update(warnings=None)

        page = read_page(client, comparison)

        assert read_verdict(page)[0] == "Match with 1 warning"
        assert (
            "An earlier version recorded this comparison without warnings. Compare again to see them."
        ) in page


class TestFigures:
    def test_they_are_short_and_there_in_full(self, client: APIClient) -> None:
        comparison = record_comparison(encode_noise(1), encode_noise(2), min_ssim=0.5)

        page = read_page(client, comparison)

        for figure in (comparison.mse, comparison.psnr, comparison.ssim, comparison.diff_ratio):
            assert f'data-copy="{figure}"' in page
            assert f">{figure}<" not in page

    def test_identical_images_have_an_infinite_psnr(self, client: APIClient) -> None:
        comparison = record_comparison(plain("white"), plain("white"))

        assert "PSNR ∞" in read_text(read_page(client, comparison))

    @pytest.mark.parametrize(("option", "is_told"), [("apply", False), ("ignore", True)])
    def test_they_tell_that_colour_profiles_were_ignored(
        self, client: APIClient, option: str, *, is_told: bool
    ) -> None:
        comparison = record_comparison(color_profiles=option)

        assert ("Colour profiles ignored" in read_text(read_page(client, comparison))) is is_told

    def test_what_was_excused_and_ignored_is_counted(self, client: APIClient) -> None:
        comparison = record_comparison(
            ignore_antialiasing=True, ignore_regions=(), background=(0, 0, 0)
        )

        assert "Anti-aliased pixels 0" in read_text(read_page(client, comparison))

    @pytest.mark.parametrize(
        ("ratio", "shown"),
        [
            (0, "0 %"),
            (1e-9, "< 0.001 %"),
            (0.00012345, "0.0123 %"),
            (0.018869, "1.89 %"),
            (0.9999, "> 99.9 %"),
            (1, "100 %"),
        ],
    )
    def test_a_share_is_a_percentage_of_three_digits(self, ratio: float, shown: str) -> None:
        assert write_percent(ratio) == shown

    @pytest.mark.parametrize(
        ("number", "shown"), [(0, "0"), (0.0123456, "0.0123"), (65025, "65,025.00")]
    )
    def test_a_number_has_as_many_digits_as_matter(self, number: float, shown: str) -> None:
        assert write_number(number) == shown

    @pytest.mark.parametrize(("ssim", "shown"), [(1, "1"), (0.99999, "0.9999"), (-0.5, "-0.5")])
    def test_a_similarity_is_never_rounded_up_to_1(self, ssim: float, shown: str) -> None:
        assert write_similarity(ssim) == shown

    @pytest.mark.parametrize(
        ("count", "shown"),
        [(92, "0.1 kB"), (2_000, "2 kB"), (130_952, "131 kB"), (3_932_564, "3.9 MB")],
    )
    def test_a_size_is_written_as_the_form_writes_it(self, count: int, shown: str) -> None:
        assert write_bytes(count) == shown


class TestPictures:
    def find_urls(self, client: APIClient, comparison: Comparison) -> dict[str, str]:
        page = read_page(client, comparison)
        data = re.search(r'<script id="pictures" type="application/json">(.*?)</script>', page)
        assert data
        return {
            name: picture["url"].rpartition("/")[2] for name, picture in json.loads(data[1]).items()
        }

    @pytest.mark.parametrize(
        ("image_format", "name"),
        [
            ("PNG", "image1"),
            ("JPEG", "image1"),
            ("BMP", "image1"),
            ("TIFF", "image1.png"),
            ("GIF", "image1.png"),
            ("WEBP", "image1.png"),
            ("AVIF", "image1.png"),
        ],
    )
    def test_an_input_is_shown_as_sent_where_that_is_what_was_compared(
        self, client: APIClient, image_format: str, name: str
    ) -> None:
        comparison = record_comparison(encode_noise(1, image_format=image_format), encode_noise(2))

        assert self.find_urls(client, comparison)["image1"] == name

    @pytest.mark.parametrize(
        ("chunks", "name"),
        [
            pytest.param([(b"acTL", struct.pack(">2I", 1, 0))], "image1.png", id="animation"),
            pytest.param([GAMMA_1], "image1", id="gamma"),
            pytest.param([PRIMARIES], "image1", id="primaries"),
            pytest.param([(b"sRGB", b"\0"), GAMMA_1, PRIMARIES], "image1", id="sRGB and others"),
            pytest.param(
                [(b"sRGB", b"\0"), (b"cICP", bytes([9, 16, 0, 1]))], "image1.png", id="HDR"
            ),
            pytest.param([(b"tEXt", b"Comment\0gAMA cICP acTL")], "image1", id="text"),
            pytest.param([(b"tEXt", b"Comment\0" + bytes(100_000))], "image1.png", id="long text"),
        ],
    )
    def test_a_png_is_shown_as_sent_unless_browsers_read_more_in_it(
        self, client: APIClient, chunks: list[tuple[bytes, bytes]], name: str
    ) -> None:
        comparison = record_comparison(png(*(chunk(*parts) for parts in chunks)), WHITE)

        assert self.find_urls(client, comparison)["image1"] == name

    def test_there_is_a_page_of_pictures_whose_files_are_gone(self, client: APIClient) -> None:
        comparison = record_comparison()
        comparison.image1.file.delete(save=False)

        assert self.find_urls(client, comparison)["image1"] == "image1.png"

    def test_stored_values_are_shown_where_profiles_are_ignored(self, client: APIClient) -> None:
        comparison = record_comparison(
            encode_noise(1), encode_noise(2), color_profiles=ColorProfiles.IGNORE
        )

        urls = self.find_urls(client, comparison)

        assert (urls["image1"], urls["image2"]) == ("image1.png", "image2.png")

    def test_a_scaled_image2_is_shown_as_the_engine_scales(self, client: APIClient) -> None:
        comparison = record_comparison(plain("white"), SPOT)

        urls = self.find_urls(client, comparison)

        assert (urls["image1"], urls["image2"]) == ("image1", "image2.png")


class TestCommand:
    def read_command(self, page: str) -> list[str]:
        command = re.search(r'data-copy="(curl .*?)" ?>', page)
        assert command
        return shlex.split(command[1])

    def test_for_uploads_it_gets_the_figures(self, client: APIClient) -> None:
        comparison = record_comparison()

        command = self.read_command(read_page(client, comparison))

        url = f"http://testserver/compare/{comparison.pk}"
        assert command == ["curl", "--header", "Accept: application/json", url]

    def test_for_urls_it_compares_again(self, client: APIClient) -> None:
        source1, source2 = "https://a.example/1.png?x='1'", "http://b.example/2.png"
        comparison = record_comparison(source1=source1, source2=source2, threshold=0.25)

        command = self.read_command(read_page(client, comparison))

        assert command[:2] == ["curl", "http://testserver/compare"]
        body = json.loads(command[-1])
        assert (body["image_url1"], body["image_url2"]) == (source1, source2)
        assert body["threshold"] == 0.25
        # The API takes the rest as it is.
        response = client.post("/compare", body | url_pair(), format="json")
        assert response.status_code == 201


class TestOptions:
    def test_comparing_again_starts_from_those_of_the_comparison(self, client: APIClient) -> None:
        comparison = record_comparison(
            method="yiq",
            threshold=0.25,
            max_mse=0,
            min_ssim=0.5,
            background=(1, 2, 3),
            color_profiles=ColorProfiles.IGNORE,
        )

        page = read_page(client, comparison)

        for name, value in {
            "threshold": "0.25",
            "max_mse": "0.0",
            "min_ssim": "0.5",
            "background": "#010203",
        }.items():
            field = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
            assert field
            assert f'value="{value}"' in field[0]
        assert re.search(r'value="yiq"[^>]* checked', page)
        assert re.search(r'<option value="ignore"[^>]* selected', page)
