from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas


@dataclass(frozen=True, kw_only=True)
class Method:
    """What counts as a different pixel.

    ``summary`` is one line for the people who choose. ``mark`` takes the canvas and a threshold (0 to
    1 of the method's own scale) and gives the mask: height x width, bool, True where the pictures
    differ. ``measure`` gives how far apart they are on that scale: height x width, float32, 0 to 1.
    ``is_blind_to_color`` tells that colours of one brightness are equal to it.
    """

    summary: str
    mark: Callable[[Canvas, float], NDArray[np.bool_]]
    measure: Callable[[Canvas], NDArray[np.float32]]
    is_blind_to_color: bool = False
