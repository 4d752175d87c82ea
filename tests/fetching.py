"""Fetching into memory, for tests that look at the bytes."""

import io

from comparisons import fetch
from comparisons.fetch import Policy


def fetch_image(url: str, policy: Policy) -> bytes:
    file = io.BytesIO()
    fetch.fetch_image(url, file, policy)
    return file.getvalue()
