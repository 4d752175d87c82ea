"""Zoom, pan and regions: by mouse, by keyboard alone, and from the address."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.processes import Server
from tests.pictures import encode_pixels

from .viewing import choose_mode, find_box, make_comparison, view, wait_for_mode

TALL = (600, 3000)
# x, y, width and height, the one with the most pixels first.
BOXES = [(40, 2800, 120, 60), (300, 1500, 80, 40), (500, 20, 30, 30)]


@pytest.fixture(scope="module")
def tall(server: Server) -> str:
    """A comparison of a tall page that differs in three places."""
    before = np.full((TALL[1], TALL[0], 3), 255, np.uint8)
    after = before.copy()
    for x, y, width, height in BOXES:
        after[y : y + height, x : x + width] = (180, 30, 30)
    return make_comparison(server, encode_pixels(before), encode_pixels(after))


def read_zoom(page: Page) -> str:
    return page.locator("#zoom").inner_text()


def find_corner(page: Page, pane: int = 0) -> tuple[float, float]:
    """Find where the picture's corner is in its pane; negative where it is beyond the edge."""
    # Both in one moment: the page may be scrolling.
    left, top = page.evaluate(
        """pane => {
            const [world, frame] = [".world", ".pane"].map(
                (selector) => document.querySelectorAll(selector)[pane].getBoundingClientRect());
            return [world.x - frame.x, world.y - frame.y];
        }""",
        pane,
    )
    return left, top


def focus_viewer(page: Page) -> None:
    page.locator("#viewport").focus()


class TestZoom:
    def test_a_wide_picture_fits_the_width_at_first(self, page: Page, server: Server) -> None:
        white = encode_pixels(np.full((400, 2000, 3), 255, np.uint8))

        frame = view(page, make_comparison(server, white, white))

        world = find_box(page.locator(".world").first)
        assert world["width"] == pytest.approx(find_box(frame)["width"])

    def test_a_small_picture_fits_the_whole_screen(self, page: Page, server: Server) -> None:
        small = encode_pixels(np.full((100, 200, 3), 255, np.uint8))
        view(page, make_comparison(server, small, small))

        page.get_by_role("button", name="Full screen").click()
        page.wait_for_function("document.fullscreenElement")

        frame = find_box(page.locator("#viewport"))
        times = int(min(frame["width"] / 200, frame["height"] / 100))
        expect(page.locator("#zoom")).to_have_text(f"{times}00 %")

    def test_it_goes_from_one_to_one_to_sixteen_times(self, page: Page, tall: str) -> None:
        view(page, tall, zoom=1)
        focus_viewer(page)

        levels = [read_zoom(page)]
        for _ in range(9):
            page.keyboard.press("+")
            levels.append(read_zoom(page))

        assert [level.removesuffix(" %") for level in levels] == (
            ["100", "200", "300", "400", "600", "800", "1200", "1600", "1600", "1600"]
        )

    def test_the_wheel_with_ctrl_keeps_what_is_under_the_pointer(
        self, page: Page, tall: str
    ) -> None:
        box = find_box(view(page, tall, zoom=2))
        pointer = (200, 150)
        before = [(at - corner) / 2 for at, corner in zip(pointer, find_corner(page), strict=True)]

        page.mouse.move(box["x"] + pointer[0], box["y"] + pointer[1])
        page.keyboard.down("Control")
        page.mouse.wheel(0, -100)
        page.keyboard.up("Control")

        expect(page.locator("#zoom")).not_to_have_text("200 %")
        zoom = find_box(page.locator(".world").first)["width"] / TALL[0]
        after = [
            (at - corner) / zoom for at, corner in zip(pointer, find_corner(page), strict=True)
        ]
        assert zoom > 2
        assert after == pytest.approx(before, abs=1)

    def test_0_fits_the_width_again(self, page: Page, tall: str) -> None:
        view(page, tall)
        fitting = read_zoom(page)
        page.get_by_role("button", name="Zoom in").click()

        page.keyboard.press("0")

        assert read_zoom(page) == fitting


class TestPan:
    def test_dragging_moves_the_picture_along(self, page: Page, tall: str) -> None:
        box = find_box(view(page, tall, zoom=4, mode="blink"))
        before = find_corner(page)

        page.mouse.move(box["x"] + 300, box["y"] + 200)
        page.mouse.down()
        page.mouse.move(box["x"] + 250, box["y"] + 130, steps=4)
        page.mouse.up()

        moved = np.subtract(find_corner(page), before)
        assert moved == pytest.approx((-50, -70))

    def test_the_wheel_scrolls_the_picture_and_at_its_end_the_page(
        self, page: Page, tall: str
    ) -> None:
        box = find_box(view(page, tall))
        page.mouse.move(box["x"] + 300, box["y"] + 20)

        page.mouse.wheel(0, 200)
        page.wait_for_url("**at=300,4*")
        expect(page.locator(".site-header")).to_be_in_viewport(ratio=1)

        page.mouse.wheel(0, 4000)
        page.wait_for_url("**at=300,2*")
        page.mouse.wheel(0, 4000)
        expect(page.locator(".site-header")).not_to_be_in_viewport()

    def test_both_sides_move_in_step(self, page: Page, tall: str) -> None:
        view(page, tall, mode="side-by-side", zoom=3)
        focus_viewer(page)

        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)

        assert find_corner(page, 0) == pytest.approx(find_corner(page, 1), abs=1)

    def test_another_mode_looks_at_the_same_place(self, page: Page, tall: str) -> None:
        view(page, tall, zoom=4, at="300,1500")
        before = find_corner(page)

        choose_mode(page, "Mask")

        assert find_corner(page) == before


class TestRegions:
    def test_n_and_p_step_through_them_biggest_first(self, page: Page, tall: str) -> None:
        view(page, tall)
        focus_viewer(page)

        seen = []
        for key in "nnnp":
            page.keyboard.press(key)
            seen.append(page.locator("[data-box][aria-current=true]").get_attribute("data-box"))

        assert seen == [" ".join(map(str, BOXES[index])) for index in (0, 1, 2, 1)]

    @pytest.mark.parametrize("mode", ["slider", "heatmap"])
    def test_the_chosen_one_is_outlined_and_in_view(self, page: Page, tall: str, mode: str) -> None:
        frame = view(page, tall, mode=mode)

        page.get_by_role("button", name="Next region").click()

        outline, around = find_box(page.locator(".outline").first), find_box(frame)
        left, top = find_corner(page)
        zoom = find_box(page.locator(".world").first)["width"] / TALL[0]
        x, y, width, height = (zoom * side for side in BOXES[0])
        inner = (around["x"] + left + x, around["y"] + top + y)
        assert outline["x"] <= inner[0] <= inner[0] + width <= outline["x"] + outline["width"]
        assert outline["y"] <= inner[1] <= inner[1] + height <= outline["y"] + outline["height"]
        assert around["y"] <= inner[1] <= inner[1] + height <= around["y"] + around["height"]
        assert outline["width"] - width < 20

    def test_the_list_leads_to_them(self, page: Page, tall: str) -> None:
        view(page, tall)

        page.get_by_role("button", name="80 × 40").click()

        expect(page.locator(".outline").first).to_be_visible()
        expect(page.locator("#status")).to_contain_text("Region 2 of 3")

    def test_a_strip_shows_where_they_are_and_leads_there(self, page: Page, tall: str) -> None:
        view(page, tall)
        strip = page.locator("#overview")
        top, height = find_box(strip)["y"], find_box(strip)["height"]

        marks = [find_box(mark)["y"] - top for mark in page.locator(".overview-mark").all()]
        strip.click(position={"x": 5, "y": marks[0]})

        assert marks == pytest.approx([height * y / TALL[1] for _, y, _, _ in BOXES], abs=1)
        assert 0 < find_corner(page)[1] + BOXES[0][1] < height


class TestKeyboard:
    def test_1_to_7_choose_the_mode(self, page: Page, tall: str) -> None:
        view(page, tall)
        focus_viewer(page)

        for key, mode in enumerate(
            ["slider", "side-by-side", "overlay", "mask", "heatmap", "onion-skin", "blink"], 1
        ):
            page.keyboard.press(str(key))
            wait_for_mode(page, mode)

    def test_all_is_reached_with_tab_alone(self, page: Page, tall: str) -> None:
        view(page, tall)

        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "viewport":
                break
        page.keyboard.press("3")

        wait_for_mode(page, "overlay")

    def test_keys_do_nothing_outside_of_the_viewer(self, page: Page, tall: str) -> None:
        view(page, tall)
        page.get_by_text("Compare again").first.click()

        page.locator("#threshold").fill("")
        page.locator("#threshold").press_sequentially("0.3")
        page.get_by_role("link", name="Image Compare").focus()
        page.keyboard.press("4")

        assert page.locator("#threshold").input_value() == "0.3"
        expect(page.get_by_role("button", name="Slider")).to_have_attribute("aria-pressed", "true")

    def test_arrows_scroll_the_page_where_the_picture_ends(self, page: Page, tall: str) -> None:
        view(page, tall)
        focus_viewer(page)
        before = page.evaluate("scrollY")

        page.keyboard.press("ArrowUp")

        page.wait_for_function("before => scrollY < before", arg=before)
        assert find_corner(page)[1] == pytest.approx(0)

    def test_arrows_on_the_slider_move_it_and_not_the_picture(self, page: Page, tall: str) -> None:
        view(page, tall, zoom=4)
        before = find_corner(page)

        page.get_by_label("Divider").press("ArrowRight")

        assert float(page.get_by_label("Divider").input_value()) > 50
        assert find_corner(page) == before

    def test_a_question_mark_shows_the_shortcuts(self, page: Page, tall: str) -> None:
        view(page, tall)
        focus_viewer(page)

        page.keyboard.press("?")

        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


class TestAddress:
    def test_it_says_what_is_looked_at(self, page: Page, tall: str) -> None:
        view(page, tall)
        page.get_by_role("button", name="1:1").click()
        page.get_by_role("button", name="80 × 40").click()
        choose_mode(page, "Overlay")

        page.wait_for_url(re.compile(r"#mode=overlay&zoom=1&at=300,1520&region=2$"))

    def test_it_leads_there_again(self, page: Page, tall: str) -> None:
        view(page, tall, mode="onion-skin", zoom=3, at="200,1000", region=3)

        box = find_box(page.locator(".pane").first)
        middle = (box["width"] / 2 - 3 * 200, box["height"] / 2 - 3 * 1000)
        assert read_zoom(page) == "300 %"
        assert find_corner(page) == pytest.approx(middle, abs=1)
        expect(page.locator("[data-box]").nth(2)).to_have_attribute("aria-current", "true")

    @pytest.mark.parametrize(
        "fragment", ["mode=constructor&region=99", "zoom=NaN&at=,&region=-1", "at=x,y&%%%"]
    )
    def test_nonsense_in_it_is_overlooked(self, page: Page, tall: str, fragment: str) -> None:
        page.goto(f"{tall}#{fragment}")
        wait_for_mode(page, "slider")

        focus_viewer(page)
        page.keyboard.press("ArrowDown")

        assert find_corner(page)[1] == pytest.approx(-80)
