"""What the engine and Chromium make of one file."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from comparisons.engine import DecodeError, Limits, Picture
from comparisons.engine.containers import find_format
from comparisons.engine.decoder_pool import DecoderPool, NoDecoder

from .chromium import Chromium, ChromiumFailed, NotShown, Shown

WHITE = (255, 255, 255)
# Chromium rounds YCbCr, profiles and opacity in its own way.
TOLERANCE = 2
NOT_SHOWN_BY_BROWSERS = {"TIFF"}


class Status(StrEnum):
    """How the two answers relate."""

    SAME = "same"
    CLOSE = "close"
    DIFFERENT = "different"
    REFUSED_HERE = "refused here"
    # Chromium shows what it can of a damaged file.
    PARTLY_SHOWN = "refused here, shown in part"
    DIFFERENT_PARTS = "different, shown in part"
    REFUSED_THERE = "refused by Chromium"
    REFUSED_BY_BOTH = "refused by both"
    CRASHED_HERE = "crashed here"
    NOT_COMPARED = "not compared"


FAULTS = {
    Status.DIFFERENT,
    Status.REFUSED_HERE,
    Status.REFUSED_THERE,
    Status.CRASHED_HERE,
}


@dataclass(frozen=True)
class Verdict:
    """``largest_difference`` is of any channel, 0 to 255; ``different_ratio`` is the share of pixels beyond the tolerance.

    Sizes are width and height.
    """

    format: str
    status: Status
    detail: str = ""
    largest_difference: int | None = None
    different_ratio: float | None = None
    size: tuple[int, int] | None = None
    chromium_size: tuple[int, int] | None = None

    @property
    def is_fault(self) -> bool:
        return self.status in FAULTS


class CrashedHere(Exception):
    """It is neither decoded nor refused."""


Decode = Callable[[bytes], Picture]


def make_decode(pool: DecoderPool) -> Decode:
    """Make a function that decodes in a process, so that a crash ends nothing else."""

    def decode(content: bytes) -> Picture:
        try:
            return pool.decode(content, WHITE, Limits())
        except DecodeError:
            raise
        except NoDecoder as error:
            raise CrashedHere("the process has ended") from error
        except Exception as error:
            raise CrashedHere(repr(error)) from error

    return decode


def judge_file(content: bytes, decode: Decode, chromium: Chromium) -> tuple[Verdict, Shown | None]:
    """Decode a file twice; give what Chromium shows of it as well."""
    name = name_format(content)
    if name in NOT_SHOWN_BY_BROWSERS:
        return Verdict(name, Status.NOT_COMPARED, "browsers show none"), None
    picture, message = None, ""
    try:
        picture = decode(content)
    except DecodeError as error:
        message = f"{type(error).__name__}: {error}"
    except CrashedHere as crash:
        return Verdict(name, Status.CRASHED_HERE, str(crash)), None
    try:
        shown = chromium.show(content)
    except ChromiumFailed as failure:
        return Verdict(name, Status.NOT_COMPARED, f"Chromium: {failure}"), None
    except NotShown:
        status = Status.REFUSED_THERE if picture else Status.REFUSED_BY_BOTH
        return Verdict(name, status, message), None
    chromium_size = (shown.rgb.shape[1], shown.rgb.shape[0])
    if picture:
        return Verdict(name, chromium_size=chromium_size, **compare(picture, shown)), shown
    status = Status.REFUSED_HERE if shown.is_complete else Status.PARTLY_SHOWN
    return Verdict(name, status, message, chromium_size=chromium_size), shown


def compare(picture: Picture, shown: Shown) -> dict[str, Any]:
    """Compare the pixels of both, as the fields of a verdict."""
    size = (picture.width, picture.height)
    if picture.rgb.shape != shown.rgb.shape:
        return {"status": Status.DIFFERENT, "detail": "the sizes differ", "size": size}
    differences = np.maximum(picture.rgb, shown.rgb) - np.minimum(picture.rgb, shown.rgb)
    largest = int(differences.max())
    if not largest:
        status = Status.SAME
    elif largest <= TOLERANCE:
        status = Status.CLOSE
    else:
        status = Status.DIFFERENT if shown.is_complete else Status.DIFFERENT_PARTS
    return {
        "status": status,
        "size": size,
        "largest_difference": largest,
        "different_ratio": float((differences > TOLERANCE).any(axis=2).mean()),
    }


def name_format(content: bytes) -> str:
    try:
        return find_format(content)
    except DecodeError:
        return "other"
