"""What the form shows while it works."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.processes import DEADLINE_SECONDS
from tests.picture_server import PictureServer
from tests.pictures import encode_noise, plain

from .uploads import compare_and_read, png_file


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets the slow host answer; at the latest when the test ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def waiting(page: Page, pictures: PictureServer, release: threading.Event) -> Page:
    """The form while the server waits for the host of an image."""

    def answer_late(handler: BaseHTTPRequestHandler) -> None:
        release.wait(DEADLINE_SECONDS)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(plain())

    page.goto("/")
    page.locator("#image_url1").fill(pictures.answer_with("/slow.png", answer_late))
    page.locator("#image_url2").fill(pictures.serve("/fast.png", plain()))
    page.locator("#image_url2").press("Enter")
    expect(page.get_by_text("Comparing…").first).to_be_visible()
    return page


def test_it_says_that_it_compares_until_the_result_is_there(
    waiting: Page, release: threading.Event
) -> None:
    expect(waiting.get_by_role("status")).to_have_text("Comparing…")
    expect(waiting.get_by_role("button", name="Compare", exact=True)).to_be_hidden()

    release.set()

    waiting.wait_for_url("**/compare/*-*")


def test_it_is_not_sent_twice(
    waiting: Page, release: threading.Event, pictures: PictureServer
) -> None:
    waiting.locator("#image_url2").press("Enter")
    waiting.locator("#image_url2").press("Enter")
    release.set()

    waiting.wait_for_url("**/compare/*-*")
    assert pictures.requested_paths.count("/slow.png") == 1


def test_it_can_be_cancelled_and_sent_again(waiting: Page, release: threading.Event) -> None:
    waiting.get_by_role("button", name="Cancel").click()

    expect(waiting.get_by_role("button", name="Compare", exact=True)).to_be_focused()
    expect(waiting.get_by_role("status")).to_have_text("Cancelled")
    release.set()
    assert compare_and_read(waiting)["match"] is True


def test_it_shows_how_much_is_uploaded(page: Page) -> None:
    page.goto("/")
    for number in (1, 2):
        content = encode_noise(number, size=(600, 400))
        page.locator(f"#image{number}").set_input_files(png_file(f"{number}.png", content))
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": 100_000})

    page.get_by_role("button", name="Compare", exact=True).click()

    expect(page.get_by_role("progressbar")).to_have_attribute("value", re.compile(r"^0\.\d"))
    expect(page.locator("#working")).to_contain_text(re.compile(r"Uploading… +\d+ %"))
    network.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": -1})
    page.wait_for_url("**/compare/*-*")


def test_whoever_returns_finds_the_form_as_it_was(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    for number in (1, 2):
        path = tmp_path / f"{number}.png"
        path.write_bytes(plain())
        page.locator(f"#image{number}").set_input_files(path)
    first = compare_and_read(page)

    page.go_back()

    expect(page.get_by_role("group", name="Image 1")).to_contain_text("1.png")
    expect(page.get_by_role("group", name="Image 1")).to_contain_text("8 × 6")
    assert compare_and_read(page)["id"] != first["id"]


def test_the_whole_way_goes_by_the_keyboard(page: Page, pictures: PictureServer) -> None:
    page.goto("/")
    stops = []
    for _ in range(13):
        page.keyboard.press("Tab")
        stop = page.locator(":focus")
        stops.append(stop.get_attribute("id") or stop.inner_text().splitlines()[0].strip())
        if stops[-1].startswith("image_url"):
            page.keyboard.type(pictures.serve(f"/{stops[-1]}.png", plain()))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/compare/*-*")
    assert stops == [
        "Skip to the content",
        "Image Compare",
        "History",
        "API",
        "image1",
        "image_url1",
        "swap",
        "image2",
        "image_url2",
        "Options",
        "Ignored parts",
        "Compare",
        "sample",
    ]
