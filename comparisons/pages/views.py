from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from comparisons.engine import METHODS, Options, SizePolicy


@require_safe
def show_form(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "methods": METHODS,
        "size_policies": [*SizePolicy],
        "defaults": Options(),
    }
    # Elsewhere the service does not reach its own address.
    context["has_samples"] = settings.DEBUG
    if "sample" in request.GET:
        context["sample1"] = request.build_absolute_uri(static("samples/before.png"))
        context["sample2"] = request.build_absolute_uri(static("samples/after.png"))
    return render(request, "form.html", context)
