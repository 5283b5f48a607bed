"""Cards reported lost, enabled, replaced and linked; and PINs that were wrong."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import (
    AddCharge,
    AddIdentifier,
    Change,
    LinkPatron,
    LoseIdentifier,
    MarkCards,
    NoteForStaff,
    PutPin,
    PutPinFailures,
)
from backend.commands import BlockCard, CheckOut, ClearPinFailures, EnablePatron, NotePinFailure, PinProof
from backend.commands import Command as Command
from backend.facts import Facts, PatronFacts
from backend.model import CardState, FeeKind, IdentifierKind, Operation, Patron
from backend.money import Money
from backend.outcomes import PatronChanged, Reason, Refused
from backend.rules.decide import decide
from backend.staff_commands import BlockPatron, ChargePatron, LinkCard, ReplaceCard, ResetPin, UnblockPatron
from tests.backend.rules.asking import done, reasons
from tests.backend.rules.make import asked_by, block, charge, day, facts, item, money, patron

A4 = patron("A4")
LOST = patron("A4", card_state=CardState.LOST)
UNLINKED = patron("A3", card_state=CardState.UNLINKED)
TESTING = asked_by("ASK-H", may_enable_patrons=True)


def changed(given: Facts, command: Command) -> tuple[PatronChanged, tuple[Change, ...]]:
    decision = decide(given, command)
    assert isinstance(decision.outcome, PatronChanged), decision.outcome
    return decision.outcome, decision.changes


# ---- who is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        BlockCard(patron="x"),
        EnablePatron(patron="x"),
        ReplaceCard(patron="x", new_card="A9"),
        ResetPin(patron="x", pin_hash=None),
        BlockPatron(patron="x", note=""),
        UnblockPatron(patron="x"),
        ChargePatron(patron="x", amount=money("1.00", "ASK")),
    ],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize(("who", "reason"), [(None, Reason.UNKNOWN_PATRON), (UNLINKED, Reason.CARD_UNLINKED)])
def test_only_patrons_of_this_library(command: Command, who: Patron | None, reason: Reason) -> None:
    decision = decide(facts("ASK-H", who=who, by=TESTING), command)
    assert reasons(decision) == [reason]
    assert decision.changes == ()


@pytest.mark.parametrize("command", [LinkCard(patron="x"), NotePinFailure(patron="x"), ClearPinFailures(patron="x")])
def test_a_number_that_nobody_has(command: Command) -> None:
    assert reasons(decide(facts("ASK-H"), command)) == [Reason.UNKNOWN_PATRON]


@pytest.mark.parametrize(
    ("who", "command", "by", "reason"),
    [
        (A4, BlockCard(patron="A4"), {"may_block_cards": False}, Reason.NOT_ALLOWED),
        (A4, EnablePatron(patron="A4"), {}, Reason.NOT_ALLOWED),
        (A4, EnablePatron(patron="A4", pin=PinProof.WRONG), {"may_enable_patrons": True}, Reason.PIN_WRONG),
        (A4, ChargePatron(patron="A4", amount=Money(0, "NOK")), {}, Reason.AMOUNT_INVALID),
        (A4, ChargePatron(patron="A4", amount=Money(100, "SEK")), {}, Reason.WRONG_CURRENCY),
        (A4, ChargePatron(patron="A4", amount=Money(100, "NOK"), item="nothing"), {}, Reason.UNKNOWN_ITEM),
    ],
)
def test_what_is_refused(who: Patron, command: Command, by: dict[str, Any], reason: Reason) -> None:
    decision = decide(facts("ASK-H", who=who, by=asked_by("ASK-H", **by)), command)
    assert reasons(decision) == [reason]
    assert decision.changes == ()


def test_a_library_without_national_cards_links_none() -> None:
    assert reasons(decide(facts("KAL-S", who=UNLINKED), LinkCard(patron="N000333444"))) == [Reason.NOT_ALLOWED]


# ---- lost and found ---------------------------------------------------------------


def test_a_card_reported_lost() -> None:  # S-033
    outcome, changes = changed(facts("ASK-H", who=A4), BlockCard(patron="A4", retained=True, message="left behind"))
    assert outcome.standing.card_lost
    assert outcome.standing.stops >= {Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD}
    assert outcome.patron.card_state is CardState.LOST
    mark, note = changes
    assert mark == MarkCards(patron=A4.id, lost=True, also="A4")
    assert isinstance(note, NoteForStaff)
    assert (note.reason, note.text) == ("card_lost", "card retained; left behind")
    assert Reason.CARD_LOST in reasons(
        decide(facts("ASK-H", who=outcome.patron, what=item("AB1")), CheckOut(patron="A4", item="AB1"))
    )


def test_a_lost_card_takes_no_later_card_with_it() -> None:
    outcome, changes = changed(facts("ASK-H", who=LOST), BlockCard(patron="A4"))
    assert (outcome.standing.card_lost, changes) == (True, ())


def test_enabling_undoes_the_loss_and_nothing_else() -> None:
    who = PatronFacts(patron=LOST, blocks=(block(LOST),), charges=(charge(LOST, "10.00"),))
    outcome, changes = changed(facts("ASK-H", who=who, by=TESTING), EnablePatron(patron="A4"))
    assert changes == (MarkCards(patron=A4.id, lost=False, also="A4"),)
    assert [one.reason for one in outcome.standing.reasons] == [Reason.MANUAL_BLOCK]
    assert outcome.owed == money("10.00", "ASK")


# ---- new cards --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("branch", "who", "when", "free", "fee"),
    [
        ("LYS-S", "L4", "2027-03-02", False, "10.00"),  # S-119
        ("LYS-S", "L4", "2027-03-03", False, "20.00"),
        ("LYS-S", "L1", "2027-03-03", False, "20.00"),
        ("LYS-S", "L1", "2027-03-03", True, None),
        ("KAL-S", "K1", "2026-02-12", False, None),
    ],
)
def test_what_a_new_card_costs(branch: str, who: str, when: str, free: bool, fee: str | None) -> None:
    outcome, changes = done(facts(branch, when, who=patron(who)), ReplaceCard(patron=who, new_card="900", free=free))
    charges = [one.charge for one in changes if isinstance(one, AddCharge)]
    assert [one.amount for one in charges] == ([money(fee, "LYS")] if fee else [])
    assert outcome.fee == (charges[0].amount if charges else None)
    assert outcome.charge == (charges[0].id if charges else None)
    assert all(one.kind is FeeKind.CARD for one in charges)


@pytest.mark.parametrize("old_is_lost", [True, False])
def test_the_old_card(old_is_lost: bool) -> None:
    command = ReplaceCard(patron="A4", new_card="900", old_is_lost=old_is_lost)
    changes = done(facts("ASK-H", who=A4), command)[1]
    lost = [LoseIdentifier(patron=A4.id, value="A4")] if old_is_lost else []
    added = AddIdentifier(patron=A4.id, library=A4.library, kind=IdentifierKind.CARD, value="900")
    assert list(changes) == [*lost, added]


def test_a_number_that_somebody_has_is_no_new_card() -> None:
    seen = replace(facts("ASK-H", who=A4), holder=A4.id)
    decision = decide(seen, ReplaceCard(patron="A4", new_card="900"))
    assert isinstance(decision.outcome, Refused)
    assert [one.reason for one in decision.outcome.refusals] == [Reason.IDENTIFIER_TAKEN]
    assert decision.changes == ()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", Reason.NUMBER_EMPTY),
        (" ", Reason.NUMBER_EMPTY),
        ("-", Reason.NUMBER_EMPTY),
        ("A|B", Reason.NUMBER_UNSENDABLE),
        ("A\rB", Reason.NUMBER_UNSENDABLE),
        ("A\x85B", Reason.NUMBER_UNSENDABLE),
        ("110779 41012", Reason.IDENTITY_NUMBER),
        ("51077941012", Reason.IDENTITY_NUMBER),
    ],
)
def test_a_number_that_is_no_card(number: str, reason: Reason) -> None:  # ASK-05, S-036
    decision = decide(facts("ASK-H", who=A4), ReplaceCard(patron="A4", new_card=number))
    assert isinstance(decision.outcome, Refused)
    assert [one.reason for one in decision.outcome.refusals] == [reason]
    assert decision.changes == ()


@pytest.mark.parametrize(("number", "kept"), [("850412-0000", False), ("8504720007", False), ("20009999", True)])
def test_a_swedish_identity_number_is_no_card(number: str, kept: bool) -> None:  # C-30
    decision = decide(facts("KAL-S", who=patron("K1")), ReplaceCard(patron="K1", new_card=number))
    if kept:
        assert not isinstance(decision.outcome, Refused)
    else:
        assert isinstance(decision.outcome, Refused)
        assert [one.reason for one in decision.outcome.refusals] == [Reason.IDENTITY_NUMBER]
        assert decision.changes == ()


def test_an_identity_number_that_another_library_kept_is_not_linked() -> None:
    decision = decide(facts("ASK-H", who=replace(UNLINKED, card="11077941012")), LinkCard(patron="11077941012"))
    assert isinstance(decision.outcome, Refused)
    assert [one.reason for one in decision.outcome.refusals] == [Reason.IDENTITY_NUMBER]
    assert decision.changes == ()


def test_a_local_card_becomes_a_national_one_and_both_are_good() -> None:  # S-026
    command = ReplaceCard(
        patron="A4", new_card="N000555666", old_is_lost=False, free=True, kind=IdentifierKind.NATIONAL
    )
    (added,) = done(facts("ASK-H", who=A4), command)[1]
    assert added == AddIdentifier(patron=A4.id, library=A4.library, kind=IdentifierKind.NATIONAL, value="N000555666")


def test_a_national_card_is_linked_once() -> None:
    (linked,) = done(facts("ASK-H", who=UNLINKED), LinkCard(patron="N000333444"))[1]
    assert isinstance(linked, LinkPatron)
    assert (linked.library, linked.like, linked.home_branch) == ("ASK", UNLINKED.id, "ASK-H")
    assert done(facts("ASK-H", who=A4), LinkCard(patron="A4"))[1] == ()


# ---- PINs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "on", "when", "count"),
    [
        (0, None, "2026-02-12 12:00", 1),
        (2, "2026-02-12", "2026-02-12 23:59", 3),
        (5, "2026-02-12", "2026-02-13 00:00", 1),
    ],
)
def test_wrong_pins_are_counted_by_the_day(failures: int, on: str | None, when: str, count: int) -> None:
    who = patron("A4", pin_failures=failures, pin_failed_on=day(on) if on else None)
    outcome, changes = done(facts("ASK-H", when, who=who), NotePinFailure(patron="A4"))
    assert outcome.count == count
    assert changes == (PutPinFailures(patron=A4.id, count=count, on=day(when[:10])),)


def test_wrong_pins_of_a_card_that_is_not_linked_count_too() -> None:
    assert done(facts("ASK-H", who=UNLINKED), NotePinFailure(patron="N000333444"))[0].count == 1


def test_the_right_pin_forgets_the_wrong_ones() -> None:
    who = replace(A4, pin_failures=3, pin_failed_on=day("2026-02-12"))
    assert done(facts("ASK-H", who=who), ClearPinFailures(patron="A4"))[1] == (
        PutPinFailures(patron=A4.id, count=0, on=None),
    )
    assert done(facts("ASK-H", who=A4), ClearPinFailures(patron="A4"))[1] == ()


def test_a_new_pin() -> None:
    command = ResetPin(patron="A4", pin_hash="$argon2id$x")
    assert done(facts("ASK-H", who=A4), command)[1] == (PutPin(patron=A4.id, pin_hash="$argon2id$x"),)
