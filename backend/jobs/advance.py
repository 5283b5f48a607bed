"""Notices before the due date, to those who asked for them.  Source: policies ASK-18, KAL-22."""

from dataclasses import dataclass

from backend.changes import Change, MarkSent
from backend.facts import Decision, LoanFacts
from backend.jobs.facts import PatronCase
from backend.jobs.letters import letter, listed, reached
from backend.model import NoticeKind, Sent
from backend.outcomes import Done
from backend.policy.model import Policy
from backend.policy.rows import NoticeRow
from backend.rules.circumstances import circumstances_of_loan

ADVANCE = "before_due"  # the template


@dataclass(frozen=True, slots=True, kw_only=True)
class Soon:
    """One loan that a notice is due for."""

    loan: LoanFacts
    row: NoticeRow


def advise(case: PatronCase) -> Decision:
    """One message for each row and text; nobody is told who has no address that is read."""
    policy = case.facts.policies.of(case.who.patron.library, case.facts.now)
    due = [soon for loan in case.who.loans for soon in (due_notice(case, policy, loan),) if soon]
    changes: list[Change] = []
    for row in dict.fromkeys(soon.row for soon in due):
        loans = [soon.loan for soon in due if soon.row == row]
        by = reached(case.who.patron, row.channels, case.dead)
        if by is None:
            continue
        changes += [MarkSent(sent=mark(case, policy, loan, row)) for loan in loans]
        patron = case.who.patron
        changes.append(letter(case.facts, policy, patron, patron, by, row.letter or ADVANCE, {"items": listed(loans)}))
    return Decision(outcome=Done(at=case.facts.now, count=len(due)), changes=tuple(changes))


def due_notice(case: PatronCase, policy: Policy, loan: LoanFacts) -> Soon | None:
    """The nearest row whose days are reached and that was not sent; a loan as short as its notice gets none."""
    left = (loan.loan.due_on - case.day).days
    if left < 0 or loan.loan.library != policy.library.id or loan.loan.claimed_returned:
        return None
    patron = case.who.patron
    asked = circumstances_of_loan(policy, loan.loan, loan.item, patron, case.day)
    length = (loan.loan.due_on - policy.time.today(loan.loan.lent)).days
    for row in reversed(policy.advance_notices(asked)):
        days = row.before_days or 0
        if left > days or length <= days or (row.opt_in and not patron.wants_notices):
            continue
        return None if told_before(case, loan, days) else Soon(loan=loan, row=row)
    return None


def told_before(case: PatronCase, loan: LoanFacts, days: int) -> bool:
    """So late, or later."""
    return any(
        one.sent.loan == loan.loan.id
        and one.sent.kind is NoticeKind.BEFORE_DUE
        and one.sent.for_day == loan.loan.due_on
        and one.sent.step <= days
        for one in case.sent
    )


def mark(case: PatronCase, policy: Policy, loan: LoanFacts, row: NoticeRow) -> Sent:
    return Sent(
        library=loan.loan.library,
        kind=NoticeKind.BEFORE_DUE,
        loan=loan.loan.id,
        for_day=loan.loan.due_on,
        step=row.before_days or 0,
        sent_on=case.day,
        row=row.id,
        policy=policy.hash,
    )
