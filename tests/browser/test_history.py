import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.processes import Server
from tests.pictures import plain

from .accessibility import find_serious_faults
from .conftest import OpenPage
from .uploads import compare_and_read, png_file
from .viewing import find_box

MAKE_STAFF = """
from django.contrib.auth import get_user_model as users
users().objects.filter(username="staff").exists() or users().objects.create_superuser("staff", password="secret")
"""
ADMIN_LIST = "/admin/comparisons/comparison/"


def compare(page: Page) -> str:
    """Compare two pictures by the form; return the comparison's id."""
    page.goto("/")
    for number, color in ((1, "white"), (2, "red")):
        page.locator(f"#image{number}").set_input_files(png_file("a.png", plain(color, (640, 480))))
    return str(compare_and_read(page)["id"])


def log_in(page: Page, server: Server) -> None:
    server.manage("shell", "-c", MAKE_STAFF)
    page.goto("/admin/")
    page.get_by_label("Username").fill("staff")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()


def expect_thumbnails(page: Page, count: int) -> None:
    """Expect that many small pictures, each of which has arrived."""
    thumbnails = page.locator('img[src*="/thumbnails/"]')
    expect(thumbnails).to_have_count(count)
    for thumbnail in thumbnails.all():
        thumbnail.scroll_into_view_if_needed()
        expect(thumbnail).to_have_js_property("naturalWidth", 320)


def test_the_history_shows_what_this_browser_has_compared(open_page: OpenPage) -> None:
    ours, other = open_page(), open_page()
    compared = compare(ours)

    ours.get_by_role("link", name="History").click()
    other.goto("/history")

    expect(ours.locator(f'a[href="/compare/{compared}"]')).to_have_count(1)
    expect_thumbnails(ours, 3)
    expect(other.locator('a[href^="/compare/"]')).to_have_count(0)
    assert other.context.cookies() == []


@pytest.mark.parametrize(("color_scheme", "width"), [("light", 1600), ("dark", 390)])
def test_the_history_has_no_serious_fault(
    open_page: OpenPage, color_scheme: str, width: int
) -> None:
    page = open_page(color_scheme=color_scheme, viewport={"width": width, "height": 900})
    compare(page)

    page.goto("/history?since=nonsense")
    faults = find_serious_faults(page)
    page.goto("/history")

    assert faults + find_serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 1024, 1600])
def test_all_of_the_search_is_within_its_card(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})

    page.goto("/history?q=nothing")

    field, clear = (
        find_box(page.locator(f".filters {name}")) for name in ("input[name=q]", ".quiet")
    )
    assert clear["x"] + clear["width"] <= field["x"] + field["width"] + 0.5


def test_the_admin_works_under_the_content_security_policy(page: Page, server: Server) -> None:
    compared = compare(page)
    log_in(page, server)

    page.goto(f"{ADMIN_LIST}?q={compared}")
    expect_thumbnails(page, 3)
    page.locator('#result_list a[href*="/change/"]').click()
    expect(page.get_by_text(compared).first).to_be_visible()
    page.goto(f"{ADMIN_LIST}{compared}/delete/")
    page.get_by_role("button", name="Yes").click()

    expect(page.get_by_text("was deleted successfully")).to_be_visible()
    assert page.request.get(f"/compare/{compared}").status == 404
