"""What axe-core, which the package brings along, finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def find_serious_faults(page: Page) -> list[str]:
    """List the rules that are broken, each with where: https://dequeuniversity.com/rules/axe/."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {' '.join(node['target'])}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]
