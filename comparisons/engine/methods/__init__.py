"""What counts as a different pixel: a file a method, each a function of the same shape.

A method takes the canvas and a threshold (0 to 1 of its own scale) and returns the mask: height x
width, bool, True where the two pictures differ.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from comparisons.engine.fit import Canvas

from .grayscale import mark_gray_differences

Method = Callable[[Canvas, float], NDArray[np.bool_]]

METHODS: dict[str, Method] = {
    "grayscale": mark_gray_differences,
}
