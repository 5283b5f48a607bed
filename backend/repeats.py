"""Is this the same request again? Judged on journal rows; reads nothing and writes nothing.

Layer 1: the account's newest frame is this very frame, and no look-up is known to have come between. Layer 2, for
machines that count on and stamp anew when they ask again: what was last done with the item (or for the patron) is
what is now asked, by the same account. A payment's transaction number is good once per account, for ever; one without a
number is the same again when it is for the same named fee, which nobody has paid or let go in between. A partner's
message is known by its request's number and its content, for as long as what was answered is still true.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from backend.commands import (
    BlockCard,
    CancelHold,
    ChangeHold,
    CheckIn,
    CheckOut,
    Command,
    PayFee,
    PlaceHold,
    Renew,
    RenewAll,
    RepeatKey,
    StoreProperties,
    UndoCheckIn,
    UndoCheckOut,
)
from backend.copy_commands import OrderCopy
from backend.facts import Facts, ItemFacts, PatronFacts
from backend.journal import Unreadable, read_command
from backend.model import HoldState, ItemState, PatronId
from backend.money import Money
from backend.order_commands import OrderTitle
from backend.outcomes import About, CheckedOut, HandedOut, Outcome, Reason, Refusal, Refused
from backend.partner_commands import AcceptItem, CreateItem, UndoLoan
from backend.staff_commands import WaiveFee
from backend.value import value

BELIEVED = timedelta(days=1)  # a stamp farther from our clock is no clock's: sip2.md 4.3
OF_ITEMS = (CheckOut, UndoCheckIn, CheckIn, UndoCheckOut, Renew, PlaceHold, CancelHold, ChangeHold, StoreProperties)
OF_PATRONS = (RenewAll, BlockCard)
OF_FEES = (PayFee, WaiveFee)
REPEATABLE = OF_ITEMS + OF_PATRONS
TAKEN_BACK = frozenset({HoldState.CANCELLED, HoldState.EXPIRED})
STAMPED_ANEW = frozenset({"at", "returned", "pin", "patron", "item"})  # may differ between a request and its repeat


@value(frozen=True, slots=True, kw_only=True)
class Act:
    """A journal row that may be this request's first time."""

    journal: int
    at: datetime
    account: str
    command: str
    patron: PatronId | None
    granted: bool
    asked: str
    outcome: Outcome


@value(frozen=True, slots=True, kw_only=True)
class Booked:
    """A payment that already has the transaction number."""

    outcome: Outcome
    patron: PatronId
    amount: Money


def asks_meaning(command: Command, key: RepeatKey, now: datetime) -> bool:
    """May this command be a repeat in other words of what was last done with the item, or for the patron?"""
    return key.by_meaning and isinstance(command, REPEATABLE) and believed(command, now)


def same_meaning(command: Command, patron: PatronId | None, act: Act) -> bool:
    """The same wish of the same patron; the item is known to be the same."""
    if act.command != type(command).__name__ or (hasattr(command, "patron") and patron != act.patron):
        return False
    try:
        first = read_command(act.command, act.asked)
    except Unreadable:  # nobody knows whether it was the same: it is judged anew
        return False
    said = [field.name for field in fields(command) if field.name not in STAMPED_ANEW]
    return all(getattr(command, name) == getattr(first, name) for name in said)


def still_true(command: Command, facts: Facts, outcome: Outcome) -> bool:
    """Is what was granted to a numbered request still so? When it was taken back since, the same message asks anew."""
    item = facts.item
    match command:
        case CheckOut():
            return is_handed_out(item, outcome) or (isinstance(outcome, CheckedOut) and is_out(item, outcome))
        case UndoLoan():
            return item is None or item.loan is None
        case PlaceHold() | OrderCopy():
            asked = facts.partner.requested
            return asked is None or asked.hold.state not in TAKEN_BACK
        case OrderTitle():
            return is_still_ordered(facts)
        case ChangeHold():
            return False  # done once more it is as it was then, or another change came between
        case AcceptItem() | CreateItem():
            return item is None or not item.item.is_gone
        case _:
            return True


def is_still_ordered(facts: Facts) -> bool:
    """Is there a hold of it, or an offer that waits for the patron's word?"""
    asked, offer = facts.partner.requested, facts.order.offer
    if asked is not None:
        return asked.hold.state not in TAKEN_BACK
    return offer is None or offer.offer.closed_at is None


def is_out(item: ItemFacts | None, lent: CheckedOut) -> bool:
    """Does that loan go on?"""
    return item is not None and item.loan is not None and item.loan.id == lent.loan


def same_transaction(command: Command, patron: PatronId | None, act: Act) -> bool:
    """Is it what was done under the same number, of the same patron and for the same item?"""
    if not same_meaning(command, patron, act):
        return False
    first = read_command(act.command, act.asked)
    return getattr(command, "item", None) == getattr(first, "item", None)


def is_handed_out(item: ItemFacts | None, outcome: Outcome) -> bool:
    """Is the copy still the patron's?"""
    return isinstance(outcome, HandedOut) and item is not None and item.item.state is ItemState.WITHDRAWN


def asks_fee(command: Command, key: RepeatKey, now: datetime) -> bool:
    """May this command be a repeat in other words of what was paid or let go of the fee that it names?"""
    named = isinstance(command, OF_FEES) and command.fee is not None
    return key.by_meaning and named and believed(command, now)


def asks_late_payments(command: Command) -> bool:
    """May the payments of late tell of this one? One with a transaction number is known by that."""
    return isinstance(command, WaiveFee) or (isinstance(command, PayFee) and command.transaction is None)


def same_payment(command: Command, by: str, patron: PatronId | None, late: Sequence[Act]) -> Act | None:
    """The payment or remission of late, the newest first, that this is again: by the same account, of the same fee."""
    for act in late:
        if act.account == by and same_meaning(command, patron, act):
            return act
        if touches(act, command):
            return None
    return None


def touches(act: Act, command: Command) -> bool:
    """May it have changed what is owed of the fee that `command` names? Money for no fee in particular may."""
    try:
        fee = getattr(read_command(act.command, act.asked), "fee", None)
    except Unreadable:
        return True
    return fee is None or fee == getattr(command, "fee", None)


def believed(command: Command, now: datetime) -> bool:
    """Machines without a clock send the same day for years."""
    at = getattr(command, "at", None)
    return getattr(command, "happened", None) is not None or (at is not None and abs(now - at) <= BELIEVED)


def is_booked(command: PayFee, patron: PatronFacts | None, booked: Booked) -> bool:
    """Is it the same payment that already has the transaction number?"""
    return patron is not None and patron.patron.id == booked.patron and command.amount == booked.amount


def refuse_taken_number(patron: PatronFacts | None, now: datetime) -> Refused:
    """Other money under the number of a booked payment."""
    about = About(patron_known=patron is not None, language=patron.patron.language if patron else None)
    return Refused(at=now, about=about, refusals=(Refusal(reason=Reason.PAYMENT_NUMBER_TAKEN),))
