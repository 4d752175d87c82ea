from typing import Any

import pytest

from comparisons.engine import LimitCheck, Options, check_limits

FIGURES: dict[str, Any] = {"mse": 2.0, "ssim": 0.9, "diff_pixels": 30, "diff_ratio": 0.3}


def test_without_limits_there_is_nothing_to_check() -> None:
    assert check_limits(Options(), **FIGURES) == []


@pytest.mark.parametrize(
    ("option", "limit", "figure", "is_held"),
    [
        ("max_diff_pixels", 30, 30, True),
        ("max_diff_pixels", 29, 30, False),
        ("max_diff_ratio", 0.3, 0.3, True),
        ("max_diff_ratio", 0.29, 0.3, False),
        ("max_mse", 2.0, 2.0, True),
        ("max_mse", 0, 2.0, False),
        ("min_ssim", 0.9, 0.9, True),
        ("min_ssim", 0.91, 0.9, False),
    ],
)
def test_each_limit_is_held_against_its_figure(
    option: str, limit: float, figure: float, is_held: bool
) -> None:
    given: dict[str, Any] = {option: limit}

    checks = check_limits(Options(**given), **FIGURES)

    assert checks == [LimitCheck(option=option, limit=limit, figure=figure, is_held=is_held)]


def test_every_limit_given_is_checked() -> None:
    options = Options(max_diff_pixels=10, max_diff_ratio=0.5, max_mse=1, min_ssim=0.5)

    held = {check.option: check.is_held for check in check_limits(options, **FIGURES)}

    assert held == {
        "max_diff_pixels": False,
        "max_diff_ratio": True,
        "max_mse": False,
        "min_ssim": True,
    }
