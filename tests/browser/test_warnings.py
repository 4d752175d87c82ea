"""What the figures leave out, beside the verdict."""

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.processes import Server
from tests.pictures import plain

from .accessibility import find_serious_faults
from .conftest import OpenPage
from .viewing import make_comparison

# BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
RED, GREEN = (196, 0, 0), (0, 100, 0)


@pytest.fixture(scope="module")
def comparison(server: Server) -> str:
    return make_comparison(server, plain(RED, (320, 240)), plain(GREEN, (640, 360)))


@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1400), ("dark", 320)])
def test_a_match_with_warnings_can_be_read_by_everybody(
    open_page: OpenPage, comparison: str, color_scheme: str, width: int
) -> None:
    page = open_page(color_scheme=color_scheme, viewport={"width": width, "height": 800})

    page.goto(comparison)

    expect(page.get_by_role("heading", level=1)).to_have_text("Match with 2 warnings")
    warnings = page.get_by_role("list", name="Warnings").get_by_role("listitem")
    expect(warnings.first).to_contain_text("treats 76,800 pixels as equal")
    expect(warnings.last).to_contain_text("320 x 240 and 640 x 360")
    assert find_serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_comparing_again_by_another_method_does_away_with_the_warning(
    page: Page, comparison: str
) -> None:
    page.goto(comparison)
    page.locator("#rerun > summary").click()
    page.get_by_label("yiq").check()
    page.get_by_label("Colour profiles").select_option(label="Ignore; compare the stored values")

    page.get_by_role("button", name="Compare again").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("No match")
    expect(page.get_by_role("list", name="Warnings").get_by_role("listitem")).to_have_count(1)
    expect(page.locator("#color_profiles")).to_have_value("ignore")
