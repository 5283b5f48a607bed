"""Registers and catalogues on their way in: what a row is, what became of it, and how many go at a time.

Taking the same row again changes nothing. A row that cannot be taken is refused with the column it is about, and the
others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache, partial
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table

from backend.model import IdentifierKind, LibraryId
from backend.moving_in import RowRefused as RowRefused
from backend.store.errors import PromiseBroken
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, updates
from backend.store.store import Store
from backend.store.titles import TitleIntake

CHUNK = 500  # rows in one transaction: about 30 ms for which a running daemon's writer is busy

Number = tuple[IdentifierKind, str]  # as printed
Values = Mapping[str, Scalar]  # by column name, as the tables keep them; columns that are left out stay as they are
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronIntake:
    """A patron as a register has it. The first of `numbers` names the patron; a new one needs `home_branch`.

    `guardian` is a number of another patron of the library, "" for nobody, None for whoever it is now.
    """

    library: LibraryId
    numbers: tuple[Number, ...]
    values: Values = field(default_factory=dict, repr=False)
    guardian: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemIntake:
    """A copy as a catalogue has it; `library` owns it. A new one needs `home_branch`."""

    library: LibraryId
    barcode: str
    title: TitleIntake
    values: Values = field(default_factory=dict)


class Taken(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


Result = Taken | RowRefused
Take = Callable[[Session, T, datetime], Result]


def take_all(store: Store, rows: Iterable[T], take: Take[T], now: datetime) -> Iterator[Result]:
    """What became of each row, in order, while they are written. Raises StoreError."""
    waiting = iter(rows)
    while some := list(islice(waiting, CHUNK)):
        yield from take_some(store, some, take, now)


def take_some(store: Store, rows: Sequence[T], take: Take[T], now: datetime) -> list[Result]:
    """One chunk in one transaction; when somebody else broke into it, row by row."""
    try:
        return store.call(partial(_each, rows, take, now), write=True)
    except PromiseBroken as broken:
        if len(rows) == 1:
            return [RowRefused("", f"the database refused it: {broken}")]
        return [result for row in rows for result in take_some(store, [row], take, now)]


def _each(rows: Sequence[T], take: Take[T], now: datetime, session: Session) -> list[Result]:
    return [take(session, row, now) for row in rows]


def differing(kept: Values, wanted: Values) -> dict[str, Scalar]:
    """What of `wanted` is not so yet."""
    return {column: value for column, value in wanted.items() if kept[column] != value}


@lru_cache(maxsize=256)
def change_columns(table: Table, columns: tuple[str, ...]) -> Statement:
    """New values for these columns of the row whose number is the parameter `row`."""
    return updates(table, columns)


def put(session: Session, table: Table, row: int, kept: Values, wanted: Values) -> Taken:
    """Write what differs."""
    changed = differing(kept, wanted)
    if not changed:
        return Taken.SAME
    session.change(change_columns(table, tuple(changed)), {**changed, "row": row})
    return Taken.CHANGED
