"""Options of other versions: rows that they have stored can be shown and compared again."""

import json
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.test import APIClient

from comparisons.engine import ColorProfiles, Metric, Options, Rectangle, SizePolicy
from comparisons.models import Comparison
from comparisons.stored_options import dump_options, load_options
from tests.comparing import read_body, record_comparison

EVERYTHING = Options(
    method="ssim",
    threshold=0.25,
    ignore_antialiasing=True,
    size_policy=SizePolicy.PAD,
    background=(1, 2, 3),
    color_profiles=ColorProfiles.IGNORE,
    ignore_regions=(Rectangle(x=1, y=2, width=3, height=4),),
    metrics=frozenset({Metric.SSIM, Metric.MSE}),
    max_diff_pixels=5,
    max_diff_ratio=0.5,
    max_mse=7.5,
    min_ssim=0.1,
)


def store(options: Options) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(json.dumps(dump_options(options), cls=DjangoJSONEncoder))
    return stored


@pytest.mark.parametrize("options", [Options(), EVERYTHING], ids=["default", "everything"])
class TestStored:
    def test_are_loaded_as_they_were(self, options: Options) -> None:
        assert load_options(store(options)) == options

    def test_are_loaded_without_what_only_a_later_version_knows(self, options: Options) -> None:
        later = {**store(options), "alignment": {"max_shift": 3}, "min_contrast": None}

        assert load_options(later) == options
        assert store(load_options(later)) == store(options)


@pytest.mark.django_db
class TestComparisonOfALaterVersion:
    @pytest.fixture
    def later(self) -> Comparison:
        comparison = record_comparison()
        comparison.options["alignment"] = "shift"
        comparison.save()
        return comparison

    def test_is_shown(self, client: APIClient, later: Comparison) -> None:
        assert "alignment" not in client.get(f"/compare/{later.pk}").json()["options"]
        assert client.get(f"/compare/{later.pk}?format=html").status_code == 200
        assert read_body(client.get(f"/compare/{later.pk}/overlay.png")).startswith(b"\x89PNG")

    def test_can_be_compared_again(self, client: APIClient, later: Comparison) -> None:
        rerun = client.post(f"/compare/{later.pk}/rerun?format=json", {"threshold": 0.3})

        assert rerun.status_code == 201
        assert Comparison.objects.latest().options == store(Options(threshold=0.3))

    @pytest.mark.usefixtures("later")
    def test_is_not_taken_for_one_without_its_option(self) -> None:
        Comparison.objects.update(diff_pixels=1)

        assert record_comparison().diff_pixels == 48

    @pytest.mark.usefixtures("later")
    def test_does_not_hide_those_of_equal_options(self) -> None:
        equal = record_comparison()
        Comparison.objects.filter(pk=equal.pk).update(diff_pixels=1)

        assert record_comparison().diff_pixels == 1
