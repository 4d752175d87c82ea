"""Where an image is decoded: here, or in a process whose memory and time are limited.

Here, only by decoders whose memory is known from the header; the watchdog ends what never ends of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .cancellation import NEVER, Cancellation
from .engine import Header, Limits, Picture, decode_fast, is_opened_fast, read_header
from .engine.composite import Color, lay_on
from .engine.decoder_pool import DecoderPool, NoDecoder
from .gate import ServerBusy
from .watchdog import watching

DECODER_POOL = DecoderPool()


def read_image_header(
    content: bytes, limits: Limits, timeout_seconds: float, cancellation: Cancellation = NEVER
) -> Header:
    """Read what the file says, without decoding its pixels.

    :raises DecodeError: the leaf that says what is wrong with the header.
    :raises ServerBusy: no process is idle in time.
    :raises Cancelled: nobody waits for it any more.
    """
    with watching(timeout_seconds):
        if not content or is_opened_fast(content):
            return read_header(content, limits)
    with finding_decoder():
        return DECODER_POOL.read_header(content, limits, cancellation.check)


def decode_picture(
    content: bytes,
    background: Color | None,
    limits: Limits,
    timeout_seconds: float,
    cancellation: Cancellation = NEVER,
) -> Picture:
    """Decode an image, and lay it on a background if one is given.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    :raises ServerBusy: no process is idle in time.
    :raises Cancelled: nobody waits for it any more.
    """
    with watching(timeout_seconds):
        picture = decode_fast(content, limits)
        if picture:
            return lay_on(picture, background) if background else picture
    with finding_decoder():
        return DECODER_POOL.decode(content, background, limits, cancellation.check)


@contextmanager
def finding_decoder() -> Iterator[None]:
    try:
        yield
    except NoDecoder as error:
        raise ServerBusy from error
