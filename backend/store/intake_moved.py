"""Loans, holds and fees of another system, each taken once.

What was taken is remembered by a keyed hash of what names it in the file: after that it is circulation's own, and the
same file again changes nothing, whatever was returned, collected or paid since.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from backend.clock import to_epoch
from backend.commands import CheckOut, Command, PlaceHold, RepeatKey
from backend.facts import Facts, Policies
from backend.journal import adapter
from backend.model import BranchId
from backend.moving_in import Moved, MovedFee, MovedHold, MovedLoan, by_import
from backend.numbers import compared
from backend.rules.moving_in import Brought, move_in_fee, move_in_hold, move_in_loan
from backend.staff_commands import ChargePatron
from backend.store.asking import Asked
from backend.store.intake import Result, RowRefused, Take, Taken
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, inserts
from backend.tables_intake import moved_in

TAKEN = Statement(
    select(moved_in.c.content).where(
        moved_in.c.library == bindparam("library"),
        moved_in.c.kind == bindparam("kind"),
        moved_in.c.key == bindparam("key"),
    )
)
REMEMBER = inserts(moved_in)
OTHERWISE = RowRefused("", "was taken before with other values; what is on record now is changed at the desk")


def taking(policies: Policies) -> Take[Any]:
    """Takes one row of any of the three."""

    def take(session: Session, moved: Moved, now: datetime) -> Result:
        return take_moved(session, moved, policies, now)

    return take


def take_moved(session: Session, moved: Moved, policies: Policies, now: datetime) -> Result:
    """Refused when the same row was taken with other values."""
    known: dict[str, Scalar] = {
        "library": moved.library,
        "kind": KIND[type(moved)],
        "key": session.identity.of(f"moved {moved.library} {key_of(moved)}"),
    }
    content = session.identity.of(adapter(type(moved)).dump_json(moved).decode())
    for (before,) in session.rows(TAKEN, known):
        return Taken.SAME if before == content else OTHERWISE
    brought = decided(moved, facts_of(session, moved, policies, now))
    if isinstance(brought, RowRefused):
        return brought
    row, changes = brought
    session.apply(changes, now)
    session.change(REMEMBER, {**known, "content": content, "row": row, "at": to_epoch(now)})
    return Taken.ADDED


def facts_of(session: Session, moved: Moved, policies: Policies, now: datetime) -> Facts:
    """What the rules of the desk would look at; locked as they would lock it."""
    branch = BranchId(next(iter(policies.of(moved.library, now).branches)))
    asked = Asked(
        command=as_asked(moved),
        asked_by=by_import(moved, branch),
        key=RepeatKey(),
        now=now.replace(microsecond=0),
        policies=policies,
    )
    return session.gather(asked).facts


def as_asked(moved: Moved) -> Command:
    """The command that would read the same records."""
    if isinstance(moved, MovedLoan):
        return CheckOut(patron=moved.patron, item=moved.barcode)
    if isinstance(moved, MovedHold):
        return PlaceHold(patron=moved.patron, item=moved.barcode, title=moved.title)
    return ChargePatron(patron=moved.patron, amount=moved.amount, item=moved.barcode)


def decided(moved: Moved, facts: Facts) -> RowRefused | Brought:
    if isinstance(moved, MovedLoan):
        return move_in_loan(facts, moved)
    return move_in_hold(facts, moved) if isinstance(moved, MovedHold) else move_in_fee(facts, moved)


def key_of(moved: Moved) -> str:
    """What names the row in its file: copy and day; patron, title and day; the fee's number."""
    if isinstance(moved, MovedFee):
        return moved.number
    if isinstance(moved, MovedLoan):
        return f"{compared(moved.barcode)} {moved.lent.isoformat()}"
    return f"{compared(moved.patron)} {compared(moved.barcode or moved.title or '')} {moved.placed.isoformat()}"


KIND = {MovedLoan: "loan", MovedHold: "hold", MovedFee: "fee"}
