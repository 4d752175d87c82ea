import re

from django.http import HttpRequest

# https://developer.mozilla.org/en-US/docs/Web/Security/Secure_Contexts#potentially_trustworthy_origins
LOOPBACK_ORIGIN = re.compile(
    r"https?://(?:(?:[a-z0-9_-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?",
    re.IGNORECASE,
)
NOT_FROM_ELSEWHERE = {"none", "same-origin", "same-site"}


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Tell whether a page that this machine does not serve may have sent the request.

    Browsers name the origin of the page with each POST (https://fetch.spec.whatwg.org/#origin-header), and
    "null" for a page that hides it or has none. Where one does not, what else it says must not speak
    against it. Other clients say nothing of all that.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return not is_loopback(origin)
    # https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    if request.headers.get("Sec-Fetch-Site", "none") not in NOT_FROM_ELSEWHERE:
        return True
    referrer = request.headers.get("Referer")
    return referrer is not None and not is_loopback("/".join(referrer.split("/")[:3]))


def is_loopback(origin: str) -> bool:
    return LOOPBACK_ORIGIN.fullmatch(origin) is not None
