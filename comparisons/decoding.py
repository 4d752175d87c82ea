"""Where an image is decoded: here, or in a process whose memory and time are limited.

Here, only by decoders whose memory is known from the header; the watchdog ends what never ends of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .cancellation import NEVER, Cancellation
from .engine import ColorProfiles, Limits, Picture, decode_fast
from .engine.composite import Color, lay_on
from .engine.decoder_pool import DecoderPool, NoDecoder
from .gate import ServerBusy
from .watchdog import watching

DECODER_POOL = DecoderPool()


def decode_picture(
    content: bytes,
    background: Color | None,
    limits: Limits,
    timeout_seconds: float,
    cancellation: Cancellation = NEVER,
    color_profiles: ColorProfiles = ColorProfiles.APPLY,
) -> Picture:
    """Decode an image, and lay it on a background if one is given.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    :raises ServerBusy: no process is idle in time.
    :raises Cancelled: nobody waits for it any more.
    """
    with watching(timeout_seconds):
        picture = decode_fast(content, limits, color_profiles)
        if picture:
            return lay_on(picture, background) if background else picture
    with finding_decoder():
        return DECODER_POOL.decode(content, background, limits, cancellation.check, color_profiles)


@contextmanager
def finding_decoder() -> Iterator[None]:
    try:
        yield
    except NoDecoder as error:
        raise ServerBusy from error
