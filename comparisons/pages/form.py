"""The page with the form: what it offers, what was typed into it, and what is wrong with that."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.conf import settings

from comparisons.engine import METHODS, ColorProfiles, Options, SizePolicy

SAMPLES = ("samples/before.png", "samples/after.png")

IMAGE_FIELDS = {"image_url1", "image1", "image_url2", "image2"}
IGNORE_FIELDS = {"ignore_regions", "mask_image_url", "mask_image"}
OPTION_FIELDS = {field.name for field in fields(Options)} - IGNORE_FIELDS
FIELDS = IMAGE_FIELDS | IGNORE_FIELDS | OPTION_FIELDS

DEFAULTS = {
    "method": Options().method,
    "threshold": str(Options().threshold),
    "size_policy": Options().size_policy.value,
    "background": "white",
    "color_profiles": Options().color_profiles.value,
}
SIZE_POLICIES = {
    SizePolicy.RESIZE: "Scale image 2 to the size of image 1",
    SizePolicy.PAD: "Extend both to the larger size",
    SizePolicy.CROP: "Compare the part that both have, at the top left",
    SizePolicy.ERROR: "Don't compare them",
}

COLOR_PROFILES = {
    ColorProfiles.APPLY: "Convert to sRGB, as browsers do",
    ColorProfiles.IGNORE: "Ignore; compare the stored values",
}

# A picture as a data: URL has megabytes. Nobody has typed those, and an answer with them would be as long.
MAX_KEPT_BYTES = 1000


def describe_form(
    typed: Mapping[str, Any] | None = None, errors: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Put together the context of ``form.html``.

    ``typed`` holds what a browser has sent, by field, files among it. ``errors`` are pairs of a path,
    such as ``ignore_regions.0.x``, and what is wrong there; an error of no field is shown above all.
    """
    typed = typed or {}
    by_field, general = sort_errors(errors)
    values = DEFAULTS | {name: value for name, value in typed.items() if is_kept(value)}
    in_use = {name for name in FIELDS if values.get(name, "") != DEFAULTS.get(name, "")}
    in_use |= by_field.keys()
    return {
        "values": values,
        "errors": by_field,
        "general_errors": general,
        # Browsers don't let a page choose a file.
        "lost": {name: str(value)[:100] for name, value in typed.items() if not is_kept(value)},
        "are_options_open": not in_use.isdisjoint(OPTION_FIELDS),
        "are_ignored_parts_open": not in_use.isdisjoint(IGNORE_FIELDS),
        "methods": METHODS,
        "size_policies": SIZE_POLICIES,
        "color_profiles": COLOR_PROFILES,
        "samples": SAMPLES,
        # Elsewhere the service does not reach its own address.
        "has_sample_urls": settings.DEBUG,
        "max_bytes": settings.FETCH_MAX_BYTES,
        "max_megabytes": settings.FETCH_MAX_BYTES / 1e6,
    }


def is_kept(value: Any) -> bool:
    return isinstance(value, str) and len(value.encode(errors="replace")) <= MAX_KEPT_BYTES


def sort_errors(errors: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Put errors to the fields that they concern, and those of none aside."""
    by_field: dict[str, str] = {}
    general = []
    for path, detail in errors:
        name, _, inner = path.partition(".")
        text = f"{inner}: {detail}" if inner else detail
        if name in FIELDS:
            by_field[name] = f"{by_field[name]} {text}" if name in by_field else text
        else:
            general.append(f"{name}: {text}" if name else text)
    return by_field, general
