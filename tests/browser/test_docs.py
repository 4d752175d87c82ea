"""`/docs`: Swagger UI within a page of ours."""

import pytest
from playwright.sync_api import Page, expect

from .accessibility import find_serious_faults
from .conftest import OpenPage


def open_docs(page: Page) -> None:
    page.goto("/docs")
    expect(page.locator(".opblock").first).to_be_visible()


def test_an_operation_can_be_tried_out(page: Page) -> None:
    open_docs(page)

    page.get_by_text("Compare two images", exact=True).click()

    expect(page.get_by_role("button", name="Try it out")).to_be_visible()


def test_looking_gives_no_cookie(page: Page) -> None:
    open_docs(page)

    assert page.context.cookies() == []


@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1600), ("dark", 390)])
def test_it_has_no_serious_fault(open_page: OpenPage, color_scheme: str, width: int) -> None:
    page = open_page(color_scheme=color_scheme, viewport={"width": width, "height": 900})

    open_docs(page)

    assert find_serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_dark_as_soon_as_the_system_is(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    open_docs(page)
    in_light = page.locator(".opblock-tag").first.evaluate("tag => getComputedStyle(tag).color")

    page.emulate_media(color_scheme="dark")

    expect(page.locator(".opblock-tag").first).not_to_have_css("color", in_light)
