"""Locks on a database that several processes share: title, then item, then patron, always in this order.

Facts are read in a second statement, because a locking join answers with what was there before it waited. What was
locked is compared with what was read then: when a row has moved meanwhile, the command starts again.
"""

from collections.abc import Mapping
from functools import cache
from typing import Protocol

from sqlalchemy import CompoundSelect, Integer, Select, Table, Text, literal_column, select, union_all

from backend.facts import Facts
from backend.store.asking import Asked, Shape, thing_of
from backend.store.errors import TryAgain
from backend.store.ids import RowIds
from backend.store.needs import NEEDS
from backend.store.order_parts import OF_WORKS, titles_of
from backend.store.parts import OPEN_LOAN, presented_patron
from backend.store.seams import Reads
from backend.store.statement import Scalar, Statement
from backend.tables import items, loans, patrons, row_ids, titles
from backend.value import value

TITLE, ITEM, PATRON, TRANSACTION = range(4)  # what a row of the lock statement says


class LocksRows(Reads, Protocol):
    """What of a session is needed here."""

    ids: RowIds


@value(frozen=True, slots=True)
class Locked:
    """The numbers of the rows that nobody else can change now."""

    titles: frozenset[int]
    items: frozenset[int]
    patrons: frozenset[int]

    def hold_good(self, asked: Asked, facts: Facts) -> None:
        """Raises TryAgain when the facts hang on a row that is not locked."""
        touched = [facts.item.item] if facts.item else []
        people = [facts.patron.patron.id] if facts.patron else []
        if facts.patron and NEEDS[type(asked.command)].every_loan:
            touched += [loan.item for loan in facts.patron.loans]
        if facts.item and facts.item.borrower:
            people.append(facts.item.borrower.id)
        if not (
            self.patrons.issuperset(people)
            and self.items.issuperset(item.id for item in touched)
            and self.titles.issuperset(item.title_id for item in touched)
        ):
            raise TryAgain(type(asked.command).__name__)


class Locks:
    """Takes the locks of one command, and its ids; remembers which transaction it was, to ask what became of it."""

    def __init__(self) -> None:
        self.transaction: str | None = None

    def take(self, session: LocksRows, shape: Shape, given: Mapping[str, Scalar]) -> Locked:
        """One statement; waits for whoever holds one of the rows."""
        found: tuple[set[int], set[int], set[int]] = (set(), set(), set())
        for kind, number, transaction in session.rows(lock_statement(shape), given):
            if kind == TRANSACTION:
                self.transaction = transaction
                session.ids.start(number)
            else:
                found[kind].add(number)
        return Locked(*map(frozenset, found))


@cache
def lock_statement(shape: Shape) -> Statement:
    """`(kind, number, transaction)` of each row locked, then fresh ids; a UNION ALL does its parts in their order."""
    who = presented_patron()
    if issubclass(shape.command, OF_WORKS):
        work = titles_of(thing_of(shape, who))
        return locks_of(locking(TITLE, titles, work), locking(PATRON, patrons, select(who.c.id)))
    what = thing_of(shape, who)
    person = select(who.c.id)
    theirs = select(loans.c.item).where(loans.c.patron.in_(person), OPEN_LOAN)
    thing = select(what.c.id)
    wanted = union_all(thing, theirs) if NEEDS[shape.command].every_loan else thing
    borrower = select(loans.c.patron).where(loans.c.item.in_(thing), OPEN_LOAN)
    parts = [
        locking(TITLE, titles, select(items.c.title_id).where(items.c.id.in_(wanted))),
        locking(ITEM, items, wanted),
        locking(PATRON, patrons, union_all(person, borrower)),
    ]
    return locks_of(*parts)


def locks_of(*parts: Select[int, int, str]) -> Statement:
    """The locks in their order, and fresh ids."""
    transaction = literal_column("pg_current_xact_id()::text", Text)
    fresh = select(literal_column(str(TRANSACTION), Integer), row_ids.next_value(), transaction)
    return Statement(union_all(*parts, fresh))


def locking(kind: int, table: Table, wanted: Select[int] | CompoundSelect[int]) -> Select[int, int, str]:
    """Rows in the order of their numbers, so that two commands never wait for each other crosswise."""
    rows = select(table.c.id).where(table.c.id.in_(wanted)).order_by(table.c.id).with_for_update().subquery()
    return select(literal_column(str(kind), Integer), rows.c.id, literal_column("null::text", Text))
