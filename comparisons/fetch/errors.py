"""What can go wrong between a URL and its bytes.

::

    FetchError
    ├── UrlInvalid
    ├── AddressNotAllowed
    ├── TooManyBytes
    ├── FetchTimedOut
    ├── TooManyLookups
    └── HostFailed
        ├── HostUnreachable
        ├── HostAnsweredError
        ├── RedirectInvalid
        └── TooManyRedirects
"""


class FetchError(Exception):
    """The image can't be had; the message says why, for the person who sent the URL."""


class UrlInvalid(FetchError):
    """The URL can't be read, or is of a kind that is never fetched."""


class AddressNotAllowed(FetchError):
    """The URL's host is unknown, or leads to an address or port that the policy forbids."""


class TooManyBytes(FetchError):
    """The image is larger than the policy allows, or takes more to receive than an image of its size."""


class FetchTimedOut(FetchError):
    """The deadline passed before the image was there."""


class TooManyLookups(FetchError):
    """The name service keeps so many lookups waiting that no more are begun."""


class HostFailed(FetchError):
    """The image's host did not deliver it."""


class HostUnreachable(HostFailed):
    """The host refuses the connection, breaks it off, or answers garbage."""


class HostAnsweredError(HostFailed):
    """The host answered with a status other than success."""


class RedirectInvalid(HostFailed):
    """The host redirects to something that is not a usable http(s) URL."""


class TooManyRedirects(HostFailed):
    """The host redirects more often than the policy follows."""
