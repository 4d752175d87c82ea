from django.templatetags.static import static
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from comparisons.engine import THUMBNAILS
from comparisons.models import Comparison

from .form import SAMPLES, describe_form
from .history import HistoryForm, HistoryPagination
from .visitors import find_remembered


class FormView(APIView):
    renderer_classes = [TemplateHTMLRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        samples = {
            f"image_url{number}": request.build_absolute_uri(static(path))
            for number, path in enumerate(SAMPLES, start=1)
        }
        context = describe_form(samples if "sample" in request.query_params else {})
        return Response(context, template_name="form.html")


class HistoryView(APIView):
    """All comparisons for staff, and for everybody else those of their own browser."""

    authentication_classes = [SessionAuthentication]
    renderer_classes = [TemplateHTMLRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        is_staff = request.user.is_staff
        comparisons = Comparison.objects.get_queryset() if is_staff else find_remembered(request)
        form = HistoryForm(request.query_params, label_suffix="")
        pages = HistoryPagination()
        # Neither options nor regions are shown, and both can be long.
        found = form.select(comparisons).select_related("image1", "image2")
        found = found.defer("options", "regions")
        context = {
            "form": form,
            "comparisons": pages.paginate_queryset(found, request, self),
            "next_link": pages.get_next_link(),
            "previous_link": pages.get_previous_link(),
            "thumbnails": THUMBNAILS,
            "is_filtered": any(form.data.get(name) for name in form.fields),
        }
        headers = {"Cache-Control": "private, no-cache"}
        return Response(context, template_name="history.html", headers=headers)
