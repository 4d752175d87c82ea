"""Load the original under gunicorn and the service under its server, in turns, with two workers each.

    script/bench http [IMAGE1 IMAGE2]... [--seconds S] [--rounds N] [--clients N...] [--results FILE]

Every client asks for comparisons without a pause: of the same pair again and again, and of pairs of
files that are new each time. Without pictures, a page on a screen is made, as PNG and JPEG.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

from .contenders.original import compare_bytes
from .lineup import ORIGINAL, OURS
from .load import Load, Tally
from .pairs import Pair, make_screens, name_pairs
from .results import MADE, add_arguments, choose_results, keep_results, warn_if_busy
from .servers import run_original, run_ours, run_picture_server
from .usage import list_session, sum_cpu_seconds

WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Site:
    """A server under load: its port, and the process that leads its session."""

    name: str
    port: int
    leader: int


@dataclass(frozen=True)
class Score:
    """Latencies are percentiles of all requests; CPU is what the server's processes used."""

    name: str
    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms_per_request: float


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench http", description="Race over HTTP.")
    parser.add_argument("--seconds", type=float, default=4, help="of load, each time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    add_arguments(parser)
    options = parser.parse_args(arguments)
    warn_if_busy()
    measured = [
        measure_pair(pair, options.clients, options.seconds, options.rounds)
        for pair in name_pairs(options.images) or make_screens(MADE)
    ]
    keep_results(
        "http",
        {"seconds": options.seconds, "rounds": options.rounds, "pairs": measured},
        choose_results(options),
    )


def measure_pair(pair: Pair, clients: Sequence[int], seconds: float, rounds: int) -> dict[str, Any]:
    mse, _ = compare_bytes(pair.image1.read_bytes(), pair.image2.read_bytes())
    loads: dict[str, Any] = {}
    with ExitStack() as stack:
        pictures_port = stack.enter_context(run_picture_server(pair))
        sites = [
            Site(ORIGINAL, *stack.enter_context(run_original())),
            Site(OURS, *stack.enter_context(run_ours(pictures_port))),
        ]
        for distinct in (False, True):
            kind = "distinct" if distinct else "same"
            print(f"\n{pair.name}, {'files new each time' if distinct else 'the same pair'}")
            print(
                "  clients                requests/s             p50 ms    p95 ms    p99 ms  CPU ms each"
            )
            load = Load(
                port=0,
                pictures_url=f"http://127.0.0.1:{pictures_port}",
                clients=1,
                seconds=WARM_UP_SECONDS,
                distinct=distinct,
                label=kind,
                width=pair.width,
                height=pair.height,
                mse=mse,
            )
            for site in sites:
                send_load(site, replace(load, clients=4, label="warm-up"))
            loads[kind] = {
                str(count): race(sites, replace(load, clients=count, seconds=seconds), rounds)
                for count in clients
            }
    return {"name": pair.name, "width": pair.width, "height": pair.height, "loads": loads}


def race(sites: Sequence[Site], load: Load, rounds: int) -> list[dict[str, Any]]:
    tallies: dict[str, list[tuple[Tally, float]]] = {site.name: [] for site in sites}
    for turn in range(rounds):
        for site in sites:
            label = f"{load.label}-{load.clients}-{turn}"
            tallies[site.name].append(send_load(site, replace(load, label=label)))
    scores = [sum_up(name, turns) for name, turns in tallies.items()]
    for score in scores:
        print(
            f"  {load.clients:7}  {score.name:14}{score.requests_per_second:10.1f}"
            f" {score.requests_per_second / scores[0].requests_per_second:6.2f}x"
            f"{score.p50_ms:11.1f}{score.p95_ms:10.1f}{score.p99_ms:10.1f}"
            f"{score.cpu_ms_per_request:14.1f}"
        )
    return [asdict(score) for score in scores]


def send_load(site: Site, load: Load) -> tuple[Tally, float]:
    """Send it from a process of its own; return what came of it, and the server's CPU seconds."""
    processes = list_session(site.leader)
    cpu_before = sum_cpu_seconds(processes)
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(replace(load, port=site.port))),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    cpu_seconds = sum_cpu_seconds(processes) - cpu_before
    tally = Tally(**json.loads(finished.stdout))
    if tally.wrong:
        print(f"{site.name}: {len(tally.wrong)} wrong answers: {tally.wrong[0]}", file=sys.stderr)
    return tally, cpu_seconds


def sum_up(name: str, turns: Sequence[tuple[Tally, float]]) -> Score:
    latencies = [1000 * seconds for tally, _ in turns for seconds in tally.latencies]
    percentiles = statistics.quantiles(latencies, n=100, method="inclusive")
    return Score(
        name=name,
        requests_per_second=len(latencies) / sum(tally.elapsed_seconds for tally, _ in turns),
        p50_ms=percentiles[49],
        p95_ms=percentiles[94],
        p99_ms=percentiles[98],
        cpu_ms_per_request=1000 * sum(cpu for _, cpu in turns) / len(latencies),
    )
