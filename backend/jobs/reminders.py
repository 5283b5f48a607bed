"""Reminders and bills after the due date: the ladder of the library's `notice` rows, one step a loan and run.

A step is due when so many days have passed, and at least as many since the step before as the ladder has between
them; none is left out.  Source: policies C-22, C-23, C-24 and 6.3.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from backend.changes import AddCharge, Change, MarkSent
from backend.facts import Decision, LoanFacts
from backend.jobs.facts import PatronCase, SentBefore
from backend.jobs.letters import letter, listed, reached
from backend.model import Charge, FeeKind, NoticeKind, Patron, Sent
from backend.money import Money, total
from backend.outcomes import Done, Reason
from backend.policy.dates import overdue_days
from backend.policy.model import Policy
from backend.policy.rows import NoticeRow
from backend.rules.answers import note_for_staff
from backend.rules.circumstances import circumstances_of_loan
from backend.rules.invoices import INVOICE, Issued, invoice_data, invoice_for, liable
from backend.rules.losses import Bill, bill, charge_for

REMINDER = "reminder"  # the template


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A loan and the step that is due for it; `number` counts from 0."""

    loan: LoanFacts
    number: int
    row: NoticeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Loans that go into one message: the same due date and the same step; or one loan."""

    row: NoticeRow
    number: int
    loans: tuple[LoanFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one notice does: its changes but the message, and the charges that it brings or bills."""

    notice: Notice
    changes: tuple[Change, ...]
    fee: Charge | None = None
    charges: tuple[Charge, ...] = ()
    bills: tuple[Bill, ...] = field(default=())


def remind(case: PatronCase) -> Decision:
    """Every notice that is due for the patron, and one invoice for all that is billed today."""
    policy = case.facts.policies.of(case.who.patron.library, case.facts.now)
    told = tuple(_told(case, policy, notice) for notice in notices(due_steps(case, policy)))
    issued = _invoice(case, policy, told)
    messages = tuple(_message(case, policy, one, issued) for one in told)
    changes = tuple(change for one in told for change in one.changes)
    fees = [charge.amount for one in told for charge in one.charges]
    outcome = Done(
        at=case.facts.now,
        count=sum(len(one.notice.loans) for one in told),
        fee=total(fees, policy.currency) if fees else None,
        kid=issued.invoice.kid if issued else None,
    )
    return Decision(outcome=outcome, changes=(*changes, *(issued.changes if issued else ()), *messages))


# ---- what is due --------------------------------------------------------------------


def due_steps(case: PatronCase, policy: Policy) -> tuple[Step, ...]:
    """At most one step a loan; while a loan is claimed returned or billed, none."""
    open_loans = (loan for loan in case.who.loans if loan.loan.library == case.who.patron.library)
    return tuple(step for loan in open_loans for step in (due_step(case, policy, loan),) if step)


def due_step(case: PatronCase, policy: Policy, loan: LoanFacts) -> Step | None:
    late = overdue_days(loan.loan.due_on, case.day)
    if not late or loan.loan.claimed_returned or loan.loan.billed_on is not None:
        return None
    ladder = policy.ladder(circumstances_of_loan(policy, loan.loan, loan.item, case.who.patron, case.day))
    before = sent_for(case, loan)
    number = len(before)
    if number >= len(ladder) or late < (ladder[number].after_days or 0):
        return None
    if before and (case.day - before[-1].sent.sent_on).days < _pause(ladder, number):
        return None
    return Step(loan=loan, number=number, row=ladder[number])


def _pause(ladder: tuple[NoticeRow, ...], number: int) -> int:
    """Days between the step before and this one."""
    return (ladder[number].after_days or 0) - (ladder[number - 1].after_days or 0)


def sent_for(case: PatronCase, loan: LoanFacts) -> tuple[SentBefore, ...]:
    """The steps that went out for this due date, first one first; a renewal begins anew."""
    mine = (
        one
        for one in case.sent
        if one.sent.loan == loan.loan.id
        and one.sent.kind is NoticeKind.AFTER_DUE
        and one.sent.for_day == loan.loan.due_on
    )
    return tuple(sorted(mine, key=lambda one: one.sent.step))


def notices(steps: Iterable[Step]) -> tuple[Notice, ...]:
    """Grouped by due date and step, where the row says so (C-23); in the order of due dates."""
    groups: dict[tuple[date, int, str, int], list[Step]] = {}
    for step in steps:
        alone = step.loan.loan.id if step.row.per == "item" else 0
        groups.setdefault((step.loan.loan.due_on, step.number, step.row.id, alone), []).append(step)
    return tuple(
        Notice(row=group[0].row, number=group[0].number, loans=tuple(step.loan for step in group))
        for _, group in sorted(groups.items(), key=lambda one: one[0])
    )


# ---- what it does ---------------------------------------------------------------------


def _told(case: PatronCase, policy: Policy, notice: Notice) -> Told:
    """The fee, the marks, and the bills of a step that bills."""
    fee = _fee(case, policy, notice)
    added: tuple[Change, ...] = (AddCharge(charge=fee),) if fee else ()
    if notice.row.fee == "unset":
        added = (note_for_staff(case.facts, Reason.FEE_NOT_SET, item=notice.loans[0].item, text=notice.row.id),)
    marks = tuple(MarkSent(sent=_mark(case, policy, notice, loan, fee)) for loan in notice.loans)
    bills = tuple(bill(case.facts, loan) for loan in notice.loans) if notice.row.bill else ()
    billed = tuple(change for one in bills for change in one.changes)
    charges = tuple(charge for one in bills for charge in one.charges)
    return Told(
        notice=notice,
        changes=(*added, *marks, *billed),
        fee=fee,
        charges=((fee,) if fee else ()) + charges,
        bills=bills,
    )


def _fee(case: PatronCase, policy: Policy, notice: Notice) -> Charge | None:
    """The step's fee, once for all its loans; as a level it is what is not charged yet. None when all are let off."""
    row = notice.row
    if not isinstance(row.fee, Money):
        return None
    paying = [loan for loan in notice.loans if not _let_off(case, policy, loan)]
    amount = row.fee - _charged_before(case, policy, notice) if row.mode == "level" else row.fee
    if not paying or amount <= policy.zero:
        return None
    first = paying[0]
    return charge_for(case.facts, policy, first.loan, first.item, FeeKind.REMINDER, amount, row.id)


def _let_off(case: PatronCase, policy: Policy, loan: LoanFacts) -> bool:
    asked = circumstances_of_loan(policy, loan.loan, loan.item, case.who.patron, case.day)
    return policy.exempt_row("reminder", asked) is not None


def _charged_before(case: PatronCase, policy: Policy, notice: Notice) -> Money:
    """By the steps before, for any loan of the group; a fee that several share counts once."""
    fees = {
        one.sent.charge: one.amount
        for loan in notice.loans
        for one in sent_for(case, loan)
        if one.sent.charge is not None and one.amount is not None
    }
    return total(fees.values(), policy.currency)


def _mark(case: PatronCase, policy: Policy, notice: Notice, loan: LoanFacts, fee: Charge | None) -> Sent:
    return Sent(
        library=loan.loan.library,
        kind=NoticeKind.AFTER_DUE,
        loan=loan.loan.id,
        for_day=loan.loan.due_on,
        step=notice.number,
        sent_on=case.day,
        row=notice.row.id,
        policy=policy.hash,
        charge=fee.id if fee else None,
    )


# ---- invoice and message -----------------------------------------------------------------


def _invoice(case: PatronCase, policy: Policy, told: Iterable[Told]) -> Issued | None:
    """All charges of the loans that are billed today, reminder fees of earlier steps included."""
    billing = [one for one in told if one.notice.row.bill]
    loans = {loan.loan.id for one in billing for loan in one.notice.loans}
    shared = {one.sent.charge for one in case.sent if one.sent.loan in loans}
    earlier = [
        charge
        for charge in case.who.charges
        if charge.kid is None and charge.owed and (charge.id in shared or charge.loan in loans)
    ]
    charges = [*earlier, *(charge for one in billing for charge in one.charges if charge.owed)]
    return invoice_for(case.facts, policy, case.who.patron, charges) if charges else None


def _message(case: PatronCase, policy: Policy, told: Told, issued: Issued | None) -> Change:
    """By post, when nothing else is left: a step is never taken in silence."""
    row = told.notice.row
    to = _addressee(case, policy) if row.bill else case.who.patron
    by = reached(to, row.channels, case.dead) or ("post", to.address)
    data = {
        "items": listed(told.notice.loans),
        "number": told.notice.number + 1,
        "fee": told.fee.amount.text() if told.fee else "",
        "price_by_staff": any(one.price_by_staff for one in told.bills),
    }
    if row.bill and issued:
        data |= invoice_data(policy, issued.invoice, issued.charges)
    return letter(case.facts, policy, case.who.patron, to, by, row.letter or (INVOICE if row.bill else REMINDER), data)


def _addressee(case: PatronCase, policy: Policy) -> Patron:
    """Bills of a child go to the guardian (ASK-02, KAL-29, NYN-13)."""
    guardian = case.guardian
    if guardian is not None and liable(case.facts, policy, case.who.patron) == guardian.id:
        return guardian
    return case.who.patron
