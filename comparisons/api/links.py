from django.http import HttpRequest
from django.urls import reverse

from comparisons.models import Comparison


def link_comparison(request: HttpRequest, comparison: Comparison) -> str:
    return request.build_absolute_uri(reverse("comparison", args=[comparison.pk]))


def link_input(request: HttpRequest, comparison: Comparison, number: int) -> str:
    return request.build_absolute_uri(reverse("comparison-input", args=[comparison.pk, number]))


def link_view(request: HttpRequest, comparison: Comparison, view: str) -> str:
    return request.build_absolute_uri(reverse("comparison-view", args=[comparison.pk, view]))
