from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from rest_framework import renderers

from comparisons.models import Comparison
from comparisons.pages.comparison import describe_comparison

from .serializers import ComparisonSerializer


class PNGRenderer(renderers.BaseRenderer):
    """One of a comparison's pictures."""

    media_type = "image/png"
    format = "png"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: bytes,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        return data


class JSONRenderer(renderers.JSONRenderer):
    """A comparison as its figures."""

    def render(
        self,
        data: Comparison,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        figures = ComparisonSerializer(data, context=dict(renderer_context or {})).data
        return super().render(figures, accepted_media_type, renderer_context)


class HTMLRenderer(renderers.BaseRenderer):
    """A comparison as a page."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(
        self,
        data: Comparison,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        context = dict(renderer_context or {})
        figures = ComparisonSerializer(data, context=context).data
        page = describe_comparison(data, figures)
        return render_to_string("comparison.html", page, context["request"])
