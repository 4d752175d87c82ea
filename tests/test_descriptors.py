import pytest

from config.descriptors import BASE, Budget, share_out


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


@pytest.mark.parametrize("descriptors", range(100, 6000, 37))
def test_no_more_is_shared_out_than_there_is(descriptors: int) -> None:
    budget = share_out(descriptors, connections=1000, threads=100, per_connection=3, per_thread=10)

    assert BASE + 3 * budget.connections + 10 * budget.threads <= descriptors
