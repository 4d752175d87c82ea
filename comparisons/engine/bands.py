from collections.abc import Iterator

from PIL import Image

# A band's temporaries fit a processor's second-level cache; much smaller, and calls cost more than work.
BAND_PIXELS = 1 << 17


def split_rows(height: int, width: int) -> Iterator[slice]:
    """Cut a picture into bands of whole rows, so that temporary arrays stay small."""
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def crop_rows(image: Image.Image, rows: slice) -> Image.Image:
    return image.crop((0, rows.start, image.width, rows.stop))
