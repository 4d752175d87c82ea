"""What is refused by its name, and what to do then."""

from comparisons.engine.errors import ImageUnsupported


def refuse_samples(kind: str) -> ImageUnsupported:
    return ImageUnsupported(f"TIFF with {kind} is not supported; export it as 8- or 16-bit RGB")


def refuse_compression(name: str) -> ImageUnsupported:
    return ImageUnsupported(
        f"TIFF compressed with {name} is not supported; export it with LZW or Deflate compression"
    )
