import numpy as np
from numpy.typing import NDArray

from comparisons.engine.canvas import Canvas
from comparisons.engine.method import Method
from comparisons.engine.similarity import map_dissimilarity


def mark_dissimilar_windows(canvas: Canvas, threshold: float) -> NDArray[np.bool_]:
    """Mark where 1 - local SSIM exceeds the threshold; SSIM below 0 does at any."""
    return np.asarray(canvas.dissimilarity > threshold)


def measure_dissimilarity(canvas: Canvas) -> NDArray[np.float32]:
    dissimilarity = map_dissimilarity(
        canvas.rgb1, canvas.rgb2, canvas.gray_distance, canvas.ignored
    )
    return np.clip(dissimilarity, 0, 1, out=dissimilarity)


METHOD = Method(
    summary="The 7 x 7 surroundings differ in structure: 1 - local SSIM exceeds the threshold.",
    mark=mark_dissimilar_windows,
    measure=measure_dissimilarity,
    is_blind_to_color=True,
)
