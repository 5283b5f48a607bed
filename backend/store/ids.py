"""Fresh row ids in blocks, so that a decision can name its rows before they are written.

SQLite keeps what was booked in the table `ids`, PostgreSQL in a sequence. What is left of a block after a crash or a
roll-back is given up, never given twice. Commands that wait for each other get ascending ids: on PostgreSQL each takes
its block after its locks.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from sqlalchemy import bindparam, select, text, update

from backend.store.seams import Reads
from backend.store.statement import Engine, Statement
from backend.tables import BLOCKS, ids, row_ids

LOW = 200  # below this a new block is booked before the next transaction
BOOK = {
    Engine.SQLITE: Statement(
        update(ids)
        .where(text("name = 'row'"))
        .values(next=ids.c.next + bindparam("count", type_=ids.c.next.type))
        .returning(ids.c.next - bindparam("count", type_=ids.c.next.type))
    ),
    Engine.POSTGRESQL: Statement(select(row_ids.next_value())),
}


class BooksIds(Reads, Protocol):
    """What of a session is needed here."""

    engine: Engine


def book(session: BooksIds) -> int:
    """Reserve a block; its first id."""
    ((first,),) = session.rows(BOOK[session.engine], {"count": BLOCKS[session.engine]})
    return int(first)


class RowIds(Iterator[int]):
    """The ids of one connection; `take` books `block` more and returns the first."""

    def __init__(self, take: Callable[[], int], block: int) -> None:
        self._take = take
        self._block = block
        self._next = 0
        self._end = 0

    def __next__(self) -> int:
        if self._next >= self._end:
            self.start(self._take())
        self._next += 1
        return self._next - 1

    def start(self, first: int) -> None:
        """Give ids of the block that begins with `first`."""
        self._next, self._end = first, first + self._block

    def top_up(self) -> None:
        """Reserve ahead, outside of any command's own statements."""
        if self._end - self._next < LOW:
            self.start(self._take())

    def forget(self) -> None:
        """After a roll-back nobody knows whether the reservation still stands: give the block up."""
        self._next = self._end = 0
