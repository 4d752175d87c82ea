from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from django.core.files import File
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission, IsAdminUser
from rest_framework.renderers import BaseRenderer, TemplateHTMLRenderer
from rest_framework.renderers import JSONRenderer as ListRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from comparisons.engine import THUMBNAILS, VIEWS
from comparisons.files import read_file
from comparisons.models import Comparison, ComparisonQuerySet
from comparisons.pages.history import HistoryForm, HistoryPagination
from comparisons.pages.visitors import remember_comparison
from comparisons.services import compare_again, compare_images, render_thumbnail, render_view

from .environ import find_cancellation
from .limits import configured_gates, configured_limits
from .links import link_comparison
from .pictures import respond_with_picture
from .renderers import HTMLRenderer, JSONRenderer, PNGRenderer
from .schema import (
    describe_compare,
    describe_comparison,
    describe_input,
    describe_list,
    describe_rerun,
    describe_thumbnail,
    describe_view,
)
from .serializers import CompareSerializer, ComparisonSerializer, RerunSerializer

P = ParamSpec("P")


def looking_twice(get: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Answer once more if a file goes after it was found: its row is gone too, or has another file."""

    @wraps(get)
    def get_or_look_again(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return get(*args, **kwargs)
        except FileNotFoundError:
            return get(*args, **kwargs)

    return get_or_look_again


class CompareView(APIView):
    """Compares for everybody; lists for staff who are logged in."""

    renderer_classes = [PNGRenderer, JSONRenderer, HTMLRenderer]

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [SessionAuthentication()] if self.is_listing else []

    def get_permissions(self) -> list[BasePermission]:
        return [IsAdminUser()] if self.is_listing else []

    def get_renderers(self) -> list[BaseRenderer]:
        return [ListRenderer()] if self.is_listing else super().get_renderers()

    @property
    def is_listing(self) -> bool:
        # The schema is made without a request.
        return getattr(self.request, "method", None) in {"GET", "HEAD"}

    @describe_list
    def get(self, request: Request) -> Response:
        form = HistoryForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(list_errors(form))
        pages = HistoryPagination()
        comparisons = pages.paginate_queryset(form.select(all_comparisons()), request, self)
        serializer = ComparisonSerializer(comparisons, many=True, context={"request": request})
        response = pages.get_paginated_response(serializer.data)
        response["Cache-Control"] = "private, no-cache"
        return response

    @describe_compare
    def post(self, request: Request) -> Response:
        serializer = CompareSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        arguments = serializer.validated_data
        comparison = compare_images(
            **arguments,
            limits=configured_limits(request),
            gates=configured_gates(),
            cancellation=find_cancellation(request),
        )
        return respond_with_new(request, comparison, arguments["view"])


class ComparisonView(APIView):
    # Open to everyone; the page links to the admin for staff.
    authentication_classes = [SessionAuthentication]
    renderer_classes = [JSONRenderer, PNGRenderer, HTMLRenderer]

    @describe_comparison
    @looking_twice
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        comparison = find_comparison(pk)
        headers = {"Cache-Control": "private, no-cache", **summarize(comparison)}
        if not wants_picture(request):
            return Response(comparison, headers=headers)
        response = respond_with_view(request, comparison, "mask")
        for name, value in summarize(comparison).items():
            response[name] = value
        return response


class RerunView(APIView):
    renderer_classes = CompareView.renderer_classes

    @describe_rerun
    def post(self, request: Request, pk: UUID) -> Response:
        comparison = find_comparison(pk)
        serializer = RerunSerializer(comparison, data=request.data)
        serializer.is_valid(raise_exception=True)
        arguments = serializer.validated_data
        rerun = compare_again(
            comparison=comparison,
            **arguments,
            limits=configured_limits(request),
            gates=configured_gates(),
            cancellation=find_cancellation(request),
        )
        return respond_with_new(request, rerun, arguments["view"])


class NoNegotiation(DefaultContentNegotiation):
    """What the address stands for, whatever the client would accept."""

    def select_renderer(self, *_args: Any, **_kwargs: Any) -> tuple[BaseRenderer, str]:
        return PNGRenderer(), PNGRenderer.media_type


class ComparisonPictureView(APIView):
    content_negotiation_class = NoNegotiation

    @describe_view
    @looking_twice
    def get(self, request: Request, pk: UUID, view: str) -> HttpResponseBase:
        if view not in VIEWS:
            raise Http404
        return respond_with_view(request, find_comparison(pk), view)


class ComparisonInputView(APIView):
    content_negotiation_class = NoNegotiation

    @describe_input
    @looking_twice
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        comparison = find_comparison(pk)
        if name not in comparison.inputs:
            raise Http404
        _, stored = comparison.inputs[name]
        return respond_with_picture(
            request,
            comparison.find_input_file(name),
            media_type=stored.media_type,
            file_name=f"{name}.{stored.media_type.partition('/')[2]}",
            etag=stored.sha256,
        )


class ComparisonThumbnailView(APIView):
    content_negotiation_class = NoNegotiation

    @describe_thumbnail
    @looking_twice
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        if name not in THUMBNAILS:
            raise Http404
        comparison = find_comparison(pk)
        shown = pk if name == "mask" else comparison.inputs[name][1].sha256
        return respond_with_picture(
            request,
            render_thumbnail(
                comparison=comparison,
                name=name,
                limits=configured_limits(request),
                gates=configured_gates(),
                cancellation=find_cancellation(request),
            ),
            media_type="image/webp",
            file_name=f"{name}.webp",
            etag=f"{shown}-thumbnail",
        )


class DocsView(APIView):
    renderer_classes = [TemplateHTMLRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(template_name="docs.html")


class UnknownPathView(APIView):
    """Keeps unknown paths from Django's own page, which development shows instead of ours."""

    content_negotiation_class = NoNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        raise Http404


def wants_picture(request: Request) -> bool:
    return isinstance(request.accepted_renderer, PNGRenderer)


def all_comparisons() -> ComparisonQuerySet:
    return Comparison.objects.get_queryset().select_related("image1", "image2", "mask_image")


def find_comparison(pk: UUID) -> Comparison:
    return get_object_or_404(all_comparisons(), pk=pk)


def list_errors(form: HistoryForm) -> dict[str, list[ErrorDetail]]:
    return {
        name: [ErrorDetail(error["message"], error["code"]) for error in errors]
        for name, errors in form.errors.get_json_data().items()
    }


def respond_with_new(request: Request, comparison: Comparison, view: str) -> Response:
    remember_comparison(request, comparison)
    headers = {"Location": link_comparison(request, comparison), **summarize(comparison)}
    content = read_new_view(request, comparison, view) if wants_picture(request) else comparison
    return Response(content, status=201, headers=headers)


def read_new_view(request: Request, comparison: Comparison, view: str) -> bytes:
    try:
        return read_file(get_view(request, comparison, view))
    except FileNotFoundError:  # It has just been deleted, or replaced.
        return read_file(get_view(request, find_comparison(comparison.pk), view))


def get_view(request: Request, comparison: Comparison, view: str) -> File[Any]:
    return render_view(
        comparison=comparison,
        view=view,
        limits=configured_limits(request),
        gates=configured_gates(),
        cancellation=find_cancellation(request),
    )


def respond_with_view(request: Request, comparison: Comparison, view: str) -> HttpResponseBase:
    return respond_with_picture(
        request,
        get_view(request, comparison, view),
        media_type="image/png",
        file_name=f"{view}.png",
        etag=f"{comparison.pk}-{view}",
    )


def summarize(comparison: Comparison) -> dict[str, str]:
    """State the main figures in headers, for clients that take the picture."""
    summary = {
        "X-Comparison-Id": str(comparison.pk),
        "X-MSE": str(comparison.mse),
        "X-Diff-Pixels": str(comparison.diff_pixels),
        "X-Diff-Ratio": str(comparison.diff_ratio),
        "X-Match": str(comparison.match).lower(),
    }
    if comparison.warnings:
        # Both inputs may have the same warning.
        codes = dict.fromkeys(warning["code"] for warning in comparison.warnings)
        summary["X-Warnings"] = ",".join(codes)
    return summary
