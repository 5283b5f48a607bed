"""What daily jobs read: who and what is due, and everything about one of them; locks first on a shared database.

Candidates are a first guess from an index: each is judged again in its own transaction.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, Select, Table, and_, bindparam, exists, or_, select, text

from backend.clock import from_epoch
from backend.facts import BorrowedIn, Facts, HoldFacts, ItemFacts, LoanFacts, PatronFacts, Policies
from backend.jobs.facts import HoldCase, PatronCase, SentBefore
from backend.model import AskedBy, BranchId, Charge, Hold, HoldId, Item, LibraryId, LoanId, Patron, PatronId
from backend.money import Money
from backend.store.account_facts import CHARGES_OF, PERSON, holders, loans_of
from backend.store.apply_jobs import SENT
from backend.store.parts import may_be_barred
from backend.store.rows import BLOCK, CHARGE, HOLD, ITEM, LOAN, PATRON, readable_card
from backend.store.session import Session
from backend.store.statement import Row, Statement
from backend.tables import blocks, charges, closures, holds, items, loans, patrons, titles
from backend.tables_jobs import dead_addresses, sent_notices
from backend.tables_partner import requests

LOAN_WIDTH = len(LOAN.columns)
HOLD_WIDTH = len(HOLD.columns)
SENT_WIDTH = len(SENT.columns)
OPEN_LOAN = loans.c.closed_at.is_(None)
OPEN_HOLD = holds.c.closed_at.is_(None)
LIBRARY: BindParameter[str] = bindparam("library")
DAY: BindParameter[str] = bindparam("day")

# ---- who and what is due ------------------------------------------------------------

PASSED = or_(
    and_(text("holds.state = 'ready'"), holds.c.pickup_by < DAY),
    and_(text("holds.state = 'waiting'"), holds.c.expires < DAY),
)
ENDING_HOLDS = Statement(
    select(holds.c.id).where(holds.c.library == LIBRARY, OPEN_HOLD, PASSED).order_by(holds.c.placed, holds.c.id)
)
TOLD = exists().where(sent_notices.c.hold == holds.c.id, sent_notices.c.for_day == holds.c.ready_on)
ARRIVED_HOLDS = Statement(
    select(holds.c.id)
    .where(holds.c.library == LIBRARY, OPEN_HOLD, text("holds.state = 'ready'"), ~TOLD)
    .order_by(holds.c.id)
)
LATE_PATRONS = Statement(
    select(loans.c.patron)
    .distinct()
    .where(loans.c.library == LIBRARY, OPEN_LOAN, loans.c.due_on < DAY, loans.c.billed_on.is_(None))
    .where(~loans.c.claimed_returned)
    .order_by(loans.c.patron)
)
SOON_PATRONS = Statement(
    select(loans.c.patron)
    .distinct()
    .where(loans.c.library == LIBRARY, OPEN_LOAN, loans.c.due_on >= DAY, loans.c.due_on <= bindparam("last"))
    .order_by(loans.c.patron)
)
LOANS_DUE_ON = Statement(
    select(loans.c.id)
    .where(loans.c.branch == bindparam("branch"), OPEN_LOAN, loans.c.due_on == DAY)
    .order_by(loans.c.id)
)
PICKUPS_ON = Statement(
    select(holds.c.id)
    .where(holds.c.pickup == bindparam("branch"), text("holds.state = 'ready'"), holds.c.pickup_by == DAY)
    .order_by(holds.c.id)
)


def ending_holds(session: Session, library: LibraryId, day: date) -> list[HoldId]:
    """The first in the queue first."""
    return [HoldId(row[0]) for row in session.rows(ENDING_HOLDS, {"library": library, "day": day.isoformat()})]


def arrived_holds(session: Session, library: LibraryId) -> list[HoldId]:
    """Copies on the pickup shelf that nobody was told about."""
    return [HoldId(row[0]) for row in session.rows(ARRIVED_HOLDS, {"library": library})]


def late_patrons(session: Session, library: LibraryId, day: date) -> list[PatronId]:
    """Who has a loan that was due before that day and is neither billed nor claimed returned."""
    return [PatronId(row[0]) for row in session.rows(LATE_PATRONS, {"library": library, "day": day.isoformat()})]


def soon_patrons(session: Session, library: LibraryId, day: date, days: int) -> list[PatronId]:
    """With a loan that is due within so many days."""
    last = (day + timedelta(days=days)).isoformat()
    asked = {"library": library, "day": day.isoformat(), "last": last}
    return [PatronId(row[0]) for row in session.rows(SOON_PATRONS, asked)]


def loans_due_on(session: Session, branch: BranchId, day: date) -> list[LoanId]:
    """Open loans that this branch made and that are due on that day."""
    return [LoanId(row[0]) for row in session.rows(LOANS_DUE_ON, {"branch": branch, "day": day.isoformat()})]


def pickups_on(session: Session, branch: BranchId, day: date) -> list[HoldId]:
    """Holds on this branch's shelf whose last day it is."""
    return [HoldId(row[0]) for row in session.rows(PICKUPS_ON, {"branch": branch, "day": day.isoformat()})]


def announced(session: Session) -> dict[str, list[date]]:
    """Every closure, by branch."""
    found: dict[str, list[date]] = {}
    for branch, day in session.query(select(closures.c.branch, closures.c.day)):
        found.setdefault(branch, []).append(date.fromisoformat(day))
    return found


# ---- locks ---------------------------------------------------------------------------


def lock(session: Session, table: Table, wanted: Select[int]) -> None:
    """Rows of one table in the order of their numbers; the order of tables is titles, items, patrons.

    Nothing on an embedded database, where one writer works alone.
    """
    if session.locks is not None:
        session.query(select(table.c.id).where(table.c.id.in_(wanted)).order_by(table.c.id).with_for_update())


def lock_copies(session: Session, copies: Select[int]) -> None:
    """Titles, then items."""
    lock(session, titles, select(items.c.title_id).where(items.c.id.in_(copies)))
    lock(session, items, copies)


def only_row(table: Table, number: int | None) -> Select[int]:
    return select(table.c.id).where(table.c.id == number)


# ---- one patron ------------------------------------------------------------------------

# A partner that sends us a copy for our patron says AcceptItem; what it asks of our own copies is another service.
LENT_TO_US = Statement(
    select(requests.c.id, requests.c.due, requests.c.made_at)
    .where(requests.c.item == bindparam("row"), text("requests.service = 'AcceptItem'"))
    .order_by(requests.c.id.desc())
)
FEE_TAKEN = Statement(
    select(charges.c.id).where(
        charges.c.item == bindparam("row"), text("charges.kind = 'ill'"), charges.c.raised >= bindparam("since")
    )
)
WITH_FEE = sent_notices.outerjoin(charges, charges.c.id == sent_notices.c.charge)
SENT_COLUMNS = [*SENT.columns, charges.c.amount, charges.c.currency]
SENT_OF = Statement(
    select(*SENT_COLUMNS)
    .select_from(WITH_FEE.join(loans, loans.c.id == sent_notices.c.loan))
    .where(loans.c.patron == bindparam("row"), OPEN_LOAN)
    .order_by(sent_notices.c.id)
)
SENT_OF_HOLD = Statement(select(*SENT_COLUMNS).select_from(WITH_FEE).where(sent_notices.c.hold == bindparam("row")))


class Reader:
    """Reads cases for one step: `now` and `asked_by` are the job's."""

    def __init__(self, session: Session, asked_by: AskedBy, policies: Policies, now: datetime) -> None:
        self._session = session
        self._asked_by = asked_by
        self._policies = policies
        self._now = now

    def facts(self, patron: PatronFacts | None = None, item: ItemFacts | None = None) -> Facts:
        """What a rule may look at, for whom and what the job has in hand."""
        asked_by = self._asked_by
        return Facts(
            now=self._now, asked_by=asked_by, policies=self._policies, patron=patron, item=item, ids=self._session.ids
        )

    def patron_case(self, number: PatronId, day: date) -> PatronCase | None:
        """None when there is no such patron."""
        session, row = self._session, {"row": number}
        lock_copies(session, select(loans.c.item).where(loans.c.patron == number, OPEN_LOAN))
        lock(session, patrons, only_row(patrons, number))
        patron = self.person(number)
        if patron is None:
            return None
        who = PatronFacts(patron=patron, loans=loans_of(session, number), charges=self.charges_of(number))
        return PatronCase(
            facts=self.facts(patron=who),
            who=who,
            day=day,
            sent=tuple(sent_before(one) for one in session.rows(SENT_OF, row)),
            guardian=self.person(patron.guardian) if patron.guardian is not None else None,
            dead=self.dead_of(patron.id, patron.guardian),
        )

    def renewal_case(self, number: PatronId, day: date) -> PatronCase | None:
        """With what a renewal looks at besides: blocks by hand, and who waits for what is due that day."""
        case = self.patron_case(number, day)
        if case is None:
            return None
        standing = select(*BLOCK.columns).where(blocks.c.patron == number, blocks.c.lifted_at.is_(None))
        who = replace(
            case.who,
            loans=tuple(
                replace(one, holds=self.queue(one.item.title_id)) if one.loan.due_on == day else one
                for one in case.who.loans
            ),
            blocks=tuple(BLOCK.read(row) for row in self._session.query(standing)),
        )
        return replace(case, who=who, facts=replace(case.facts, patron=who))

    def person(self, number: PatronId) -> Patron | None:
        """By the number on record; None once the record is gone."""
        return next((PATRON.read(row) for row in self._session.rows(PERSON, {"row": number})), None)

    def charges_of(self, number: PatronId) -> tuple[Charge, ...]:
        return tuple(CHARGE.read(row) for row in self._session.rows(CHARGES_OF, {"row": number}))

    def dead_of(self, *people: PatronId | None) -> frozenset[str]:
        """Those of their addresses that nobody reads."""
        theirs = or_(*(patrons.c.id == number for number in people if number is not None))
        known = dead_addresses.c.address
        wanted = select(known).where(
            or_(known.in_(select(patrons.c.email).where(theirs)), known.in_(select(patrons.c.phone).where(theirs)))
        )
        return frozenset(row[0] for row in self._session.query(wanted))

    # ---- one hold, one loan

    def hold_case(self, number: HoldId, day: date) -> HoldCase | None:
        """None when the hold is closed by now."""
        session = self._session
        known = self._hold(number)
        if known is None:
            return None
        if session.locks is not None:
            lock(session, titles, only_row(titles, known.title_id))
            lock(session, items, only_row(items, known.trapped))
            lock(session, patrons, only_row(patrons, known.patron))
            known = self._hold(number)
        holder = self.person(known.patron) if known else None
        if known is None or holder is None:
            return None
        item = self.copy(known.trapped) if known.trapped is not None else None
        return HoldCase(
            facts=self.facts(item=self.item_facts(item, known) if item else None),
            hold=known,
            holder=holder,
            title=session.query(select(titles.c.title).where(titles.c.id == known.title_id))[0][0],
            day=day,
            sent=tuple(sent_before(row) for row in session.rows(SENT_OF_HOLD, {"row": number})),
            dead=self.dead_of(holder.id),
        )

    def item_facts(self, item: Item, hold: Hold) -> ItemFacts:
        """The copy that is set aside, who waits for it, and the request of ours that it came for."""
        waiting = self.queue(hold.title_id)
        return ItemFacts(
            item=item,
            holds=waiting,
            borrowed_in=self.borrowed_in(item),
            holders=holders(self._session, self._policies, waiting, self._now),
        )

    def borrowed_in(self, item: Item) -> BorrowedIn | None:
        """The newest request under which a partner has lent us this copy; its fee is taken once."""
        for number, due, made_at in self._session.rows(LENT_TO_US, {"row": item.id}):
            taken = self._session.rows(FEE_TAKEN, {"row": item.id, "since": made_at})
            return BorrowedIn(request=number, due=from_epoch(due) if due is not None else None, fee_taken=bool(taken))
        return None

    def _hold(self, number: HoldId) -> Hold | None:
        rows = self._session.query(select(*HOLD.columns).where(holds.c.id == number, OPEN_HOLD))
        return next((HOLD.read(row) for row in rows), None)

    def copy(self, number: int) -> Item | None:
        """By the number on record; None once the record is gone."""
        joined = items.join(titles, titles.c.id == items.c.title_id)
        rows = self._session.query(select(*ITEM.columns).select_from(joined).where(items.c.id == number))
        return next((ITEM.read(row) for row in rows), None)

    def queue(self, title: int) -> tuple[HoldFacts, ...]:
        """Every open hold of the title, first come first."""
        names = [readable_card(holds.c.patron), patrons.c.given_name, patrons.c.family_name, may_be_barred()]
        wanted: Select[tuple[object, ...]] = (
            select(*HOLD.columns, *names)
            .select_from(holds.join(patrons, patrons.c.id == holds.c.patron))
            .where(holds.c.title_id == title, OPEN_HOLD)
            .order_by(holds.c.placed, holds.c.id)
        )
        return tuple(hold_facts(row) for row in self._session.query(wanted))

    def loan_case(self, number: LoanId) -> LoanFacts | None:
        """An open loan, its copy and patron locked."""
        session = self._session
        joined = loans.join(items, items.c.id == loans.c.item).join(titles, titles.c.id == items.c.title_id)
        wanted = select(*LOAN.columns, *ITEM.columns).select_from(joined).where(loans.c.id == number, OPEN_LOAN)
        rows = session.query(wanted)
        if session.locks is not None and rows:
            first = LOAN.read(rows[0])
            lock_copies(session, only_row(items, first.item))
            lock(session, patrons, only_row(patrons, first.patron))
            rows = session.query(wanted)
        return next((LoanFacts(loan=LOAN.read(row), item=ITEM.read(row[LOAN_WIDTH:])) for row in rows), None)


def hold_facts(row: Row) -> HoldFacts:
    card, given, family, barred = row[HOLD_WIDTH:]
    name = f"{given} {family}".strip()
    return HoldFacts(hold=HOLD.read(row), patron_card=card or "", patron_name=name, barred=bool(barred))


def sent_before(row: Row) -> SentBefore:
    minor, currency = row[SENT_WIDTH:]
    return SentBefore(sent=SENT.read(row), amount=Money(minor, currency) if minor is not None else None)
