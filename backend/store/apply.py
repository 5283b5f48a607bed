"""What each change does to the tables: almost always one statement, whose row count proves that it did something.

A change that finds nothing to change breaks a promise that the rule was made: PromiseBroken, and the whole command is
taken back.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import and_, bindparam, exists, insert, literal_column, or_, select, text, update

from backend import changes
from backend.clock import to_epoch
from backend.model import IdentifierKind, LibraryId
from backend.store.apply_jobs import OF_JOBS
from backend.store.apply_people import OF_PEOPLE
from backend.store.identifiers import IdentityHash
from backend.store.order_apply import OF_ORDERS
from backend.store.partner_apply import CARRY_OUT_FOR_PARTNERS
from backend.store.rows import BLOCK, CHARGE, HOLD, LOAN, PAYMENT
from backend.store.seams import Writes, must
from backend.store.statement import Scalar, Statement, inserts, updates, without
from backend.tables import (
    blocks,
    charges,
    holds,
    identifiers,
    items,
    loans,
    patrons,
    payments,
    settlements,
    staff_notes,
)


class KnowsPeople(Writes, Protocol):
    """What of a session is needed here."""

    identity: IdentityHash

    def network_of(self, library: LibraryId) -> str | None:
        """The network in which a library shares cards."""
        ...


# ---- the statements ---------------------------------------------------------------

TERMS = (
    "due",
    "due_on",
    "renewals",
    "policy",
    "policy_row",
    "item_group",
    "fine_paid",
    "currency",
    "claimed_returned",
    "billed_on",
    "suspended_until",
    "ill_request",
    "recalled_on",
)
HOLD_TERMS = ("trapped", "state", "pickup", "expires", "ready_on", "pickup_by", "suspended", "reference", "closed_at")
LOAN_COLUMNS = without(loans, "closed_at", "undone", "borrower")

OPEN_LOAN = inserts(loans, LOAN_COLUMNS)
PUT_LOAN = updates(loans, TERMS)
CLOSE_LOAN = updates(loans, ("closed_at", "undone"), loans.c.closed_at.is_(None))
REOPEN_LOAN = updates(loans, (*TERMS, "patron", "closed_at"), loans.c.closed_at.is_not(None))
PUT_ITEM = updates(items, ("state", "present_branch", "destination"))
PUT_ITEM_PROPERTIES = updates(items, ("state", "present_branch", "destination", "properties"))
PUT_HOME = updates(items, ("home_branch",))
ADD_HOLD = inserts(holds, without(holds, "closed_at"))
PUT_HOLD = updates(holds, HOLD_TERMS)
ADD_CHARGE = inserts(charges)
SETTLE = Statement(
    update(charges)
    .where(charges.c.id == bindparam("row"), charges.c.currency == bindparam("of_currency"))
    .values(owed=charges.c.owed - bindparam("less", type_=charges.c.owed.type))
)
ADD_SETTLEMENT = inserts(settlements, ("charge", "payment", "amount", "at", "why"))
ADD_PAYMENT = inserts(payments)
ADD_BLOCK = inserts(blocks, without(blocks, "lifted_at"))
LIFT_BLOCKS = Statement(
    update(blocks).where(blocks.c.patron == bindparam("of_patron"), blocks.c.lifted_at.is_(None)), ("lifted_at",)
)
LIFT_BLOCK = updates(blocks, ("lifted_at",), blocks.c.patron == bindparam("of_patron"), blocks.c.lifted_at.is_(None))
PRESENTED = or_(identifiers.c.value == bindparam("number"), identifiers.c.value == bindparam("identity"))
CARDS = text("kind in ('card', 'national')")
MARK_LOST = Statement(
    update(identifiers).where(identifiers.c.patron == bindparam("of_patron"), or_(CARDS, PRESENTED)), ("lost",)
)
NEWER = identifiers.alias("newer")
MARK_FOUND = Statement(  # a card that has been replaced stays lost, unless it is in somebody's hand
    update(identifiers).where(
        identifiers.c.patron == bindparam("of_patron"),
        or_(
            and_(
                CARDS,
                ~exists().where(
                    NEWER.c.patron == identifiers.c.patron,
                    NEWER.c.kind == identifiers.c.kind,
                    NEWER.c.added > identifiers.c.added,
                ),
            ),
            PRESENTED,
        ),
    ),
    ("lost",),
)
LOSE_IDENTIFIER = Statement(
    update(identifiers).where(identifiers.c.patron == bindparam("of_patron"), PRESENTED), ("lost",)
)
ADD_IDENTIFIER = inserts(identifiers)
PUT_PIN = updates(patrons, ("pin_hash", "pin_failures", "pin_failed_on"))
PUT_PIN_FAILURES = updates(patrons, ("pin_failures", "pin_failed_on"))
ADD_NOTE = inserts(staff_notes, ("library", "reason", "at", "patron", "item", "text"))

OWN = {  # of a patron who comes from another library: everything else is copied
    "id": bindparam("patron", type_=patrons.c.id.type),
    "library": bindparam("library", type_=patrons.c.library.type),
    "home_branch": bindparam("home_branch", type_=patrons.c.home_branch.type),
    "created": bindparam("at", type_=patrons.c.created.type),
    "expires": literal_column("null", patrons.c.expires.type),
    "guardian": literal_column("null", patrons.c.guardian.type),
    "guardian_consent": literal_column("false"),
    "unstaffed_agreement": literal_column("false"),
    "rules_accepted": literal_column("true"),  # at the desk, where cards are linked
}
LINK_PATRON = Statement(
    insert(patrons)
    .inline()
    .from_select(
        patrons.columns.keys(),
        select(*(OWN.get(column.name, column) for column in patrons.columns)).where(patrons.c.id == bindparam("like")),
    )
)
SHARE_NUMBER = Statement(
    insert(identifiers)
    .inline()
    .from_select(
        ["library", "value", "patron", "scope", "kind", "shown", "lost", "added"],
        select(
            bindparam("library", type_=identifiers.c.library.type),
            identifiers.c.value,
            bindparam("patron", type_=identifiers.c.patron.type),
            identifiers.c.scope,
            identifiers.c.kind,
            identifiers.c.shown,
            identifiers.c.lost,
            bindparam("at", type_=identifiers.c.added.type),
        ).where(identifiers.c.patron == bindparam("like"), text("kind = 'national'")),
    )
)


# ---- carrying them out --------------------------------------------------------------


def apply(session: KnowsPeople, change: changes.Change, now: datetime) -> None:
    """Make one change; raises PromiseBroken when it finds nothing to change."""
    CARRY_OUT[type(change)](session, change, now)


def open_loan(session: Writes, change: changes.OpenLoan, now: datetime) -> None:
    session.change(OPEN_LOAN, LOAN.write(change.loan))


def put_loan(session: Writes, change: changes.PutLoan, now: datetime) -> None:
    must(session, PUT_LOAN, {**LOAN.write(change.loan), "row": change.loan.id}, change)


def close_loan(session: Writes, change: changes.CloseLoan, now: datetime) -> None:
    closed: dict[str, Scalar] = {"row": change.loan, "closed_at": to_epoch(change.at), "undone": change.undone}
    must(session, CLOSE_LOAN, closed, change)


def reopen_loan(session: Writes, change: changes.ReopenLoan, now: datetime) -> None:
    must(session, REOPEN_LOAN, {**LOAN.write(change.loan), "row": change.loan.id, "closed_at": None}, change)


def put_item(session: Writes, change: changes.PutItem, now: datetime) -> None:
    row: dict[str, Scalar] = {
        "row": change.item,
        "state": change.state.value,
        "present_branch": change.branch,
        "destination": change.destination,
    }
    if change.properties is None:
        must(session, PUT_ITEM, row, change)
    else:
        must(session, PUT_ITEM_PROPERTIES, {**row, "properties": change.properties}, change)
    if change.home is not None:
        must(session, PUT_HOME, {"row": change.item, "home_branch": change.home}, change)


def add_hold(session: Writes, change: changes.AddHold, now: datetime) -> None:
    session.change(ADD_HOLD, HOLD.write(change.hold))


def put_hold(session: Writes, change: changes.PutHold, now: datetime) -> None:
    closed = None if change.closed_at is None else to_epoch(change.closed_at)
    must(session, PUT_HOLD, {**HOLD.write(change.hold), "row": change.hold.id, "closed_at": closed}, change)


def add_charge(session: Writes, change: changes.AddCharge, now: datetime) -> None:
    session.change(ADD_CHARGE, CHARGE.write(change.charge))


def settle(session: Writes, change: changes.SettleCharge, now: datetime) -> None:
    less(session, change, change.amount.minor, change.payment)


def unsettle(session: Writes, change: changes.UnsettleCharge, now: datetime) -> None:
    less(session, change, -change.amount.minor, None)


def less(
    session: Writes, change: changes.SettleCharge | changes.UnsettleCharge, minor: int, payment: int | None
) -> None:
    """The charge is owed `minor` less; the table refuses a debt below zero or above the amount."""
    must(session, SETTLE, {"row": change.charge, "less": minor, "of_currency": change.amount.currency}, change)
    settlement: dict[str, Scalar] = {
        "charge": change.charge,
        "payment": payment,
        "amount": minor,
        "at": to_epoch(change.at),
        "why": change.why,
    }
    session.change(ADD_SETTLEMENT, settlement)


def add_payment(session: Writes, change: changes.AddPayment, now: datetime) -> None:
    session.change(ADD_PAYMENT, PAYMENT.write(change.payment))


def add_block(session: Writes, change: changes.AddBlock, now: datetime) -> None:
    session.change(ADD_BLOCK, BLOCK.write(change.block))


def lift_blocks(session: Writes, change: changes.LiftBlocks, now: datetime) -> None:
    lifted: dict[str, Scalar] = {"of_patron": change.patron, "lifted_at": to_epoch(change.at)}
    if not change.blocks:
        session.change(LIFT_BLOCKS, lifted)
    for block in change.blocks:
        session.change(LIFT_BLOCK, {**lifted, "row": block})


def mark_cards(session: KnowsPeople, change: changes.MarkCards, now: datetime) -> None:
    number, identity = session.identity.looked_up(change.also, now.astimezone(UTC).date())
    presented: dict[str, Scalar] = {"number": number, "identity": identity}
    session.change(
        MARK_LOST if change.lost else MARK_FOUND, {**presented, "of_patron": change.patron, "lost": change.lost}
    )


def lose_identifier(session: KnowsPeople, change: changes.LoseIdentifier, now: datetime) -> None:
    number, identity = session.identity.looked_up(change.value, now.astimezone(UTC).date())
    must(
        session,
        LOSE_IDENTIFIER,
        {"of_patron": change.patron, "lost": True, "number": number, "identity": identity},
        change,
    )


def add_identifier(session: KnowsPeople, change: changes.AddIdentifier, now: datetime) -> None:
    """As `IdentityHash` keeps it: an identity number as a keyed hash, any other readable."""
    value, shown = session.identity.stored(change.kind, change.value, now.astimezone(UTC).date())
    row: dict[str, Scalar] = {
        "library": change.library,
        "value": value,
        "patron": change.patron,
        "scope": scope_of(session, change.kind, change.library),
        "kind": change.kind.value,
        "shown": shown,
        "lost": False,
        "added": to_epoch(now),
    }
    session.change(ADD_IDENTIFIER, row)


def scope_of(session: KnowsPeople, kind: IdentifierKind, library: LibraryId) -> str:
    """National numbers are good in the library's network, all others at the library alone."""
    return (session.network_of(library) if kind is IdentifierKind.NATIONAL else None) or library


def put_pin(session: Writes, change: changes.PutPin, now: datetime) -> None:
    row: dict[str, Scalar] = {
        "row": change.patron,
        "pin_hash": change.pin_hash,
        "pin_failures": 0,
        "pin_failed_on": None,
    }
    must(session, PUT_PIN, row, change)


def put_pin_failures(session: Writes, change: changes.PutPinFailures, now: datetime) -> None:
    on = None if change.on is None else change.on.isoformat()
    must(session, PUT_PIN_FAILURES, {"row": change.patron, "pin_failures": change.count, "pin_failed_on": on}, change)


def link_patron(session: Writes, change: changes.LinkPatron, now: datetime) -> None:
    row: dict[str, Scalar] = {
        "patron": change.patron,
        "library": change.library,
        "like": change.like,
        "home_branch": change.home_branch,
        "at": to_epoch(now),
    }
    must(session, LINK_PATRON, row, change)
    session.change(SHARE_NUMBER, row)


def note_for_staff(session: Writes, change: changes.NoteForStaff, now: datetime) -> None:
    row: dict[str, Scalar] = {
        "library": change.library,
        "reason": change.reason,
        "at": to_epoch(change.at),
        "patron": change.patron,
        "item": change.item,
        "text": change.text,
    }
    session.change(ADD_NOTE, row)


CARRY_OUT: Mapping[type[changes.Change], Callable[[KnowsPeople, Any, datetime], None]] = {
    changes.OpenLoan: open_loan,
    changes.PutLoan: put_loan,
    changes.CloseLoan: close_loan,
    changes.ReopenLoan: reopen_loan,
    changes.PutItem: put_item,
    changes.AddHold: add_hold,
    changes.PutHold: put_hold,
    changes.AddCharge: add_charge,
    changes.SettleCharge: settle,
    changes.UnsettleCharge: unsettle,
    changes.AddPayment: add_payment,
    changes.AddBlock: add_block,
    changes.LiftBlocks: lift_blocks,
    changes.MarkCards: mark_cards,
    changes.AddIdentifier: add_identifier,
    changes.LoseIdentifier: lose_identifier,
    changes.PutPin: put_pin,
    changes.PutPinFailures: put_pin_failures,
    changes.LinkPatron: link_patron,
    changes.NoteForStaff: note_for_staff,
    **CARRY_OUT_FOR_PARTNERS,
    **OF_ORDERS,
    **OF_JOBS,
    **OF_PEOPLE,
}
