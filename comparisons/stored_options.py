"""Options as the JSON that a comparison keeps, so that it can be repeated."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .engine import ColorProfiles, Metric, Options, Rectangle, SizePolicy

OPTION_NAMES = {field.name for field in fields(Options)}


def dump_options(options: Options) -> dict[str, Any]:
    return {
        **vars(options),
        "ignore_regions": [vars(region) for region in options.ignore_regions],
        "metrics": [metric for metric in Metric if metric in options.metrics],
    }


def load_options(stored: Mapping[str, Any]) -> Options:
    """Read what a row of this version or another one has. Options that only another one knows are left out."""
    red, green, blue = stored["background"]
    return Options(
        **{
            **{name: value for name, value in stored.items() if name in OPTION_NAMES},
            "size_policy": SizePolicy(stored["size_policy"]),
            "background": (red, green, blue),
            # Rows from before the option have no value.
            "color_profiles": ColorProfiles(stored.get("color_profiles", ColorProfiles.APPLY)),
            "ignore_regions": tuple(Rectangle(**region) for region in stored["ignore_regions"]),
            "metrics": frozenset(Metric(metric) for metric in stored["metrics"]),
        }
    )
