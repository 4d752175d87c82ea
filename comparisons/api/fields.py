import math
from typing import Any

import tinycss2.color4
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


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
        except NotImplementedError:
            self.fail("invalid")
        return red, green, blue

    def to_representation(self, value: tuple[int, int, int]) -> str:
        return "#{:02x}{:02x}{:02x}".format(*value)


def clamp_channel(channel: float) -> int:
    return round(255 * min(max(channel, 0), 1))


class FiniteFloatField(serializers.FloatField):
    """A number that JSON can express: not infinite, not NaN, not a boolean."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value
