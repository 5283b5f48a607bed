"""What a machine has already done while it was alone, uploaded later (sip2.md 7.17, policies C-19).

It is taken down as it happened; a rule that it broke becomes work for staff. Only an unknown patron, an unknown item
or a renewal of nothing is refused, and then the whole upload goes to staff, for the machine will not send it again.
"""

import re
from dataclasses import replace
from datetime import datetime

from stdnum.se import personnummer

from backend.changes import Change, CloseLoan, OpenLoan, PutHold, ReopenLoan
from backend.clock import to_epoch
from backend.commands import CheckOut, Happened, Renew
from backend.facts import Decision, Facts
from backend.model import HoldState, Loan, Operation
from backend.outcomes import CheckedOut, Reason, Refusal, Refused, Renewed
from backend.policy.dates import due_instant, loan_due
from backend.policy.model import Policy
from backend.rules import checkout, renewal
from backend.rules.answers import about, note_for_staff
from backend.rules.checkout import Lending, as_loan_facts
from backend.rules.circumstances import place
from backend.rules.debt import fix_fine
from backend.rules.fees import Fee
from backend.rules.renewal import Extension
from backend.rules.standing import refusals
from backend.rules.whose_clock import believed_at

# Eleven digits, or a birth date with four more: somebody's identity number, valid or mistyped.
LIKE_AN_IDENTITY = re.compile(r"[0-9]{11}|(?:[0-9]{6}|(?:18|19|20)[0-9]{6})[-+][0-9]{4}|(?:18|19|20)[0-9]{10}")


def happened(facts: Facts, command: CheckOut | Renew) -> Happened | None:
    """What the machine says has happened, if its account may say so at all."""
    return command.happened if facts.asked_by.offline else None


def check_out(facts: Facts, command: CheckOut, happened: Happened) -> Decision:
    """The patron has left with the item: a loan, or a longer one where the patron had it already."""
    if facts.patron is None or facts.item is None:
        unknown = Reason.UNKNOWN_ITEM if facts.patron else Reason.UNKNOWN_PATRON
        return _refused(facts, Refusal(reason=unknown), command, happened)
    at, doubts = _when(facts, happened)
    lending = Lending(facts, facts.patron, facts.item, at)
    known = _known_already(lending, happened)
    if known is not None:
        return Decision(outcome=_answered(facts, known))
    if lending.own_loan:
        extension = Extension(facts, as_loan_facts(lending.own_loan, facts.item), at)
        broken = renewal.broken_rules(extension, command)
        decision = renewal.as_checkout(_extended(extension, command, happened), extension.loan)
    else:
        broken = checkout.broken_rules(lending, command)
        decision = _lent(lending, command, happened)
    by_patron = refusals(facts, command, lending.operation)
    return _with_notes(facts, decision, (*doubts, *by_patron, *broken), command, happened)


def renew(facts: Facts, command: Renew, happened: Happened) -> Decision:
    """The renewal is promised already; a due date is never shortened."""
    if facts.patron is None:
        return _refused(facts, Refusal(reason=Reason.UNKNOWN_PATRON), command, happened)
    loan = renewal.loan_asked_for(facts, command)
    if isinstance(loan, Refusal):
        return _refused(facts, loan, command, happened)
    at, doubts = _when(facts, happened)
    extension = Extension(facts, loan, at)
    broken = renewal.broken_rules(extension, command)
    by_patron = refusals(facts, command, Operation.RENEWAL)
    decision = _extended(extension, command, happened)
    return _with_notes(facts, decision, (*doubts, *by_patron, *broken), command, happened)


def _when(facts: Facts, happened: Happened) -> tuple[datetime, tuple[Refusal, ...]]:
    """When it happened, or now and a doubt."""
    at = believed_at(facts, happened.at)
    if at is not None:
        return at, ()
    return facts.now, (Refusal(reason=Reason.DATE_NOT_BELIEVED, day=facts.policy.time.today(happened.at)),)


# ---- a loan ---------------------------------------------------------------------


def _lent(lending: Lending, command: CheckOut, happened: Happened) -> Decision:
    """A new loan; somebody else's ends where it begins."""
    promised = _promised(lending.policy, happened, by_hours=lending.row.hours is not None)
    due = promised or lending.due or _due_by_last_row(lending)
    if lending.is_copy:
        return checkout.hand_out(lending, _agreed(lending.fees, command))
    other = lending.item.loan
    if other and other.lent > lending.at:
        return _lent_before(lending, other, due)
    decision = checkout.lend(lending, due, _agreed(lending.fees, command), command)
    ended = _ended(lending, other) if other else ()
    return replace(decision, changes=(*ended, *decision.changes, *_hold_waits_again(lending)))


def _ended(lending: Lending, other: Loan) -> tuple[Change, ...]:
    """Another patron's loan, closed when this one began, with the fine of that day."""
    facts = lending.facts
    fine = fix_fine(facts, as_loan_facts(other, lending.item), lending.policy.time.today(lending.at))
    note = note_for_staff(facts, Reason.LOAN_CLOSED_FOR_OTHER, patron=other.patron)
    return (*fine, CloseLoan(loan=other.id, at=lending.at), note)


def _lent_before(lending: Lending, other: Loan, due: datetime) -> Decision:
    """Uploads come out of order: the item has been lent again since. This loan is taken down as over by then, and the
    newer one goes on; a return is never dated before the loan that it ends.
    """
    loan = checkout.new_loan(lending, due)
    return Decision(
        outcome=_answered(lending.facts, loan),
        changes=(
            CloseLoan(loan=other.id, at=other.lent),
            OpenLoan(loan=loan),
            CloseLoan(loan=loan.id, at=other.lent),
            ReopenLoan(loan=other),
        ),
    )


def _known_already(lending: Lending, happened: Happened) -> Loan | None:
    """The loan that this upload made before, or that has begun since: nothing is left to do."""
    own, last = lending.own_loan, lending.item.last_loan
    if own:
        overtaken = to_epoch(lending.at) <= to_epoch(own.lent)
        return own if overtaken or lending.at != happened.at else None
    mine = last is not None and last.patron == lending.patron.patron.id
    return last if mine and last and to_epoch(last.lent) == to_epoch(happened.at) else None


def _due_by_last_row(lending: Lending) -> datetime:
    """The library's ordinary loan, for what it does not lend at all; the day itself when it has none."""
    policy = lending.policy
    branch = place(policy, lending.facts.asked_by.branch)
    ordinary = loan_due(policy, branch, policy.rows.loan[-1], lending.at, lending.waiting)
    return ordinary or due_instant(policy, policy.time.today(lending.at))


def _hold_waits_again(lending: Lending) -> tuple[Change, ...]:
    """The copy that was set aside for somebody else is gone."""
    hold = lending.set_aside
    if hold is None or lending.is_set_aside_for_patron:
        return ()
    waits = replace(hold, state=HoldState.WAITING, trapped=None, ready_on=None, pickup_by=None)
    return (PutHold(hold=waits),)


# ---- a longer loan ----------------------------------------------------------------


def _extended(extension: Extension, command: CheckOut | Renew, happened: Happened) -> Decision:
    """To the promised day, or by the rule; a day that is no later changes nothing."""
    loan = extension.loan
    promised = _promised(extension.policy, happened, by_hours=extension.loan_row.hours is not None)
    wanted = promised or extension.due
    if wanted and wanted > loan.due and extension.at >= loan.lent:
        return renewal.extend(extension, wanted, _agreed(extension.fees, command))
    kept = Renewed(
        at=extension.facts.now,
        about=about(extension.facts, extension.of.item),
        loan=loan.id,
        due=loan.due,
        renewals=loan.renewals,
    )
    if promised is None or promised >= loan.due:
        return Decision(outcome=kept)
    note = note_for_staff(extension.facts, Reason.DUE_WOULD_SHORTEN, patron=loan.patron, item=extension.of.item)
    return Decision(outcome=kept, changes=(note,))


# ---- parts ------------------------------------------------------------------------


def _promised(policy: Policy, happened: Happened, *, by_hours: bool) -> datetime | None:
    """The due date that the machine told the patron, to the end of that day.

    SIP2.NET sends the present moment as due date with every renewal: the day of the act itself is no promise.
    """
    due = happened.due
    if due is None or due <= happened.at:
        return None
    if by_hours:
        return due
    day = policy.time.today(due)
    return due_instant(policy, day) if day > policy.time.today(happened.at) else None


def _agreed(fees: tuple[Fee, ...], command: CheckOut | Renew) -> tuple[Fee, ...]:
    """A fee that nobody consented to is not charged; staff are told."""
    return fees if command.fee_accepted else tuple(fee for fee in fees if not fee.row.ask_first)


def _answered(facts: Facts, loan: Loan) -> CheckedOut:
    return CheckedOut(at=facts.now, about=about(facts), loan=loan.id, due=loan.due)


def _with_notes(
    facts: Facts, decision: Decision, broken: tuple[Refusal, ...], command: CheckOut | Renew, happened: Happened
) -> Decision:
    """Granted all the same; each broken rule is a note for staff. What closed another's loan has said so already."""
    reasons = dict.fromkeys(one.reason for one in broken if one.reason is not Reason.ON_LOAN_OTHER)
    text = _upload(command, happened)
    notes = (note_for_staff(facts, reason, text=text) for reason in reasons)
    return replace(decision, changes=(*decision.changes, *notes))


def _refused(facts: Facts, refusal: Refusal, command: CheckOut | Renew, happened: Happened) -> Decision:
    note = note_for_staff(facts, refusal.reason, text=_upload(command, happened))
    return Decision(
        outcome=Refused(at=facts.now, about=about(facts), refusals=(refusal,)),
        changes=(note,),
    )


def _upload(command: CheckOut | Renew, happened: Happened) -> str:
    """What the machine said, for the exception list; an identity number is never kept."""
    number = command.patron
    if LIKE_AN_IDENTITY.fullmatch(number.strip()) or personnummer.is_valid(number):
        number = "(identity number)"
    due = happened.due.isoformat() if happened.due else "not said"
    asked = "checkout" if isinstance(command, CheckOut) else "renewal"
    named = command.item or (command.title if isinstance(command, Renew) else "") or ""
    return f"{asked} off line at {happened.at.isoformat()}, due {due}, patron {number}, item {named}"
