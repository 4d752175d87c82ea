"""Pictures of few bytes and pixels, but of sides that no page has."""

import io

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import VIEWS, compare

SHAPES = [(10, 60_000), (2, 1_000_000), (1, 3_000_000), (200_000, 10), (1_000_000, 1)]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_are_shown_without_growing(view: str, height: int, width: int) -> None:
    pixels1 = np.zeros((height, width), np.uint8)
    pixels2 = pixels1.copy()
    pixels2[height // 2, width // 2 :: 1000] = 255
    result = compare(pixels1, pixels2)

    png = VIEWS[view](result)

    # The mask alone keeps every pixel.
    with Image.open(io.BytesIO(png)) as shown:
        assert (
            shown.size == (width, height)
            if view == "mask"
            else shown.width * shown.height < 40_000_000
        )
