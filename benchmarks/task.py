from enum import StrEnum


class Task(StrEnum):
    """What the contenders are set to do; from the bytes of two files to the bytes of a mask."""

    # Each by its own default measure of what differs; anti-aliasing counts.
    MASK = "mask"
    # As pixelmatch and odiff do it, without what they take for anti-aliasing.
    ANTIALIASING = "antialiasing"
    SSIM = "ssim"
