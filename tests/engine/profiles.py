"""ICC profiles made in code: https://www.color.org/specification/ICC.1-2022-05.pdf."""

import struct
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

D50 = (0.9642, 1.0, 0.8249)

Floats = NDArray[np.float64]
# From a device's values, 0 to 1, to CIE L*, a* and b*.
ToLab = Callable[[Floats], Sequence[float]]
LAB_ORIGIN = np.array([0, 128, 128])

# Linear RGB to XYZ, adapted to D50 (Bradford): http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
DISPLAY_P3 = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
ADOBE_RGB = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
PROPHOTO = np.array(
    [[0.79767, 0.13519, 0.03135], [0.28804, 0.71187, 0.00009], [0.00000, 0.00000, 0.82521]]
)


def build_profile(
    tags: dict[bytes, bytes],
    *,
    space: bytes = b"RGB ",
    connection: bytes = b"XYZ ",
    version: int = 4,
    illuminant: Sequence[float] = D50,
) -> bytes:
    position = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, position + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    header = struct.pack(
        ">I4xB3x4s4s4s12x4s28x3i48x",
        position + len(data),
        version,
        b"mntr",
        space,
        connection,
        b"acsp",
        *(round(value * 65536) for value in illuminant),
    )
    return header + table + data


def build_matrix_profile(
    matrix: Floats,
    *curves: bytes,
    extra: dict[bytes, bytes] | None = None,
    space: bytes = b"RGB ",
    connection: bytes = b"XYZ ",
    version: int = 4,
    illuminant: Sequence[float] = D50,
) -> bytes:
    """``matrix`` takes linear RGB to XYZ; a single curve is that of all channels."""
    tags: dict[bytes, bytes] = {}
    for name, column, curve in zip(
        (b"r", b"g", b"b"), matrix.T.tolist(), curves * (3 // len(curves)), strict=True
    ):
        tags |= {name + b"XYZ": xyz_tag(column), name + b"TRC": curve}
    return build_profile(
        tags | (extra or {}),
        space=space,
        connection=connection,
        version=version,
        illuminant=illuminant,
    )


def build_gray_profile(curve: bytes) -> bytes:
    return build_profile({b"kTRC": curve}, space=b"GRAY")


def build_table_profile(table: bytes, space: bytes = b"RGB ", name: bytes = b"A2B0") -> bytes:
    return build_profile({name: table}, space=space, connection=b"Lab ")


def xyz_tag(xyz: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in xyz))


def identity_curve() -> bytes:
    return b"curv" + bytes(4) + struct.pack(">I", 0)


def gamma_curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def sampled_curve(samples: ArrayLike) -> bytes:
    values = np.rint(np.asarray(samples) * 65535).astype(">u2")
    content: bytes = values.tobytes()
    return b"curv" + bytes(4) + struct.pack(">I", len(values)) + content


def parametric_curve(kind: int, *parameters: float) -> bytes:
    fixed = [round(value * 65536) for value in parameters]
    return b"para" + bytes(4) + struct.pack(f">HH{len(fixed)}i", kind, 0, *fixed)


def code_points(primaries: int, transfer: int, matrix: int = 0, full_range: int = 1) -> bytes:
    return b"cicp" + bytes(4) + bytes([primaries, transfer, matrix, full_range])


def sample_grid(channels: int, points: int, to_lab: ToLab) -> Floats:
    """Sample a function at all corners of a grid, the last channel changing fastest."""
    steps = np.linspace(0, 1, points)
    return np.array([to_lab(np.array(corner)) for corner in product(steps, repeat=channels)])


def lut8_table(channels: int, points: int, to_lab: ToLab) -> bytes:
    lab = sample_grid(channels, points, to_lab)
    values = np.clip(np.rint(lab * (2.55, 1, 1) + LAB_ORIGIN), 0, 255).astype(np.uint8)
    ramp = bytes(range(256))
    grid: bytes = values.tobytes()
    return lut_header(b"mft1", channels, points) + ramp * channels + grid + ramp * 3


def lut16_table(channels: int, points: int, to_lab: ToLab) -> bytes:
    lab = sample_grid(channels, points, to_lab)
    values = np.clip(np.rint((lab + LAB_ORIGIN) * (652.8, 256, 256)), 0, 65535).astype(">u2")
    ramp = struct.pack(">HH", 0, 65535)
    header = lut_header(b"mft2", channels, points) + struct.pack(">HH", 2, 2)
    grid: bytes = values.tobytes()
    return header + ramp * channels + grid + ramp * 3


def lut_header(kind: bytes, channels: int, points: int) -> bytes:
    identity = [65536 * (index % 4 == 0) for index in range(9)]
    return struct.pack(">4s4xBBBx9i", kind, channels, 3, points, *identity)


def lut_a_to_b_table(channels: int, points: int, to_lab: ToLab) -> bytes:
    lab = sample_grid(channels, points, to_lab)
    values = np.clip(np.rint((lab + LAB_ORIGIN) / (100, 255, 255) * 65535), 0, 65535)
    grid: bytes = values.astype(">u2").tobytes()
    grid = bytes([points] * channels).ljust(16, b"\0") + b"\2\0\0\0" + grid
    grid += bytes(-len(grid) % 4)
    curves = identity_curve() * 3
    first = 32 + len(curves)
    header = struct.pack(">4s4xBB2x5I", b"mAB ", channels, 3, 32, 0, 0, first, first + len(grid))
    return header + curves + grid + identity_curve() * channels


def matrix_table(matrix: Floats, middle: bytes, output: bytes) -> bytes:
    """A lutAToBType without a grid: one middle and one output curve for all channels."""
    matrix_at = 32 + 3 * len(output)
    header = struct.pack(">4s4xBB2x5I", b"mAB ", 3, 3, 32, matrix_at, matrix_at + 48, 0, 0)
    fixed = [round(value * 65536) for value in (*matrix.ravel(), 0, 0, 0)]
    return header + output * 3 + struct.pack(">12i", *fixed) + middle * 3
