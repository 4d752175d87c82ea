import re
from pathlib import Path

import requests

from .processes import DEADLINE_SECONDS, run_server, wait_until

REFUSED = 300


def count_refusals(log: str) -> int:
    """Count the refusals that a log tells of, in lines of their own or in summaries."""
    lines = [line for line in log.splitlines() if "404 not_found" in line]
    summaries = [re.search(r"… and (\d+) more like this", line) for line in lines]
    return sum(int(summary[1]) if summary else 1 for summary in summaries)


def test_a_flood_of_refusals_is_a_few_lines_that_tell_of_all(tmp_path: Path) -> None:
    with run_server(tmp_path) as server, requests.Session() as session:
        for number in range(REFUSED):
            path = f"{server.url}/nowhere/{number}"
            assert session.get(path, timeout=DEADLINE_SECONDS).status_code == 404

        wait_until(lambda: count_refusals(server.log) == REFUSED)
        assert len(server.log.splitlines()) < REFUSED / 3


def test_summaries_are_written_before_the_server_stops(tmp_path: Path) -> None:
    with run_server(tmp_path) as server, requests.Session() as session:
        for number in range(REFUSED):
            session.get(f"{server.url}/nowhere/{number}", timeout=DEADLINE_SECONDS)
        server.process.terminate()
        server.process.wait(DEADLINE_SECONDS)

        assert count_refusals(server.log) == REFUSED


def test_the_access_log_of_development_is_complete(tmp_path: Path) -> None:
    """``script/dev`` asks for it."""
    with run_server(tmp_path, ACCESS_LOG="true") as server:
        for _ in range(50):
            requests.get(f"{server.url}/static/samples/before.png", timeout=DEADLINE_SECONDS)

        assert server.log.count('"GET /static/samples/before.png HTTP/1.1" 200') == 50
