"""PNG by the ``png`` crate, https://github.com/image-rs/image-png, as kornia-rs brings it to Python."""

import cv2
import numpy as np

from comparisons.engine.color import Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.png import PngContainer

from .errors import DecoderRefused
from .optional import import_if_installed

kornia_rs = import_if_installed("kornia_rs")

# By colour type: kornia's names for the channels, and how many there are.
CHANNELS = {0: ("mono", 1), 2: ("rgb", 3), 6: ("rgba", 4)}
# By depth: what reads them.
FUNCTIONS = {8: "decode_image_png_u8", 16: "decode_image_png_u16"}
# It holds the samples twice: of the largest pictures that is more than Pillow takes.
MAX_BYTES = 300_000_000


def read_raster(container: Container) -> Raster:
    """Read a PNG of whole bytes, with neither a palette nor a transparent colour.

    :raises DecoderRefused: the file is another one, corrupt, or not what its header says.
    """
    if (
        kornia_rs is None
        or not isinstance(container, PngContainer)
        or container.has_transparency
        or container.depth not in FUNCTIONS
        or container.color_type not in CHANNELS
    ):
        raise DecoderRefused("it is not of the kinds that are read here")
    name, channels = CHANNELS[container.color_type]
    shape = container.coded_height, container.coded_width
    if shape[0] * shape[1] * channels * container.depth // 8 > MAX_BYTES:
        raise DecoderRefused("it is too large")
    decode = getattr(kornia_rs.io, FUNCTIONS[container.depth])
    try:
        samples = decode(container.content, shape, name)
    # It raises nothing more specific.
    except Exception as error:
        raise DecoderRefused(str(error)) from error
    if channels == 1:
        samples = cv2.cvtColor(samples, cv2.COLOR_GRAY2RGB)
    return Raster(np.asarray(samples), container.model)
