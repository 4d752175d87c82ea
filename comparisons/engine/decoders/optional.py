from importlib import import_module
from typing import Any


def import_if_installed(name: str) -> Any:
    """Import a decoder that is fast but not needed: None where no wheel fits the platform."""
    try:
        return import_module(name)
    except ImportError:
        return None
