"""One command, one rule. Whatever can be asked has its line here; mypy counts them."""

from typing import assert_never

from backend.commands import (
    CancelHold,
    ChangeHold,
    CheckIn,
    CheckOut,
    EnterBuilding,
    LookUpItem,
    LookUpPatron,
    PayFee,
    PlaceHold,
    Renew,
    RenewAll,
    StoreProperties,
    UndoCheckIn,
    UndoCheckOut,
    WaiveFee,
)
from backend.facts import Decision, Facts
from backend.rules import checkin, checkout, door, hold, lookup, offline, payment, renewal, undo

Decided = (
    CheckIn
    | UndoCheckIn
    | UndoCheckOut
    | PlaceHold
    | CancelHold
    | ChangeHold
    | CheckOut
    | Renew
    | RenewAll
    | PayFee
    | WaiveFee
    | EnterBuilding
    | StoreProperties
    | LookUpPatron
    | LookUpItem
)


def decide(facts: Facts, command: Decided) -> Decision:
    """The outcome of `command`, and the changes that make it true. Pure: the same facts, the same decision."""
    match command:
        case CheckOut():
            return _check_out(facts, command)
        case CheckIn():
            return checkin.check_in(facts, command)
        case UndoCheckOut():
            return undo.undo_check_out(facts, command)
        case UndoCheckIn():
            return undo.undo_check_in(facts, command)
        case PlaceHold():
            return hold.place(facts, command)
        case CancelHold():
            return hold.cancel(facts, command)
        case ChangeHold():
            return hold.change(facts, command)
        case Renew():
            return _renew(facts, command)
        case RenewAll():
            return renewal.renew_all(facts, command)
        case PayFee():
            return payment.pay(facts, command)
        case WaiveFee():
            return payment.waive(facts, command)
        case EnterBuilding():
            return door.enter(facts, command)
        case StoreProperties():
            return lookup.store_properties(facts, command)
        case LookUpPatron():
            return lookup.patron(facts, command)
        case LookUpItem():
            return lookup.item(facts, command)
        case _:
            assert_never(command)


def _check_out(facts: Facts, command: CheckOut) -> Decision:
    happened = offline.happened(facts, command)
    return offline.check_out(facts, command, happened) if happened else checkout.check_out(facts, command)


def _renew(facts: Facts, command: Renew) -> Decision:
    happened = offline.happened(facts, command)
    return offline.renew(facts, command, happened) if happened else renewal.renew(facts, command)
