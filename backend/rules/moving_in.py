"""What is brought along becomes loans, holds and charges of ours, under the policy version of its own day (C-26).

Due dates, renewals, places in the queue and amounts are taken as they are; what cannot be is refused by its column.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from backend.changes import AddCharge, AddHold, Change, MarkSent, NameReminderFee, OpenLoan, PutItem, SettleCharge
from backend.facts import Facts, ItemFacts, PatronFacts
from backend.model import (
    BranchId,
    CardState,
    Charge,
    ChargeId,
    FeeKind,
    Hold,
    HoldId,
    HoldState,
    Item,
    ItemState,
    Loan,
    LoanId,
    NoticeKind,
    Sent,
)
from backend.moving_in import IMPORT, MovedFee, MovedHold, MovedLoan, RowRefused
from backend.policy.dates import due_instant, pickup_deadline
from backend.policy.model import Policy
from backend.rules.circumstances import circumstances, place
from backend.rules.waiting import set_aside

Brought = tuple[int, tuple[Change, ...]]  # the number of the new record, and what puts it on record
M = TypeVar("M", MovedLoan, MovedHold, MovedFee)
PAID_BEFORE = "paid before moving in"  # why less is owed than the fee was


def move_in_loan(facts: Facts, moved: MovedLoan) -> RowRefused | Brought:
    """The loan as it stands, open, and the copy where a lent one is."""
    wrong = first_wrong(LOAN_CHECKS, facts, moved)
    if wrong or facts.patron is None or facts.item is None:
        return wrong or STRANGER
    policy = facts.policies.of(moved.library, moved.lent)
    loan = open_loan(facts, facts.patron, facts.item.item, policy, moved)
    marks = tuple(MarkSent(sent=reminded(loan, moved, step, today_of(facts))) for step in range(moved.reminders))
    return loan.id, (OpenLoan(loan=loan), *copy_now(facts.item.item, loan), *marks)


def open_loan(facts: Facts, who: PatronFacts, item: Item, policy: Policy, moved: MovedLoan) -> Loan:
    """The row that would have decided then gives the loan its group."""
    branch = BranchId(place(policy, moved.branch or item.home_branch).id)
    asked = circumstances(facts, policy, "checkout", patron=who.patron, item=item, branch=branch, at=moved.lent)
    row = policy.loan_row(asked)
    return Loan(
        id=LoanId(next(facts.ids)),
        library=moved.library,
        branch=branch,
        patron=who.patron.id,
        item=item.id,
        account=facts.asked_by.account,
        lent=moved.lent,
        due=due_instant(policy, moved.due),
        due_on=moved.due,
        renewals=moved.renewals,
        policy=policy.hash,
        row=row.id,
        group=row.counted_in,
        fine_paid=policy.zero,
        claimed_returned=moved.claimed_returned,
        billed_on=moved.billed_on,
    )


def copy_now(item: Item, loan: Loan) -> tuple[Change, ...]:
    """A lent copy left the branch that lent it; a billed one counts as lost."""
    state = ItemState.SHELF if loan.billed_on is None else ItemState.LOST
    if (item.state, item.present_branch, item.destination) == (state, loan.branch, None):
        return ()
    return (PutItem(item=item.id, state=state, branch=loan.branch),)


def reminded(loan: Loan, moved: MovedLoan, step: int, today: date) -> Sent:
    """A reminder that went out before: the ladder goes on after it."""
    return Sent(
        library=loan.library,
        kind=NoticeKind.AFTER_DUE,
        loan=loan.id,
        for_day=loan.due_on,
        step=step,
        sent_on=moved.reminded_on or today,
        row=IMPORT,
        policy=loan.policy,
    )


def move_in_hold(facts: Facts, moved: MovedHold) -> RowRefused | Brought:
    """The reservation in its place in the queue, or with its copy on the pickup shelf."""
    wrong = first_wrong(HOLD_CHECKS, facts, moved)
    if wrong or facts.patron is None or facts.item is None:
        return wrong or STRANGER
    policy = facts.policies.of(moved.library, facts.now)
    item = facts.item.item
    hold = Hold(
        id=HoldId(next(facts.ids)),
        library=moved.library,
        patron=facts.patron.patron.id,
        title_id=item.title_id,
        item=item.id if moved.this_copy else None,
        trapped=item.id if moved.ready_on else None,
        state=HoldState.READY if moved.ready_on else HoldState.WAITING,
        pickup=BranchId(place(policy, moved.pickup or facts.patron.patron.home_branch).id),
        placed=moved.placed,
        expires=moved.expires,
        ready_on=moved.ready_on,
        pickup_by=pickup_by(facts, facts.patron, item, policy, moved),
        suspended=moved.suspended,
        reference=moved.reference,
    )
    return hold.id, (AddHold(hold=hold), *shelved(hold, item, policy))


def pickup_by(facts: Facts, who: PatronFacts, item: Item, policy: Policy, moved: MovedHold) -> date | None:
    """As the file says, else as our rules count from the day on which the copy was ready."""
    if moved.ready_on is None or moved.pickup_by is not None:
        return moved.pickup_by
    branch = place(policy, moved.pickup or who.patron.home_branch)
    row = policy.hold_row(circumstances(facts, policy, "hold", patron=who.patron, item=item))
    return pickup_deadline(branch, row, moved.ready_on)


def shelved(hold: Hold, item: Item, policy: Policy) -> tuple[Change, ...]:
    """The copy lies on the pickup shelf; the patron was told so by the system that is left."""
    if hold.ready_on is None:
        return ()
    told = Sent(
        library=hold.library,
        kind=NoticeKind.HOLD_READY,
        hold=hold.id,
        for_day=hold.ready_on,
        step=0,
        sent_on=hold.ready_on,
        row=IMPORT,
        policy=policy.hash,
    )
    return (PutItem(item=item.id, state=ItemState.HOLD_SHELF, branch=hold.pickup), MarkSent(sent=told))


def move_in_fee(facts: Facts, moved: MovedFee) -> RowRefused | Brought:
    """The fee with what is left of it; one for a copy that the patron still has belongs to that loan."""
    wrong = first_wrong(FEE_CHECKS, facts, moved)
    if wrong or facts.patron is None:
        return wrong or STRANGER
    what = facts.item
    loan = what.loan if what and what.loan and what.loan.patron == facts.patron.patron.id else None
    charge = Charge(
        id=ChargeId(next(facts.ids)),
        library=moved.library,
        patron=facts.patron.patron.id,
        kind=moved.kind,
        amount=moved.amount,
        owed=moved.amount,
        raised=moved.raised,
        row=IMPORT,
        policy=facts.policies.of(moved.library, moved.raised).hash,
        loan=loan.id if loan else None,
        item=what.item.id if what else None,
        title=moved.title or (what.item.title if what else ""),
        barcode=what.item.barcode if what else "",
        note=moved.note,
        kid=moved.kid,
    )
    return charge.id, (AddCharge(charge=charge), *paid_before(moved, charge, facts.now), *of_reminder(charge))


def paid_before(moved: MovedFee, charge: Charge, now: datetime) -> tuple[Change, ...]:
    """What was paid elsewhere is settled, so that the ledger adds up."""
    paid = moved.amount - moved.owed
    return (SettleCharge(charge=charge.id, amount=paid, at=now, why=PAID_BEFORE),) if paid.minor else ()


def of_reminder(charge: Charge) -> tuple[Change, ...]:
    """The next step of a price list charges only what is above this."""
    if charge.kind is not FeeKind.REMINDER or charge.loan is None:
        return ()
    return (NameReminderFee(loan=charge.loan, charge=charge.id),)


# ---- checks -----------------------------------------------------------------------

STRANGER = RowRefused("patron", "is no number of a patron here")


def first_wrong(
    checks: tuple[Callable[[Facts, M], RowRefused | None], ...], facts: Facts, moved: M
) -> RowRefused | None:
    return next((wrong for check in checks if (wrong := check(facts, moved))), None)


def refuse_stranger(facts: Facts, moved: MovedLoan | MovedHold | MovedFee) -> RowRefused | None:
    known = facts.patron is not None and facts.patron.patron.card_state is not CardState.UNLINKED
    return None if known else STRANGER


def refuse_unknown_copy(facts: Facts, moved: MovedLoan) -> RowRefused | None:
    return None if facts.item else RowRefused("barcode", "there is no such copy")


def refuse_lent_later(facts: Facts, moved: MovedLoan) -> RowRefused | None:
    return RowRefused("lent", "has not come yet") if moved.lent > facts.now else None


def refuse_due_before_lent(facts: Facts, moved: MovedLoan) -> RowRefused | None:
    lent = facts.policies.of(moved.library, moved.lent).time.today(moved.lent)
    return RowRefused("due", "is before the day of the loan") if moved.due < lent else None


def refuse_on_loan(facts: Facts, moved: MovedLoan) -> RowRefused | None:
    return RowRefused("barcode", "is on loan already") if facts.item and facts.item.loan else None


def refuse_set_aside(facts: Facts, moved: MovedLoan) -> RowRefused | None:
    return RowRefused("barcode", "is set aside for a reservation") if is_set_aside(facts.item) else None


def refuse_unknown_title(facts: Facts, moved: MovedHold) -> RowRefused | None:
    if facts.item is not None:
        return None
    if moved.barcode is not None:
        return RowRefused("barcode", "there is no such copy")
    return RowRefused("record", "there is no copy of such a title")


def refuse_placed_later(facts: Facts, moved: MovedHold) -> RowRefused | None:
    return RowRefused("placed", "has not come yet") if moved.placed > facts.now else None


def refuse_lapsed(facts: Facts, moved: MovedHold) -> RowRefused | None:
    passed = moved.expires is not None and moved.expires < today_of(facts)
    return RowRefused("expires", "has passed") if passed else None


def refuse_second_hold(facts: Facts, moved: MovedHold) -> RowRefused | None:
    who, what = facts.patron, facts.item
    waits = who and what and any(one.hold.patron == who.patron.id for one in what.holds)
    return RowRefused("patron", "waits for this title already") if waits else None


def refuse_copy_not_ready(facts: Facts, moved: MovedHold) -> RowRefused | None:
    """Only a copy that nobody has, and that is nobody else's, lies ready."""
    if moved.ready_on is None or facts.item is None:
        return None
    if moved.barcode is None:
        return RowRefused("barcode", "must name the copy that lies ready")
    if facts.item.loan is not None:
        return RowRefused("barcode", "is on loan")
    return RowRefused("barcode", "is set aside for another reservation") if is_set_aside(facts.item) else None


def refuse_unknown_thing(facts: Facts, moved: MovedFee) -> RowRefused | None:
    missing = moved.barcode is not None and facts.item is None
    return RowRefused("barcode", "there is no such copy") if missing else None


def refuse_no_debt(facts: Facts, moved: MovedFee) -> RowRefused | None:
    if moved.owed.minor <= 0:
        return RowRefused("owed", "nothing is owed")
    return RowRefused("owed", "is more than the amount") if moved.owed > moved.amount else None


def refuse_raised_later(facts: Facts, moved: MovedFee) -> RowRefused | None:
    return RowRefused("raised", "has not come yet") if moved.raised > facts.now else None


LOAN_CHECKS = (
    refuse_stranger,
    refuse_unknown_copy,
    refuse_lent_later,
    refuse_due_before_lent,
    refuse_on_loan,
    refuse_set_aside,
)
HOLD_CHECKS = (
    refuse_stranger,
    refuse_unknown_title,
    refuse_placed_later,
    refuse_lapsed,
    refuse_copy_not_ready,
    refuse_second_hold,
)
FEE_CHECKS = (refuse_stranger, refuse_unknown_thing, refuse_no_debt, refuse_raised_later)


def is_set_aside(what: ItemFacts | None) -> bool:
    return what is not None and set_aside(what.holds, what.item) is not None


def today_of(facts: Facts) -> date:
    return facts.policy.time.today(facts.now)
