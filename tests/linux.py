"""What only Linux has."""

import os

import pytest

needs_shared_memory = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="only Linux has the memory that processes share"
)
