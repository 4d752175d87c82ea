import pytest

from config import worker
from config.connections import DESCRIPTORS_PER_CONNECTION, MAX_LINGERING
from config.descriptors import BASE, Budget, share_out
from config.worker import DESCRIPTORS_PER_THREAD


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [
        pytest.param(BASE + 10_000, Budget(connections=1000, threads=100), id="plenty"),
        pytest.param(BASE + 4000, Budget(connections=1000, threads=100), id="just enough"),
        pytest.param(BASE + 2500, Budget(connections=500, threads=100), id="half the connections"),
        pytest.param(BASE + 1000, Budget(connections=166, threads=50), id="half of each"),
        pytest.param(20, Budget(connections=2, threads=1), id="hardly any"),
    ],
)
def test_descriptors_are_shared_out(descriptors: int, expected: Budget) -> None:
    budget = share_out(descriptors, connections=1000, threads=100, per_connection=3, per_thread=10)

    assert budget == expected


@pytest.mark.parametrize("descriptors", range(140, 6000, 37))
def test_no_more_is_shared_out_than_there_is(descriptors: int) -> None:
    budget = share_out(
        descriptors, connections=1000, threads=100, per_connection=3, per_thread=10, lingering=30
    )

    assert BASE + 30 + 3 * budget.connections + 10 * budget.threads <= descriptors


def test_a_worker_has_descriptors_for_all_that_it_may_do_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "raise_limit", lambda: 256)

    server = worker.make_server(shutdown_timeout_seconds=1)

    with server.front.threads as threads:
        at_work = DESCRIPTORS_PER_THREAD * threads._max_workers  # noqa: SLF001 - it tells by no other name
    connected = DESCRIPTORS_PER_CONNECTION * server.places.limits.max_connections
    assert connected + at_work + MAX_LINGERING + BASE < 256
