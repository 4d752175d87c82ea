"""What is around the viewer: figures, what can be taken along, comparing again, and those without a script."""

import re
import shlex
import subprocess
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.processes import Server
from tests.pictures import encode_pixels, noise

from .accessibility import find_serious_faults
from .conftest import OpenPage
from .viewing import choose_mode, find_box, make_comparison, view, wait_for_mode

BEFORE = noise(1, (120, 80))
AFTER = BEFORE.copy()
AFTER[10:20, 10:30] = 255 - AFTER[10:20, 10:30] // 3


@pytest.fixture(scope="module")
def comparison(server: Server) -> str:
    return make_comparison(server, encode_pixels(BEFORE), encode_pixels(AFTER), max_mse="0.5")


def fill_threshold(page: Page, threshold: str) -> None:
    page.locator("#rerun > summary").click()
    page.locator("#threshold").fill(threshold)
    page.get_by_role("button", name="Compare again").click()


class TestCompareAgain:
    def test_it_leads_to_a_comparison_of_its_own_and_to_the_same_place(
        self, page: Page, comparison: str
    ) -> None:
        view(page, comparison, mode="onion-skin", zoom=16, at="60,30")
        different_pixels = page.locator(".figure dd").first.inner_text()

        fill_threshold(page, "0.9")

        page.wait_for_url(
            lambda url: comparison not in url and url.endswith("#mode=onion-skin&zoom=16&at=60,30")
        )
        wait_for_mode(page, "onion-skin")
        assert page.locator("#zoom").inner_text() == "1600 %"
        assert page.locator(".figure dd").first.inner_text() != different_pixels
        assert page.locator("#threshold").input_value() == "0.9"
        assert page.locator("#max_mse").input_value() == "0.5"

    def test_what_is_wrong_is_said_beside_its_field(self, page: Page, comparison: str) -> None:
        view(page, comparison)

        fill_threshold(page, "7")

        expect(page.locator("#threshold-error")).to_have_text(re.compile("less than or equal to 1"))
        expect(page.locator("#threshold")).to_be_focused()
        assert comparison in page.url

    def test_what_the_browser_can_t_read_is_not_sent(self, page: Page, comparison: str) -> None:
        view(page, comparison)
        page.locator("#rerun > summary").click()
        page.locator("#threshold").fill("")
        page.locator("#threshold").press_sequentially("e")

        page.get_by_role("button", name="Compare again").click()

        expect(page.locator("#threshold-error")).to_have_text(re.compile("number"))
        expect(page.locator("#threshold")).to_be_focused()
        assert comparison in page.url

    def test_each_error_of_a_list_is_said_with_its_place(self, page: Page, comparison: str) -> None:
        view(page, comparison)
        page.locator("#rerun > summary").click()
        page.get_by_label("Ignored rectangles").fill(
            '[{"x": "left", "y": 0, "width": 1, "height": 1},'
            ' {"x": 0, "y": "top", "width": 1, "height": 1}]'
        )

        page.get_by_role("button", name="Compare again").click()

        expect(page.locator("#ignore_regions-error")).to_have_text(
            re.compile(r"^0\.x: .+integer.*\. 1\.y: .+integer.*\.$")
        )

    @pytest.mark.parametrize(
        ("status", "headers", "words"),
        [
            pytest.param(502, {}, "an error (502)", id="proxy"),
            pytest.param(503, {"Retry-After": "7"}, "wait 7 seconds", id="overload"),
        ],
    )
    def test_a_refusal_by_others_is_said_in_its_words(
        self, page: Page, comparison: str, status: int, headers: dict[str, str], words: str
    ) -> None:
        view(page, comparison)
        page.route(
            "**/rerun",
            lambda route: route.fulfill(status=status, headers=headers, body="<h1>No"),
        )

        fill_threshold(page, "0.9")

        expect(page.get_by_role("alert")).to_contain_text(words)

    def test_what_was_on_can_be_turned_off(self, page: Page, server: Server) -> None:
        path = make_comparison(
            server,
            encode_pixels(BEFORE),
            encode_pixels(AFTER),
            ignore_antialiasing="true",
            metrics="mse,psnr,ssim",
        )
        view(page, path)
        expect(page.locator(".figures")).to_contain_text("Anti-aliased pixels")

        page.locator("#rerun > summary").click()
        for name in ("Ignore anti-aliasing", "Compute SSIM"):
            page.get_by_label(name).select_option("No")
        page.get_by_role("button", name="Compare again").click()

        page.wait_for_url(lambda url: path not in url)
        expect(page.locator(".figures")).not_to_contain_text("Anti-aliased pixels")
        expect(page.locator(".figures")).not_to_contain_text("SSIM")

    def test_a_region_can_be_left_out(self, page: Page, comparison: str) -> None:
        view(page, comparison, region=1)

        page.get_by_role("button", name="Ignore the region").click()
        page.get_by_role("button", name="Compare again").click()

        expect(page.locator(".figures")).to_contain_text("Ignored pixels 200")
        expect(page.get_by_role("heading", name="Match", exact=True)).to_be_visible()

    def test_no_region_can_be_left_out_before_one_is_chosen(
        self, page: Page, comparison: str
    ) -> None:
        view(page, comparison)
        ignore = page.get_by_role("button", name="Ignore the region")
        expect(ignore).to_be_disabled()

        page.get_by_role("button", name="Next region").click()

        expect(ignore).to_be_enabled()

    def test_it_works_without_a_script(self, open_page: OpenPage, comparison: str) -> None:
        page = open_page(java_script_enabled=False)
        page.goto(comparison)

        fill_threshold(page, "0.9")

        expect(page.locator(".figures")).to_contain_text("threshold 0.9")


class TestWithoutScript:
    def test_the_pictures_are_there(self, open_page: OpenPage, comparison: str) -> None:
        page = open_page(java_script_enabled=False)

        page.goto(comparison)

        pictures = page.locator(".pictures img")
        expect(pictures).to_have_count(5)
        for picture in pictures.all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", value=True)
        expect(page.get_by_role("region", name="Viewer")).to_be_hidden()


class TestCopies:
    @pytest.fixture
    def clipboard(self, page: Page) -> Page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        return page

    def test_the_link_leads_to_what_is_looked_at(
        self, clipboard: Page, server: Server, comparison: str
    ) -> None:
        view(clipboard, comparison, mode="mask", zoom=4)
        clipboard.wait_for_url("**at=*")

        clipboard.get_by_role("button", name="Copy link").click()

        expect(clipboard.get_by_text("Copied").first).to_be_visible()
        copied = clipboard.evaluate("navigator.clipboard.readText()")
        assert copied == f"{server.url}{comparison}#mode=mask&zoom=4&at=60,40"

    def test_the_command_gets_the_same_figures(
        self, clipboard: Page, server: Server, comparison: str
    ) -> None:
        view(clipboard, comparison)

        clipboard.get_by_role("button", name="Copy as curl").click()

        expect(clipboard.get_by_text("Copied").first).to_be_visible()
        command = shlex.split(clipboard.evaluate("navigator.clipboard.readText()"))
        answer = subprocess.run([*command, "--silent"], capture_output=True, check=True).stdout
        assert f'"url":"{server.url}{comparison}"'.encode() in answer

    def test_it_says_so_if_the_browser_refuses(self, page: Page, comparison: str) -> None:
        page.add_init_script(
            "navigator.clipboard.writeText = () => Promise.reject(new DOMException())"
        )
        view(page, comparison)

        page.get_by_role("button", name="Copy link").click()

        expect(page.get_by_role("button", name="Can't copy")).to_be_visible()

    def test_a_figure_is_copied_in_full(
        self, clipboard: Page, server: Server, comparison: str
    ) -> None:
        view(clipboard, comparison)
        figures = clipboard.request.get(f"{server.url}{comparison}?format=json").json()

        clipboard.locator(".figure", has_text="MSE").get_by_role("button").click()

        expect(clipboard.get_by_text("Copied").first).to_be_visible()
        assert clipboard.evaluate("navigator.clipboard.readText()") == str(figures["mse"])


def test_all_there_is_can_be_downloaded(page: Page, comparison: str) -> None:
    view(page, comparison)
    page.locator("#downloads > summary").click()

    links = page.locator("#downloads a")

    names = []
    for link in links.all():
        with page.expect_download() as download:
            link.click()
        names.append(download.value.suggested_filename)
    assert names == [
        *("mask.png", "overlay.png", "side-by-side.png", "heatmap.png", "image1.png", "image2.png"),
        *("image1.png", "image2.png", f"{comparison.rpartition('/')[2]}.json"),
    ]


def test_no_row_of_figures_holds_one_alone(page: Page, server: Server) -> None:
    path = make_comparison(
        server,
        encode_pixels(BEFORE),
        encode_pixels(AFTER),
        ignore_antialiasing="true",
        metrics="mse,psnr,ssim",
    )
    page.set_viewport_size({"width": 1024, "height": 800})

    view(page, path)

    rows = Counter(find_box(figure)["y"] for figure in page.locator(".figure").all())
    assert sum(rows.values()) == 7
    assert min(rows.values()) > 1


@pytest.mark.parametrize("width", [320, 390, 480, 700, 1024])
def test_what_can_be_downloaded_is_in_sight(
    open_page: OpenPage, comparison: str, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    view(page, comparison)

    page.locator("#downloads > summary").click()

    menu = find_box(page.locator("#downloads > ul"))
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= width


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_page_has_no_serious_fault(
    open_page: OpenPage, comparison: str, color_scheme: str
) -> None:
    page = open_page(color_scheme=color_scheme, reduced_motion="reduce")
    view(page, comparison, region=1)
    page.locator("#rerun > summary").click()

    faults = find_serious_faults(page)
    choose_mode(page, "Blink")
    faults += find_serious_faults(page)

    assert faults == []


@pytest.mark.parametrize("width", [390, 1024, 1600])
def test_the_page_is_never_wider_than_the_screen(
    open_page: OpenPage, comparison: str, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800})

    view(page, comparison)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_picture_that_cant_be_had_is_tried_again(page: Page, comparison: str) -> None:
    view(page, comparison)
    overlay = page.get_by_role("button", name="Overlay")
    page.route("**/overlay.png", lambda route: route.fulfill(body="no picture"))

    overlay.click()
    expect(page.get_by_role("alert")).to_contain_text("This picture can't be loaded")
    page.unroute("**/overlay.png")
    overlay.click()

    wait_for_mode(page, "overlay")
