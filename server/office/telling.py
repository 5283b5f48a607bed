"""Outcomes and journal rows in words for staff. Reasons in a language of the phrase book, the rest in English."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.journal import Recorded, Unreadable
from backend.lookup_outcomes import PatronFound
from backend.model import BranchId
from backend.outcomes import (
    CheckedIn,
    CheckedOut,
    Done,
    FeePaid,
    HandedOut,
    HoldPlaced,
    Outcome,
    PatronChanged,
    PatronsMerged,
    Reason,
    Refused,
    Renewed,
    RenewedAll,
)
from backend.store.notes import StaffNote
from server.desk.wording import Wording
from server.office.orders import JournalLine, NoteLine

REASONS = frozenset(Reason)


def tell(outcome: Outcome, words: Wording) -> tuple[str, ...]:
    """What happened in the first line, then each reason or note; a refusal has its reasons only."""
    if isinstance(outcome, Refused):
        return words.reasons(outcome.refusals) or ("Refused",)
    said = SENTENCES.get(type(outcome), sentence)(outcome, words)
    listed = account_of(outcome, words) if isinstance(outcome, PatronFound) else ()
    return (said, *words.reasons(outcome.notes), *listed)


def sentence(outcome: Outcome, words: Wording) -> str:
    """`Hold cancelled` for HoldCancelled."""
    name = type(outcome).__name__
    return name[0] + "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name[1:])


def done(outcome: Done, words: Wording) -> str:
    if outcome.waived:
        return f"{words.money(outcome.waived)} waived"
    invoiced = "Done" if outcome.kid is None else f"Invoice {outcome.kid}".rstrip()
    return f"{invoiced}; {words.money(outcome.fee)} charged" if outcome.fee else invoiced


def account_of(found: PatronFound, words: Wording) -> tuple[str, ...]:
    """Why the patron is stopped, then fees with the numbers that `pay` and `waive` take, loans, holds."""
    return (
        *words.reasons(found.standing.reasons),
        *(f"fee {fee.id}: {words.say(fee.kind)}, {words.money(fee.owed)} {fee.title}".rstrip() for fee in found.fees),
        *(f"loan {loan.barcode}: {loan.title}, due {loan.due:%Y-%m-%d}" for loan in found.loans),
        *(f"hold {hold.hold}: {hold.title}, {'ready' if hold.ready else 'waiting'}" for hold in found.holds),
    )


def patron(outcome: PatronChanged | PatronFound, words: Wording) -> str:
    stops = ", ".join(sorted(stop.value for stop in outcome.standing.stops)) or "nothing"
    return f"Patron {outcome.patron.card}: stopped from {stops}; owes {words.money(outcome.owed)}"


def fee_paid(outcome: FeePaid, words: Wording) -> str:
    return f"{words.money(outcome.amount)} paid; {words.money(outcome.owed)} still owed"


def lent(outcome: CheckedOut | Renewed, words: Wording) -> str:
    return f"On loan until {outcome.due:%Y-%m-%d}"


def handed_out(outcome: HandedOut, words: Wording) -> str:
    return "Handed out, to keep"


def checked_in(outcome: CheckedIn, words: Wording) -> str:
    place = words.branch(outcome.destination)
    return f"Returned; goes to {place}" if place else f"Returned; {outcome.route.value.replace('_', ' ')}"


def renewed_all(outcome: RenewedAll, words: Wording) -> str:
    return f"{len(outcome.renewed)} renewed, {len(outcome.unrenewed)} not"


def hold_placed(outcome: HoldPlaced, words: Wording) -> str:
    return f"Number {outcome.position} in the queue, to be fetched at {words.branch(outcome.pickup)}"


def merged(outcome: PatronsMerged, words: Wording) -> str:
    return (
        f"One record from now on; {outcome.loans} loans, {outcome.holds} holds, {outcome.fees} fees and"
        f" {outcome.blocks} blocks came along"
    )


SENTENCES: Mapping[type[Outcome], Callable[[Any, Wording], str]] = {
    Done: done,
    PatronChanged: patron,
    PatronFound: patron,
    FeePaid: fee_paid,
    CheckedOut: lent,
    Renewed: lent,
    HandedOut: handed_out,
    CheckedIn: checked_in,
    RenewedAll: renewed_all,
    HoldPlaced: hold_placed,
    PatronsMerged: merged,
}


def journal_line(row: Recorded, words: Wording) -> JournalLine:
    """The row with its reasons in words; an outcome that cannot be read keeps its reason's code."""
    try:
        outcome = row.answered()
        why = words.reasons(outcome.refusals if isinstance(outcome, Refused) else outcome.notes)
    except Unreadable:
        why = (row.reason,) if row.reason else ()
    return JournalLine(
        id=row.id,
        at=row.at,
        account=row.account,
        branch=words.branch(BranchId(row.branch)) or row.branch,
        command=row.command,
        asked=row.asked_fields(),
        answer=row.answer,
        granted=row.granted,
        reason=row.reason,
        why=why,
        policy_row=row.policy_row,
        policy=row.policy,
    )


def note_line(note: StaffNote, words: Wording) -> NoteLine:
    """The entry with its reason in words, as far as there are some."""
    said = words.say(Reason(note.reason)) if note.reason in REASONS else note.reason.replace("_", " ")
    return NoteLine(note=note, words=said)
