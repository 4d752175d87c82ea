import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .fit import crop_planes, resize_plane
from .options import MAX_GRAY, SizePolicy
from .picture import Picture


def count_alpha_differences(picture1: Picture, picture2: Picture, canvas: Canvas) -> int:
    """Count the pixels of the canvas whose opacity differs at all, whatever their colour.

    The opacity is resized and cropped as the colour is. Pixels that only one picture covers, or that
    are ignored, are not counted.
    """
    if picture1.alpha is None and picture2.alpha is None:
        return 0
    alpha1, alpha2 = give_alpha(picture1), give_alpha(picture2)
    if canvas.policy_applied is SizePolicy.RESIZE:
        alpha2 = resize_plane(alpha2, canvas.height, canvas.width)
    alpha1, alpha2 = crop_planes(alpha1, alpha2)
    differs = alpha1 != alpha2
    if canvas.ignored is not None:
        differs &= ~canvas.ignored[: differs.shape[0], : differs.shape[1]]
    return int(np.count_nonzero(differs))


def give_alpha(picture: Picture) -> NDArray[np.uint8]:
    if picture.alpha is not None:
        return picture.alpha
    return np.full((picture.height, picture.width), MAX_GRAY, np.uint8)
