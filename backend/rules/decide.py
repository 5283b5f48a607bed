"""One command, one rule. Whatever can be asked has its line here; mypy counts them."""

from typing import assert_never

from backend.commands import (
    BlockCard,
    CancelHold,
    ChangeHold,
    CheckIn,
    CheckOut,
    ClearPinFailures,
    Command,
    EnablePatron,
    EnterBuilding,
    LookUpItem,
    LookUpPatron,
    NotePinFailure,
    PayFee,
    PlaceHold,
    Renew,
    RenewAll,
    StoreProperties,
    UndoCheckIn,
    UndoCheckOut,
)
from backend.copy_commands import MoveCopy, OrderCopy
from backend.facts import Decision, Facts
from backend.order_commands import ConfirmOrder, DeclineOffer, LookUpPickupPlaces, OrderTitle
from backend.partner_commands import PartnerChange, PartnerLookUp
from backend.people_commands import MergePatrons, RecordAgreement, RecordConsent
from backend.rules import (
    cards,
    checkin,
    checkout,
    copies,
    door,
    hold,
    invoices,
    lookup,
    losses,
    offline,
    order,
    order_places,
    partner,
    partner_acts,
    payment,
    people,
    renewal,
    staff,
    undo,
)
from backend.staff_commands import (
    BlockPatron,
    ChargePatron,
    ClaimReturned,
    Found,
    IssueInvoice,
    LinkCard,
    ReplaceCard,
    ReportDamaged,
    ReportLost,
    ResetPin,
    UnblockPatron,
    WaiveFee,
    WithdrawClaim,
)

OfItems = CheckOut | CheckIn | UndoCheckOut | UndoCheckIn | Renew | RenewAll
OfOrders = OrderTitle | ConfirmOrder | DeclineOffer | LookUpPickupPlaces
OfCopies = OrderCopy | MoveCopy
OfHolds = PlaceHold | CancelHold | ChangeHold | OfOrders | OfCopies
OfMoney = PayFee | WaiveFee | ChargePatron | IssueInvoice
OfLosses = ReportLost | ReportDamaged | ClaimReturned | WithdrawClaim | Found
OfCards = BlockCard | EnablePatron | ReplaceCard | LinkCard
OfPins = ResetPin | NotePinFailure | ClearPinFailures
OfPeople = BlockPatron | UnblockPatron | EnterBuilding | MergePatrons | RecordConsent | RecordAgreement
OfRecords = LookUpPatron | LookUpItem | StoreProperties


def decide(facts: Facts, command: Command) -> Decision:
    """The outcome of `command`, and the changes that make it true. Pure: the same facts, the same decision."""
    if isinstance(command, OfItems):
        return _of_items(facts, command)
    if isinstance(command, OfRecords):
        return _of_records(facts, command)
    if isinstance(command, OfHolds):
        return _of_holds(facts, command)
    if isinstance(command, OfLosses):
        return _of_losses(facts, command)
    if isinstance(command, OfMoney):
        return _of_money(facts, command)
    if isinstance(command, OfCards):
        return _of_cards(facts, command)
    if isinstance(command, OfPins):
        return _of_pins(facts, command)
    if isinstance(command, OfPeople):
        return _of_people(facts, command)
    if isinstance(command, PartnerChange | PartnerLookUp):
        return partner.decide(facts, command)
    assert_never(command)


def _of_items(facts: Facts, command: OfItems) -> Decision:
    match command:
        case CheckOut():
            return _check_out(facts, command)
        case Renew():
            return _renew(facts, command)
        case RenewAll():
            return renewal.renew_all(facts, command)
        case CheckIn():
            return checkin.check_in(facts, command)
        case UndoCheckOut():
            return undo.undo_check_out(facts, command)
        case UndoCheckIn():
            return undo.undo_check_in(facts, command)
        case _:
            assert_never(command)


def _of_holds(facts: Facts, command: OfHolds) -> Decision:
    match command:
        case PlaceHold():
            return partner_acts.place_numbered(facts, command, hold.place)
        case CancelHold():
            return hold.cancel(partner_acts.only_named(facts, command), command)
        case ChangeHold():
            return hold.change(partner_acts.only_named(facts, command), command)
        case OrderCopy():
            return copies.order(facts, command)
        case MoveCopy():
            return copies.move(facts, command)
        case _:
            return _of_orders(facts, command)


def _of_orders(facts: Facts, command: OfOrders) -> Decision:
    match command:
        case OrderTitle():
            return order.order(facts, command)
        case ConfirmOrder():
            return order.confirm(facts, command)
        case DeclineOffer():
            return order.decline(facts, command)
        case LookUpPickupPlaces():
            return order_places.places(facts, command)
        case _:
            assert_never(command)


def _of_losses(facts: Facts, command: OfLosses) -> Decision:
    match command:
        case ReportLost():
            return losses.report_lost(facts, command)
        case ReportDamaged():
            return losses.report_damaged(facts, command)
        case ClaimReturned() | WithdrawClaim():
            return losses.claim(facts, command)
        case Found():
            return losses.found(facts, command)
        case _:
            assert_never(command)


def _of_money(facts: Facts, command: OfMoney) -> Decision:
    match command:
        case PayFee():
            return payment.pay(facts, command)
        case WaiveFee():
            return payment.waive(facts, command)
        case ChargePatron():
            return staff.charge_patron(facts, command)
        case IssueInvoice():
            return invoices.issue(facts, command)
        case _:
            assert_never(command)


def _of_cards(facts: Facts, command: OfCards) -> Decision:
    match command:
        case BlockCard():
            return cards.block(facts, command)
        case EnablePatron():
            return cards.enable(facts, command)
        case ReplaceCard():
            return cards.replace(facts, command)
        case LinkCard():
            return cards.link(facts, command)
        case _:
            assert_never(command)


def _of_pins(facts: Facts, command: OfPins) -> Decision:
    match command:
        case ResetPin():
            return cards.reset_pin(facts, command)
        case NotePinFailure():
            return cards.note_pin_failure(facts, command)
        case ClearPinFailures():
            return cards.clear_pin_failures(facts, command)
        case _:
            assert_never(command)


def _of_people(facts: Facts, command: OfPeople) -> Decision:
    match command:
        case BlockPatron():
            return staff.block_patron(facts, command)
        case UnblockPatron():
            return staff.unblock_patron(facts, command)
        case EnterBuilding():
            return door.enter(facts, command)
        case MergePatrons():
            return people.merge(facts, command)
        case RecordConsent():
            return people.consent(facts, command)
        case RecordAgreement():
            return people.agreement(facts, command)
        case _:
            assert_never(command)


def _of_records(facts: Facts, command: OfRecords) -> Decision:
    match command:
        case LookUpPatron():
            return lookup.patron(facts, command)
        case LookUpItem():
            return lookup.item(facts, command)
        case StoreProperties():
            return lookup.store_properties(facts, command)
        case _:
            assert_never(command)


def _check_out(facts: Facts, command: CheckOut) -> Decision:
    happened = offline.happened(facts, command)
    return offline.check_out(facts, command, happened) if happened else checkout.check_out(facts, command)


def _renew(facts: Facts, command: Renew) -> Decision:
    happened = offline.happened(facts, command)
    return offline.renew(facts, command, happened) if happened else renewal.renew(facts, command)
