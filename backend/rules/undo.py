"""Taking back what a machine could not finish: a true reversal, as if the act had not been (sip2.md 7.18).

Only the newest act on the item is taken back, and only for the terminal that did it or within a quarter of an hour.
A reversal leaves no fine, no statistics, no transit, and catches no hold.
"""

from dataclasses import replace
from datetime import timedelta

from backend.changes import (
    Change,
    CloseLoan,
    LiftBlocks,
    PutHold,
    PutItem,
    PutLoan,
    ReopenLoan,
    SettleCharge,
    UnsettleCharge,
)
from backend.commands import CheckIn, UndoCheckIn, UndoCheckOut
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import Charge, FeeKind, HoldState, ItemState, Loan
from backend.outcomes import CheckedIn, CheckedOut, CheckInUndone, CheckOutUndone, Outcome, Reason, Refusal
from backend.partner_commands import UndoLoan
from backend.rules.answers import about, refused
from backend.rules.checkin import check_in
from backend.rules.fees import forget_fee
from backend.rules.waiting import waiting_again

WITHIN = timedelta(minutes=15)  # for another terminal than the one that acted


def undo_check_out(facts: Facts, command: UndoCheckOut) -> Decision:
    """The loan that was just made never was; what was not just lent is an ordinary return."""
    item = facts.item
    if item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    if item.loan is None:
        return Decision(outcome=_taken_back(facts, item, was_lent=False))
    lent = _just_lent(facts, item, item.loan)
    if lent is None:
        return check_in(facts, CheckIn(item=command.item, at=command.at))
    return _not_lent(facts, item, item.loan, lent)


def undo_loan(facts: Facts, command: UndoLoan) -> Decision:
    """The loan that was just made never was; anything else is not this asker's to take back.

    A partner lends to many at once: what counts is what it lent last to the same borrower.
    """
    item = facts.item
    if item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    if command.patron and facts.patron is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    if item.loan is not None and facts.patron is not None and item.loan.patron != facts.patron.patron.id:
        return refused(facts, (Refusal(reason=Reason.NOT_YOUR_LOAN),))
    lent = _just_lent(facts, item, item.loan) if item.loan and _is_by_asker(facts, item) else None
    if item.loan is None or lent is None:
        return refused(facts, (Refusal(reason=Reason.NOTHING_TO_UNDO),))
    return _not_lent(facts, item, item.loan, lent)


def _is_by_asker(facts: Facts, item: ItemFacts) -> bool:
    mine = item.last is not None and item.last.account == facts.asked_by.account
    return mine and item.lent_last in (None, item.item.id)


def _not_lent(facts: Facts, item: ItemFacts, loan: Loan, lent: CheckedOut) -> Decision:
    return Decision(
        outcome=_taken_back(facts, item, was_lent=True),
        changes=(
            _loan_before(facts, loan, lent),
            *forget_fee(item.item),
            *_let_off(facts, lent, item.charges, "the loan did not come about"),
            *_back_on_hold_shelf(item, lent),
        ),
    )


def undo_check_in(facts: Facts, command: UndoCheckIn) -> Decision:
    """The loan goes on as before the return; what never was returned cannot be undone."""
    item, patron = facts.item, facts.patron
    if patron is None or item is None:
        unknown = Reason.UNKNOWN_PATRON if patron is None else Reason.UNKNOWN_ITEM
        return refused(facts, (Refusal(reason=unknown),))
    loan = item.last_loan if item.loan is None else None
    back = _just_returned(facts, item, loan)
    if loan is None or back is None or loan.patron != patron.patron.id:
        return refused(facts, (Refusal(reason=Reason.NOTHING_TO_UNDO),))
    return Decision(
        outcome=CheckInUndone(at=facts.now, about=about(facts), loan=loan.id, due=loan.due),
        changes=(
            ReopenLoan(loan=_with_payments(loan, back, item.last_charges)),
            *_let_off(facts, back, item.last_charges, "the return was undone"),
            *_owed_again(facts, back, item.last_charges),
            *_waiting_again(item, back),
            *_free_again(facts, patron, back),
            PutItem(item=item.item.id, state=_state_of(loan), branch=loan.branch, home=back.floated_from),
        ),
    )


# ---- what was last done ----------------------------------------------------------


def _fresh(facts: Facts, item: ItemFacts) -> Outcome | None:
    """What was last granted with the item: by this terminal, or a moment ago."""
    last = item.last
    if last is None or not last.granted:
        return None
    here = last.account == facts.asked_by.account
    return last.outcome if here or facts.now - last.at <= WITHIN else None


def _just_lent(facts: Facts, item: ItemFacts, loan: Loan) -> CheckedOut | None:
    last = _fresh(facts, item)
    return last if isinstance(last, CheckedOut) and last.loan == loan.id else None


def _just_returned(facts: Facts, item: ItemFacts, loan: Loan | None) -> CheckedIn | None:
    last = _fresh(facts, item)
    return last if loan is not None and isinstance(last, CheckedIn) and last.loan == loan.id else None


# ---- putting it back ---------------------------------------------------------------


def _loan_before(facts: Facts, loan: Loan, lent: CheckedOut) -> Change:
    """The loan is gone; or, when the checkout renewed it, as it was."""
    if lent.before is not None:
        return PutLoan(loan=lent.before)
    return CloseLoan(loan=loan.id, at=facts.now, undone=True)


def _let_off(facts: Facts, act: Outcome, charges: tuple[Charge, ...], why: str) -> tuple[Change, ...]:
    """What the act itself charged, as far as it is not paid."""
    open_ones = [charge for charge in charges if charge.raised == act.at and charge.owed]
    return tuple(SettleCharge(charge=one.id, amount=one.owed, at=facts.now, why=why) for one in open_ones)


def _owed_again(facts: Facts, back: CheckedIn, charges: tuple[Charge, ...]) -> tuple[Change, ...]:
    """The replacement that the return had taken back."""
    bill = next((charge for charge in charges if charge.kind is FeeKind.REPLACEMENT), None)
    if back.let_off is None or bill is None:
        return ()
    return (UnsettleCharge(charge=bill.id, amount=back.let_off, at=facts.now, why="the return was undone"),)


def _with_payments(loan: Loan, back: CheckedIn, charges: tuple[Charge, ...]) -> Loan:
    """What was paid on the fixed fine counts towards the fine that runs again."""
    fixed = next((one for one in charges if one.kind is FeeKind.OVERDUE and one.raised == back.at), None)
    return replace(loan, fine_paid=fixed.amount - fixed.owed) if fixed else loan


def _back_on_hold_shelf(item: ItemFacts, lent: CheckedOut) -> tuple[Change, ...]:
    """The hold that the loan had satisfied is open again, with its copy where it lay, or on its way from here."""
    hold, copy = lent.collected, item.item
    if hold is None:
        return ()
    if hold.trapped != copy.id:
        return (PutHold(hold=hold),)
    if hold.state is HoldState.READY:
        return (PutHold(hold=hold), PutItem(item=copy.id, state=ItemState.HOLD_SHELF, branch=hold.pickup))
    onwards = PutItem(item=copy.id, state=ItemState.TRANSIT, branch=copy.present_branch, destination=hold.pickup)
    return (PutHold(hold=hold), onwards)


def _state_of(loan: Loan) -> ItemState:
    """Of a copy that is out: one that is billed counts as lost."""
    return ItemState.LOST if loan.billed_on is not None else ItemState.SHELF


def _waiting_again(item: ItemFacts, back: CheckedIn) -> tuple[Change, ...]:
    """The hold that the return had caught waits again."""
    caught = (one.hold for one in item.holds if one.hold.id == back.hold and one.hold.trapped == item.item.id)
    return tuple(PutHold(hold=waiting_again(hold)) for hold in caught)


def _free_again(facts: Facts, patron: PatronFacts, back: CheckedIn) -> tuple[Change, ...]:
    """The days without borrowing that the late return had cost."""
    suspended = [one for one in patron.blocks if one.reason == Reason.SUSPENDED and one.since == back.at]
    numbers = tuple(block.id for block in suspended)
    return (LiftBlocks(patron=patron.patron.id, at=facts.now, blocks=numbers),) if numbers else ()


def _taken_back(facts: Facts, item: ItemFacts, *, was_lent: bool) -> CheckOutUndone:
    return CheckOutUndone(at=facts.now, about=about(facts), was_lent=was_lent, home_branch=item.item.home_branch)
