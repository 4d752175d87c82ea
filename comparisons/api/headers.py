from django.utils.http import parse_header_parameters


def parse_parameters(header: str) -> dict[str, str]:
    """Read the parameters of a header such as ``Content-Disposition``.

    :raises ValueError: they can't be read. Those of RFC 2231 have charsets and numbers, at which
        the standard library fails in several ways.
    """
    try:
        _, parameters = parse_header_parameters(header)
    except (LookupError, TypeError, ValueError) as error:
        raise ValueError("the parameters of a header can't be read") from error
    return parameters
