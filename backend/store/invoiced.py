"""What was invoiced, line by line, as whoever keeps the books wants it: with the addressee, and what is paid since."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select

from backend.clock import Clock, from_epoch, to_epoch
from backend.commands import RepeatKey
from backend.journal import Entry
from backend.model import AskedBy, LibraryId
from backend.money import Money
from backend.outcomes import Done
from backend.people_commands import ExportInvoices
from backend.store.rows import readable_card
from backend.store.session import Session
from backend.store.statement import Row, Scalar, Statement
from backend.tables import charges, patrons, settlements
from backend.tables_jobs import invoices


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One charge on one invoice. `amount` was owed when it was put there, `owed` is left of it."""

    kid: str
    issued: datetime
    patron_card: str = field(metadata={"personal": True})
    addressed_to: str = field(metadata={"personal": True})
    address: str = field(metadata={"personal": True})
    kind: str
    title: str
    barcode: str
    amount: Money
    owed: Money
    total: Money  # of the whole invoice


@dataclass(frozen=True, slots=True)
class Invoiced:
    """Invoices of a library, from one instant to another, both inclusive."""

    library: LibraryId
    since: datetime
    until: datetime


def settled_since() -> ColumnElement[int]:
    """What was paid or let off of a charge after it was put on the invoice."""
    paid = select(func.coalesce(func.sum(settlements.c.amount), 0)).where(
        settlements.c.charge == charges.c.id, settlements.c.at >= invoices.c.issued
    )
    return paid.correlate(charges, invoices).scalar_subquery()


LINES = Statement(
    select(
        invoices.c.kid,
        invoices.c.issued,
        readable_card(invoices.c.patron),
        patrons.c.given_name,
        patrons.c.family_name,
        patrons.c.address,
        charges.c.kind,
        charges.c.title,
        charges.c.barcode,
        charges.c.owed + settled_since(),
        charges.c.owed,
        invoices.c.amount,
        invoices.c.currency,
    )
    .select_from(
        invoices.join(patrons, patrons.c.id == invoices.c.addressed_to).join(
            charges, (charges.c.kid == invoices.c.kid) & (charges.c.library == invoices.c.library)
        )
    )
    .where(
        invoices.c.library == bindparam("library"),
        invoices.c.issued >= bindparam("since"),
        invoices.c.issued <= bindparam("until"),
    )
    .order_by(invoices.c.issued, invoices.c.id, charges.c.id)
)


def invoice_lines(session: Session, invoiced: Invoiced) -> list[InvoiceLine]:
    """In the order in which they were issued."""
    asked: dict[str, Scalar] = {
        "library": invoiced.library,
        "since": to_epoch(invoiced.since),
        "until": to_epoch(invoiced.until),
    }
    return [line_of(row) for row in session.rows(LINES, asked)]


def line_of(row: Row) -> InvoiceLine:
    kid, issued, card, given, family, address, kind, title, barcode, amount, owed, total, currency = row
    return InvoiceLine(
        kid=kid,
        issued=from_epoch(issued),
        patron_card=card or "",
        addressed_to=f"{given} {family}".strip(),
        address=address,
        kind=kind,
        title=title,
        barcode=barcode,
        amount=Money(int(amount), currency),  # of PostgreSQL a sum is a decimal
        owed=Money(owed, currency),
        total=Money(total, currency),
    )


def journalled(session: Session, command: ExportInvoices, asked_by: AskedBy, clock: Clock) -> None:
    """One row: who took a day's invoices out."""
    now = clock.now().replace(microsecond=0)
    session.record(Entry(at=now, asked_by=asked_by, command=command, outcome=Done(at=now), key=RepeatKey()))
