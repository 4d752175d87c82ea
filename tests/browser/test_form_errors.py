"""What is wrong is said beside the input that it concerns, and the form keeps what was given."""

import json
import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.pictures import plain

from .conftest import OpenPage
from .uploads import compare_and_read, png_file


@pytest.fixture
def form(page: Page) -> Page:
    """The form with two pictures that can be compared."""
    page.goto("/")
    give_pair(page)
    return page


def give_pair(page: Page) -> None:
    for number in (1, 2):
        page.locator(f"#image{number}").set_input_files(png_file(f"{number}.png", plain()))


def submit(page: Page) -> None:
    page.get_by_role("button", name="Compare", exact=True).click()


def list_posts(page: Page) -> list[Request]:
    posts: list[Request] = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    return posts


def test_the_server_s_error_about_a_file_is_shown_at_it_and_has_the_focus(form: Page) -> None:
    form.locator("#image2").set_input_files(png_file("notes.png", b"no picture"))

    submit(form)

    expect(form.locator("#image2-error")).to_have_text(re.compile("^Not an image"))
    expect(form.locator("#image2")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#image2")).to_be_focused()
    expect(form.locator("#image1-error")).to_be_empty()


def test_the_server_s_error_about_a_url_is_shown_at_it(form: Page) -> None:
    form.get_by_role("button", name="Remove image 2").click()
    form.locator("#image_url2").fill("http://10.0.0.1/picture.png")

    submit(form)

    expect(form.locator("#image_url2-error")).to_contain_text("not allowed")
    expect(form.locator("#image_url2")).to_have_value("http://10.0.0.1/picture.png")


def test_the_server_s_error_about_a_folded_option_unfolds_it(form: Page) -> None:
    form.get_by_text("Options").click()
    form.get_by_label("Background", exact=True).fill("no colour")
    form.get_by_text("Options").click()

    submit(form)

    expect(form.locator("#background-error")).to_contain_text("Not a CSS colour")
    expect(form.get_by_label("Background", exact=True)).to_be_focused()


def test_an_error_goes_away_when_its_input_changes(form: Page) -> None:
    form.locator("#image2").set_input_files(png_file("notes.png", b"no picture"))
    submit(form)
    expect(form.locator("#image2-error")).not_to_be_empty()

    form.locator("#image2").set_input_files(png_file("2.png", plain()))

    expect(form.locator("#image2-error")).to_be_empty()
    assert compare_and_read(form)["match"] is True


def test_nothing_is_sent_while_pictures_are_missing(page: Page) -> None:
    page.goto("/")
    posts = list_posts(page)

    submit(page)

    expect(page.locator("#image1-error")).to_contain_text("Choose a file")
    expect(page.locator("#image2-error")).to_contain_text("Choose a file")
    expect(page.locator("#image1")).to_be_focused()
    assert posts == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("threshold", "7", id="number out of range"),
        pytest.param("image_url1", "example.com/picture.png", id="no URL"),
    ],
)
def test_what_the_browser_finds_wrong_is_not_sent(form: Page, name: str, value: str) -> None:
    posts = list_posts(form)
    form.get_by_role("button", name="Remove image 1").click()
    form.get_by_text("Options").click()
    form.locator(f"#{name}").fill(value)

    submit(form)

    expect(form.locator(f"#{name}-error")).not_to_be_empty()
    assert posts == []


def test_a_file_over_the_limit_is_refused_before_it_is_uploaded(form: Page) -> None:
    posts = list_posts(form)

    form.locator("#image1").set_input_files(png_file("huge.png", bytes(2_000_001)))
    expect(form.locator("#image1-error")).to_have_text("The file has more than 2 MB.")
    submit(form)

    expect(form.locator("#image1")).to_be_focused()
    assert posts == []


def test_a_busy_server_is_asked_again_at_a_click(form: Page) -> None:
    """An overload that lasts for one answer can't be made at will: that answer is made up."""
    busy = {"status": 503, "code": "server_busy", "detail": "too much work in hand", "errors": []}

    def refuse_once(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "7"}, body=json.dumps(busy))

    form.route("**/compare", refuse_once, times=1)
    submit(form)

    expect(form.get_by_role("alert")).to_contain_text("Too much work in hand")
    expect(form.get_by_role("alert")).to_contain_text("wait 7 seconds")
    form.get_by_role("button", name="Try again").click()
    form.wait_for_url("**/compare/*-*")


def test_a_server_that_can_not_be_reached_is_said_to_be(form: Page) -> None:
    form.route("**/compare", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway"))
    submit(form)

    expect(form.get_by_role("alert")).to_contain_text("502")
    expect(form.get_by_role("button", name="Compare", exact=True)).to_be_visible()


def test_without_a_script_the_form_comes_back_with_what_was_given(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.locator("#image1").set_input_files(png_file("before.png", plain()))
    page.locator("#image_url2").fill("http://10.0.0.1/after.png")
    page.get_by_text("Options").click()
    page.locator("#threshold").fill("0.25")
    page.get_by_role("radio", name="yiq").check()

    with page.expect_response("**/compare") as answer:
        submit(page)

    assert answer.value.status == 422
    expect(page.locator("#image_url2")).to_have_value("http://10.0.0.1/after.png")
    expect(page.locator("#image_url2-error")).to_contain_text("not allowed")
    expect(page.get_by_text("Choose before.png again")).to_be_visible()
    expect(page.locator("#threshold")).to_have_value("0.25")
    expect(page.get_by_role("radio", name="yiq")).to_be_checked()
