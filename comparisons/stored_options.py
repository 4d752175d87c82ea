"""Options as the JSON that a comparison keeps, so that it can be repeated."""

from collections.abc import Mapping
from typing import Any

from .engine import Metric, Options, Rectangle, SizePolicy


def dump_options(options: Options) -> dict[str, Any]:
    return {
        **vars(options),
        "ignore_regions": [vars(region) for region in options.ignore_regions],
        "metrics": [metric for metric in Metric if metric in options.metrics],
    }


def load_options(stored: Mapping[str, Any]) -> Options:
    red, green, blue = stored["background"]
    return Options(
        **{
            **stored,
            "size_policy": SizePolicy(stored["size_policy"]),
            "background": (red, green, blue),
            "ignore_regions": tuple(Rectangle(**region) for region in stored["ignore_regions"]),
            "metrics": frozenset(Metric(metric) for metric in stored["metrics"]),
        }
    )
