"""What partners do to loans and holds that no terminal does: recalls, reports, requests with numbers of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from backend.changes import Change, PutItem, PutLoan
from backend.commands import CancelHold, ChangeHold, PlaceHold
from backend.facts import Decision, Facts, ItemFacts
from backend.model import Channel, ItemState, Loan, PatronId
from backend.outcomes import Done, HoldPlaced, Reason, Refusal
from backend.partner_changes import NumberRequest
from backend.partner_commands import RecallItem, Report, ReportItem, TakeNotice
from backend.partner_outcomes import Recalled, Reported
from backend.policy.dates import after_closure, due_instant
from backend.policy.model import Policy
from backend.rules.answers import about, note_for_staff, own_number, refuse_stranger, refused
from backend.rules.circumstances import circumstances, place
from backend.rules.told import card_for

SHORTEST: Final = timedelta(days=7)  # that a borrower keeps a recalled item, whatever is wished


# ---- requests -------------------------------------------------------------------


def place_numbered(facts: Facts, command: PlaceHold, rule: Callable[[Facts, PlaceHold], Decision]) -> Decision:
    """A hold that bears another system's number, or ours where that gave none; a number is good once."""
    if command.request is None and facts.asked_by.channel is not Channel.PARTNER:
        return rule(facts, command)
    if facts.partner.request is not None:
        return refused(facts, (Refusal(reason=Reason.REQUEST_TAKEN),))
    decision = rule(facts, command)
    if not isinstance(decision.outcome, HoldPlaced):
        return decision
    number = NumberRequest(
        account=facts.asked_by.account,
        library=facts.asked_by.library,
        request=command.request or own_number(decision.outcome.hold),
        service="RequestItem",
        at=facts.now,
        hold=decision.outcome.hold,
        patron=facts.patron.patron.id if facts.patron else None,
    )
    return replace(decision, changes=(*decision.changes, number))


def only_named(facts: Facts, command: CancelHold | ChangeHold) -> Facts:
    """The same facts without the patron's other holds, when the command names one."""
    if command.hold is None or facts.item is None or facts.patron is None:
        return facts
    mine = facts.patron.patron.id
    left = tuple(one for one in facts.item.holds if one.hold.id == command.hold or one.hold.patron != mine)
    return replace(facts, item=replace(facts.item, holds=left))


# ---- RecallItem -----------------------------------------------------------------


def recall(facts: Facts, command: RecallItem) -> Decision:
    """A shorter loan: to the day that is wished, a week from now at the soonest, and never a longer one.

    Only who lent or owns the copy calls it back.
    """
    if facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    loan, here = facts.item.loan, facts.asked_by.library
    if loan is None or here not in (loan.library, facts.item.item.library):
        return refused(facts, (Refusal(reason=Reason.NOT_ON_LOAN),))
    if loan.billed_on is not None:
        return refused(facts, (Refusal(reason=Reason.BILLED),))
    called = _recalled(facts, facts.item, loan, command)
    card = card_for(facts, facts.item.borrower) or ""
    outcome = Recalled(at=facts.now, about=about(facts), due=called.due, patron_card=card)
    patron = facts.item.borrower.id if facts.item.borrower and loan.library == here else None
    told = note_for_staff(facts, Reason.DUE_WOULD_SHORTEN, patron=patron, text=called.due_on.isoformat())
    return Decision(outcome=outcome, changes=(PutLoan(loan=called), told))


def _recalled(facts: Facts, item: ItemFacts, loan: Loan, command: RecallItem) -> Loan:
    policy = facts.policies.of(loan.library, facts.now)
    today = policy.time.today(facts.now)
    soonest = _soonest(facts, policy, item, loan, today)
    wished = policy.time.today(command.due) if command.due else soonest
    day = after_closure(place(policy, loan.branch), max(wished, soonest))
    if day >= loan.due_on:
        return replace(loan, recalled_on=today)
    return replace(loan, due=due_instant(policy, day), due_on=day, recalled_on=today)


def _soonest(facts: Facts, policy: Policy, item: ItemFacts, loan: Loan, today: date) -> date:
    """A week from now, and not before the borrower has had it as long as the library's `recall_days` say."""
    row = policy.hold_row(circumstances(facts, policy, "hold", item=item.item, branch=loan.branch))
    kept = policy.time.today(loan.lent) + timedelta(days=row.recall_days or 0)
    return max(today + SHORTEST, kept)


# ---- ReportCirculationStatusChange ----------------------------------------------


def report(facts: Facts, command: ReportItem) -> Decision:
    """Staff look into it; a loan that is said to be over is marked so, and a lost item is no longer lent."""
    stranger = refuse_stranger(facts)
    if stranger or facts.patron is None:
        return refused(facts, stranger)
    if facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    loan = facts.item.loan
    if command.report is not Report.MISSING and (loan is None or loan.patron != facts.patron.patron.id):
        return refused(facts, (Refusal(reason=Reason.NOT_YOUR_LOAN),))
    if facts.asked_by.library != (loan or facts.item.item).library:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    told = note_for_staff(facts, Reason.NOT_YOUR_LOAN, text=command.report.value)
    changes = _after(facts.item, facts.patron.patron.id, command.report)
    return Decision(outcome=Reported(at=facts.now, about=about(facts)), changes=(*changes, told))


def _after(item: ItemFacts, patron: PatronId, said: Report) -> tuple[Change, ...]:
    """What somebody else has on loan is not missing."""
    loan = item.loan
    if said in (Report.RETURNED, Report.NEVER_BORROWED) and loan is not None:
        return (PutLoan(loan=replace(loan, claimed_returned=True)),)
    state = ItemState.LOST if said is Report.LOST else ItemState.MISSING
    if loan is not None and loan.patron != patron:
        return ()
    return (PutItem(item=item.item.id, state=state, branch=item.item.present_branch),)


# ---- notifications --------------------------------------------------------------


def take_notice(facts: Facts, command: TakeNotice) -> Decision:
    """The journal is where it is written down."""
    return Decision(outcome=Done(at=facts.now, about=about(facts)))
