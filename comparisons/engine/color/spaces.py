"""How a file says what its values mean."""

from dataclasses import dataclass

from .curves import TRANSFERS, Curve, HdrTransfer, ParametricCurve
from .icc_tables import Table
from .primaries import PRIMARIES, Chromaticities, Matrix
from .raster import ColorModel

# The brightest of a picture that doesn't say: https://www.itu.int/rec/R-REC-BT.2100, table 5.
DEFAULT_PEAK_NITS = 1000.0


@dataclass(frozen=True)
class IccProfile:
    """An embedded profile, as it is in the file: https://www.color.org/specification/ICC.1-2022-05.pdf."""

    content: bytes


@dataclass(frozen=True)
class CodedColors:
    """RGB by its primaries and its curve.

    ``peak_nits`` is how bright the brightest pixel may be, in candela per square metre. It matters to
    PQ and HLG only.
    """

    primaries: Chromaticities
    transfer: ParametricCurve | HdrTransfer
    peak_nits: float = DEFAULT_PEAK_NITS


@dataclass(frozen=True, eq=False)
class MatrixColors:
    """RGB of a profile: a curve for each channel, and what takes linear RGB to XYZ (D50)."""

    curves: tuple[Curve, Curve, Curve]
    to_xyz: Matrix


ColorSpace = IccProfile | CodedColors | MatrixColors


@dataclass(frozen=True, eq=False)
class GrayColors:
    """Gray of a profile."""

    curve: Curve


Encoding = CodedColors | MatrixColors | GrayColors | Table


@dataclass(frozen=True)
class Profile:
    """What a profile says, and of which kinds of pixels."""

    models: tuple[ColorModel, ...]
    encoding: Encoding


def from_code_points(
    primaries: int, transfer: int, peak_nits: float | None = None
) -> CodedColors | None:
    """Read ColourPrimaries and TransferCharacteristics of https://www.itu.int/rec/T-REC-H.273.

    None for those that are unspecified, reserved or not known to browsers.
    """
    if primaries not in PRIMARIES or transfer not in TRANSFERS:
        return None
    return CodedColors(PRIMARIES[primaries], TRANSFERS[transfer], peak_nits or DEFAULT_PEAK_NITS)
