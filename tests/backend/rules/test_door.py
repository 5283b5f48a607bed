"""Who comes in, with staff behind the door and without."""

import pytest

from backend.commands import EnterBuilding, LookUpPatron, PinProof
from backend.facts import Facts, PatronFacts
from backend.lookup_outcomes import PatronFound
from backend.model import CardState, Channel, FeeKind, Patron
from backend.outcomes import Entered, Reason
from backend.rules.decide import decide
from tests.backend.rules.asking import reasons
from tests.backend.rules.make import asked_by, block, charge, day, facts, patron

SUNDAY_EVENING, THURSDAY_NOON, AT_NIGHT = "2026-02-08 20:00", "2026-02-12 12:00", "2026-02-08 23:30"
A5 = patron("A5", unstaffed_agreement=True)
A6 = patron("A6")
A7 = patron("A7", unstaffed_agreement=True)


def at_the_door(who: Patron | PatronFacts | None, when: str, branch: str = "ASK-H") -> Facts:
    by = asked_by(branch, channel=Channel.ENTRY, trusts_patron=False)
    return facts(branch, when, who=who, by=by)


def verdict(given: Facts, pin: PinProof = PinProof.RIGHT) -> list[Reason]:
    """No reason is entered."""
    decision = decide(given, EnterBuilding(patron="A5", pin=pin))
    assert decision.changes == ()
    return [] if isinstance(decision.outcome, Entered) else reasons(decision)


@pytest.mark.parametrize(
    ("who", "when", "expected"),
    [
        (None, THURSDAY_NOON, [Reason.UNKNOWN_PATRON]),
        (A5, SUNDAY_EVENING, []),  # S-032
        (A6, SUNDAY_EVENING, [Reason.NO_UNSTAFFED_ACCESS]),
        (A7, SUNDAY_EVENING, [Reason.NO_UNSTAFFED_ACCESS]),
        (A6, THURSDAY_NOON, []),
        (A7, THURSDAY_NOON, []),
        (A5, AT_NIGHT, [Reason.NO_UNSTAFFED_ACCESS]),
        (patron("A5", unstaffed_agreement=True, birth_date=None), THURSDAY_NOON, [Reason.GUARDIAN_MISSING]),
        (patron("A5", card_state=CardState.LOST), THURSDAY_NOON, [Reason.CARD_LOST]),
        (patron("A5", card_state=CardState.UNLINKED), THURSDAY_NOON, [Reason.CARD_UNLINKED]),
        (patron("A5", expires=day("2026-01-31")), THURSDAY_NOON, [Reason.CARD_EXPIRED]),
        (PatronFacts(patron=A5, charges=(charge(A5, "450.00", FeeKind.REPLACEMENT),)), SUNDAY_EVENING, []),
        (PatronFacts(patron=A5, blocks=(block(A5),)), SUNDAY_EVENING, [Reason.MANUAL_BLOCK]),
        (PatronFacts(patron=A5, blocks=(block(A5, until=day("2026-02-07")),)), SUNDAY_EVENING, []),
        (PatronFacts(patron=A5, blocks=(block(A5),)), THURSDAY_NOON, []),
    ],
)
def test_who_comes_in(who: Patron | PatronFacts | None, when: str, expected: list[Reason]) -> None:
    assert verdict(at_the_door(who, when)) == expected


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        (PinProof.ABSENT, [Reason.PIN_REQUIRED]),
        (PinProof.WRONG, [Reason.PIN_WRONG]),
        (PinProof.LOCKED, [Reason.PIN_WRONG]),
        (PinProof.RIGHT, []),
    ],
)
def test_the_pin_at_the_door(pin: PinProof, expected: list[Reason]) -> None:
    assert verdict(at_the_door(A5, SUNDAY_EVENING), pin) == expected


def test_where_the_library_sets_no_age_nobody_enters_without_staff() -> None:
    assert verdict(at_the_door(patron("K1", unstaffed_agreement=True), "2026-02-08 20:00", "KAL-S")) == [
        Reason.NO_UNSTAFFED_ACCESS
    ]


@pytest.mark.parametrize(("who", "expected"), [(A5, True), (A6, False)])
def test_a_screen_tells_who_may_enter(who: Patron, expected: bool) -> None:
    outcome = decide(facts("ASK-H", SUNDAY_EVENING, who=who), LookUpPatron(patron="A5")).outcome
    assert isinstance(outcome, PatronFound)
    assert outcome.may_enter is expected
