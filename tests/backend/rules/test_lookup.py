"""What screens show of patrons and items, and that the lines of a debt add up to it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.changes import PutItem
from backend.commands import LookUpItem, LookUpPatron, StoreProperties
from backend.facts import BorrowedIn, Decision, Facts, ItemFacts, LoanFacts, PatronFacts
from backend.lookup_outcomes import ItemFound, PatronFound
from backend.model import BranchId, CardState, FeeKind, HoldState, ItemState
from backend.money import total
from backend.outcomes import Done, Reason
from backend.rules.decide import decide
from tests.backend.rules.asking import reasons
from tests.backend.rules.make import block, charge, day, facts, hold, item, lent_out, loan, moment, money, patron


def seen(given: Facts) -> PatronFound:
    outcome = decide(given, LookUpPatron(patron="K1")).outcome
    assert isinstance(outcome, PatronFound), outcome
    return outcome


def shown(given: Facts) -> ItemFound:
    outcome = decide(given, LookUpItem(item="KB1")).outcome
    assert isinstance(outcome, ItemFound), outcome
    return outcome


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (facts("KAL-S"), Reason.UNKNOWN_PATRON),
        (facts("ASK-H", who=patron("A3", card_state=CardState.UNLINKED)), Reason.CARD_UNLINKED),
    ],
)
def test_nobody_of_ours_is_shown(given: Facts, reason: Reason) -> None:
    decision = decide(given, LookUpPatron(patron="nobody"))
    assert reasons(decision) == [reason]
    assert decision.changes == ()


def test_lists_are_complete_and_in_stable_order() -> None:  # S-037
    who = patron("A1")
    late, later = loan(item("AC1"), who, "2026-02-10"), loan(item("AB1"), who, "2026-03-02")
    waiting = hold(item("AG1"), who, number=7, placed=moment("ASK-H", "2026-01-10"))
    ready = hold(item("AD1"), who, number=3, ready=True, pickup_by=day("2026-02-20"))
    found = seen(facts("ASK-H", who=PatronFacts(patron=who, loans=(later, late), holds=(ready, waiting))))
    assert [(one.barcode, one.overdue) for one in found.loans] == [("AC1", True), ("AB1", False)]
    assert [(one.hold, one.ready, one.pickup_by) for one in found.holds] == [
        (7, False, None),
        (3, True, day("2026-02-20")),
    ]


@pytest.mark.parametrize(("when", "owed"), [("2026-03-16", "70.00"), ("2026-03-17", "75.00"), ("2026-03-02", "0.00")])
def test_a_running_fine_is_a_line_of_the_debt(when: str, owed: str) -> None:  # S-081
    who = patron("K1")
    found = seen(facts("KAL-S", when, who=PatronFacts(patron=who, loans=(loan(item("KFF1"), who, "2026-03-02"),))))
    assert found.owed == money(owed)
    assert found.limit == money("75.00")
    assert [(line.id[0], line.owed) for line in found.fees] == ([("L", money(owed))] if found.owed else [])
    assert found.loans[0].fine == (found.owed or None)


def test_only_this_librarys_charges_are_lines() -> None:
    who = patron("K1")
    elsewhere = replace(charge(who, "10.00", number=2), library=patron("A1").library)
    found = seen(facts("KAL-S", who=PatronFacts(patron=who, charges=(charge(who, "54.99", FeeKind.MISC), elsewhere))))
    assert [line.id for line in found.fees] == ["1"]
    assert found.owed == money("54.99")


@given(
    days=st.lists(st.integers(1, 28), max_size=4),
    posted=st.lists(st.integers(0, 9_000), max_size=4),
    paid=st.integers(0, 3_000),
)
def test_the_lines_add_up_to_the_debt(days: list[int], posted: list[int], paid: int) -> None:  # S-089
    who = patron("K1")
    fine_paid = replace(money("0.00"), minor=paid)
    loans = tuple(loan(item(f"KB{n}"), who, f"2026-02-{one:02}", fine_paid=fine_paid) for n, one in enumerate(days))
    charges = tuple(charge(who, replace(money("0.00"), minor=minor).text(), number=n) for n, minor in enumerate(posted))
    found = seen(facts("KAL-S", "2026-02-20", who=PatronFacts(patron=who, loans=loans, charges=charges)))
    assert total((line.owed for line in found.fees), "SEK") == found.owed


@pytest.mark.parametrize(
    ("failures", "on", "locked"), [(5, "2026-02-12", True), (4, "2026-02-12", False), (9, "2026-02-11", False)]
)
def test_a_pin_is_locked_until_midnight(failures: int, on: str, locked: bool) -> None:
    found = seen(facts("KAL-S", who=patron("K1", pin_failures=failures, pin_failed_on=day(on))))
    assert found.pin_locked is locked


@pytest.mark.parametrize(
    ("branch", "who", "asked"), [("KAL-S", "K1", True), ("NYN-1", "N1", False), ("LYS-S", "L1", False)]
)
def test_whether_a_pin_is_asked(branch: str, who: str, asked: bool) -> None:  # S-024
    assert seen(facts(branch, who=patron(who))).pin_asked is asked


def test_blocks_that_stand_are_shown() -> None:
    who = patron("K1")
    blocks = (
        block(who, note="rude"),
        block(who, reason="suspended", until=day("2026-02-11")),
        block(who, reason="debt_limit", note="row"),
    )
    assert [one.note for one in seen(facts("KAL-S", who=PatronFacts(patron=who, blocks=blocks))).blocks] == ["rude"]


# ---- items --------------------------------------------------------------------


def test_an_unknown_item() -> None:
    assert reasons(decide(facts("KAL-S"), LookUpItem(item="nothing"))) == [Reason.UNKNOWN_ITEM]
    assert reasons(decide(facts("KAL-S"), StoreProperties(item="nothing", properties="x"))) == [Reason.UNKNOWN_ITEM]


@pytest.mark.parametrize(
    ("terms", "claimed", "billed"),
    [({}, False, False), ({"claimed_returned": True}, True, False), ({"billed_on": day("2026-02-01")}, False, True)],
)
def test_an_item_on_loan(terms: dict[str, Any], claimed: bool, billed: bool) -> None:
    who = patron("K1")
    lent = loan(item("KB1"), who, "2026-03-02", **terms)
    found = shown(facts("KAL-S", what=lent_out(lent, who, [hold(lent.item, patron("K3"))])))
    assert (found.on_loan, found.claimed_returned, found.billed) == (True, claimed, billed)
    assert (found.due, found.queue) == (lent.loan.due, 1)


def test_an_item_on_the_hold_shelf_waits_for_one_and_the_queue_is_the_others() -> None:
    what = item("KB1", state=ItemState.HOLD_SHELF)
    holds = (
        replace(hold(what, patron("K1"), ready=True, pickup_by=day("2026-02-20")), patron_card="K1"),
        hold(what, patron("K3"), number=2),
        hold(what, patron("K4"), number=3, suspended=True),
    )
    found = shown(facts("KAL-S", what=ItemFacts(item=what, holds=holds)))
    assert (found.pickup_by, found.hold_patron_card, found.queue) == (day("2026-02-20"), "K1", 1)


def test_an_item_on_its_way() -> None:
    what = item("KB1", state=ItemState.TRANSIT, destination=BranchId("KAL-B"))
    trapped = hold(what, patron("K1"), ready=True, state=HoldState.TRANSIT, pickup_by=day("2026-02-20"))
    found = shown(facts("KAL-S", what=ItemFacts(item=what, holds=(trapped,))))
    assert (found.state, found.destination, found.pickup_by) == (ItemState.TRANSIT, "KAL-B", None)


@pytest.mark.parametrize(
    ("what", "fee", "kind"),
    [
        (item("I1", material="film"), "15.00", FeeKind.CHECKOUT),
        (item("I1"), None, None),
        (item("I1", material="game"), None, None),
    ],
)
def test_what_a_loan_costs(what: Any, fee: str | None, kind: FeeKind | None) -> None:
    found = shown(facts("INV-1", what=what))
    assert found.fee == (money(fee, "INV") if fee else None)
    assert found.fee_kind == kind


def test_a_fee_of_an_order_is_taken_once() -> None:
    what = ItemFacts(item=item("I1", material="film"), borrowed_in=BorrowedIn(request=1, fee_taken=True))
    assert shown(facts("INV-1", what=what)).fee == money("15.00", "INV")


def test_a_note_is_kept_and_the_item_stays_where_it_is() -> None:
    what = item("KB1", state=ItemState.TRANSIT, destination=BranchId("KAL-B"))
    decision: Decision = decide(facts("KAL-S", what=what), StoreProperties(item="KB1", properties="CD in pocket"))
    assert isinstance(decision.outcome, Done)
    (put,) = decision.changes
    assert put == PutItem(
        item=what.id,
        state=ItemState.TRANSIT,
        branch=what.present_branch,
        destination=BranchId("KAL-B"),
        properties="CD in pocket",
    )


def test_a_loan_has_no_fine_before_it_is_late() -> None:
    who = patron("K1")
    lent: LoanFacts = loan(item("KFF1"), who, "2026-03-02")
    assert seen(facts("KAL-S", who=PatronFacts(patron=who, loans=(lent,)))).loans[0].fine is None
