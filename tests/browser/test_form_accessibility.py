import pytest
from playwright.sync_api import Page, Response, expect

from tests.pictures import plain

from .accessibility import find_serious_faults
from .conftest import OpenPage
from .uploads import png_file

MAX_BYTES = 60_000


def show_everything(page: Page) -> None:
    """Unfold all there is, with a picture, a rectangle and errors."""
    page.locator("#image1").set_input_files(png_file("1.png", plain(size=(64, 48))))
    page.locator("#image_url2").fill("no URL")
    page.get_by_text("Ignored parts").click()
    page.get_by_role("button", name="Add a rectangle").click()
    page.locator("details").first.evaluate("details => details.open = true")
    page.get_by_label("MSE, at most").fill("-1")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("#max_mse-error")).not_to_be_empty()


@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1600), ("dark", 390)])
def test_the_form_has_no_serious_fault(open_page: OpenPage, color_scheme: str, width: int) -> None:
    page = open_page(color_scheme=color_scheme, viewport={"width": width, "height": 900})
    page.goto("/")
    faults = find_serious_faults(page)

    show_everything(page)

    assert faults + find_serious_faults(page) == []


def test_the_form_that_comes_back_has_no_serious_fault(page: Page) -> None:
    page.goto("/")

    # As without a script, which axe itself can't do without.
    page.locator("#compare").evaluate("form => form.submit()")
    page.wait_for_url("**/compare")

    assert find_serious_faults(page) == []


@pytest.mark.parametrize("width", [320, 1024])
def test_the_form_is_never_wider_than_the_screen(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    page.goto("/")

    show_everything(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_page_is_small_and_nothing_in_it_shifts(page: Page) -> None:
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto("/", wait_until="networkidle")

    shifts = page.evaluate(
        """() => new Promise((resolve) => {
            new PerformanceObserver((list) => resolve(list.getEntries().length))
                .observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(0), 200);
        })"""
    )
    assert shifts == 0
    texts = [each for each in responses if each.request.resource_type != "image"]
    assert sum(len(text.body()) for text in texts) < MAX_BYTES
