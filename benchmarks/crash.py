"""Kill the server again and again while clients compare, and look at what is left.

    script/crashtest [--kills N] [--seed N]

Everything acknowledged must be there, whole; no row may be without its file; files without a row must be
swept up by ``manage.py prune``. Exits with 1 where that is not so. The moments of the kills are drawn
from the seed; what they hit is up to the machine.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests import environment as _environment  # noqa: F401 - settings of the server
from tests.end_to_end.crashes import Findings, crash_repeatedly


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the server under load and look at the rest.")
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started_at = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        findings = crash_repeatedly(Path(folder), kills=arguments.kills, seed=arguments.seed)
    print_findings(findings, time.perf_counter() - started_at)
    sys.exit(bool(findings.violations))


def print_findings(findings: Findings, seconds: float) -> None:
    rows = {
        "kills": findings.kills,
        "comparisons acknowledged, checked": len(findings.ledger.acknowledged),
        "requests cut off by a kill": findings.ledger.cut_off,
        "files that rows point at": findings.rows,
        "files without a row, swept by prune": len(findings.orphans),
        "violations": len(findings.violations),
        "seconds": round(seconds),
    }
    for label, value in rows.items():
        print(f"{label:<42}{value:>6}")
    for violation in findings.violations:
        print(violation, file=sys.stderr)


if __name__ == "__main__":
    main()
