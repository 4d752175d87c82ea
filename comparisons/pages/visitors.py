"""The comparisons of one browser, kept in its session."""

from django.http import HttpRequest

from comparisons.models import Comparison, ComparisonQuerySet

SESSION_KEY = "comparisons"
MAX_REMEMBERED = 100


def remember_comparison(request: HttpRequest, comparison: Comparison) -> None:
    """Add a new comparison to those of the browser, if one of our own pages has asked for it.

    Browsers name the origin of the page with each POST (https://fetch.spec.whatwg.org/#origin-header),
    which no page can change. A page elsewhere names another one, and other clients name none: neither
    is given a cookie.
    """
    # The scheme may be the proxy's.
    _, _, host = request.headers.get("Origin", "").partition("://")
    if host == request.get_host():
        earlier = request.session.get(SESSION_KEY, [])
        request.session[SESSION_KEY] = [str(comparison.pk), *earlier][:MAX_REMEMBERED]


def find_remembered(request: HttpRequest) -> ComparisonQuerySet:
    """Get the comparisons of the browser; looking gives it no cookie."""
    return Comparison.objects.get_queryset().filter(pk__in=request.session.get(SESSION_KEY, []))
