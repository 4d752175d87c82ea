"""The decoder's program, but for what it does to pictures of some widths."""

import os
import re
import time

from comparisons.engine import ColorProfiles, Limits, Picture, decode_image, decoder_child
from comparisons.engine.containers import read_container
from comparisons.engine.decoder_process import Request


def misbehave(content: bytes, limits: Limits, color_profiles: ColorProfiles) -> Picture:
    match read_container(content, limits).width:
        case 101:
            os.abort()
        case 102:
            raise RuntimeError
        case 103:
            # Regular expressions are matched without ever letting another thread run.
            re.match("(a+)+$", "a" * 64 + "b")
        case 105:
            time.sleep(600)
        case 104:
            kept = []
            while True:
                kept.append(bytearray(b"a" * 1_000_000))
    return decode_image(content, limits, color_profiles)


if __name__ == "__main__":
    Request.processor_seconds = property(lambda _: 1)  # type: ignore[method-assign, assignment]
    vars(decoder_child)["decode_image"] = misbehave
    decoder_child.main()
