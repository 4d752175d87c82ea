"""scikit-image's figures, on pictures that Pillow decodes and OpenCV turns gray, as in the original."""

from typing import Any

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

from benchmarks.outcome import Outcome
from benchmarks.task import Task

from .original import decode

# Typed in part only.
metrics: Any = skimage.metrics

THRESHOLD = 0.1


def compare(content1: bytes, content2: bytes, task: Task) -> Outcome:
    gray1, gray2 = (
        cv2.cvtColor(decode(content), cv2.COLOR_RGB2GRAY) for content in (content1, content2)
    )
    mse = float(metrics.mean_squared_error(gray1, gray2))
    if task is Task.MASK:
        return Outcome(encode(cv2.absdiff(gray1, gray2) > THRESHOLD * 255), mse=mse)
    ssim, local = metrics.structural_similarity(gray1, gray2, data_range=255, full=True)
    return Outcome(encode(1 - local > THRESHOLD), mse=mse, ssim=float(ssim))


def encode(mask: NDArray[Any]) -> bytes:
    _, png = cv2.imencode(".png", mask.astype(np.uint8) * 255)
    return png.tobytes()
