"""Each mode shows, pixel by pixel, what was compared and what the engine draws."""

from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from comparisons.engine import VIEWS, Options, Result, SizePolicy, compare
from tests.end_to_end.processes import Server
from tests.pictures import encode, encode_noise, encode_pixels, noise

from .conftest import OpenPage
from .viewing import (
    Pixels,
    choose_mode,
    count_differences,
    find_box,
    make_comparison,
    read_pixels,
    remove_labels,
    shoot,
    view,
)

WIDTH, HEIGHT = SIZE = 300, 200
# How far the divider and its handle, with its shadow, reach to each side.
LINE, HANDLE = 2, 32

NOISE1, NOISE2 = noise(1, SIZE), noise(2, SIZE)


def half_changed() -> Pixels:
    changed = NOISE1.copy()
    changed[60:90, 100:180] = 255 - changed[60:90, 100:180]
    return changed


def shoot_picture(page: Page) -> Pixels:
    return shoot(page.locator(".world").first)


@pytest.fixture(scope="module")
def noises(server: Server) -> str:
    return make_comparison(server, encode_pixels(NOISE1), encode_pixels(NOISE2))


@pytest.fixture(scope="module")
def change(server: Server) -> tuple[str, Result]:
    """A comparison with one region, and what the engine finds in it."""
    path = make_comparison(server, encode_pixels(NOISE1), encode_pixels(half_changed()))
    return path, compare(NOISE1, half_changed())


@pytest.mark.parametrize(
    ("percent", "boundary"),
    [(0, 0), (50, WIDTH // 2), (100, WIDTH)],
    ids=["image 2 alone", "half of each", "image 1 alone"],
)
def test_the_slider_parts_image1_at_its_left_from_image2(
    page: Page, noises: str, percent: int, boundary: int
) -> None:
    view(page, noises, zoom=1)

    page.get_by_label("Divider").fill(str(percent))

    shown = shoot_picture(page)
    expected = np.hstack([NOISE1[:, :boundary], NOISE2[:, boundary:]])
    middle = HEIGHT // 2
    for rows, reach in ((slice(None), LINE), (slice(middle - HANDLE, middle + HANDLE), HANDLE)):
        columns = slice(max(0, boundary - reach), boundary + reach)
        expected[rows, columns] = shown[rows, columns]
    assert count_differences(shown, expected) == 0


def test_the_divider_follows_the_mouse(page: Page, noises: str) -> None:
    frame = find_box(view(page, noises, zoom=1))
    middle = (frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)

    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - WIDTH / 4, middle[1], steps=3)
    page.mouse.up()

    assert float(page.get_by_label("Divider").input_value()) == pytest.approx(25, abs=1)


def test_side_by_side_shows_both(page: Page, noises: str) -> None:
    view(page, noises, mode="side-by-side", zoom=1)

    remove_labels(page)
    panes = page.locator(".world")
    assert count_differences(shoot(panes.nth(0)), NOISE1) == 0
    assert count_differences(shoot(panes.nth(1)), NOISE2) == 0


@pytest.mark.parametrize("name", ["overlay", "mask"])
def test_overlay_and_mask_are_as_the_engine_draws_them(
    page: Page, change: tuple[str, Result], name: str
) -> None:
    path, result = change

    view(page, path, mode=name, zoom=1)

    assert count_differences(shoot_picture(page), read_pixels(VIEWS[name](result))) == 0


def test_the_heatmap_lies_where_the_others_do_without_its_legend(
    page: Page, change: tuple[str, Result]
) -> None:
    path, result = change

    view(page, path, mode="heatmap", zoom=1)

    under_legend = read_pixels(VIEWS["heatmap"](result))[-HEIGHT:, :WIDTH]
    assert count_differences(shoot_picture(page), under_legend) == 0


def test_the_heatmap_of_a_picture_narrower_than_its_legend_is_in_place(
    page: Page, server: Server
) -> None:
    before, after = noise(1, (40, 60)), noise(2, (40, 60))
    path = make_comparison(server, encode_pixels(before), encode_pixels(after))

    view(page, path, mode="heatmap", zoom=1)

    under_legend = read_pixels(VIEWS["heatmap"](compare(before, after)))[-60:, :40]
    assert count_differences(shoot_picture(page), under_legend) == 0


@pytest.mark.parametrize(
    ("percent", "share"), [(0, 0), (50, 0.5), (100, 1)], ids=["image 1", "half", "image 2"]
)
def test_the_onion_skin_mixes_the_two(page: Page, noises: str, percent: int, share: float) -> None:
    view(page, noises, mode="onion-skin", zoom=1)

    page.get_by_label("Opacity").fill(str(percent))

    mixed = np.rint(NOISE1 * (1 - share) + NOISE2 * share).astype(np.uint8)
    assert count_differences(shoot_picture(page), mixed, tolerance=2) == 0


class TestBlink:
    def test_it_changes_by_itself(self, page: Page, noises: str) -> None:
        view(page, noises, mode="blink", zoom=1)

        for label in ("Image 1", "Image 2", "Image 1"):
            page.locator(".pane-label", has_text=label).wait_for()

    def test_it_stays_where_less_motion_is_wanted(self, open_page: OpenPage, noises: str) -> None:
        page = open_page(reduced_motion="reduce")
        page.clock.install()
        view(page, noises, mode="blink")

        labels = []
        for _ in range(6):
            page.clock.run_for(400)
            labels.append(page.locator(".pane-label").first.inner_text())

        assert labels == 6 * ["Image 1"]

    def test_a_button_flips(self, page: Page, noises: str) -> None:
        view(page, noises, mode="blink", zoom=1)
        page.get_by_role("button", name="Flip").click()
        label = page.locator(".pane-label").first

        for _ in range(2):
            expected = {"Image 1": NOISE1, "Image 2": NOISE2}[label.inner_text()]
            # The label is in the corner.
            assert count_differences(shoot_picture(page)[:150], expected[:150]) == 0
            page.get_by_role("button", name="Flip").click()


class TestSizes:
    OTHER = noise(3, (200, 260))

    @pytest.mark.parametrize("policy", [SizePolicy.RESIZE, SizePolicy.PAD, SizePolicy.CROP])
    def test_both_images_are_shown_as_they_were_compared(
        self, page: Page, server: Server, policy: SizePolicy
    ) -> None:
        path = make_comparison(
            server,
            encode_pixels(NOISE1),
            encode_pixels(self.OTHER),
            size_policy=policy.value,
            background="#336699",
        )
        options = Options(size_policy=policy, background=(0x33, 0x66, 0x99))
        canvas = compare(NOISE1, self.OTHER, options).canvas

        view(page, path, mode="side-by-side", zoom=1)

        remove_labels(page)
        for number, expected in enumerate((canvas.rgb1, canvas.rgb2)):
            shown = shoot(page.locator(".world").nth(number))
            assert count_differences(shown, expected) == 0

    def test_transparent_pixels_are_on_the_background(self, page: Page, server: Server) -> None:
        clear = Image.new("RGBA", SIZE, (255, 0, 0, 0))
        path = make_comparison(server, encode(clear), encode_pixels(NOISE2), background="#336699")

        view(page, path, mode="side-by-side", zoom=1)

        remove_labels(page)
        assert (shoot_picture(page) == (0x33, 0x66, 0x99)).all()


@pytest.mark.parametrize(
    "image_format", [{"image_format": "TIFF"}, {"image_format": "GIF"}], ids=["TIFF", "GIF"]
)
def test_what_browsers_show_otherwise_or_not_is_shown_as_compared(
    page: Page, server: Server, image_format: Mapping[str, str]
) -> None:
    received = encode_noise(1, SIZE, **image_format)
    path = make_comparison(server, received, encode_pixels(NOISE2))

    view(page, path, mode="side-by-side", zoom=1)

    remove_labels(page)
    assert count_differences(shoot_picture(page), read_pixels(received)) == 0


def test_at_eight_times_each_pixel_is_a_block(page: Page, noises: str) -> None:
    view(page, noises, mode="side-by-side", zoom=8)
    remove_labels(page)

    pane = page.locator(".pane").first
    # The lowest rows are under the frame's round corner.
    shown = shoot(pane)[:-20]

    frame, world = find_box(pane), find_box(page.locator(".world").first)
    top, left = round(frame["y"] - world["y"]), round(frame["x"] - world["x"])
    height, width = shown.shape[:2]
    blocks = np.kron(NOISE1, np.ones((8, 8, 1), np.uint8))
    assert count_differences(shown, blocks[top : top + height, left : left + width]) == 0


def test_only_the_pictures_of_the_mode_are_loaded(page: Page, noises: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))

    view(page, noises)
    before = [name for name in asked if name in {"overlay.png", "mask.png", "heatmap.png"}]
    choose_mode(page, "Mask")

    assert before == []
    assert "mask.png" in asked
    assert not {"overlay.png", "heatmap.png"} & set(asked)
