import pytest

from .accessibility import find_serious_faults
from .conftest import OpenPage


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_form_has_no_serious_fault(open_page: OpenPage, color_scheme: str) -> None:
    page = open_page(color_scheme=color_scheme)
    page.goto("/")

    assert find_serious_faults(page) == []
