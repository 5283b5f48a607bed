"""What the changes of daily jobs, invoices and closures do to the tables."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, text, update

from backend import changes
from backend.clock import to_epoch
from backend.model import Invoice, Letter, Sent
from backend.store.errors import PromiseBroken
from backend.store.records import Record
from backend.store.seams import Writes
from backend.store.statement import Scalar, Statement, inserts, updates, without
from backend.tables import charges, closures
from backend.tables_jobs import invoices, outbox, sent_notices

SENT = Record(Sent, sent_notices, named={"row": "policy_row"})
LETTER = Record(Letter, outbox)
INVOICE = Record(Invoice, invoices)

ADD_SENT = inserts(sent_notices, without(sent_notices, "id"))
ADD_LETTER = inserts(outbox, without(outbox, "attempts", "sent_at", "given_up_at", "error"))
ADD_INVOICE = inserts(invoices)
PUT_ON_INVOICE = updates(charges, ("kid",), charges.c.kid.is_(None))
LATEST = sent_notices.alias("latest")
NAME_FEE = Statement(
    update(sent_notices)
    .where(
        sent_notices.c.id
        == select(func.max(LATEST.c.id))
        .where(LATEST.c.loan == bindparam("of_loan"), text("latest.kind = 'after_due' and latest.charge is null"))
        .scalar_subquery()
    )
    .values(charge=bindparam("of_charge", type_=sent_notices.c.charge.type))
)
_KNOWN = exists().where(closures.c.branch == bindparam("branch"), closures.c.day == bindparam("day"))
ANNOUNCE = Statement(
    insert(closures)
    .inline()
    .from_select(
        ["branch", "day", "note", "announced_at"],
        select(
            bindparam("branch", type_=closures.c.branch.type),
            bindparam("day", type_=closures.c.day.type),
            bindparam("note", type_=closures.c.note.type),
            bindparam("at", type_=closures.c.announced_at.type),
        ).where(~_KNOWN),
    )
)


def mark_sent(session: Writes, change: changes.MarkSent, now: datetime) -> None:
    session.change(ADD_SENT, SENT.write(change.sent))


def name_reminder_fee(session: Writes, change: changes.NameReminderFee, now: datetime) -> None:
    session.change(NAME_FEE, {"of_loan": change.loan, "of_charge": change.charge})


def post(session: Writes, change: changes.Post, now: datetime) -> None:
    session.change(ADD_LETTER, {**LETTER.write(change.letter), "next_try": to_epoch(change.letter.created)})


def add_invoice(session: Writes, change: changes.AddInvoice, now: datetime) -> None:
    session.change(ADD_INVOICE, INVOICE.write(change.invoice))


def put_on_invoice(session: Writes, change: changes.PutOnInvoice, now: datetime) -> None:
    if session.change(PUT_ON_INVOICE, {"row": change.charge, "kid": change.kid}) != 1:
        raise PromiseBroken(f"charge {change.charge} stands on an invoice already")


def announce(session: Writes, change: changes.AnnounceClosure, now: datetime) -> None:
    said: dict[str, Scalar] = {
        "branch": change.branch,
        "day": change.day.isoformat(),
        "note": change.note,
        "at": to_epoch(change.at),
    }
    session.change(ANNOUNCE, said)


OF_JOBS: Mapping[type[changes.Change], Callable[[Any, Any, datetime], None]] = {
    changes.MarkSent: mark_sent,
    changes.NameReminderFee: name_reminder_fee,
    changes.Post: post,
    changes.AddInvoice: add_invoice,
    changes.PutOnInvoice: put_on_invoice,
    changes.AnnounceClosure: announce,
}
