"""What counts as a different pixel: a file a method, each of the same shape and named like it.

A file that defines ``METHOD`` here is a method of that name, for the engine and all that offers it.
"""

from importlib import import_module
from pkgutil import iter_modules

from comparisons.engine.method import Method


def load_method(name: str) -> Method:
    method = import_module(f"{__name__}.{name}").METHOD
    if not isinstance(method, Method):
        raise TypeError(f"{name}.METHOD is not a Method")
    return method


METHODS = {module.name: load_method(module.name) for module in iter_modules(__path__)}
