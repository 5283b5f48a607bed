"""Days on which a branch is closed after all: what falls on them moves forward, never back.  Source: policies C-27."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from backend.changes import AnnounceClosure, PutHold, PutLoan
from backend.facts import Decision, Facts, LoanFacts
from backend.jobs.facts import HoldCase
from backend.model import HoldState
from backend.outcomes import Done, Reason, Refusal, Refused
from backend.policy.dates import after_closure, due_instant
from backend.staff_commands import CloseDays

LONGEST: Final = 366  # days on end; a mistyped year is far more, and what is announced cannot be taken back


def announce_closure(facts: Facts, command: CloseDays) -> Decision:
    """The days are on record; loans and holds are moved one by one afterwards.  What has passed cannot be announced."""
    refusal = _refuse_closure(facts, command)
    if refusal is not None:
        return Decision(outcome=Refused(at=facts.now, refusals=(refusal,)))
    changes = tuple(
        AnnounceClosure(branch=command.branch, day=day, note=command.note, at=facts.now) for day in command.days
    )
    return Decision(outcome=Done(at=facts.now, count=len(changes)), changes=changes)


def _refuse_closure(facts: Facts, command: CloseDays) -> Refusal | None:
    if command.branch not in facts.policy.branches:
        return Refusal(reason=Reason.UNKNOWN_BRANCH)
    today = facts.policy.time.today(facts.now)
    passed = next((day for day in command.days if day < today), None)
    if passed:
        return Refusal(reason=Reason.DAY_PASSED, day=passed)
    calendar = facts.policy.branches[command.branch].calendar.closing(command.days)
    begins = (day for day in command.days if day - timedelta(days=1) not in command.days)
    endless = any(calendar.closed_around(day) > LONGEST for day in begins)
    return Refusal(reason=Reason.CLOSED_TOO_LONG, count=LONGEST) if endless else None


def move_due_date(facts: Facts, loan: LoanFacts) -> Decision:
    """To the next open day of the branch where the loan was made; a bill or a passed date stays."""
    policy = facts.policies.of(loan.loan.library, facts.now)
    branch = policy.branches.get(loan.loan.branch)
    today = policy.time.today(facts.now)
    if branch is None or loan.loan.billed_on is not None or loan.loan.due_on < today:
        return Decision(outcome=Done(at=facts.now))
    due_on = after_closure(branch, loan.loan.due_on)
    if due_on == loan.loan.due_on:
        return Decision(outcome=Done(at=facts.now))
    moved = replace(loan.loan, due_on=due_on, due=due_instant(policy, due_on))
    return Decision(outcome=Done(at=facts.now, count=1), changes=(PutLoan(loan=moved),))


def move_pickup(case: HoldCase) -> Decision:
    """The last pickup day, to the next open day of the pickup branch."""
    facts, hold = case.facts, case.hold
    branch = facts.policies.of(hold.library, facts.now).branches.get(hold.pickup)
    if branch is None or hold.state is not HoldState.READY or hold.pickup_by is None or hold.pickup_by < case.day:
        return Decision(outcome=Done(at=facts.now))
    last = branch.calendar.next_open(hold.pickup_by)
    if last == hold.pickup_by:
        return Decision(outcome=Done(at=facts.now))
    return Decision(outcome=Done(at=facts.now, count=1), changes=(PutHold(hold=replace(hold, pickup_by=last)),))
