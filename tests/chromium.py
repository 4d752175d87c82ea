"""The browser that tests drive: the system's own, nothing is downloaded."""

import pytest

from benchmarks.browser import chromium


def find_chromium() -> str:
    """Get its path, or skip the test that asks."""
    path = chromium.find_chromium()
    if path is None:
        pytest.skip(f"no browser is installed: none of {', '.join(chromium.NAMES)}")
    return path
