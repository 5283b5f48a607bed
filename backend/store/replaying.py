"""Loans as they were made and renewed, and the accounts of patrons: read in batches, by rising row numbers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, text

from backend.clock import from_epoch
from backend.model import Block, Channel, Charge, LibraryId, Patron
from backend.outcomes import CheckedOut
from backend.rehearsal.past import NOBODY, Account, Again, Past
from backend.store.rows import BLOCK, CHARGE, ITEM, LOAN, PATRON
from backend.store.session import Session
from backend.store.statement import Row
from backend.tables import blocks, charges, holds, items, journal, loans, patrons, titles

LOANS_AT_ONCE = 1000
PATRONS_AT_ONCE = 500
LOAN_END = len(LOAN.columns)
ITEM_END = LOAN_END + len(ITEM.columns)
PATRON_END = ITEM_END + len(PATRON.columns)

Renewals = Mapping[int, list[Again]]  # by item


def who_waited() -> ScalarSelect[int]:
    """Others who wanted the title when the loan was made, as far as holds on record tell."""
    others = func.coalesce(holds.c.patron, -1) != func.coalesce(loans.c.patron, 0)
    still = or_(holds.c.closed_at.is_(None), holds.c.closed_at > loans.c.lent)
    return (
        select(func.count())
        .select_from(holds)
        .where(holds.c.title_id == items.c.title_id, holds.c.placed < loans.c.lent, still, others, ~holds.c.suspended)
        .correlate(loans, items)
        .scalar_subquery()
    )


def past_loans(session: Session, library: LibraryId) -> Iterator[list[Past]]:
    """Every loan of the library that was not undone, oldest first."""
    after = 0
    while True:
        ours = and_(loans.c.library == library, loans.c.id > after)
        batch = read_loans(session, ours, LOANS_AT_ONCE)
        if not batch:
            return
        yield batch
        after = batch[-1].loan.id


def accounts(session: Session, library: LibraryId) -> Iterator[list[Account]]:
    """Every patron of the library, with open loans made there."""
    after = 0
    while True:
        wanted = select(*PATRON.columns).where(patrons.c.library == library, patrons.c.id > after)
        people = [PATRON.read(row) for row in session.query(wanted.order_by(patrons.c.id).limit(PATRONS_AT_ONCE))]
        if not people:
            return
        yield read_accounts(session, library, after, people)
        after = people[-1].id


def read_accounts(session: Session, library: LibraryId, after: int, people: list[Patron]) -> list[Account]:
    """Of patrons whose numbers follow `after`, in order."""
    last = people[-1].id

    def theirs(column: ColumnElement[int]) -> ColumnElement[bool]:
        return and_(column > after, column <= last)

    still_out = and_(loans.c.library == library, loans.c.closed_at.is_(None), theirs(loans.c.patron))
    out, owed, barred = defaultdict[int, list[Past]](list), defaultdict[int, list[Charge]](list), _blocks()
    for past in read_loans(session, still_out):
        out[past.loan.patron].append(past)
    for row in session.query(select(*CHARGE.columns).where(theirs(charges.c.patron), text("charges.owed > 0"))):
        charge = CHARGE.read(row)
        owed[charge.patron].append(charge)
    for row in session.query(select(*BLOCK.columns).where(theirs(blocks.c.patron), blocks.c.lifted_at.is_(None))):
        block = BLOCK.read(row)
        barred[block.patron].append(block)
    return [
        Account(
            patron=patron,
            loans=tuple(out[patron.id]),
            charges=tuple(owed[patron.id]),
            blocks=tuple(barred[patron.id]),
        )
        for patron in people
    ]


def _blocks() -> defaultdict[int, list[Block]]:
    return defaultdict(list)


def read_loans(session: Session, which: ColumnElement[bool], most: int | None = None) -> list[Past]:
    joined = (
        loans.join(items, items.c.id == loans.c.item)
        .join(titles, titles.c.id == items.c.title_id)
        .outerjoin(patrons, patrons.c.id == loans.c.patron)
    )
    wanted = (
        select(*LOAN.columns, *ITEM.columns, *PATRON.columns, loans.c.closed_at, who_waited())
        .select_from(joined)
        .where(which, ~loans.c.undone)
        .order_by(loans.c.id)
    )
    rows = session.query(wanted.limit(most) if most else wanted)
    found = [read_past(row) for row in rows]
    if not any(past.loan.renewals for past in found):
        return found
    first, last = found[0].loan.id, found[-1].loan.id
    known = renewals_of(session, and_(which, loans.c.id >= first, loans.c.id <= last, loans.c.renewals > 0))
    return [with_renewals(past, known) for past in found]


def read_past(row: Row) -> Past:
    loan, closed_at, waiting = LOAN.read(row), row[PATRON_END], row[PATRON_END + 1]
    forgotten = row[ITEM_END] is None
    return Past(
        loan=replace(loan, patron=NOBODY) if forgotten else loan,
        item=ITEM.read(row[LOAN_END:]),
        patron=None if forgotten else PATRON.read(row[ITEM_END:]),
        closed_at=from_epoch(closed_at) if closed_at is not None else None,
        waiting=int(waiting),
    )


# ---- renewals, as the journal has them ----------------------------------------------------


def renewals_of(session: Session, which: ColumnElement[bool]) -> Renewals:
    """Of these loans' items; a renewal of all that somebody has is journalled copy by copy, too."""
    of_items = journal.c.item.in_(select(loans.c.item).where(which))
    answers = or_(journal.c.answer == "Renewed", and_(journal.c.answer == "CheckedOut", renewing()))
    columns = (journal.c.at, journal.c.channel, journal.c.item)
    found = defaultdict[int, list[Again]](list)
    for at, channel, item in session.query(select(*columns).where(of_items, journal.c.granted, answers)):
        found[item].append(Again(at=from_epoch(at), channel=Channel(channel)))
    return found


def renewing() -> ColumnElement[bool]:
    """Marked so in the outcome's JSON."""
    return journal.c.outcome.like(f'%"{CheckedOut.__dataclass_fields__["renewed"].name}":true%')


def with_renewals(past: Past, known: Renewals) -> Past:
    """Those between the loan's beginning and its end, in order."""
    ends = past.closed_at or datetime.max.replace(tzinfo=past.loan.lent.tzinfo)
    every = known.get(past.loan.item, ())
    mine = sorted((one for one in every if past.loan.lent < one.at <= ends), key=lambda one: one.at)
    return replace(past, renewals=tuple(mine))
