"""Several kinds of rows out of one statement: a UNION ALL whose rows begin with a tag.

Each branch puts its whole numbers into the first free number slots and its words into the first free word slots, so
that a column of the union has one type in every database, and reads them back in the order in which it named them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Integer, Select, Text, cast, literal_column, union_all

from backend.store.statement import Row, Statement

NO_NUMBER = cast(literal_column("null"), BigInteger)
NO_WORD = cast(literal_column("null"), Text)


@dataclass(frozen=True, slots=True)
class Branch:
    """One kind of rows: its name, two or more columns, and everything after the columns as `complete`."""

    name: str
    columns: Sequence[ColumnElement[Any]]
    complete: Callable[[Select[Any]], Select[Any]]

    def numbers(self) -> int:
        """How many of its columns take a number slot."""
        return sum(is_number(column) for column in self.columns)

    def words(self) -> int:
        """How many of its columns take a word slot."""
        return len(self.columns) - self.numbers()


class Union:
    """A statement over several branches, and how to take its rows apart."""

    def __init__(self, branches: Sequence[Branch]) -> None:
        numbers = max(branch.numbers() for branch in branches)
        words = max(branch.words() for branch in branches)
        chosen = [select_slots(tag, branch, numbers, words) for tag, branch in enumerate(branches)]
        self.statement = Statement(union_all(*chosen) if len(chosen) > 1 else chosen[0])
        self._pickers = [(branch.name, itemgetter(*places(branch.columns, numbers))) for branch in branches]

    def read(self, rows: Sequence[Row]) -> Mapping[str, list[Row]]:
        """The values of each branch's rows, in the order of its columns."""
        found: dict[str, list[Row]] = {name: [] for name, _ in self._pickers}
        for row in rows:
            name, pick = self._pickers[row[0]]
            found[name].append(pick(row))
        return found


def select_slots(tag: int, branch: Branch, numbers: int, words: int) -> Select[Any]:
    """The branch with its columns in their slots, the empty ones filled with typed NULLs."""
    in_numbers = [as_number(column) for column in branch.columns if is_number(column)]
    in_words = [column for column in branch.columns if not is_number(column)]
    slots = [
        literal_column(str(tag), Integer).label("tag"),
        *in_numbers,
        *[NO_NUMBER] * (numbers - len(in_numbers)),
        *in_words,
        *[NO_WORD] * (words - len(in_words)),
    ]
    labelled = [slot.label(f"s{place}") if place else slot for place, slot in enumerate(slots)]
    return branch.complete(Select(*labelled))


def places(columns: Sequence[ColumnElement[Any]], numbers: int) -> tuple[int, ...]:
    """Where each column's value stands in a row of the union."""
    found = []
    number, word = 1, 1 + numbers
    for column in columns:
        if is_number(column):
            found.append(number)
            number += 1
        else:
            found.append(word)
            word += 1
    return tuple(found)


def is_number(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, Integer | Boolean)


def as_number(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(column, Integer) if isinstance(column.type, Boolean) else column
