import re
from pathlib import Path

import requests

from .processes import DEADLINE_SECONDS, run_server, wait_until

REFUSED = 300


def test_a_flood_of_refusals_is_a_few_lines_that_tell_of_all(tmp_path: Path) -> None:
    with run_server(tmp_path) as server, requests.Session() as session:
        for number in range(REFUSED):
            path = f"{server.url}/nowhere/{number}"
            assert session.get(path, timeout=DEADLINE_SECONDS).status_code == 404

        def count_refusals() -> int:
            lines = [line for line in server.log.splitlines() if "404 not_found" in line]
            summaries = [re.search(r"… and (\d+) more like this", line) for line in lines]
            return sum(int(summary[1]) if summary else 1 for summary in summaries)

        wait_until(lambda: count_refusals() == REFUSED)
        assert len(server.log.splitlines()) < REFUSED / 3
