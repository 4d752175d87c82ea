"""The comparisons of one browser, which its session identifies."""

from uuid import UUID, uuid4

from django.http import HttpRequest

from comparisons.models import Comparison, ComparisonQuerySet

SESSION_KEY = "browser"


def remember_comparison(request: HttpRequest, comparison: Comparison) -> None:
    """Add a new comparison to those of the browser, if one of our own pages has asked for it.

    Browsers name the origin of the page with each POST (https://fetch.spec.whatwg.org/#origin-header),
    which no page can change. A page elsewhere names another one, and other clients name none: neither
    is given a cookie.
    """
    # The scheme may be the proxy's.
    _, _, host = request.headers.get("Origin", "").partition("://")
    if host == request.get_host():
        # Set each time, so that the cookie stays for as long as it is in use.
        request.session[SESSION_KEY] = browser = request.session.get(SESSION_KEY) or str(uuid4())
        Comparison.objects.remember(comparison, browser=UUID(browser))


def find_remembered(request: HttpRequest) -> ComparisonQuerySet:
    """Get the comparisons of the browser; looking gives it no cookie."""
    comparisons = Comparison.objects.get_queryset()
    browser = request.session.get(SESSION_KEY)
    return comparisons.filter(remembered__browser=browser) if browser else comparisons.none()
