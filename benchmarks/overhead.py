"""Tell where the time of one request goes that is not fetching, decoding, comparing and rendering.

    script/bench overhead [--requests N] [--results FILE] [IMAGE1 IMAGE2]...

One client, the real server, whose stages are watched; medians. What is left of the time that the client
waits is the service's own: HTTP, parsing, guarding, storing, recording.
"""

import argparse
import http.client
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from .load import Load, find_wrong, make_body, send
from .pairs import Pair, make_screens, name_pairs
from .results import MADE, add_arguments, choose_results, keep_results, warn_if_busy
from .servers import run_ours, run_picture_server

WARM_UP_REQUESTS = 10
STAGES = ("fetch", "decode", "compare", "render", "record")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench overhead", description="Time one request.")
    parser.add_argument("--requests", type=int, default=100)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    warn_if_busy()
    measured = [
        measure_pair(pair, options.requests)
        for pair in name_pairs(options.images) or make_screens(MADE)
    ]
    keep_results(
        "overhead", {"requests": options.requests, "pairs": measured}, choose_results(options)
    )


def measure_pair(pair: Pair, requests: int) -> dict[str, Any]:
    print(f"\n{pair.name}, medians in ms")
    print("  pictures      total" + "".join(f"{stage:>10}" for stage in STAGES) + "  overhead")
    measured = {}
    with (
        run_picture_server(pair) as pictures_port,
        run_ours(pictures_port, DJANGO_SETTINGS_MODULE="benchmarks.timed_settings") as (port, _),
    ):
        for distinct in (False, True):
            label = "distinct" if distinct else "same"
            load = Load(
                port=port,
                pictures_url=f"http://127.0.0.1:{pictures_port}",
                clients=1,
                seconds=0,
                distinct=distinct,
                label=label,
                width=pair.width,
                height=pair.height,
                mse=None,
            )
            timings = [*time_requests(load, WARM_UP_REQUESTS + requests)][WARM_UP_REQUESTS:]
            medians = {
                name: statistics.median(timing[name] for timing in timings)
                for name in ("total", *STAGES, "overhead")
            }
            print(f"  {label:10}" + "".join(f"{median:10.1f}" for median in medians.values()))
            measured[label] = medians
    return {"name": pair.name, "medians_ms": measured}


def time_requests(load: Load, count: int) -> Iterator[dict[str, float]]:
    """Send so many one after the other; yield the milliseconds of each one's stages."""
    connection = http.client.HTTPConnection("127.0.0.1", load.port)
    for number in range(count):
        body = make_body(load, f"{load.label}-{number}")
        started_at = time.perf_counter()
        response, content = send(connection, body)
        total_ms = 1000 * (time.perf_counter() - started_at)
        if wrong := find_wrong(load, response, content):
            raise RuntimeError(wrong)
        yield read_timings(response.headers["Server-Timing"], total_ms)
    connection.close()


def read_timings(header: str, total_ms: float) -> dict[str, float]:
    told = {name: float(value) for name, value in re.findall(r"([a-z]+);dur=([\d.]+)", header)}
    stages = {stage: told.get(stage, 0) for stage in STAGES}
    return {"total": total_ms, **stages, "overhead": total_ms - told["work"]}
