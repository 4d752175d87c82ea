"""The pages in a real browser, served by the real server.

Tests look at what the server has stored by its own addresses, not in Django's models: those belong
to another database, and Django refuses them in a thread in which Playwright runs its event loop.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.chromium import find_chromium
from tests.end_to_end.processes import DEADLINE_SECONDS, Server, run_server

HERE = Path(__file__).parent

OpenPage = Callable[..., Page]

expect.set_options(timeout=DEADLINE_SECONDS * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser for last: once it runs, no other test could use Django's database."""
    items.sort(key=lambda item: item.path.is_relative_to(HERE))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server, as in production but for limits that tests reach quickly."""
    with run_server(
        tmp_path_factory.mktemp("server"), FETCH_MAX_BYTES="2000000", FETCH_TIMEOUT_SECONDS="10"
    ) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            # Where the tests run as root, Chromium's sandbox refuses to start.
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    """Open pages, each in a profile of its own, with options as of Playwright's ``new_context``.

    The test fails if a page reports an error, or asks anybody but the server for anything.
    """
    contexts = []
    faults: list[str] = []

    def watch_console(message: ConsoleMessage) -> None:
        url = message.location["url"]
        # Chromium reports each refusal by the API, which is for the page to show.
        is_refusal = message.text.startswith("Failed to load") and url.endswith(
            ("/compare", "/rerun")
        )
        if message.type == "error" and not is_refusal:
            faults.append(f"{message.text} ({url})")

    def watch_request(url: str) -> None:
        if not url.startswith((f"{server.url}/", "data:", "blob:")):
            faults.append(f"request to {url}")

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": server.url, **options})
        contexts.append(context)
        context.set_default_timeout(DEADLINE_SECONDS * 1000)
        page = context.new_page()
        page.on("console", watch_console)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: watch_request(request.url))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()
