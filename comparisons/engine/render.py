import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def render_mask(mask: NDArray[np.bool_]) -> bytes:
    """Encode the mask (height x width, bool) as a 1-bit PNG: white where different, else black."""
    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


VIEWS = {"mask": render_mask}
