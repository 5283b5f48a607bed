"""Two records that are one person; consent and agreements.

Source: policies ASK-02, ASK-03, ASK-30, NYN-02, C-30.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from backend.changes import Change, MergeInto, PutConsent, PutHold
from backend.facts import Decision, Facts, PatronFacts
from backend.model import Hold, HoldState, Patron
from backend.outcomes import Done, PatronsMerged, Reason, Refusal
from backend.people_commands import Agreement, MergePatrons, RecordAgreement, RecordConsent
from backend.policy.dates import age_on
from backend.rules.answers import about, refuse_stranger, refused

BLANKS_FILLED = (
    "birth_date",
    "language",
    "guardian",
    "pin_hash",
    "address",
    "email",
    "phone",
    "family_name",
    "given_name",
)
TRUE_IF_EITHER = ("rules_accepted", "guardian_consent", "unstaffed_agreement", "wants_notices")


def merge(facts: Facts, command: MergePatrons) -> Decision:
    """Loans, holds, fees, blocks, numbers and history of the other become the patron's; of two places in one queue
    the better one stays.
    """
    who, other, strangers = facts.patron, facts.other, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    if other is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    if other.patron.id == who.patron.id:
        return refused(facts, (Refusal(reason=Reason.SAME_PATRON),))
    doubled = tuple(doubled_holds(who, other))
    if any(worse.trapped is not None for worse in doubled):
        return refused(facts, (Refusal(reason=Reason.DUPLICATE_HOLD),))
    given_up = tuple(PutHold(hold=replace(one, state=HoldState.CANCELLED), closed_at=facts.now) for one in doubled)
    outcome = PatronsMerged(
        at=facts.now,
        about=about(facts),
        loans=len(other.loans),
        holds=len(other.holds) - len(doubled),
        fees=len(other.charges),
        blocks=len(other.blocks),
    )
    return Decision(
        outcome=outcome, changes=(*given_up, MergeInto(patron=both(who.patron, other.patron), of=other.patron.id))
    )


def doubled_holds(who: PatronFacts, other: PatronFacts) -> Iterator[Hold]:
    """Of each pair that waits for the same thing, the one to give up: not the one that has a copy, else the later."""
    mine = {(one.hold.title_id, one.hold.item): one.hold for one in who.holds}
    for theirs in (one.hold for one in other.holds):
        pair = mine.get((theirs.title_id, theirs.item))
        if pair is not None:
            yield max((pair, theirs), key=lambda hold: (hold.trapped is None, hold.placed, hold.id))


def both(patron: Patron, other: Patron) -> Patron:
    """The patron's own words, the other's where there are none; whoever signed has signed; the later expiry."""
    filled = {name: getattr(patron, name) or getattr(other, name) for name in (*BLANKS_FILLED, *TRUE_IF_EITHER)}
    if filled["guardian"] in (patron.id, other.id):
        filled["guardian"] = None
    last = None if None in (patron.expires, other.expires) else max(filter(None, (patron.expires, other.expires)))
    return replace(patron, **filled, expires=last)


def consent(facts: Facts, command: RecordConsent) -> Decision:
    """A guardian is another patron, and of age."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    wrong = refuse_guardian(facts, who, command)
    if wrong:
        return refused(facts, (wrong,))
    guardian = facts.other.patron.id if facts.other and command.given else who.patron.guardian
    return recorded(facts, replace(who.patron, guardian=guardian, guardian_consent=command.given))


def refuse_guardian(facts: Facts, who: PatronFacts, command: RecordConsent) -> Refusal | None:
    if command.other is None:
        return None
    if facts.other is None:
        return Refusal(reason=Reason.UNKNOWN_PATRON)
    if facts.other.patron.id == who.patron.id:
        return Refusal(reason=Reason.NOT_ALLOWED)
    policy = facts.policies.of(who.patron.library, facts.now)
    age, of_age = age_on(facts.other.patron.birth_date, today(facts)), policy.access.liable_guardian_below_age
    return Refusal(reason=Reason.AGE_LIMIT, age=of_age) if age is not None and age < of_age else None


def agreement(facts: Facts, command: RecordAgreement) -> Decision:
    """Accepted or withdrawn: the rules of lending, or the agreement on unstaffed hours."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    if command.what is Agreement.RULES:
        return recorded(facts, replace(who.patron, rules_accepted=command.given))
    return recorded(facts, replace(who.patron, unstaffed_agreement=command.given))


def recorded(facts: Facts, patron: Patron) -> Decision:
    change: Change = PutConsent(patron=patron)
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(change,))


def today(facts: Facts) -> date:
    return facts.policy.time.today(facts.now)
