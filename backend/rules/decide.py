"""One command, one rule. Whatever can be asked has its line here; mypy counts them."""

from typing import assert_never

from backend.commands import (
    BlockCard,
    BlockPatron,
    ChargePatron,
    CheckOut,
    ClearPinFailures,
    EnablePatron,
    EnterBuilding,
    LinkCard,
    LookUp,
    LookUpItem,
    LookUpPatron,
    NotePinFailure,
    PayFee,
    Renew,
    RenewAll,
    ReplaceCard,
    ResetPin,
    StaffWork,
    StoreProperties,
    UnblockPatron,
    WaiveFee,
)
from backend.facts import Decision, Facts
from backend.rules import cards, checkout, door, lookup, offline, payment, renewal, staff

Lending = CheckOut | Renew | RenewAll
OfCards = BlockCard | EnablePatron | NotePinFailure | ClearPinFailures
Decided = Lending | OfCards | PayFee | StoreProperties | EnterBuilding | StaffWork | LookUp


def decide(facts: Facts, command: Decided) -> Decision:
    """The outcome of `command`, and the changes that make it true. Pure: the same facts, the same decision."""
    match command:
        case CheckOut():
            return _check_out(facts, command)
        case Renew():
            return _renew(facts, command)
        case RenewAll():
            return renewal.renew_all(facts, command)
        case PayFee():
            return payment.pay(facts, command)
        case StoreProperties():
            return lookup.store_properties(facts, command)
        case EnterBuilding():
            return door.enter(facts, command)
        case LookUpPatron():
            return lookup.patron(facts, command)
        case LookUpItem():
            return lookup.item(facts, command)
        case BlockCard() | EnablePatron() | NotePinFailure() | ClearPinFailures():
            return _of_cards(facts, command)
        case _:
            return _staff_work(facts, command)


def _of_cards(facts: Facts, command: OfCards) -> Decision:
    match command:
        case BlockCard():
            return cards.block(facts, command)
        case EnablePatron():
            return cards.enable(facts, command)
        case NotePinFailure():
            return cards.note_pin_failure(facts, command)
        case ClearPinFailures():
            return cards.clear_pin_failures(facts, command)
        case _:
            assert_never(command)


def _staff_work(facts: Facts, command: StaffWork) -> Decision:
    match command:
        case BlockPatron():
            return staff.block_patron(facts, command)
        case UnblockPatron():
            return staff.unblock_patron(facts, command)
        case ChargePatron():
            return staff.charge_patron(facts, command)
        case WaiveFee():
            return payment.waive(facts, command)
        case ReplaceCard():
            return cards.replace(facts, command)
        case LinkCard():
            return cards.link(facts, command)
        case ResetPin():
            return cards.reset_pin(facts, command)
        case _:
            assert_never(command)


def _check_out(facts: Facts, command: CheckOut) -> Decision:
    happened = offline.happened(facts, command)
    return offline.check_out(facts, command, happened) if happened else checkout.check_out(facts, command)


def _renew(facts: Facts, command: Renew) -> Decision:
    happened = offline.happened(facts, command)
    return offline.renew(facts, command, happened) if happened else renewal.renew(facts, command)
