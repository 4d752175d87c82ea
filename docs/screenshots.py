"""Take pictures of the pages with the sample pair: the form in dark, the comparison in light."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main(site: str) -> None:
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit("Chromium is needed: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        form = browser.new_page(viewport={"width": 1200, "height": 830}, color_scheme="dark")
        fill_in(form, site)
        form.screenshot(path=FOLDER / "form.png")
        comparison = browser.new_page(viewport={"width": 1200, "height": 1010})
        fill_in(comparison, site)
        comparison.get_by_role("button", name="Compare", exact=True).click()
        comparison.wait_for_url("**/compare/*")
        comparison.get_by_role("button", name="Overlay").click()
        comparison.wait_for_load_state("networkidle")
        comparison.screenshot(path=FOLDER / "comparison.png")
        browser.close()


def fill_in(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("button", name="Try the sample pair").click()
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main(sys.argv[1])
