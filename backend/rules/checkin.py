"""Returns: every one is taken, the loan ends, the fine is fixed, and the item is sent where it is wanted.

Source: policies C-05, C-19 and C-24; sip2.md 7.3 and 10.1.
"""

from dataclasses import replace

from backend.changes import AddBlock, AddCharge, Change, CloseLoan, PutHold, PutItem, SettleCharge
from backend.commands import CheckIn
from backend.facts import Decision, Facts, HoldFacts, LoanFacts
from backend.model import FeeKind, HoldState, Item
from backend.money import Money, total
from backend.outcomes import CheckedIn, Reason, Refusal, Route
from backend.rules.answers import about, note_for_staff, refused
from backend.rules.circumstances import circumstances_of_loan, policy_on
from backend.rules.debt import debt, fix_fine, lateness
from backend.rules.fees import forget_fee
from backend.rules.returned import Returned
from backend.rules.standing import remember_debt_blocks
from backend.rules.told import card_for, who_waits
from backend.rules.waiting import lapsed_on_the_way
from backend.rules.way import Way, way_of
from backend.rules.whose_clock import uploaded
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the end of the loan brings: its changes, and what is said of it."""

    changes: tuple[Change, ...] = ()
    notes: tuple[Refusal, ...] = ()
    fine: Money | None = None
    days: int = 0
    let_off: Money | None = None
    for_staff: bool = False


def check_in(facts: Facts, command: CheckIn) -> Decision:
    """Take the item; only one that we do not know is refused, and one that is not on loan where that was said."""
    if facts.item is None:
        return _unknown(facts, command)
    if command.only_lent and facts.item.loan is None:
        return refused(facts, (Refusal(reason=Reason.NOT_ON_LOAN),))
    back = Returned(facts, command, facts.item)
    if back.is_overtaken:
        return _overtaken(back)
    late = lapsed_on_the_way(facts.item.holds, facts.item.item, back.today)
    if late is not None:
        return _too_late(back, late)
    ending = end_of(back, back.loan) if back.loan else not_on_loan(back)
    way = way_of(back, for_staff=ending.for_staff)
    moved = _moved(back, way)
    held = (PutHold(hold=way.trapped),) if way.trapped else ()
    doubt = (_note(facts, command, Reason.DATE_NOT_BELIEVED),) if back.is_doubtful else ()
    anew = forget_fee(_standing(back, way)) if way.trapped else ()  # of another request
    return Decision(outcome=_outcome(back, ending, way), changes=(*ending.changes, *held, *moved, *anew, *doubt))


def _too_late(back: Returned, late: HoldFacts) -> Decision:
    """It comes when it is of no use any more: the hold is over, without a fee, and the copy goes on."""
    others = tuple(one for one in back.item.holds if one is not late)
    decision = check_in(replace(back.facts, item=replace(back.item, holds=others)), back.command)
    over = PutHold(hold=replace(late.hold, state=HoldState.EXPIRED), closed_at=back.facts.now)
    return replace(decision, changes=(over, *decision.changes))


def _unknown(facts: Facts, command: CheckIn) -> Decision:
    """The only return that is refused; an upload will not be sent again, so staff get what it said."""
    decision = refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    lost = (_note(facts, command, Reason.UNKNOWN_ITEM),) if uploaded(facts, command) else ()
    return replace(decision, changes=lost)


def _overtaken(back: Returned) -> Decision:
    """The item is out again: that loan goes on, and staff see to what was uploaded."""
    outcome = replace(
        _outcome(back, Ending(), Way(route=Route.STAFF, state=back.item.item.state)), loan=None, patron_card=None
    )
    return Decision(outcome=outcome, changes=(_note(back.facts, back.command, Reason.DATE_NOT_BELIEVED),))


def _note(facts: Facts, command: CheckIn, reason: Reason) -> Change:
    said = uploaded(facts, command)
    when = f" off line at {said.isoformat()}" if said else ""
    return note_for_staff(facts, reason, text=f"return{when}, item {command.item}")


def not_on_loan(back: Returned) -> Ending:
    """Nothing ends; whether that is worth a word the account says, and not to a machine whose bin the item is in."""
    if back.facts.asked_by.free_return_ok or back.uploaded:
        return Ending()
    return Ending(notes=(Refusal(reason=Reason.NOT_ON_LOAN),))


def end_of(back: Returned, loan: LoanFacts) -> Ending:
    """The loan is closed, its fine fixed, a bill that is not paid is taken back (C-24)."""
    close = CloseLoan(loan=loan.loan.id, at=back.at)
    if loan.loan.billed_on is not None:
        changes, said = _after_bill(back, loan)
        cancelled = (change.amount for change in changes if isinstance(change, SettleCharge))
        let_off = total(cancelled, loan.loan.fine_paid.currency)
        blocked = still_blocked(back, let_off)
        return Ending(changes=(close, *changes, *blocked), notes=said, let_off=let_off or None, for_staff=True)
    if back.is_in_time:
        return Ending(changes=(close,), for_staff=loan.loan.claimed_returned)
    late = lateness(back.facts, loan, back.at)
    policy = back.facts.policies.of(loan.loan.library, back.at)
    fixed = fix_fine(back.facts, loan, policy.time.today(back.at))
    charged = any(isinstance(change, AddCharge) for change in fixed)
    told = Refusal(reason=Reason.FINE_ON_RETURN, amount=late.amount, count=late.days, row=late.row.id)
    notes = [told] if charged else []
    if late.is_unset:
        notes.append(Refusal(reason=Reason.FEE_NOT_SET, row=late.row.id))
    barred = (change.block for change in fixed if isinstance(change, AddBlock))
    notes += (Refusal(reason=Reason.SUSPENDED, day=block.until, row=late.row.id) for block in barred)
    return Ending(
        changes=(close, *fixed),
        notes=tuple(notes),
        fine=late.amount if charged else None,
        days=late.days,
        for_staff=loan.loan.claimed_returned,
    )


def _after_bill(back: Returned, loan: LoanFacts) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """What is unpaid of a replacement is let off; what was paid is given back, by staff, only within `refund_days`."""
    bills = [charge for charge in back.item.charges if charge.kind is FeeKind.REPLACEMENT]
    policy = policy_on(back.facts, loan.loan.library, back.today)
    asked = circumstances_of_loan(policy, loan.loan, loan.item, back.item.borrower, back.today)
    row = policy.replacement_row(asked)
    unpaid = [charge for charge in bills if charge.owed]
    paid = total((charge.amount - charge.owed for charge in bills), policy.currency)
    since = (back.today - loan.loan.billed_on).days if loan.loan.billed_on else 0
    if unpaid and not row.cancel_on_return:
        return (), (Refusal(reason=Reason.BILLED, row=row.id),)
    settled: list[Change] = [
        SettleCharge(charge=charge.id, amount=charge.owed, at=back.facts.now, why="returned after billing")
        for charge in unpaid
    ]
    given_back = bool(paid) and since <= (row.refund_days or -1)
    if given_back:
        text = f"{row.id} {paid.text()}"
        settled.append(
            note_for_staff(back.facts, Reason.AMOUNT_TOO_HIGH, patron=loan.loan.patron, item=loan.item, text=text)
        )
    kept = paid and not given_back
    said = [Reason.FOUND_AFTER_BILL] if unpaid or not kept else []
    said += [Reason.FOUND_AFTER_PAYMENT] if kept else []
    return tuple(settled), tuple(Refusal(reason=reason, row=row.id) for reason in said)


def still_blocked(back: Returned, let_off: Money) -> tuple[Change, ...]:
    """A block that lifts late outlasts the claim that is taken back, as it outlasts a payment."""
    who = back.item.account
    if who is None or not let_off:
        return ()
    facts = replace(back.facts, patron=who)
    return remember_debt_blocks(facts, who, debt(facts, who) - let_off)


def _moved(back: Returned, way: Way) -> tuple[Change, ...]:
    """The item's new place, unless nothing about it changes."""
    item: Item = back.item.item
    branch = back.here
    stays = (item.state, item.present_branch, item.destination) == (way.state, branch, way.destination)
    if stays and back.command.properties is None and way.home is None:
        return ()
    return (
        PutItem(
            item=item.id,
            state=way.state,
            branch=branch,
            destination=way.destination,
            properties=back.command.properties,
            home=way.home,
        ),
    )


def _standing(back: Returned, way: Way) -> Item:
    """The item's record from now on."""
    return replace(back.item.item, state=way.state, present_branch=back.here, destination=way.destination)


def _outcome(back: Returned, ending: Ending, way: Way) -> CheckedIn:
    item, loan = back.item.item, back.item.loan
    borrower = back.item.borrower
    waiting_card, waiting_name = who_waits(back.facts, way.hold)
    return CheckedIn(
        at=back.facts.now,
        about=about(back.facts, speaker=borrower),
        notes=ending.notes,
        loan=loan.id if loan else None,
        patron_card=card_for(back.facts, borrower),
        home_branch=way.home or item.home_branch,
        floated_from=item.home_branch if way.home else None,
        owner=item.library,
        route=way.route,
        destination=way.destination,
        destination_library=way.library,
        hold=way.hold.hold.id if way.hold else None,
        hold_reference=(way.trapped or way.hold.hold).reference if way.hold else "",
        hold_patron_card=waiting_card,
        hold_patron_name=waiting_name,
        call_number=item.call_number,
        collection=item.collection,
        fine=ending.fine,
        days_late=ending.days,
        let_off=ending.let_off,
    )
