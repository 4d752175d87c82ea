"""What the OpenAPI document says beyond what it reads off the serializers."""

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.serializers import Serializer

from comparisons.engine import MEDIA_TYPES, METHODS, THUMBNAILS, VIEWS
from comparisons.pages.history import APPLIED, NO_POLICY

from .problems import MEDIA_TYPE as PROBLEM
from .serializers import (
    CompareSerializer,
    CompareUrlsSerializer,
    ComparisonSerializer,
    ProblemSerializer,
    RerunSerializer,
)

FORMAT = OpenApiParameter(
    "format", enum=["png", "json", "html"], description="Overrides the `Accept` header."
)
SUMMARY_HEADERS = [
    OpenApiParameter(
        name, type_, OpenApiParameter.HEADER, response=[200, 201], description=description
    )
    for name, type_, description in (
        ("X-Comparison-Id", OpenApiTypes.UUID, "The comparison's id."),
        ("X-MSE", OpenApiTypes.DOUBLE, "Mean squared error, 0 to 65025."),
        ("X-Diff-Pixels", OpenApiTypes.INT, "How many pixels differ."),
        (
            "X-Diff-Ratio",
            OpenApiTypes.DOUBLE,
            "Their share of the pixels that are not ignored, 0 to 1.",
        ),
        ("X-Match", OpenApiTypes.BOOL, "The verdict."),
        ("X-Warnings", OpenApiTypes.STR, "The codes of the warnings, comma-separated, if any."),
    )
]
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    response=[201],
    description="Where the comparison can be had again.",
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[503, 507],
    description="Seconds after which to try again.",
)
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 206, 304])

PROBLEMS = {
    400: "Malformed body; unknown, missing, contradictory or bad fields.",
    403: "Not logged in, or no staff.",
    404: "No such comparison.",
    406: "None of PNG, JSON and HTML is acceptable.",
    408: "The body arrives too slowly.",
    412: "A precondition does not hold.",
    413: "The request, an image's bytes or its pixels are over the limit.",
    415: "The body is neither JSON nor a form.",
    416: "There is no such part.",
    422: "Not an image, truncated, corrupt or unsupported; address not allowed; sizes differ under `error`.",
    500: "A stored image has been lost.",
    502: "An image's host refused, failed or answered an error.",
    503: "The server has as much work in hand as it can take, or its storage or database fails.",
    504: "An image took too long to download.",
    507: "There is no space left to store anything.",
}


def answers(status: int, description: str, *, errors: tuple[int, ...]) -> dict[Any, Any]:
    """List the three forms of an answer, and the errors."""
    return {
        (status, "image/png"): OpenApiResponse(OpenApiTypes.BINARY, description),
        (status, "application/json"): OpenApiResponse(ComparisonSerializer, description),
        (status, "text/html"): OpenApiResponse(OpenApiTypes.STR, description),
        **problems(*errors),
    }


def problems(*statuses: int) -> dict[Any, Any]:
    return {
        (status, PROBLEM): OpenApiResponse(ProblemSerializer, PROBLEMS[status])
        for status in statuses
    }


def picture_answers(*media_types: str, errors: tuple[int, ...]) -> dict[Any, Any]:
    return {
        **{
            (200, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The picture.")
            for media_type in media_types
        },
        **{
            (206, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The wanted part.")
            for media_type in media_types
        },
        304: OpenApiResponse(description="The client has it already."),
        **problems(412, 416, *errors),
    }


SAMPLE_REQUEST = OpenApiExample(
    "Two pictures by URL",
    value={
        "image_url1": "https://example.com/before.png",
        "image_url2": "https://example.com/after.png",
        "method": "yiq",
        "ignore_antialiasing": True,
        "max_diff_ratio": 0.001,
    },
    media_type="application/json",
    request_only=True,
)

# What a form makes of lists: https://spec.openapis.org/oas/v3.1.1.html#encoding-object
FORM_ENCODING: dict[str, dict[str, Any]] = {
    "metrics": {"style": "form", "explode": True},
    "ignore_regions": {"contentType": "application/json"},
}


def as_form(serializer: type[Serializer[Any]]) -> OpenApiRequest:
    return OpenApiRequest(serializer, encoding=FORM_ENCODING)


describe_compare = extend_schema(
    operation_id="compare",
    summary="Compare two images",
    description=(
        "Each image is given one way: by URL, or as a file part of a multipart body. The answer takes the "
        "form that the client prefers (RFC 9110, section 12.5.1), and at equal preference PNG before JSON "
        "before HTML. A refused request leaves nothing stored."
    ),
    parameters=[FORMAT, LOCATION, RETRY_AFTER, *SUMMARY_HEADERS],
    request={
        "application/json": CompareUrlsSerializer,
        "application/x-www-form-urlencoded": as_form(CompareUrlsSerializer),
        "multipart/form-data": as_form(CompareSerializer),
    },
    examples=[SAMPLE_REQUEST],
    responses=answers(
        201,
        "The comparison: as the picture of its differences, as its figures, or as a page.",
        errors=(400, 406, 408, 413, 415, 422, 502, 503, 504, 507),
    ),
)
describe_rerun = extend_schema(
    operation_id="rerun",
    summary="Compare the stored images again with other options",
    description=(
        "Makes a new comparison of the same images (and the same mask), and answers as `POST /compare` does. "
        "An option that is not given stays as it was; null lifts a limit of the verdict, an empty list ignores "
        "no regions. No image is downloaded again."
    ),
    parameters=[FORMAT, LOCATION, RETRY_AFTER, *SUMMARY_HEADERS],
    request={
        "application/json": RerunSerializer,
        "application/x-www-form-urlencoded": as_form(RerunSerializer),
        "multipart/form-data": as_form(RerunSerializer),
    },
    responses=answers(
        201,
        "The new comparison: as the picture of its differences, as its figures, or as a page.",
        errors=(400, 404, 406, 408, 413, 415, 422, 500, 503, 507),
    ),
)
describe_list = extend_schema(
    operation_id="list_comparisons",
    summary="List stored comparisons, the newest first",
    description=(
        "For staff who are logged in. `next` and `previous` are the addresses of the pages around this one. "
        "A search finds the newest thousand."
    ),
    parameters=[
        OpenApiParameter("q", str, description="Part of a source; how an id or a SHA-256 begins."),
        OpenApiParameter("match", bool, description="The verdict."),
        OpenApiParameter("method", str, enum=[*METHODS], description="The method."),
        OpenApiParameter(
            "size_policy",
            str,
            enum=[NO_POLICY, *(policy.value for policy in APPLIED)],
            description="The size policy applied; `none` where the sizes were the same.",
        ),
        OpenApiParameter("since", date, description="The first day, in UTC."),
        OpenApiParameter("until", date, description="The last day, in UTC."),
        OpenApiParameter("cursor", str, description="Where the page begins, as `next` has it."),
    ],
    responses={
        (200, "application/json"): inline_serializer(
            "ComparisonPage",
            {
                "next": serializers.URLField(allow_null=True),
                "previous": serializers.URLField(allow_null=True),
                "results": ComparisonSerializer(many=True),
            },
        ),
        **problems(400, 403, 404, 406),
    },
)
describe_comparison = extend_schema(
    operation_id="get_comparison",
    summary="Get a stored comparison",
    description="At equal preference JSON comes before PNG before HTML.",
    auth=[],
    parameters=[FORMAT, ETAG, *SUMMARY_HEADERS],
    responses=answers(200, "The comparison.", errors=(404, 406, 503)),
)
describe_view = extend_schema(
    operation_id="get_view",
    summary="Get a picture of a comparison",
    parameters=[OpenApiParameter("view", str, OpenApiParameter.PATH, enum=[*VIEWS]), ETAG],
    responses=picture_answers("image/png", errors=(404, 413, 422, 500, 503)),
)
describe_thumbnail = extend_schema(
    operation_id="get_thumbnail",
    summary="Get an input or the mask as a small picture",
    description=(
        "At most 320 pixels wide and tall. An input is shown upright and on white; in the mask, the least "
        "difference stays visible."
    ),
    parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, enum=[*THUMBNAILS]), ETAG],
    responses=picture_answers("image/webp", errors=(404, 413, 422, 500, 503)),
)
describe_input = extend_schema(
    operation_id="get_input",
    summary="Get an input, byte for byte as it was received",
    parameters=[
        OpenApiParameter(
            "name", str, OpenApiParameter.PATH, enum=["image1", "image2", "mask_image"]
        ),
        ETAG,
    ],
    responses=picture_answers(*sorted(set(MEDIA_TYPES.values())), errors=(404, 500, 503)),
)


def leave_out_slashed_paths(
    endpoints: list[tuple[str, Any, str, Any]],
) -> list[tuple[str, Any, str, Any]]:
    """Document each path once, though all work with a trailing slash too."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]
