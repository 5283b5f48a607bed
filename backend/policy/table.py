"""A decision table: the first row whose conditions hold answers. It is asked on every message, so it remembers."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Generic, TypeVar

from backend.policy.facts import Facts
from backend.policy.rows import Row
from backend.policy.when import Predicate, facts_read, predicates

MOST_REMEMBERED = 4096  # answers a table; ages, prices and dates are many, rows are few

AnyRow = TypeVar("AnyRow", bound=Row)
Answer = TypeVar("Answer")


class DecisionTable(Generic[AnyRow]):
    """Rows in the file's order, compiled."""

    __slots__ = ("_all", "_first", "_key", "_rows", "rows")

    def __init__(self, rows: Iterable[AnyRow]) -> None:
        self.rows = tuple(rows)
        self._rows = tuple((predicates(row.when), row) for row in self.rows)
        self._key = _reader(frozenset[str]().union(*(facts_read(row.when) for row in self.rows)))
        self._first: dict[object, AnyRow | None] = {}
        self._all: dict[object, tuple[AnyRow, ...]] = {}

    def first(self, facts: Facts) -> AnyRow | None:
        """The deciding row, or None when no row says anything."""
        key = self._key(facts)
        try:
            return self._first[key]
        except KeyError:
            return remember(self._first, key, next((row for tests, row in self._rows if _hold(tests, facts)), None))

    def every(self, facts: Facts) -> tuple[AnyRow, ...]:
        """All rows whose conditions hold, in order."""
        key = self._key(facts)
        try:
            return self._all[key]
        except KeyError:
            return remember(self._all, key, tuple(row for tests, row in self._rows if _hold(tests, facts)))


class FullTable(DecisionTable[AnyRow]):
    """A table whose last row has no conditions, so that it always answers."""

    def answer(self, facts: Facts) -> AnyRow:
        """The first row that fits, else the last, which fits everything."""
        return self.first(facts) or self.rows[-1]


def remember(answers: dict[object, Answer], key: object, answer: Answer) -> Answer:
    """Keep it; a memory that is full begins anew."""
    if len(answers) >= MOST_REMEMBERED:
        answers.clear()
    answers[key] = answer
    return answer


def _hold(tests: tuple[Predicate, ...], facts: Facts) -> bool:
    return all(test(facts) for test in tests)


def _reader(names: frozenset[str]) -> Callable[[Facts], object]:
    """Reads the facts that any row of the table looks at; nothing else can change the answer."""
    return attrgetter(*sorted(names)) if names else _nothing


def _nothing(facts: Facts) -> object:
    return None
