"""Pictures as the files that people choose, and what has become of them."""

from typing import Any

from playwright.sync_api import FilePayload, Page


def png_file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def compare_and_read(page: Page) -> dict[str, Any]:
    """Send the form; return the comparison that the page goes to, as the API describes it."""
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/compare/*-*")
    response = page.request.get(page.url, headers={"Accept": "application/json"})
    comparison: dict[str, Any] = response.json()
    return comparison
