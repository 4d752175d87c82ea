from dataclasses import dataclass

from comparisons.engine.color import ColorModel, ColorSpace

from .exif import SIDEWAYS, UPRIGHT


@dataclass(frozen=True)
class Frame:
    """A part of a canvas, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Container:
    """What a file announces of its picture.

    ``format`` is its name in ``FORMATS``. ``width`` and ``height`` are those of the canvas, before it is turned as ``orientation`` says (1 to
    8, as EXIF counts). ``frame`` is the part of it that has pixels; the rest is transparent; None if
    all of it has. ``color_space`` is None where the pixels are sRGB. ``frames`` are the frames or
    pages of the file, of which the first is shown. ``content`` is what decoders get: the file, or
    the file without what is not about its pixels.
    """

    width: int
    height: int
    content: bytes
    format: str = ""
    frame: Frame | None = None
    orientation: int = UPRIGHT
    color_space: ColorSpace | None = None
    frames: int = 1

    @property
    def model(self) -> ColorModel:
        return ColorModel.RGB

    @property
    def memory_is_known(self) -> bool:
        """Tell whether decoding it takes as much memory as its size says, whatever else is in the file."""
        return True

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height when it is turned."""
        if self.orientation in SIDEWAYS:
            return self.height, self.width
        return self.width, self.height

    @property
    def coded_width(self) -> int:
        return self.frame.width if self.frame else self.width

    @property
    def coded_height(self) -> int:
        return self.frame.height if self.frame else self.height
