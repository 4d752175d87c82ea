"""What each worker has in hand, in memory that all of them see: who has least accepts the next connection."""

import mmap

BYTES_PER_WORKER = 8


class Load:
    """The load of one worker, among those of all."""

    def __init__(self, descriptor: int, workers: int, number: int) -> None:
        memory = mmap.mmap(descriptor, workers * BYTES_PER_WORKER)
        self._loads = memoryview(memory).cast("q")
        self._number = number
        # What another left there that has ended.
        self._loads[number] = 0

    def add(self, weight: int) -> None:
        self._loads[self._number] += weight

    @property
    def is_least(self) -> bool:
        return self._loads[self._number] <= min(self._loads)
