from collections.abc import Mapping
from dataclasses import fields
from functools import cache, cached_property, partial
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty
from rest_framework.utils.serializer_helpers import BindingDict

from comparisons.engine import (
    METHODS,
    VIEWS,
    WARNING_FACTS,
    ColorProfiles,
    Fact,
    Metric,
    Options,
    SizePolicy,
)
from comparisons.inputs import ImageDataUrl, ImageFile, ImageInput, ImageUrl, read_whole
from comparisons.models import MAX_MSE, Comparison
from comparisons.stored_options import load_options

from .data_urls import DataUrl
from .fields import (
    ColorField,
    ImageFileField,
    ImageUrlField,
    JSONListField,
    MetricsField,
    NumberField,
)
from .links import link_comparison, link_input, link_view
from .problems import PROBLEMS

DEFAULTS = Options()
OPTION_NAMES = [field.name for field in fields(Options)]
MAX_INTEGER = 2**53 - 1
MAX_URL_LENGTH = 8192
MAX_IGNORE_REGIONS = 100
MAX_UNKNOWN_NAMED = 5
IMAGE_FIELDS = [
    ("image_url1", "image1"),
    ("image_url2", "image2"),
    ("mask_image_url", "mask_image"),
]
FACT_FIELDS: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    int: serializers.IntegerField,
    str: serializers.CharField,
}
SIZE_POLICIES = [policy.value for policy in SizePolicy]


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what it does not know: a misspelt option must not pass for its default."""

    @cached_property
    def fields(self) -> BindingDict:
        # Nothing in them is of one request, for each of which DRF would copy them.
        return make_fields(type(self))

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = set(data) - set(self.fields)
            repeated = {
                key
                for key in set(data) - unknown
                if len(values_of(data, key)) > 1 and not isinstance(self.fields[key], MetricsField)
            }
            named = sorted(unknown)[:MAX_UNKNOWN_NAMED]
            errors = {key: [ErrorDetail("Unknown field.", "unknown")] for key in named}
            if more := len(unknown) - len(named):
                errors["non_field_errors"] = [
                    ErrorDetail(f"And {more} more unknown fields.", "unknown")
                ]
            errors |= {
                key: [ErrorDetail("Given more than once.", "repeated")] for key in sorted(repeated)
            }
            if errors:
                raise ValidationError(errors)
        return super().to_internal_value(data)


@cache
def make_fields(serializer: type[StrictSerializer]) -> BindingDict:
    return super(StrictSerializer, serializer()).fields


def values_of(data: Mapping[str, Any], key: str) -> list[Any]:
    return data.getlist(key) if hasattr(data, "getlist") else [data[key]]


class RectangleSerializer(StrictSerializer):
    """Pixels of the compared canvas; what reaches beyond it is cut off."""

    x = serializers.IntegerField(min_value=-MAX_INTEGER, max_value=MAX_INTEGER)
    y = serializers.IntegerField(min_value=-MAX_INTEGER, max_value=MAX_INTEGER)
    width = serializers.IntegerField(min_value=1, max_value=MAX_INTEGER)
    height = serializers.IntegerField(min_value=1, max_value=MAX_INTEGER)


class OptionsSerializer(StrictSerializer):
    """How two images are compared, and what counts as a match."""

    method = serializers.ChoiceField(
        choices=[*METHODS],
        default=DEFAULTS.method,
        help_text="What counts as a different pixel. "
        + " ".join(f"`{name}`: {method.summary}" for name, method in METHODS.items()),
    )
    threshold = NumberField(
        min_value=0,
        max_value=1,
        default=DEFAULTS.threshold,
        help_text="Tolerance per pixel, on the method's own scale, which ends at 1.",
    )
    ignore_antialiasing = serializers.BooleanField(
        default=DEFAULTS.ignore_antialiasing,
        help_text="Do not count anti-aliased pixels as different.",
    )
    size_policy = serializers.ChoiceField(
        choices=SIZE_POLICIES,
        default=DEFAULTS.size_policy.value,
        help_text=(
            "What to do with images of different sizes: `resize` scales image2 to image1's size; `pad` puts "
            "both at the top left of the larger canvas, where every pixel that only one of them covers "
            "counts as different; `crop` compares the common top-left part; `error` refuses."
        ),
    )
    background = ColorField(
        default=DEFAULTS.background,
        help_text="The CSS colour that transparent pixels are composited on.",
    )
    color_profiles = serializers.ChoiceField(
        choices=[profiles.value for profiles in ColorProfiles],
        default=DEFAULTS.color_profiles.value,
        help_text=(
            "What to do with embedded colour profiles: `apply` converts to sRGB, as browsers do; `ignore` "
            "compares the stored values, as pixelmatch, odiff and OpenCV do."
        ),
    )
    ignore_regions = JSONListField(
        child=RectangleSerializer(),
        max_length=MAX_IGNORE_REGIONS,
        default=[],
        help_text="Rectangles of the compared canvas that never count; in a form, as JSON.",
    )
    metrics = MetricsField(
        choices=[metric.value for metric in Metric],
        default={metric.value for metric in DEFAULTS.metrics},
        help_text=(
            "Which figures to compute, in a form separated by commas or in a field each. `mse` and `psnr` always are; "
            "`min_ssim` and the method `ssim` imply `ssim`."
        ),
    )
    max_diff_pixels = serializers.IntegerField(
        min_value=0,
        max_value=MAX_INTEGER,
        allow_null=True,
        default=None,
        help_text="A match has at most so many different pixels; no limit by default.",
    )
    max_diff_ratio = NumberField(
        min_value=0,
        max_value=1,
        allow_null=True,
        default=None,
        help_text="A match has at most this share of different pixels; no limit by default.",
    )
    max_mse = NumberField(
        min_value=0,
        max_value=MAX_MSE,
        allow_null=True,
        default=None,
        help_text="A match has at most this mean squared error; no limit by default.",
    )
    min_ssim = NumberField(
        min_value=-1,
        max_value=1,
        allow_null=True,
        default=None,
        help_text="A match has at least this mean structural similarity; no limit by default.",
    )


class ComparingSerializer(OptionsSerializer):
    """How two images are compared, and what is shown of it."""

    view = serializers.ChoiceField(
        choices=[*VIEWS], default="mask", help_text="Which picture a PNG answer carries."
    )


class CompareUrlsSerializer(ComparingSerializer):
    """Two images by URL, and how to compare them."""

    image_url1 = ImageUrlField(
        help_text="Where to download the first image: an http:, https: or data: URL."
    )
    image_url2 = ImageUrlField(
        help_text="Where to download the second image: an http:, https: or data: URL."
    )
    mask_image_url = ImageUrlField(
        help_text="Where to download a mask of the compared canvas's size; where it is black, nothing counts."
    )


class CompareSerializer(CompareUrlsSerializer):
    """Two images, each given exactly one way, and how to compare them."""

    image1 = ImageFileField(help_text="The first image itself, instead of `image_url1`.")
    image2 = ImageFileField(help_text="The second image itself, instead of `image_url2`.")
    mask_image = ImageFileField(help_text="The mask itself, instead of `mask_image_url`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Sort the fields into the arguments of a comparison."""
        errors: dict[str, Any] = {}
        images: dict[str, ImageInput] = {}
        for url_field, file_field in IMAGE_FIELDS:
            try:
                image = read_image_input(attrs, url_field, file_field)
            except ValidationError as error:
                errors |= cast("dict[str, Any]", error.detail)
            else:
                if image:
                    images[file_field] = image
        for url_field, file_field in IMAGE_FIELDS[:2]:
            if file_field not in images and file_field not in errors and url_field not in errors:
                errors[url_field] = ErrorDetail(
                    f"Give a URL ({url_field}) or a file ({file_field}).", "required"
                )
        if errors:
            raise ValidationError(errors)
        return {**images, "options": load_options(pick_options(attrs)), "view": attrs["view"]}


class RerunSerializer(ComparingSerializer):
    """What is to be different when a comparison is run again; other options stay as they were."""

    instance: Comparison

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name in OPTION_NAMES:
            fields[name].required = False
            # Not given means not changed, also where a form leaves out a box that is not ticked.
            fields[name].default = fields[name].default_empty_html = empty
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        options = load_options({**self.instance.options, **pick_options(attrs)})
        return {"options": options, "view": attrs["view"]}


def read_image_input(
    attrs: Mapping[str, Any], url_field: str, file_field: str
) -> ImageInput | None:
    url: str | DataUrl | None = attrs.get(url_field)
    file: UploadedFile[Any] | None = attrs.get(file_field)
    if url and file:
        raise ValidationError(
            {file_field: f"Give either a URL ({url_field}) or a file ({file_field}), not both."},
            "contradictory",
        )
    if file:
        return ImageFile(file_field, file.name or "", file.size or 0, partial(read_whole, file))
    if isinstance(url, DataUrl):
        return ImageDataUrl(url_field, url)
    if url and len(url) > MAX_URL_LENGTH:
        raise ValidationError(
            {url_field: f"The URL has more than {MAX_URL_LENGTH} characters."}, "max_length"
        )
    return ImageUrl(url_field, url) if url else None


def pick_options(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attrs[name] for name in OPTION_NAMES if name in attrs}


class ImageSerializer(serializers.Serializer[Any]):
    """One of the two inputs."""

    source = serializers.CharField(  # type: ignore[assignment]
        help_text="The URL as given (a data: URL without its data), or the name of the uploaded file."
    )
    sha256 = serializers.CharField(help_text="Of the bytes as received.")
    media_type = serializers.CharField(help_text="As sniffed from the bytes.")
    width = serializers.IntegerField(help_text="In pixels, as shown upright.")
    height = serializers.IntegerField()
    bytes = serializers.IntegerField()
    url = serializers.URLField(help_text="Where the input can be had, byte for byte.")


class RegionSerializer(serializers.Serializer[Any]):
    """A box around one group of different pixels."""

    x = serializers.IntegerField(help_text="Left edge.")
    y = serializers.IntegerField(help_text="Top edge.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    diff_pixels = serializers.IntegerField(help_text="How many different pixels the group has.")


class WarningSerializer(serializers.Serializer[Any]):
    """Something that the figures leave out, never an error; with the facts that its code has."""

    code = serializers.CharField(
        help_text=f"Stable, for programs: {', '.join(f'`{code}`' for code in WARNING_FACTS)}. Others may be added."
    )
    detail = serializers.CharField(help_text="One sentence for people.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), **describe_facts()}

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        # As it was recorded, also by a version that knows more facts.
        return dict(instance)


def describe_facts() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """Describe the facts of all warnings: each by its name, with the codes that have it."""
    codes: dict[Fact, list[str]] = {}
    for code, facts in WARNING_FACTS.items():
        for fact in facts:
            codes.setdefault(fact, []).append(f"`{code}`")
    return {
        fact.name: FACT_FIELDS[fact.type](
            required=False, help_text=f"{', '.join(of_fact)}: {fact.meaning}."
        )
        for fact, of_fact in codes.items()
    }


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """A stored comparison: its inputs, how they were compared, and how far apart they are."""

    url = serializers.SerializerMethodField(help_text="Where this comparison can be had again.")
    image1 = serializers.SerializerMethodField()
    image2 = serializers.SerializerMethodField()
    mask_image = serializers.SerializerMethodField()
    options = OptionsSerializer(read_only=True, help_text="As applied, defaults included.")
    size_differs = serializers.BooleanField(
        read_only=True, help_text="Whether the two images had different sizes."
    )
    size_policy_applied = serializers.ChoiceField(
        choices=SIZE_POLICIES,
        allow_null=True,
        read_only=True,
        help_text="What was done about different sizes; null where they were the same.",
    )
    regions = RegionSerializer(
        many=True, read_only=True, help_text="Where they differ: at most 100 boxes, biggest first."
    )
    warnings = WarningSerializer(
        many=True,
        allow_null=True,
        read_only=True,
        help_text="What the figures leave out. Null for comparisons that were recorded before warnings existed.",
    )
    result_image = serializers.SerializerMethodField(
        help_text="The mask: a PNG, white where the two differ, else black."
    )
    views = serializers.SerializerMethodField(help_text="All pictures of the comparison, by name.")

    class Meta:
        model = Comparison
        fields = [
            "id",
            "url",
            "created_at",
            "image1",
            "image2",
            "mask_image",
            "options",
            "width",
            "height",
            "size_differs",
            "size_policy_applied",
            "mse",
            "psnr",
            "ssim",
            "diff_pixels",
            "total_pixels",
            "diff_ratio",
            "antialiased_pixels",
            "ignored_pixels",
            "alpha_diff_pixels",
            "regions",
            "regions_left_out",
            "match",
            "warnings",
            "result_image",
            "views",
            "engine",
            "duration_ms",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "width": {"help_text": "Of the compared canvas, in pixels."},
            "mse": {"help_text": "Mean squared error of the luma, 0 to 65025."},
            "psnr": {"help_text": "Peak signal-to-noise ratio in dB; null for infinite."},
            "ssim": {"help_text": "Mean structural similarity, -1 to 1; null if not asked for."},
            "diff_pixels": {"help_text": "How many pixels differ, as the method has it."},
            "total_pixels": {"help_text": "Width times height."},
            "diff_ratio": {"help_text": "Of the pixels that are not ignored, 0 to 1."},
            "antialiased_pixels": {"help_text": "Differences excused as anti-aliasing."},
            "ignored_pixels": {"help_text": "In regions or under a mask that never count."},
            "alpha_diff_pixels": {"help_text": "Pixels whose opacity differs, seen or not."},
            "regions_left_out": {"help_text": "Regions beyond the first 100."},
            "match": {"help_text": "The verdict."},
            "engine": {"help_text": "What computed the figures."},
            "duration_ms": {"help_text": "From the first download to the figures."},
        }

    def get_url(self, comparison: Comparison) -> str:
        return link_comparison(self.context["request"], comparison)

    @extend_schema_field(ImageSerializer)
    def get_image1(self, comparison: Comparison) -> dict[str, Any]:
        return self.describe_input(comparison, "image1")

    @extend_schema_field(ImageSerializer)
    def get_image2(self, comparison: Comparison) -> dict[str, Any]:
        return self.describe_input(comparison, "image2")

    @extend_schema_field(ImageSerializer(allow_null=True))
    def get_mask_image(self, comparison: Comparison) -> dict[str, Any] | None:
        return self.describe_input(comparison, "mask_image") if comparison.mask_image else None

    def describe_input(self, comparison: Comparison, name: str) -> dict[str, Any]:
        source, stored = comparison.inputs[name]
        return {
            "source": source,
            "sha256": stored.sha256,
            "media_type": stored.media_type,
            "width": stored.width,
            "height": stored.height,
            "bytes": stored.size_bytes,
            "url": link_input(self.context["request"], comparison, name),
        }

    def get_result_image(self, comparison: Comparison) -> str:
        return link_view(self.context["request"], comparison, "mask")

    def get_views(self, comparison: Comparison) -> dict[str, str]:
        return {view: link_view(self.context["request"], comparison, view) for view in VIEWS}


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one input."""

    field = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="For people.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="The name of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people.")
    code = serializers.CharField(
        help_text="Stable, for programs. Where one image is to blame: "
        + ", ".join(dict.fromkeys(f"`{code}`" for _, code in PROBLEMS.values()))
        + "; otherwise `invalid_request`, `parse_error`, `length_required`, `not_found`, "
        "`method_not_allowed`, `not_acceptable`, `precondition_failed`, `url_too_long`, `range_not_satisfiable`, "
        "`unsupported_media_type`, `not_authenticated`, `permission_denied` or `server_error`."
    )
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]
