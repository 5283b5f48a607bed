"""Coming in through a door: with staff behind it any valid card opens, without staff only who has agreed to the terms.

Source: policies ASK-30. A debt does not lock the door; a block by hand does, while nobody is there to talk to.
"""

from datetime import datetime

from backend.commands import EnterBuilding
from backend.facts import Decision, Facts
from backend.model import Patron
from backend.outcomes import Entered, Reason, Refusal
from backend.policy.dates import age_on, is_old_enough
from backend.policy.places import Branch
from backend.policy.sections import Access
from backend.rules.answers import about, refused
from backend.rules.circumstances import place
from backend.rules.standing import PatronNow, ends_here, pin_refusals

CARD = frozenset({Reason.CARD_LOST, Reason.CARD_EXPIRED, Reason.CARD_UNLINKED, Reason.GUARDIAN_MISSING})
WITHOUT_STAFF = CARD | {Reason.MANUAL_BLOCK}


def enter(facts: Facts, command: EnterBuilding) -> Decision:
    """Entered, or every reason why the door stays shut."""
    if facts.patron is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    pin = pin_refusals(facts, command, "entry")
    found = pin if ends_here(pin) else refusals(PatronNow(facts, facts.patron))
    if found:
        return refused(facts, found)
    return Decision(outcome=Entered(at=facts.now, about=about(facts)))


def may_enter(who: PatronNow) -> bool:
    """Whether the asking branch lets the patron in at this moment, a right PIN given."""
    return not refusals(who)


def refusals(who: PatronNow) -> tuple[Refusal, ...]:
    """What keeps the patron out of the asking branch now."""
    facts, policy = who.facts, who.facts.policy
    branch, local = place(policy, facts.asked_by.branch), policy.time.local(facts.now)
    staffed = branch.calendar.staffed_at(local)
    shuts = CARD if staffed else WITHOUT_STAFF
    found = tuple(one for one in who.standing.reasons if one.reason in shuts)
    if staffed or _has_access(who.patron.patron, policy.access, branch, local):
        return found
    return (*found, Refusal(reason=Reason.NO_UNSTAFFED_ACCESS, age=policy.access.age_for_unstaffed))


def _has_access(patron: Patron, access: Access, branch: Branch, local: datetime) -> bool:
    """The branch is open, the patron old enough, the agreement signed; no age in the policy means nobody."""
    if access.age_for_unstaffed is None:
        return False
    signed = patron.unstaffed_agreement or not access.needs_agreement
    old_enough = is_old_enough(age_on(patron.birth_date, local.date()), access.age_for_unstaffed)
    return branch.calendar.open_at(local) and signed and old_enough
