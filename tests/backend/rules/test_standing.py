"""What stops a patron: cards, PINs, blocks by hand and blocks that the account earns; and what each leaves open."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddBlock, LiftBlocks
from backend.commands import BlockCard, CheckOut, Happened, PinProof, PlaceHold, Renew
from backend.facts import PatronFacts
from backend.model import BlockId, CardState, Channel, FeeKind, Operation, Patron
from backend.outcomes import Reason, Refusal, Standing
from backend.rules.standing import PatronNow, refusals, remember_debt_blocks
from tests.backend.rules.make import asked_by, block, charge, day, facts, item, loan, moment, money, patron

CHECKOUT, RENEWAL, HOLD, COLLECT, WEB = (
    Operation.CHECKOUT,
    Operation.RENEWAL,
    Operation.HOLD,
    Operation.COLLECT,
    Operation.WEB,
)
LENDING = {CHECKOUT, RENEWAL, HOLD, COLLECT}


def stands(branch: str, who: Patron | PatronFacts, when: str = "2026-02-12") -> Standing:
    given = facts(branch, when, who=who)
    assert given.patron
    return PatronNow(given, given.patron).standing


def owing(who: str, *amounts: tuple[str, FeeKind], **changes: Any) -> PatronFacts:
    made = patron(who)
    charges = tuple(charge(made, amount, kind, number) for number, (amount, kind) in enumerate(amounts))
    return PatronFacts(patron=made, charges=charges, **changes)


def test_nothing_stands_against_an_ordinary_patron() -> None:
    assert stands("KAL-S", patron("K1")) == Standing()


@pytest.mark.parametrize(
    ("branch", "who", "when", "stops", "reasons"),
    [
        ("ASK-H", patron("A4", card_state=CardState.LOST), "2026-02-12", LENDING | {WEB}, [Reason.CARD_LOST]),
        ("ASK-H", patron("A3", card_state=CardState.UNLINKED), "2026-02-12", LENDING, [Reason.CARD_UNLINKED]),
        ("KAL-S", patron("K1", expires=day("2026-02-12")), "2026-02-12", set(), []),
        ("KAL-S", patron("K1", expires=day("2026-02-12")), "2026-02-13", LENDING, [Reason.CARD_EXPIRED]),
        ("ASK-H", patron("A2"), "2026-09-14", LENDING, [Reason.GUARDIAN_MISSING]),
        ("ASK-H", patron("A2"), "2026-09-15", set(), []),
        ("ASK-H", patron("A7"), "2026-02-12", set(), []),
        ("ASK-H", patron("A1", birth_date=None), "2026-02-12", LENDING, [Reason.GUARDIAN_MISSING]),
        ("NYN-1", patron("N2"), "2026-10-03", LENDING, [Reason.GUARDIAN_MISSING]),
        ("NYN-1", patron("N2"), "2026-10-06", set(), []),
        ("KAL-S", patron("K5"), "2026-02-12", set(), []),
        ("ASK-H", patron("A1", rules_accepted=False), "2026-02-12", LENDING, [Reason.GUARDIAN_MISSING]),
        ("NYN-1", patron("N1", rules_accepted=False), "2026-02-12", set(), []),
    ],
)
def test_cards_and_signatures(
    branch: str, who: Patron, when: str, stops: set[Operation], reasons: list[Reason]
) -> None:
    found = stands(branch, who, when)
    assert found.stops == stops
    assert [one.reason for one in found.reasons] == reasons
    assert found.card_lost is (reasons == [Reason.CARD_LOST])


# ---- debt -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("branch", "who", "amounts", "stops"),
    [
        ("KAL-S", "K1", ["74.99"], set()),  # S-082
        ("KAL-S", "K1", ["54.99", "20.00", "0.01"], {CHECKOUT, COLLECT, RENEWAL}),
        ("LYS-S", "L1", ["99.99"], set()),
        ("LYS-S", "L1", ["100.00"], {CHECKOUT, COLLECT, RENEWAL}),
        ("NYN-1", "N1", ["50.00", "50.00"], {CHECKOUT, COLLECT}),  # S-086
        ("ASK-H", "A1", ["450.00"], set()),  # S-093: no debt block there
    ],
)
def test_a_debt_blocks_from_its_limit_on_and_only_what_the_library_says(
    branch: str, who: str, amounts: list[str], stops: set[Operation]
) -> None:
    found = stands(branch, owing(who, *((amount, FeeKind.OVERDUE) for amount in amounts)))
    assert found.stops == stops
    assert found.fines_over is bool(stops)
    assert not found.fees_over


def test_fines_and_fees_are_told_apart() -> None:
    both = stands("KAL-S", owing("K1", ("55.00", FeeKind.MISC), ("20.00", FeeKind.REMINDER)))
    assert (both.fines_over, both.fees_over) == (True, True)
    fee = stands("KAL-S", owing("K1", ("75.00", FeeKind.REPLACEMENT)))
    assert (fee.fines_over, fee.fees_over) == (False, True)


def test_the_debts_of_others_do_not_count() -> None:
    n1_at_asker = patron("A1")
    elsewhere = charge(patron("N1"), "460.00", FeeKind.REPLACEMENT)
    assert stands("ASK-H", PatronFacts(patron=n1_at_asker, charges=(elsewhere,))) == Standing()  # S-090
    child = owing("K6", ("80.00", FeeKind.REPLACEMENT))
    assert CHECKOUT in stands("KAL-S", child).stops  # S-088
    assert stands("KAL-S", patron("K1")) == Standing()


def test_a_running_fine_reaches_the_limit_exactly() -> None:
    k1 = patron("K1")
    late = PatronFacts(patron=k1, loans=(loan(item("KFF1"), k1, "2026-03-02"),))
    assert CHECKOUT not in stands("KAL-S", late, "2026-03-16").stops  # S-081: 70.00
    at_limit = stands("KAL-S", late, "2026-03-17")
    assert at_limit.reasons == (
        Refusal(reason=Reason.DEBT_LIMIT, amount=money("75.00"), limit=money("75.00"), row="KAL-26"),
    )
    paid = PatronFacts(patron=k1, loans=(loan(item("KFF1"), k1, "2026-03-02", fine_paid=money("75.00")),))
    assert stands("KAL-S", paid, "2026-03-17") == Standing()  # S-084


def test_the_cap_meets_the_limit() -> None:
    l1 = patron("L1")
    late = PatronFacts(patron=l1, loans=(loan(item("LD1"), l1, "2026-03-02"),))
    assert CHECKOUT not in stands("LYS-S", late, "2026-03-11").stops  # S-085
    assert CHECKOUT in stands("LYS-S", late, "2026-03-12").stops


# ---- other blocks -----------------------------------------------------------------


def test_blocks_by_hand_stop_what_they_name_as_long_as_they_last() -> None:
    k1 = patron("K1")
    barred = PatronFacts(
        patron=k1,
        blocks=(
            block(k1, HOLD, until=day("2026-02-12")),
            block(k1, CHECKOUT, until=day("2026-02-20"), id=BlockId(2)),
            block(k1, reason="suspended", until=day("2026-03-01"), id=BlockId(3)),
        ),
    )
    found = stands("KAL-S", barred)
    assert found.stops == LENDING
    assert found.reasons == (
        Refusal(reason=Reason.MANUAL_BLOCK, day=day("2026-02-20")),
        Refusal(reason=Reason.SUSPENDED, day=day("2026-03-01")),
    )
    assert HOLD in stands("KAL-S", barred, "2026-02-21").stops  # the suspension's
    assert stands("KAL-S", barred, "2026-03-02") == Standing()


def test_too_many_late_or_billed_items() -> None:
    i1 = patron("I1")
    late = tuple(loan(item(f"I{n}"), i1, "2026-02-09") for n in range(2))
    found = stands("INV-1", PatronFacts(patron=i1, loans=late))
    assert found.reasons == (Refusal(reason=Reason.TOO_MANY_OVERDUE, count=2, row="late"),)
    assert found.stops == {RENEWAL}
    assert found.too_many_overdue
    claimed = (replace(late[0], loan=replace(late[0].loan, claimed_returned=True)), late[1])
    assert stands("INV-1", PatronFacts(patron=i1, loans=claimed)) == Standing()
    billed = stands(
        "INV-1", PatronFacts(patron=i1, loans=(loan(item("Ix"), i1, "2026-03-09", billed_on=day("2026-02-10")),))
    )
    assert [one.reason for one in billed.reasons] == [Reason.TOO_MANY_BILLED]
    assert billed.too_many_billed


def test_the_gravest_comes_first() -> None:
    i1 = patron("I1", card_state=CardState.LOST)
    everything = PatronFacts(
        patron=i1,
        loans=tuple(loan(item(f"I{n}"), i1, "2026-02-09") for n in range(2)),
        charges=(charge(i1, "100.00"),),
        blocks=(block(i1, reason="suspended", until=day("2026-03-01")), block(i1)),
    )
    assert [one.reason for one in stands("INV-1", everything).reasons] == [
        Reason.CARD_LOST,
        Reason.MANUAL_BLOCK,
        Reason.DEBT_LIMIT,
        Reason.TOO_MANY_OVERDUE,
        Reason.SUSPENDED,
    ]


def test_a_debt_block_that_lifts_late_is_remembered_and_forgotten() -> None:
    given = facts("INV-1", who=owing("I1", ("100.00", FeeKind.OVERDUE)))
    assert given.patron
    remembered = remember_debt_blocks(given, given.patron, money("40.00", "INV"))
    (added,) = remembered
    assert isinstance(added, AddBlock)
    assert (added.block.reason, added.block.note) == ("debt_limit", "debts")
    poorer = owing("I1", ("40.00", FeeKind.OVERDUE))
    assert stands("INV-1", poorer) == Standing()
    barred = replace(poorer, blocks=(added.block,))
    assert stands("INV-1", barred).stops == {CHECKOUT, COLLECT, HOLD}
    again = facts("INV-1", who=barred)
    assert remember_debt_blocks(again, barred, money("10.00", "INV")) == ()
    (lifted,) = remember_debt_blocks(again, barred, money("0.00", "INV"))
    assert lifted == LiftBlocks(patron=barred.patron.id, at=again.now, blocks=(added.block.id,))


def test_limits_that_a_screen_shows() -> None:
    def limits(branch: str, who: str) -> tuple[Any, Any]:
        given = facts(branch, who=patron(who))
        assert given.patron
        who = PatronNow(given, given.patron)
        return who.debt_limit, who.items_limit

    assert limits("KAL-S", "K1") == (money("75.00"), None)
    assert limits("ASK-H", "A1") == (None, None)
    assert limits("INV-1", "I1") == (money("100.00", "INV"), None)  # laptops count by themselves


# ---- PIN, and what each refusal leaves open -------------------------------------------


ASKED = asked_by("KAL-S", trusts_patron=False)
LATER = Happened(at=moment("KAL-S", "2026-02-11"))


@pytest.mark.parametrize(
    ("branch", "by", "command", "operation", "expected"),
    [
        ("KAL-S", {}, CheckOut(patron="K1", item="KB3"), CHECKOUT, [Reason.PIN_REQUIRED]),
        ("KAL-S", {}, CheckOut(patron="K1", item="KB3"), COLLECT, [Reason.PIN_REQUIRED]),
        ("KAL-S", {}, Renew(patron="K1", item="KB3", pin=PinProof.WRONG), RENEWAL, [Reason.PIN_WRONG]),
        ("KAL-S", {}, PlaceHold(patron="K1", item="KB3", pin=PinProof.LOCKED), HOLD, [Reason.PIN_WRONG]),
        ("KAL-S", {}, CheckOut(patron="K1", item="KB3", pin=PinProof.RIGHT), CHECKOUT, []),
        ("LYS-S", {}, CheckOut(patron="L1", item="LB1"), CHECKOUT, []),  # S-024
        ("LYS-S", {"pin_always": True}, CheckOut(patron="L1", item="LB1"), CHECKOUT, [Reason.PIN_REQUIRED]),
        ("INV-1", {}, CheckOut(patron="I1", item="Ix"), CHECKOUT, []),
        ("INV-1", {}, Renew(patron="I1", item="Ix"), RENEWAL, [Reason.PIN_REQUIRED]),
        ("KAL-S", {"trusts_patron": True}, CheckOut(patron="K1", item="KB3"), CHECKOUT, []),
        ("KAL-S", {"channel": Channel.PARTNER}, CheckOut(patron="K1", item="KB3"), CHECKOUT, [Reason.PIN_REQUIRED]),
        ("KAL-S", {"offline": True}, CheckOut(patron="K1", item="KB3", happened=LATER), CHECKOUT, []),
        ("KAL-S", {}, CheckOut(patron="K1", item="KB3", happened=LATER), CHECKOUT, [Reason.PIN_REQUIRED]),
        ("KAL-S", {}, BlockCard(patron="K1"), CHECKOUT, []),  # a command without a PIN
    ],
)
def test_who_has_to_prove_a_pin(
    branch: str, by: dict[str, Any], command: object, operation: Operation, expected: list[Reason]
) -> None:
    asking = asked_by(branch, **{"trusts_patron": False, **by})
    given = facts(branch, who=patron({"K": "K1", "L": "L1", "I": "I1"}[branch[0]]), by=asking)
    assert [one.reason for one in refusals(given, command, operation)] == expected


def test_nothing_of_the_account_is_told_without_a_pin_but_the_card_s_state_is() -> None:
    poor = owing("K1", ("75.00", FeeKind.OVERDUE))
    lost = replace(poor, patron=replace(poor.patron, card_state=CardState.LOST))
    command = CheckOut(patron="K1", item="KB3")
    found = refusals(facts("KAL-S", who=lost, by=ASKED), command, CHECKOUT)
    assert [one.reason for one in found] == [Reason.CARD_LOST, Reason.PIN_REQUIRED]


def test_a_block_of_the_web_stops_the_web_only() -> None:
    k1 = patron("K1")
    barred = PatronFacts(patron=k1, blocks=(block(k1, WEB),))
    command = Renew(patron="K1", item="KB3", pin=PinProof.RIGHT)
    for channel, expected in [(Channel.WEB, [Reason.MANUAL_BLOCK]), (Channel.SELFCHECK, [])]:
        given = facts("KAL-S", who=barred, by=asked_by("KAL-S", channel=channel))
        assert [one.reason for one in refusals(given, command, RENEWAL)] == expected


@pytest.mark.parametrize(
    ("branch", "who", "operation", "stopped"),
    [
        ("KAL-S", "K1", HOLD, False),  # S-087
        ("KAL-S", "K1", COLLECT, True),
        ("KAL-S", "K1", RENEWAL, True),
        ("NYN-1", "N1", RENEWAL, False),  # S-086
        ("NYN-1", "N1", CHECKOUT, True),
    ],
)
def test_what_a_debt_leaves_open(branch: str, who: str, operation: Operation, stopped: bool) -> None:
    given = facts(branch, who=owing(who, ("100.00", FeeKind.REMINDER)))
    assert bool(refusals(given, CheckOut(patron=who, item="x"), operation)) is stopped
