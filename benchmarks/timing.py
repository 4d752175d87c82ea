"""Tell in ``Server-Timing`` where a request's time went: https://www.w3.org/TR/server-timing/.

For one request at a time: its stages run in several threads.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from comparisons import inputs, pipeline
from comparisons.engine import VIEWS
from comparisons.models import ComparisonManager

Interval = tuple[float, float]

# Where each stage's work is called from.
WATCHED: list[tuple[Any, str, str]] = [
    (inputs, "fetch_image", "fetch"),
    (pipeline, "read_header", "decode"),
    (pipeline, "decode_images", "decode"),
    (pipeline, "compare", "compare"),
    (ComparisonManager, "record", "record"),
    (ComparisonManager, "record_again", "record"),
]

intervals: dict[str, list[Interval]] = {}


class TimingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        for holder, name, stage in WATCHED:
            setattr(holder, name, watch(getattr(holder, name), stage))
        VIEWS["mask"] = watch(VIEWS["mask"], "render")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        intervals.clear()
        response = self.get_response(request)
        work = [part for stage, parts in intervals.items() if stage != "record" for part in parts]
        timings = {stage: measure_union(parts) for stage, parts in intervals.items()}
        response["Server-Timing"] = ", ".join(
            f"{name};dur={1000 * seconds}"
            for name, seconds in {**timings, "work": measure_union(work)}.items()
        )
        return response


def watch(work: Callable[..., Any], stage: str) -> Callable[..., Any]:
    """Make a function note when it starts and ends."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        started_at = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            intervals.setdefault(stage, []).append((started_at, time.perf_counter()))

    return timed


def measure_union(parts: Iterable[Interval]) -> float:
    """Measure how long anything went on, what went on at the same time counted once."""
    total, reached = 0.0, float("-inf")
    for started_at, ended_at in sorted(parts):
        total += max(0, ended_at - max(started_at, reached))
        reached = max(reached, ended_at)
    return total
