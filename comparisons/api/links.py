from django.http import HttpRequest
from django.urls import reverse

from comparisons.models import Comparison


def link_comparison(request: HttpRequest, comparison: Comparison) -> str:
    return request.build_absolute_uri(reverse("comparison", args=[comparison.pk]))


def link_input(request: HttpRequest, comparison: Comparison, name: str) -> str:
    return request.build_absolute_uri(reverse("comparison-input", args=[comparison.pk, name]))


def link_view(request: HttpRequest, comparison: Comparison, view: str) -> str:
    return request.build_absolute_uri(reverse("comparison-view", args=[comparison.pk, view]))
