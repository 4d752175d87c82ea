"""What only Linux has."""

import os
from pathlib import Path

import pytest

needs_shared_memory = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="only Linux has the memory that processes share"
)
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="only Linux tells of other processes in /proc"
)
