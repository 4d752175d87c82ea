"""Files of every kind that browsers show, made in code: a module for each format, with its ``VARIANTS`` by name."""

from . import apng, avif, bmp, bmp_runs, gif, jpeg, png, png_colors, webp
from .drawing import Variants

VARIANTS: Variants = {
    f"{name}-{variant}": make
    for name, modules in {
        "png": (png, png_colors),
        "apng": (apng,),
        "jpeg": (jpeg,),
        "webp": (webp,),
        "gif": (gif,),
        "bmp": (bmp, bmp_runs),
        "avif": (avif,),
    }.items()
    for module in modules
    for variant, make in module.VARIANTS.items()
}
