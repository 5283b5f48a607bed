"""Privacy: closed loans and holds lose their patron when nothing is owed and nothing can be undone any more.

The loan stays for statistics, without a patron but with the group that the patron counted in; the journal keeps what
was done with the item, without the person; a settled fee keeps amount and day for the accounts, without the title.
Source: design decision 7, KAL-06.
"""

from datetime import date, datetime

from sqlalchemy import bindparam, delete, exists, null, or_, select, text, update

from backend.clock import LibraryTime, from_epoch, to_epoch
from backend.journal import Unreadable, forgotten, read_outcome, write_outcome
from backend.model import LibraryId
from backend.outcomes import RenewedAll
from backend.statistics import borrower_of
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, updates
from backend.tables import charges, holds, journal, loans, patrons
from backend.tables_jobs import outbox
from backend.tables_orders import offers

BATCH = 100  # loans in one transaction
AFTERWARDS = 86_400  # seconds after a loan's end in which the journal still speaks of it

OWED = exists().where(charges.c.loan == loans.c.id, text("charges.owed > 0"))
OVER = Statement(
    select(
        loans.c.id,
        loans.c.patron,
        loans.c.item,
        loans.c.lent,
        loans.c.closed_at,
        loans.c.renewals,
        patrons.c.category,
        patrons.c.birth_date,
    )
    .select_from(loans.join(patrons, patrons.c.id == loans.c.patron))
    .where(
        loans.c.library == bindparam("library"),
        loans.c.closed_at.is_not(None),
        loans.c.patron.is_not(None),
        loans.c.closed_at < bindparam("before"),
        ~OWED,
    )
    .order_by(loans.c.closed_at, loans.c.id)
    .limit(bindparam("most", type_=loans.c.id.type))
)
FORGET_LOAN = updates(loans, ("patron", "borrower"))
FORGET_TITLE = Statement(
    update(charges).where(charges.c.loan == bindparam("of_loan")).values(loan=null(), item=null(), title="", barcode="")
)
FORGET_HOLDS = Statement(
    update(holds)
    .where(
        holds.c.library == bindparam("of_library"),
        holds.c.closed_at < bindparam("before"),
        holds.c.patron.is_not(None),
    )
    .values(patron=null())
)
FORGET_OFFERS = Statement(
    delete(offers).where(
        offers.c.library == bindparam("of_library"),
        or_(offers.c.closed_at < bindparam("closed_before"), offers.c.made_at < bindparam("made_before")),
    )
)
ACTS = Statement(
    select(journal.c.id, journal.c.answer, journal.c.outcome).where(
        journal.c.item == bindparam("item"),
        journal.c.at >= bindparam("since"),
        journal.c.at <= bindparam("until"),
        journal.c.patron == bindparam("patron"),
    )
)
# Rows about all of a patron's loans name this one, too.
TOGETHER = Statement(
    select(journal.c.id, journal.c.answer, journal.c.outcome).where(
        journal.c.patron == bindparam("patron"),
        journal.c.answer == RenewedAll.__name__,
        journal.c.at >= bindparam("since"),
        journal.c.at <= bindparam("until"),
    )
)
FORGET_ACT = Statement(update(journal).where(journal.c.id == bindparam("row")), ("patron", "outcome"))
DROP_LETTERS = Statement(delete(outbox).where(outbox.c.sent_at < bindparam("before")))


def forget_loans(session: Session, library: LibraryId, before: datetime, time: LibraryTime, most: int = BATCH) -> int:
    """Up to `most` loans that ended before that instant; how many there were. `time` is the library's."""
    asked: dict[str, Scalar] = {"library": library, "before": to_epoch(before), "most": most}
    rows = session.rows(OVER, asked)
    for loan, patron, item, lent, closed, renewals, category, birth_date in rows:
        born = date.fromisoformat(birth_date) if birth_date else None
        borrower = borrower_of(category, born, time.today(from_epoch(lent)))
        session.change(FORGET_LOAN, {"row": loan, "patron": None, "borrower": borrower.value})
        session.change(FORGET_TITLE, {"of_loan": loan})
        span = {"item": item, "patron": patron, "since": lent, "until": closed + AFTERWARDS}
        for row, answer, outcome in (*session.rows(ACTS, span), *(session.rows(TOGETHER, span) if renewals else ())):
            session.change(FORGET_ACT, {"row": row, "patron": None, "outcome": without_person(answer, outcome)})
    return len(rows)


def forget_holds(session: Session, library: LibraryId, before: datetime) -> int:
    """Every hold that was closed before that instant; how many there were."""
    return session.change(FORGET_HOLDS, {"of_library": library, "before": to_epoch(before)})


def forget_offers(session: Session, library: LibraryId, closed_before: datetime, made_before: datetime) -> int:
    """Every offer that was answered before the one instant, or made before the other; how many there were."""
    instants = {"closed_before": to_epoch(closed_before), "made_before": to_epoch(made_before)}
    return session.change(FORGET_OFFERS, {"of_library": library, **instants})


def drop_letters(session: Session, before: datetime) -> int:
    """Messages that were sent before that instant."""
    return session.change(DROP_LETTERS, {"before": to_epoch(before)})


def without_person(answer: str, outcome: str) -> str:
    """The outcome as JSON, without what names a person; one that cannot be read becomes an empty object."""
    try:
        return write_outcome(forgotten(read_outcome(answer, outcome)))
    except Unreadable:
        return "{}"
