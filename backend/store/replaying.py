"""Loans as they were made and renewed, and the accounts of patrons: read in batches, by rising row numbers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, text

from backend.clock import from_epoch
from backend.journal import Unreadable, read_outcome
from backend.model import Block, Channel, Charge, LibraryId, Patron
from backend.outcomes import CheckedOut, LoanLine, RenewedAll
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
    by_all = renewed_together(session, library)
    after = 0
    while True:
        ours = and_(loans.c.library == library, loans.c.id > after)
        batch = read_loans(session, by_all, ours, LOANS_AT_ONCE)
        if not batch:
            return
        yield batch
        after = batch[-1].loan.id


def accounts(session: Session, library: LibraryId) -> Iterator[list[Account]]:
    """Every patron of the library, with open loans made there."""
    by_all = renewed_together(session, library)
    after = 0
    while True:
        wanted = select(*PATRON.columns).where(patrons.c.library == library, patrons.c.id > after)
        people = [PATRON.read(row) for row in session.query(wanted.order_by(patrons.c.id).limit(PATRONS_AT_ONCE))]
        if not people:
            return
        yield read_accounts(session, library, by_all, after, people)
        after = people[-1].id


def read_accounts(
    session: Session, library: LibraryId, by_all: Renewals, after: int, people: list[Patron]
) -> list[Account]:
    """Of patrons whose numbers follow `after`, in order."""
    last = people[-1].id

    def theirs(column: ColumnElement[int]) -> ColumnElement[bool]:
        return and_(column > after, column <= last)

    still_out = and_(loans.c.library == library, loans.c.closed_at.is_(None), theirs(loans.c.patron))
    out, owed, barred = defaultdict[int, list[Past]](list), defaultdict[int, list[Charge]](list), _blocks()
    for past in read_loans(session, by_all, still_out):
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


def read_loans(session: Session, by_all: Renewals, which: ColumnElement[bool], most: int | None = None) -> list[Past]:
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
    alone = renewed_alone(session, and_(which, loans.c.id >= first, loans.c.id <= last, loans.c.renewals > 0))
    return [with_renewals(past, alone, by_all) for past in found]


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


def renewed_alone(session: Session, which: ColumnElement[bool]) -> Renewals:
    """Of these loans' items, one by one or by a checkout that renewed."""
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


def renewed_together(session: Session, library: LibraryId) -> Renewals:
    """By `renew all`, whose journal rows name barcodes."""
    rows = session.query(
        select(journal.c.at, journal.c.channel, journal.c.outcome).where(
            journal.c.library == library, journal.c.answer == RenewedAll.__name__
        )
    )
    known = dict[str, int]()
    found = defaultdict[int, list[Again]](list)
    for at, channel, written in rows:
        for line in lines_of(written):
            if line.barcode not in known:
                known[line.barcode] = item_with(session, library, line.barcode)
            found[known[line.barcode]].append(Again(at=from_epoch(at), channel=Channel(channel)))
    return found


def lines_of(written: str) -> Sequence[LoanLine]:
    """What was renewed; nothing where another version of the program wrote it and we cannot read it."""
    try:
        outcome = read_outcome(RenewedAll.__name__, written)
    except Unreadable:
        return ()
    return outcome.renewed if isinstance(outcome, RenewedAll) else ()


def item_with(session: Session, library: LibraryId, barcode: str) -> int:
    """The item's number; 0 when there is none any more."""
    wanted = select(items.c.id).where(items.c.barcode == barcode).order_by(items.c.library != library).limit(1)
    return next((int(row[0]) for row in session.query(wanted)), 0)


def with_renewals(past: Past, alone: Renewals, by_all: Renewals) -> Past:
    """Those between the loan's beginning and its end, in order."""
    ends = past.closed_at or datetime.max.replace(tzinfo=past.loan.lent.tzinfo)
    every = [*alone.get(past.loan.item, ()), *by_all.get(past.loan.item, ())]
    mine = sorted((one for one in every if past.loan.lent < one.at <= ends), key=lambda one: one.at)
    return replace(past, renewals=tuple(mine))
