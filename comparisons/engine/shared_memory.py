"""Memory that two processes share: a file's bytes go there, and the pixels come back."""

import mmap
import os
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .picture import Picture

# Three for the colour of each pixel, one for its opacity. What is never written takes no memory.
BYTES_PER_PIXEL = 4


@dataclass(frozen=True)
class Planes:
    """What of the memory is a picture: its colours, and its opacity behind them."""

    width: int
    height: int
    has_alpha: bool
    frames: int = 1
    is_tone_mapped: bool = False


class SharedMemory:
    """It lasts as long as a process has it open or mapped, or an array is a view of it."""

    def __init__(self, size_bytes: int, descriptor: int | None = None) -> None:
        """Map what another process has made, or make it."""
        if descriptor is None:
            descriptor = os.memfd_create("picture")
            os.ftruncate(descriptor, size_bytes)
        self.descriptor = descriptor
        self.size_bytes = size_bytes
        self.map = mmap.mmap(descriptor, size_bytes)

    def __enter__(self) -> "SharedMemory":
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; what is mapped stays."""
        os.close(self.descriptor)

    def write_picture(self, picture: Picture) -> Planes:
        planes = Planes(
            picture.width,
            picture.height,
            has_alpha=picture.alpha is not None,
            frames=picture.frames,
            is_tone_mapped=picture.is_tone_mapped,
        )
        shared, _ = self.view_picture(planes)
        shared.rgb[:] = picture.rgb
        if shared.alpha is not None and picture.alpha is not None:
            shared.alpha[:] = picture.alpha
        return planes

    def view_picture(self, planes: Planes) -> tuple[Picture, NDArray[np.uint8]]:
        """View it as a picture, and as what both of its planes are views of."""
        height, width = planes.height, planes.width
        owner = np.ndarray((self.size_bytes,), np.uint8, buffer=self.map)
        rgb_end = 3 * height * width
        rgb = owner[:rgb_end].reshape(height, width, 3)
        picture = Picture(rgb, frames=planes.frames, is_tone_mapped=planes.is_tone_mapped)
        if planes.has_alpha:
            alpha = owner[rgb_end : rgb_end + height * width].reshape(height, width)
            picture = replace(picture, alpha=alpha)
        return picture, owner

    def copy_picture(self, planes: Planes) -> Picture:
        """Take a picture out of it."""
        shared, _ = self.view_picture(planes)
        alpha = None if shared.alpha is None else shared.alpha.copy()
        return replace(shared, rgb=shared.rgb.copy(), alpha=alpha)

    def forget(self) -> None:
        """Give back what has been written."""
        # Not every system can: https://github.com/google/gvisor/blob/master/pkg/sentry/syscalls/linux/sys_mmap.go
        with suppress(OSError):
            self.map.madvise(mmap.MADV_REMOVE)
