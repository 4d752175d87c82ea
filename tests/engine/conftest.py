"""The engine needs nothing of Django, which costs a while in each of thousands of tests."""

import pytest


@pytest.fixture(autouse=True)
def media_root() -> None:
    """Make no folder for each test: the engine stores nothing."""
