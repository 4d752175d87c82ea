import pytest

from .crashes import Findings, crash_repeatedly


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What is left after two kills; ``script/crashtest`` does more."""
    return crash_repeatedly(tmp_path_factory.mktemp("crashes"), kills=2, seed=1)


def test_requests_were_cut_off_by_the_kills(findings: Findings) -> None:
    assert findings.ledger.cut_off > 0
    assert len(findings.ledger.acknowledged) >= 6


def test_nothing_acknowledged_is_lost_and_no_row_is_without_its_file(findings: Findings) -> None:
    assert findings.violations == []
