"""What the service replaces: a Flask view that compared two pictures, written from its description.

The view is in ``benchmarks/original_app.py``; here is what it did with the bytes of the pictures.
"""

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.outcome import Outcome
from benchmarks.task import Task

# A tenth of the scale, as in the service's defaults.
THRESHOLD = 25


def compare(content1: bytes, content2: bytes, _task: Task) -> Outcome:
    mse, png = compare_bytes(content1, content2)
    return Outcome(png, mse=mse)


def compare_bytes(content1: bytes, content2: bytes) -> tuple[float, bytes]:
    """Compare encoded pictures, the second brought to the size of the first; return MSE and PNG."""
    rgb1, rgb2 = decode(content1), decode(content2)
    if rgb1.shape != rgb2.shape:
        rgb2 = cv2.resize(rgb2, (rgb1.shape[1], rgb1.shape[0]))
    gray1 = cv2.cvtColor(rgb1, cv2.COLOR_RGB2GRAY)
    gray2 = cv2.cvtColor(rgb2, cv2.COLOR_RGB2GRAY)
    mse = np.sum((gray1.astype("float") - gray2.astype("float")) ** 2) / gray1.size
    difference = cv2.absdiff(gray1, gray2)
    _, mask = cv2.threshold(difference, THRESHOLD, 255, cv2.THRESH_BINARY)
    _, png = cv2.imencode(".png", mask)
    return float(mse), png.tobytes()


def decode(content: bytes) -> NDArray[Any]:
    return np.array(Image.open(io.BytesIO(content)).convert("RGB"))
