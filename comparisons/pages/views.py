from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from .form import SAMPLES, describe_form


@require_safe
def show_form(request: HttpRequest) -> HttpResponse:
    samples = {
        f"image_url{number}": request.build_absolute_uri(static(path))
        for number, path in enumerate(SAMPLES, start=1)
    }
    return render(request, "form.html", describe_form(samples if "sample" in request.GET else {}))
