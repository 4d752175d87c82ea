from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from comparisons.engine import METHODS, Options, SizePolicy

SAMPLES = ["samples/before.png", "samples/after.png"]


@require_safe
def show_form(request: HttpRequest) -> HttpResponse:
    samples = [request.build_absolute_uri(static(path)) for path in SAMPLES]
    context = {
        "images": enumerate(samples if "sample" in request.GET else ["", ""], start=1),
        # Elsewhere the service does not reach its own address.
        "has_samples": settings.DEBUG,
        "methods": METHODS,
        "size_policies": [*SizePolicy],
        "defaults": Options(),
    }
    return render(request, "form.html", context)
