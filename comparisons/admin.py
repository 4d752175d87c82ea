from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .changelist import BoundedPaginator, IndexedChangeList, IndexedQuerySet
from .engine import METHODS
from .models import Comparison, ComparisonQuerySet
from .pages.comparison import word_warnings


class SizeDiffersFilter(admin.SimpleListFilter):
    title = "size differs"
    parameter_name = "size_differs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", "Yes"), ("no", "No")]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Comparison],
    ) -> QuerySet[Comparison]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(size_policy_applied__isnull=self.value() == "no")
        return queryset


class MethodFilter(admin.SimpleListFilter):
    title = "method"
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(method, method) for method in METHODS]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Comparison],
    ) -> QuerySet[Comparison]:
        return queryset.filter(method=self.value()) if self.value() else queryset


@admin.register(Comparison)
class ComparisonAdmin(admin.ModelAdmin[Comparison]):
    """The history: to look at and to delete from, never to add to or to change."""

    list_display = [
        "created_at",
        "match",
        "warning_codes",
        "first_image",
        "second_image",
        "differences",
        "short_mse",
        "diff_percent",
        "method",
    ]
    sortable_by = ["created_at", "short_mse", "diff_percent"]
    # Whose sizes are warned of where no warnings were recorded.
    list_select_related = ["image1", "image2"]
    list_filter = ["match", MethodFilter, SizeDiffersFilter, "created_at"]
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # Shows the field to search in; get_search_results does it.
    search_fields = ["id", "source1", "source2"]
    date_hierarchy = "created_at"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "pictures",
                    "public_page",
                    "source1",
                    "source2",
                    "mask_source",
                    "created_at",
                ]
            },
        ),
        (
            "Figures",
            {
                "fields": [
                    "match",
                    "warning_details",
                    "mse",
                    "psnr",
                    "ssim",
                    "diff_pixels",
                    "total_pixels",
                    "diff_ratio",
                    "antialiased_pixels",
                    "ignored_pixels",
                    "alpha_diff_pixels",
                    "width",
                    "height",
                    "size_policy_applied",
                ]
            },
        ),
        ("Regions", {"fields": ["regions", "regions_left_out"], "classes": ["collapse"]}),
        ("How", {"fields": ["options", "engine", "duration_ms"]}),
    ]

    class Media:
        css = {"all": ["comparisons/admin.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comparison | None = None) -> bool:  # noqa: ARG002
        return False

    def get_queryset(self, request: HttpRequest) -> ComparisonQuerySet:  # noqa: ARG002
        return IndexedQuerySet(self.model)

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return IndexedChangeList

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Comparison],
        search_term: str,
    ) -> tuple[QuerySet[Comparison], bool]:
        if not search_term:
            return queryset, False
        return cast("ComparisonQuerySet", queryset).search(search_term), False

    @admin.display(description="image 1")
    def first_image(self, comparison: Comparison) -> SafeString:
        return show_thumbnail(comparison, "image1", comparison.source1)

    @admin.display(description="image 2")
    def second_image(self, comparison: Comparison) -> SafeString:
        return show_thumbnail(comparison, "image2", comparison.source2)

    @admin.display(description="differences")
    def differences(self, comparison: Comparison) -> SafeString:
        return show_thumbnail(comparison, "mask", "")

    @admin.display(description="warnings")
    def warning_codes(self, comparison: Comparison) -> SafeString:
        return list_texts(warning["code"] for warning in comparison.known_warnings)

    @admin.display(description="warnings")
    def warning_details(self, comparison: Comparison) -> SafeString:
        return list_texts(word_warnings(comparison))

    @admin.display(description="MSE", ordering="mse")
    def short_mse(self, comparison: Comparison) -> str:
        return f"{comparison.mse:.6g}"

    @admin.display(description="diff ratio", ordering="diff_ratio")
    def diff_percent(self, comparison: Comparison) -> str:
        return f"{comparison.diff_ratio:.4%}"

    @admin.display(description="pictures")
    def pictures(self, comparison: Comparison) -> SafeString:
        return format_html(
            '<div class="pictures">{}{}{}</div>',
            show_figure(comparison, "image1", "Image 1", link_input(comparison, "image1")),
            show_figure(comparison, "image2", "Image 2", link_input(comparison, "image2")),
            show_figure(comparison, "mask", "Differences", link_view(comparison, "mask")),
        )

    @admin.display(description="public page")
    def public_page(self, comparison: Comparison) -> SafeString:
        url = reverse("comparison", args=[comparison.pk])
        return format_html('<a href="{}?format=html">{}</a>', url, url)


def list_texts(texts: Iterable[str]) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((text,) for text in texts))


def link_input(comparison: Comparison, name: str) -> str:
    return reverse("comparison-input", args=[comparison.pk, name])


def link_view(comparison: Comparison, view: str) -> str:
    return reverse("comparison-view", args=[comparison.pk, view])


def link_thumbnail(comparison: Comparison, name: str) -> str:
    return reverse("comparison-thumbnail", args=[comparison.pk, name])


def show_thumbnail(comparison: Comparison, name: str, source: str) -> SafeString:
    return format_html(
        '<img class="thumbnail" loading="lazy" width="120" height="80" alt="" src="{}">'
        '<span class="source" title="{}">{}</span>',
        link_thumbnail(comparison, name),
        source,
        source,
    )


def show_figure(comparison: Comparison, name: str, caption: str, url: str) -> SafeString:
    """Show a small picture, which leads to the large one."""
    return format_html(
        '<figure><a href="{}"><img loading="lazy" alt="{}" src="{}"></a>'
        "<figcaption>{}</figcaption></figure>",
        url,
        caption,
        link_thumbnail(comparison, name),
        caption,
    )
