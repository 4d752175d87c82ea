"""Each way to give a picture to the form."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.comparing import data_url
from tests.picture_server import PictureServer
from tests.pictures import plain

from .conftest import OpenPage
from .uploads import compare_and_read, png_file

SMALL = plain("white", size=(31, 17))
LARGE = plain("black", size=(40, 30))


@pytest.fixture
def form(page: Page) -> Page:
    page.goto("/")
    return page


def box(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Image {number}")


def copy_picture(page: Page, content: bytes) -> None:
    """Put a picture into the clipboard, as a program for screenshots does."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async (encoded) => {
            const png = Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0));
            const blob = new Blob([png], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }""",
        base64.b64encode(content).decode(),
    )


def copy_text(page: Page, text: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def drop(page: Page, path: Path, target: Locator) -> None:
    """Drag a file from the desktop and drop it, which only the browser's own protocol can."""
    target.scroll_into_view_if_needed()
    bounds = target.bounding_box()
    assert bounds
    browser = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver", "drop"):
        browser.send(
            "Input.dispatchDragEvent",
            {
                "type": step,
                "x": bounds["x"] + bounds["width"] / 2,
                "y": bounds["y"] + bounds["height"] / 2,
                "data": {"items": [], "files": [str(path)], "dragOperationsMask": 1},
            },
        )


def test_files_are_chosen_shown_with_their_sizes_and_compared(form: Page) -> None:
    for number, content in enumerate([SMALL, LARGE], start=1):
        with form.expect_file_chooser() as chooser:
            box(form, number).locator(".drop").click()
        chooser.value.set_files(png_file(f"{number}.png", content))

    expect(box(form, 1)).to_contain_text("31 × 17")
    expect(box(form, 2)).to_contain_text("40 × 30")
    expect(box(form, 2).get_by_role("img")).to_be_visible()
    comparison = compare_and_read(form)
    assert [comparison[image]["source"] for image in ("image1", "image2")] == ["1.png", "2.png"]


def test_urls_are_shown_by_their_words_and_downloaded_by_the_server_alone(
    form: Page, pictures: PictureServer
) -> None:
    urls = [pictures.serve("/before.png", SMALL), pictures.serve("/after.png", LARGE)]
    for number, url in enumerate(urls, start=1):
        box(form, number).get_by_label("or its URL").fill(url)

    expect(box(form, 1)).to_contain_text("/before.png")
    assert pictures.requested_paths == []
    comparison = compare_and_read(form)
    assert [comparison[image]["source"] for image in ("image1", "image2")] == urls


def test_a_data_url_is_shown_as_the_picture_that_it_is(form: Page) -> None:
    box(form, 1).get_by_label("or its URL").fill(data_url(SMALL))

    expect(box(form, 1).get_by_role("img")).to_have_js_property("naturalWidth", 31)


@pytest.mark.parametrize(
    ("target", "number"),
    [
        pytest.param("[data-number='2'] .drop", 2, id="onto the box"),
        pytest.param("#image_url2", 2, id="onto the box's URL"),
        pytest.param("h1", 1, id="beside the boxes"),
    ],
)
def test_a_file_is_dropped(form: Page, tmp_path: Path, target: str, number: int) -> None:
    path = tmp_path / "dropped.png"
    path.write_bytes(SMALL)

    drop(form, path, form.locator(target))

    expect(box(form, number)).to_contain_text("dropped.png")
    expect(box(form, number)).to_contain_text("31 × 17")


def test_pasted_pictures_fill_the_boxes_one_after_the_other(form: Page) -> None:
    copy_picture(form, SMALL)
    form.keyboard.press("Control+v")
    expect(box(form, 1)).to_contain_text("31 × 17")

    copy_picture(form, LARGE)
    form.keyboard.press("Control+v")

    expect(box(form, 2)).to_contain_text("40 × 30")


def test_a_pasted_picture_goes_to_the_box_that_has_the_focus(form: Page) -> None:
    copy_picture(form, SMALL)

    box(form, 2).get_by_label("or its URL").focus()
    form.keyboard.press("Control+v")

    expect(box(form, 2)).to_contain_text("31 × 17")


def test_a_pasted_url_fills_the_first_empty_box(form: Page) -> None:
    copy_text(form, "https://example.com/picture.png")

    form.keyboard.press("Control+v")

    expect(form.locator("#image_url1")).to_have_value("https://example.com/picture.png")


def test_a_picture_is_removed(form: Page) -> None:
    form.locator("#image1").set_input_files(png_file("1.png", SMALL))

    form.get_by_role("button", name="Remove image 1").click()

    expect(form.locator("#image1")).to_have_value("")
    expect(box(form, 1)).to_contain_text("Choose a file")


def test_what_is_given_last_takes_the_place_of_what_was_there(form: Page) -> None:
    form.locator("#image_url1").fill("https://example.com/picture.png")

    form.locator("#image1").set_input_files(png_file("1.png", SMALL))

    expect(form.locator("#image_url1")).to_have_value("")


def test_the_two_are_swapped(form: Page, pictures: PictureServer) -> None:
    url = pictures.serve("/after.png", LARGE)
    form.locator("#image1").set_input_files(png_file("1.png", SMALL))
    form.locator("#image_url2").fill(url)

    form.get_by_role("button", name="Swap the two images").click()

    comparison = compare_and_read(form)
    assert [comparison[image]["source"] for image in ("image1", "image2")] == [url, "1.png"]


def test_the_sample_pair_is_one_click_away_in_production_too(form: Page) -> None:
    form.get_by_role("button", name="Try the sample pair").click()

    expect(box(form, 2)).to_contain_text("960 × 600")
    comparison = compare_and_read(form)
    assert comparison["image1"]["source"] == "before.png"
    assert comparison["match"] is False


def test_a_file_that_the_browser_can_not_show_is_named_all_the_same(form: Page) -> None:
    form.locator("#image1").set_input_files(png_file("scan.tiff", b"II*\0"))

    expect(box(form, 1)).to_contain_text("scan.tiff")
    expect(box(form, 1)).to_contain_text("no preview")


def test_files_and_urls_are_compared_without_a_script(
    open_page: OpenPage, pictures: PictureServer
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/")

    page.get_by_label("Choose a file").first.set_input_files(png_file("1.png", SMALL))
    box(page, 2).get_by_label("or its URL").fill(pictures.serve("/after.png", SMALL))
    with page.expect_response("**/compare") as answer:
        page.get_by_role("button", name="Compare").click()

    assert answer.value.status == 201
    expect(page.get_by_role("heading", level=1)).to_have_text("Match")


def test_a_sample_pair_that_cant_be_had_is_said_to_be(form: Page) -> None:
    form.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); }")

    form.get_by_role("button", name="Try the sample pair").click()

    expect(form.get_by_role("alert")).to_have_text("The sample pair can't be loaded.")


def test_what_is_pasted_once_both_are_given_has_to_be_aimed(form: Page) -> None:
    for number in (1, 2):
        form.locator(f"#image{number}").set_input_files(png_file(f"{number}.png", SMALL))
    copy_text(form, "https://example.com/picture.png")
    form.mouse.move(0, 0)

    form.keyboard.press("Control+v")
    expect(form.get_by_role("alert")).to_contain_text("Both images are given")
    box(form, 2).get_by_role("button", name="Remove image 2").click()
    form.keyboard.press("Control+v")

    expect(form.locator("#image_url2")).to_have_value("https://example.com/picture.png")
    expect(form.get_by_role("alert")).to_be_hidden()
