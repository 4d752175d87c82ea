"""Rectangles that never count: drawn on image 1, or typed in, and sent in its own pixels."""

from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.pictures import plain

from .conftest import OpenPage
from .uploads import compare_and_read, png_file

# Wider than any box on the page: it is shown at a part of its size.
WIDTH, HEIGHT = 4000, 2000
# A pixel of the screen has several of the picture.
TOLERANCE = 8


@pytest.fixture
def form(page: Page) -> Page:
    open_editor(page)
    return page


def open_editor(page: Page) -> None:
    page.goto("/")
    for number in (1, 2):
        content = plain(size=(WIDTH, HEIGHT))
        page.locator(f"#image{number}").set_input_files(png_file(f"{number}.png", content))
    page.get_by_text("Ignored parts").click()
    expect(stage(page)).to_be_visible()
    stage(page).scroll_into_view_if_needed()


def stage(page: Page) -> Locator:
    return page.locator("#stage svg")


def rectangle(page: Page, number: int = 1) -> Locator:
    return stage(page).get_by_role("group", name=f"Rectangle {number}:")


def number(page: Page, name: str) -> Locator:
    return page.get_by_role("spinbutton", name=name)


def find_point(page: Page, x: float, y: float) -> tuple[float, float]:
    """Find where a pixel of the picture is on the screen."""
    bounds: FloatRect | None = stage(page).bounding_box()
    assert bounds
    return bounds["x"] + x / WIDTH * bounds["width"], bounds["y"] + y / HEIGHT * bounds["height"]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*find_point(page, *start))
    page.mouse.down()
    page.mouse.move(*find_point(page, *end), steps=3)
    page.mouse.up()


def read_rows(page: Page) -> list[dict[str, float]]:
    rows = page.locator(".region-row").all()
    return [
        {
            key: float(row.locator(f"[name={key}]").input_value())
            for key in ("x", "y", "width", "height")
        }
        for row in rows
    ]


def near(x: int, y: int, width: int, height: int) -> Any:
    return pytest.approx({"x": x, "y": y, "width": width, "height": height}, abs=TOLERANCE)


def test_a_rectangle_is_drawn_with_the_mouse_and_sent(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))

    drawn = read_rows(form)
    assert drawn == [near(400, 200, 1000, 500)]
    comparison = compare_and_read(form)
    assert comparison["options"]["ignore_regions"] == drawn
    assert comparison["ignored_pixels"] == drawn[0]["width"] * drawn[0]["height"]


def test_a_rectangle_is_drawn_with_a_finger(open_page: OpenPage) -> None:
    page = open_page(has_touch=True)
    open_editor(page)
    touch = page.context.new_cdp_session(page)
    for step, at in [("touchStart", (2000, 400)), ("touchMove", (2600, 900)), ("touchEnd", None)]:
        points = [dict(zip("xy", find_point(page, *at), strict=True))] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": step, "touchPoints": points})

    expect(rectangle(page)).to_be_visible()
    assert read_rows(page) == [near(2000, 400, 600, 500)]


def test_nothing_is_drawn_on_a_picture_that_has_been_replaced(page: Page) -> None:
    page.goto("/")
    page.locator("#image1").set_input_files(png_file("1.png", plain()))
    expect(page.get_by_role("img", name="1.png")).to_be_visible()

    page.evaluate("() => { HTMLImageElement.prototype.decode = () => new Promise(() => {}); }")
    page.locator("#image1").set_input_files(png_file("2.png", plain()))
    page.get_by_text("Ignored parts").click()

    expect(page.locator("#stage-empty")).to_be_visible()


def test_a_rectangle_is_moved_and_stays_within_the_picture(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))

    drag(form, (900, 400), (1100, 500))
    assert read_rows(form) == [near(600, 300, 1000, 500)]

    drag(form, (1100, 500), (0, 0))
    assert read_rows(form) == [near(0, 0, 1000, 500)]


def test_a_rectangle_is_resized_at_a_corner(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))

    drag(form, (1400, 200), (2400, 100))

    assert read_rows(form) == [near(400, 100, 2000, 600)]


def test_a_rectangle_is_added_moved_resized_and_deleted_with_the_keyboard(form: Page) -> None:
    form.get_by_role("button", name="Add a rectangle").press("Enter")
    assert read_rows(form) == [{"x": 1500, "y": 750, "width": 1000, "height": 500}]

    rectangle(form).focus()
    form.keyboard.press("ArrowRight")
    form.keyboard.press("ArrowUp")
    form.keyboard.press("Shift+ArrowLeft")
    form.keyboard.press("Shift+ArrowDown")
    assert read_rows(form) == [{"x": 1540, "y": 710, "width": 960, "height": 540}]

    form.keyboard.press("Delete")
    expect(rectangle(form)).to_have_count(0)
    expect(form.get_by_role("button", name="Add a rectangle")).to_be_focused()


def test_a_rectangle_of_typed_numbers_is_drawn_and_sent(form: Page) -> None:
    form.get_by_role("button", name="Add a rectangle").click()
    for key, value in {"x": 12, "y": 34, "width": 56, "height": 78}.items():
        number(form, f"Rectangle 1: {key}").fill(str(value))

    expect(rectangle(form)).to_have_accessible_name("Rectangle 1: x 12, y 34, 56 by 78 pixels")
    assert compare_and_read(form)["options"]["ignore_regions"] == [
        {"x": 12, "y": 34, "width": 56, "height": 78}
    ]


def test_rectangles_need_no_picture_to_be_seen(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Ignored parts").click()

    page.get_by_role("button", name="Add a rectangle").click()

    expect(number(page, "Rectangle 1: x")).to_be_focused()
    expect(stage(page)).to_be_hidden()


def test_one_of_several_is_deleted_in_the_list(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))
    drag(form, (2000, 1000), (3000, 1500))

    form.get_by_role("button", name="Delete rectangle 1").click()

    assert read_rows(form) == [near(2000, 1000, 1000, 500)]


def test_an_empty_number_is_marked_and_not_sent(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))
    number(form, "Rectangle 1: width").fill("")

    form.get_by_role("button", name="Compare", exact=True).click()

    expect(number(form, "Rectangle 1: width")).to_be_focused()
    expect(form.locator(".region-row .error")).not_to_be_empty()


def test_rectangles_are_still_there_for_whoever_returns(form: Page) -> None:
    drag(form, (400, 200), (1400, 700))
    drawn = read_rows(form)
    compare_and_read(form)

    form.go_back()

    expect(form.get_by_text("1 rectangle", exact=True)).to_be_visible()
    assert read_rows(form) == drawn
