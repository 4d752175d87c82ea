import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

BOUNDARY = re.compile(r"""\bboundary=("[^"]*"|[^;\s]+)""", re.IGNORECASE)

django_application = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Pass requests on to Django, whose body is UTF-8 whatever charset they name.

    Django looks up any charset while it builds the request, and fails on those that are no encoding
    of text: too early for an error answer.
    """
    if "CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = reduce_content_type(environ["CONTENT_TYPE"])
    return django_application(environ, start_response)


def reduce_content_type(content_type: str) -> str:
    """Keep the media type and, of its parameters, the boundary of a multipart body."""
    media_type = content_type.partition(";")[0]
    boundary = BOUNDARY.search(content_type)
    return f"{media_type}; boundary={boundary[1]}" if boundary else media_type
