"""Coming in through a door: with staff behind it any valid card opens, without staff only who has agreed to the terms.

Source: policies ASK-30. A debt does not lock the door; a block by hand does, while nobody is there to talk to.
"""

from backend.commands import EnterBuilding
from backend.facts import Decision, Facts, PatronFacts
from backend.outcomes import Entered, Reason, Refusal
from backend.policy.dates import age_on, is_old_enough
from backend.rules.answers import about, refused
from backend.rules.circumstances import place
from backend.rules.standing import ends_here, pin_refusals, standing

CARD = frozenset({Reason.CARD_LOST, Reason.CARD_EXPIRED, Reason.CARD_UNLINKED, Reason.GUARDIAN_MISSING})
WITHOUT_STAFF = CARD | {Reason.MANUAL_BLOCK}


def enter(facts: Facts, command: EnterBuilding) -> Decision:
    """Entered, or every reason why the door stays shut."""
    if facts.patron is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    pin = pin_refusals(facts, command, "entry")
    found = pin if ends_here(pin) else refusals(facts, facts.patron)
    if found:
        return refused(facts, found)
    return Decision(outcome=Entered(at=facts.now, about=about(facts)))


def may_enter(facts: Facts, patron: PatronFacts) -> bool:
    """Whether the asking branch lets the patron in at this moment, a right PIN given."""
    return not refusals(facts, patron)


def refusals(facts: Facts, patron: PatronFacts) -> tuple[Refusal, ...]:
    """What keeps the patron out of the asking branch now."""
    staffed = _is_staffed(facts)
    shuts = CARD if staffed else WITHOUT_STAFF
    found = tuple(one for one in standing(facts, patron).reasons if one.reason in shuts)
    if staffed or _has_access(facts, patron):
        return found
    return (*found, Refusal(reason=Reason.NO_UNSTAFFED_ACCESS, age=facts.policy.access.age_for_unstaffed))


def _is_staffed(facts: Facts) -> bool:
    calendar = place(facts.policy, facts.asked_by.branch).calendar
    return calendar.staffed_at(facts.policy.time.local(facts.now))


def _has_access(facts: Facts, patron: PatronFacts) -> bool:
    """The branch is open, the patron old enough, the agreement signed; no age in the policy means nobody."""
    access, time = facts.policy.access, facts.policy.time
    if access.age_for_unstaffed is None:
        return False
    is_open = place(facts.policy, facts.asked_by.branch).calendar.open_at(time.local(facts.now))
    age = age_on(patron.patron.birth_date, time.today(facts.now))
    signed = patron.patron.unstaffed_agreement or not access.needs_agreement
    return is_open and signed and is_old_enough(age, access.age_for_unstaffed)
