"""The pairs that are compared: files that are named, or pictures made in code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SCREEN, FULL_PAGE, PHOTO = (1920, 1080), (3446, 10728), (3840, 2160)
QUALITY = 90


@dataclass(frozen=True)
class Pair:
    """Two files; ``width`` and ``height`` are the first one's, which is the canvas."""

    name: str
    image1: Path
    image2: Path
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def read_pair(name: str, image1: Path, image2: Path) -> Pair:
    with Image.open(image1) as image:
        return Pair(name, image1, image2, *image.size)


def name_pairs(paths: Sequence[Path]) -> list[Pair]:
    """Take the paths two by two; a pair has the name of its first."""
    return [
        read_pair(image1.name, image1, image2)
        for image1, image2 in zip(paths[::2], paths[1::2], strict=True)
    ]


def make_pairs(folder: Path) -> list[Pair]:
    """Make what people compare: a page on a screen, a long page as a whole, photos of a phone."""
    return [
        *make_screens(folder),
        *save_pair(folder, "full-page", draw_page(*FULL_PAGE, mode="RGBA"), [".png"]),
        *save_pair(folder, "photo", draw_photo(*PHOTO), [".png", ".jpg", ".webp"]),
    ]


def make_screens(folder: Path) -> list[Pair]:
    return [*save_pair(folder, "screen", draw_page(*SCREEN), [".png", ".jpg"])]


def save_pair(
    folder: Path, name: str, pictures: Sequence[Image.Image], suffixes: Sequence[str]
) -> Iterator[Pair]:
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in suffixes:
        paths = [folder / f"{name}_{letter}{suffix}" for letter in "ab"]
        for path, picture in zip(paths, pictures, strict=True):
            picture.save(path, quality=QUALITY)
        yield read_pair(name + suffix, *paths)


def draw_page(width: int, height: int, mode: str = "RGB") -> list[Image.Image]:
    """Draw a page of text and pictures, and the same with other words and pictures moved here and there."""
    pages = [Image.new(mode, (width, height), "white") for _ in range(2)]
    font = ImageFont.load_default(20)
    shade = Image.radial_gradient("L").resize((240, 160))
    for edited, page in enumerate(pages):
        draw = ImageDraw.Draw(page)
        for row, y in enumerate(range(20, height - 180, 200)):
            changed = edited and row % 4 == 0
            page.paste(shade, (40 + 9 * changed, y))
            text = (
                f"Paragraph {row + changed} of a page that is long enough to be worth the while. "
            )
            for line in range(5):
                draw.text((320.0, y + 30 * line), 2 * text, fill=(40, 40, 60), font=font)
    return pages


def draw_photo(width: int, height: int) -> list[Image.Image]:
    """Draw soft shapes under film grain, and the same with one part brighter."""
    chance = np.random.default_rng(1)
    photo = np.full((height, width, 3), 110, np.float32)
    for cells, contrast in ((6, 60), (40, 25), (300, 8)):
        coarse = chance.normal(0, contrast, (cells, cells * width // height, 3))
        photo += cv2.resize(
            coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
    photo += chance.normal(0, 3, photo.shape).astype(np.float32)
    edited = photo.copy()
    edited[height // 3 : height // 2, width // 3 : width // 2] += 40
    return [Image.fromarray(round_levels(levels)) for levels in (photo, edited)]


def round_levels(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(levels.clip(0, 255).round(), np.uint8)
