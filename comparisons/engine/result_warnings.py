"""What the figures of a comparison leave out, in words and numbers. Never an error."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .options import MAX_GRAY, Options, SizePolicy
from .picture import Picture

# Width and height.
Size = tuple[int, int]

ADJUSTMENTS = {
    SizePolicy.RESIZE: "image2 was scaled to the size of image1",
    SizePolicy.PAD: "both were padded to the larger size",
    SizePolicy.CROP: "only the top-left part that both have was compared",
}


@dataclass(frozen=True)
class Fact:
    """A number or a name that a warning states; ``meaning`` explains it to users of the API."""

    name: str
    type: type[int | str]
    meaning: str


PIXELS = Fact("pixels", int, "how many pixels")
IMAGE = Fact("image", str, "`image1`, `image2` or `mask_image`")

# What each warning states beside its sentence, by its code.
WARNING_FACTS = {
    "color_only_differences": (PIXELS,),
    "transparency_differs": (PIXELS,),
    "first_frame_only": (
        IMAGE,
        Fact("frames", int, "how many frames or pages the input has"),
    ),
    "sizes_differ": (
        Fact("size_policy_applied", str, "what was done about it"),
        Fact("width1", int, "the width of image1 before that, in pixels"),
        Fact("height1", int, "the height of image1 before that"),
        Fact("width2", int, "the width of image2 before that"),
        Fact("height2", int, "the height of image2 before that"),
    ),
    "regions_left_out": (Fact("regions", int, "how many regions are not listed"),),
    "tone_mapped": (IMAGE,),
}


@dataclass(frozen=True)
class ResultWarning:
    """``code`` is stable, for programs. ``detail`` is one sentence for people. ``facts`` are those of ``WARNING_FACTS``."""

    code: str
    detail: str
    facts: Mapping[str, int | str]

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "detail": self.detail, **self.facts}


def warn_of_colors(pixels: int, options: Options) -> Iterator[ResultWarning]:
    """Warn of pixels that count as equal to a method that is blind to colour."""
    if pixels:
        yield ResultWarning(
            "color_only_differences",
            f"The method {options.method} treats {count_in_words(pixels)} as equal, although a colour"
            f" channel differs by more than {options.threshold * MAX_GRAY:.4g} of {MAX_GRAY}.",
            {"pixels": pixels},
        )


def warn_of_transparency(pixels: int) -> Iterator[ResultWarning]:
    if pixels:
        yield ResultWarning(
            "transparency_differs",
            f"Transparency differs in {count_in_words(pixels)}; transparency itself is not compared,"
            " only the colours on the background.",
            {"pixels": pixels},
        )


def warn_of_inputs(**inputs: Picture | None) -> Iterator[ResultWarning]:
    """Warn of what files hold beyond the pictures that are compared."""
    for name, picture in inputs.items():
        use = "used" if name == "mask_image" else "compared"
        if picture and picture.frames > 1:
            yield ResultWarning(
                "first_frame_only",
                f"{name} has {picture.frames:,} frames or pages; only the first is {use}.",
                {"image": name, "frames": picture.frames},
            )
        if picture and picture.is_tone_mapped:
            yield ResultWarning(
                "tone_mapped",
                f"{name} is HDR; its brightness was mapped to SDR.",
                {"image": name},
            )


def warn_of_sizes(
    policy_applied: SizePolicy | None, size1: Size, size2: Size
) -> Iterator[ResultWarning]:
    """Warn that two sizes were brought to one. ``size1`` and ``size2`` are those before."""
    if policy_applied:
        (width1, height1), (width2, height2) = size1, size2
        yield ResultWarning(
            "sizes_differ",
            f"The sizes differ ({width1} x {height1} and {width2} x {height2} pixels):"
            f" {ADJUSTMENTS[policy_applied]}.",
            {
                "size_policy_applied": policy_applied,
                "width1": width1,
                "height1": height1,
                "width2": width2,
                "height2": height2,
            },
        )


def warn_of_regions(listed: int, left_out: int) -> Iterator[ResultWarning]:
    if left_out:
        yield ResultWarning(
            "regions_left_out",
            f"Only the {listed} largest of {listed + left_out:,} regions are listed.",
            {"regions": left_out},
        )


def count_in_words(pixels: int) -> str:
    return "1 pixel" if pixels == 1 else f"{pixels:,} pixels"
