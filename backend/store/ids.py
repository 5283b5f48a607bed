"""Fresh row ids in blocks, so that a decision can name its rows before they are written.

A block is reserved in the table `ids`; what is left of it after a crash or a roll-back is given up, never given twice.
"""

from collections.abc import Callable, Iterator

BLOCK = 1000  # ids reserved at a time
LOW = 200  # below this a new block is reserved before the next transaction


class RowIds(Iterator[int]):
    """The ids of one connection. `reserve(count)` books that many and returns the first."""

    def __init__(self, reserve: Callable[[int], int]) -> None:
        self._reserve = reserve
        self._next = 0
        self._end = 0

    def __next__(self) -> int:
        if self._next >= self._end:
            self._take()
        self._next += 1
        return self._next - 1

    def top_up(self) -> None:
        """Reserve ahead, outside of any command's own statements."""
        if self._end - self._next < LOW:
            self._take()

    def forget(self) -> None:
        """After a roll-back nobody knows whether the reservation still stands: give the block up."""
        self._next = self._end = 0

    def _take(self) -> None:
        self._next = self._reserve(BLOCK)
        self._end = self._next + BLOCK
