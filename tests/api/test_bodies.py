import pytest

from comparisons.api.bodies import BodyLimits

LIMITS = BodyLimits(
    max_bytes=1_000_000,
    max_bytes_in_hand=1_000_000,
    timeout_seconds=100,
    grace_seconds=20,
    min_bytes_per_second=1000,
)


@pytest.mark.parametrize(
    ("received_bytes", "seconds"),
    [
        pytest.param(0, 20, id="nothing yet"),
        pytest.param(10, 20.01, id="a drip"),
        pytest.param(30_000, 50, id="a slow line"),
        pytest.param(80_000, 100, id="as much as the timeout allows"),
        pytest.param(900_000, 100, id="more"),
    ],
)
def test_a_body_has_more_time_the_more_of_it_has_come(received_bytes: int, seconds: float) -> None:
    assert LIMITS.allow_seconds(received_bytes) == pytest.approx(seconds)
