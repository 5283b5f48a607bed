"""What an act costs by the `fee` table: the row, the amount, and the charge that it becomes when the act is granted."""

from collections.abc import Iterable
from dataclasses import replace

from backend.changes import AddCharge, Change
from backend.commands import CheckOut, PlaceHold, Renew, RenewAll
from backend.facts import Facts, ItemFacts
from backend.model import Charge, ChargeId, FeeKind, Hold, HoldState, Item, LoanId, Patron, PatronId
from backend.money import Money, total
from backend.outcomes import Reason, Refusal
from backend.partner_changes import PutItemRecord
from backend.policy.facts import Facts as Circumstances
from backend.policy.facts import is_under
from backend.policy.model import Policy
from backend.policy.rows import FeeRow
from backend.rules.answers import note_for_staff
from backend.rules.circumstances import circumstances
from backend.value import value

KINDS: dict[str, FeeKind] = {
    "ill_collected": FeeKind.ILL,
    "ill_uncollected": FeeKind.ILL,
    "ill_copy": FeeKind.MISC,
    "card_replaced": FeeKind.CARD,
    "hold_placed": FeeKind.HOLD,
    "checkout": FeeKind.CHECKOUT,
    "renewal": FeeKind.CHECKOUT,
}
ILL_EVENTS = frozenset({"ill_collected", "ill_copy"})
FEE_TAKEN = "ill_fee_taken"  # on an item that is borrowed in: its request has been charged already
COPY = "copy"  # the material of what another library made for our patron, an article say: it is ordered, not lent


@value(frozen=True, slots=True, kw_only=True)
class Fee:
    """One fee of one act; `amount` is None where the library or the order has not set it: nothing is charged then."""

    row: FeeRow
    policy: Policy
    amount: Money | None

    @property
    def kind(self) -> FeeKind:
        return KINDS.get(self.row.event, FeeKind.MISC)


def fees_of(policy: Policy, events: Iterable[str], asked: Circumstances, order: Money | None = None) -> tuple[Fee, ...]:
    """What `events` cost here and now, without exemptions and zeros; `order` is the amount that the order states."""
    rows = (policy.fee_row(event, asked) for event in events)
    due = [row for row in rows if row and not policy.exempt_row(row.kind, asked)]
    found = (Fee(row=row, policy=policy, amount=_amount(row, order)) for row in due)
    return tuple(fee for fee in found if fee.amount is None or fee.amount)


def is_borrowed_in(what: ItemFacts) -> bool:
    """Another library's item, here for one of our patrons."""
    return what.borrowed_in is not None or what.item.loan_type == "ill"


def is_from_elsewhere(policy: Policy, what: ItemFacts) -> bool:
    """Borrowed in by the library of that policy, be it from another library of ours."""
    return is_borrowed_in(what) or what.item.library != policy.library.id


def loan_fees(policy: Policy, what: ItemFacts, asked: Circumstances) -> tuple[Fee, ...]:
    """What lending the item costs; an item that is borrowed in costs its order too, once per request."""
    if is_fee_taken(what):
        events: tuple[str, ...] = ("checkout",)
    elif is_copy(what):
        events = ("ill_copy",)
    else:
        events = ("ill_collected", "checkout") if is_from_elsewhere(policy, what) else ("checkout",)
    return fees_of(policy, events, asked, copy_price(what))


def is_fee_taken(what: ItemFacts) -> bool:
    """Once per request and item, however often it is lent under that request (LYS-16)."""
    request = what.borrowed_in
    return FEE_TAKEN in what.item.flags or (request is not None and request.fee_taken)


def remember_fee(item: Item, fees: Iterable[Fee]) -> tuple[Change, ...]:
    """The item, as it stands now, keeps in mind that its request was charged; a new request records it anew."""
    if not any(fee.amount and fee.row.event in ILL_EVENTS for fee in fees):
        return ()
    return (PutItemRecord(item=replace(item, flags=item.flags | {FEE_TAKEN})),)


def forget_fee(item: Item) -> tuple[Change, ...]:
    """The loan that was charged never was."""
    return (PutItemRecord(item=replace(item, flags=item.flags - {FEE_TAKEN})),) if FEE_TAKEN in item.flags else ()


def is_copy(what: ItemFacts) -> bool:
    """Was it made for our patron, who keeps it?"""
    request = what.borrowed_in
    return bool(request and request.copy_price) or (is_borrowed_in(what) and is_under(what.item.material, COPY))


def copy_price(what: ItemFacts) -> Money | None:
    """What the order of a copy costs, as its request says or its record; None as long as nobody has told."""
    request = what.borrowed_in
    return (request.copy_price if request else None) or (what.item.price if is_copy(what) else None)


def uncollected(facts: Facts, what: ItemFacts, patron: Patron, hold: Hold) -> tuple[Fee, ...]:
    """What an interlibrary loan costs that came and is not fetched, once per request (LYS-17); no copy to keep is one.

    What that costs is charged when it is handed out (LYS-18).
    """
    request = what.borrowed_in
    policy = facts.policies.of(hold.library, facts.now)
    if is_copy(what) or is_fee_taken(what) or not is_from_elsewhere(policy, what) or hold.state is not HoldState.READY:
        return ()
    asked = circumstances(facts, policy, "collect", patron=patron, item=what.item, branch=hold.pickup)
    course = {"course"} if request and request.course else set[str]()
    return fees_of(policy, ("ill_uncollected",), asked._replace(flags=asked.flags | course))


def to_accept(fees: Iterable[Fee]) -> Refusal | None:
    """The consent that is asked for before anything happens, or None when no fee asks for it."""
    asking = [fee for fee in fees if fee.row.ask_first and fee.amount is not None]
    if not asking:
        return None
    return Refusal(reason=Reason.FEE_ACK, amount=sum_of(asking), fee=asking[0].kind, row=asking[0].row.id)


def unaccepted(fees: Iterable[Fee], command: CheckOut | Renew | RenewAll | PlaceHold) -> Refusal | None:
    """The consent that is missing: none was given, or to a smaller sum than it costs."""
    asked = to_accept(fees)
    if asked is None or not command.fee_accepted:
        return asked
    limit = None if isinstance(command, RenewAll) else command.fee_limit
    if limit is None or asked.amount is None:
        return None
    covers = limit.currency == asked.amount.currency and limit.minor >= asked.amount.minor
    return None if covers else asked


def sum_of(fees: Iterable[Fee]) -> Money | None:
    """All that is charged; None when nothing is."""
    amounts = [fee.amount for fee in fees if fee.amount is not None]
    return total(amounts, amounts[0].currency) if amounts else None


def kind_of(fees: Iterable[Fee]) -> FeeKind | None:
    """What an answer calls the sum: the kind of the first that is charged."""
    return next((fee.kind for fee in fees if fee.amount is not None), None)


def charge_fees(
    facts: Facts, fees: Iterable[Fee], patron: PatronId, item: Item | None = None, loan: LoanId | None = None
) -> tuple[Change, ...]:
    """One charge for each fee; a fee without an amount becomes work for staff."""
    return tuple(_charged(facts, fee, patron, item, loan) for fee in fees)


def first_charge(changes: Iterable[Change]) -> ChargeId | None:
    """The id that an answer names as its fee's."""
    return next((change.charge.id for change in changes if isinstance(change, AddCharge)), None)


def _amount(row: FeeRow, order: Money | None) -> Money | None:
    match row.amount:
        case Money() as fixed:
            return fixed
        case "order":
            return order
        case _:
            return None


def _charged(facts: Facts, fee: Fee, patron: PatronId, item: Item | None, loan: LoanId | None) -> Change:
    if fee.amount is None:
        return note_for_staff(facts, Reason.FEE_NOT_SET, patron=patron, item=item, text=fee.row.id)
    return AddCharge(
        charge=Charge(
            id=ChargeId(next(facts.ids)),
            library=facts.asked_by.library,
            patron=patron,
            kind=fee.kind,
            amount=fee.amount,
            owed=fee.amount,
            raised=facts.now,
            row=fee.row.id,
            policy=fee.policy.hash,
            loan=loan,
            item=item.id if item else None,
            title=item.title if item else "",
            barcode=item.barcode if item else "",
        )
    )
