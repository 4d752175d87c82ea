from django.urls import URLPattern, path
from django.views.generic import View
from drf_spectacular.views import SpectacularJSONAPIView

from .views import (
    CompareView,
    ComparisonInputView,
    ComparisonPictureView,
    ComparisonThumbnailView,
    ComparisonView,
    DocsView,
    RerunView,
)


def with_or_without_slash(route: str, view: type[View], name: str) -> list[URLPattern]:
    return [path(route, view.as_view(), name=name), path(f"{route}/", view.as_view())]


urlpatterns = [
    *with_or_without_slash("compare", CompareView, "compare"),
    *with_or_without_slash("compare/<uuid:pk>", ComparisonView, "comparison"),
    *with_or_without_slash("compare/<uuid:pk>/rerun", RerunView, "comparison-rerun"),
    *with_or_without_slash(
        "compare/<uuid:pk>/<slug:view>.png", ComparisonPictureView, "comparison-view"
    ),
    *with_or_without_slash(
        "compare/<uuid:pk>/thumbnails/<slug:name>.webp",
        ComparisonThumbnailView,
        "comparison-thumbnail",
    ),
    *with_or_without_slash(
        "compare/<uuid:pk>/<slug:name>", ComparisonInputView, "comparison-input"
    ),
    *with_or_without_slash("openapi.json", SpectacularJSONAPIView, "schema"),
    *with_or_without_slash("docs", DocsView, "docs"),
]
