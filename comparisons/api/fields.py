from typing import Any

import tinycss2.color4
from django.core.exceptions import RequestDataTooBig
from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.fields import empty

from comparisons.engine import Metric

from .bounded_json import parse_json
from .data_urls import DataUrl


class ImageUrlField(serializers.CharField):
    """Where an image is; blank, as browsers send it, for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, allow_null=True, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        return data if isinstance(data, DataUrl) else super().run_validation(data)


class ImageFileField(serializers.FileField):
    """An uploaded image; that it is empty is for the decoder to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_empty_file=True, **kwargs)


@extend_schema_field({"type": "string", "examples": ["white", "#336699", "rgb(51 102 153)"]})
class ColorField(serializers.Field[tuple[int, int, int], Any, str, Any]):
    """An opaque CSS colour, read into red, green and blue (0 to 255), written as ``#rrggbb``."""

    default_error_messages = {
        "invalid": "Not a CSS colour: give a name, #hex, rgb(), hsl() or hwb().",
        "not_opaque": "The colour must be opaque.",
    }
    max_length = 100

    def to_internal_value(self, data: Any) -> tuple[int, int, int]:
        if not isinstance(data, str) or len(data) > self.max_length:
            self.fail("invalid")
        color = tinycss2.color4.parse_color(data)
        if not isinstance(color, tinycss2.color4.Color):
            self.fail("invalid")
        if color.alpha != 1:
            self.fail("not_opaque")
        try:
            red, green, blue = (clamp_channel(channel) for channel in color.to("srgb").coordinates)
        # Another colour space, and numbers beyond all bounds.
        except (NotImplementedError, ValueError, OverflowError):
            self.fail("invalid")
        return red, green, blue

    def to_representation(self, value: tuple[int, int, int]) -> str:
        return "#{:02x}{:02x}{:02x}".format(*value)


def clamp_channel(channel: float) -> int:
    return round(255 * min(max(channel, 0), 1))


class NumberField(serializers.FloatField):
    """A finite number; true and false are none."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class JSONListField(serializers.ListField):
    """A list of at most ``max_length``; a form sends it as a string of JSON."""

    default_error_messages = {"not_json": "Not a list in JSON."}

    def get_value(self, dictionary: Any) -> Any:
        return dictionary.get(self.field_name, empty)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, str):
            try:
                data = parse_json(data.encode(errors="replace") or b"[]")
            except ParseError:
                self.fail("not_json")
            except RequestDataTooBig:
                self.fail("max_length", max_length=self.max_length)
        # Before the items are looked at, which DRF does first.
        if isinstance(data, list) and self.max_length and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class MetricsField(serializers.MultipleChoiceField):
    """Names of metrics: a list, or one string with commas between them; a form may repeat the field."""

    def get_value(self, dictionary: Any) -> Any:
        name = str(self.field_name)
        if isinstance(dictionary, QueryDict) and name in dictionary:
            return ",".join(dictionary.getlist(name))
        return dictionary.get(name, empty)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            data = [name.strip() for name in data.split(",") if name.strip()]
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> Any:
        return [metric.value for metric in Metric if metric in value]
