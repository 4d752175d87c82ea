from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Self

# Of each that waits to be worked on; the rest is on the disk.
MAX_BYTES_IN_MEMORY = 256 * 1024


class Spool(SpooledTemporaryFile[bytes]):
    """Bytes that wait: in memory, or on the disk if they are many. They go with the last reference.

    The file on the disk has no name: whatever happens to the process, the system deletes it.
    """

    def __init__(self, max_bytes_in_memory: int = MAX_BYTES_IN_MEMORY) -> None:
        super().__init__(max_bytes_in_memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
