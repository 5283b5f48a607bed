"""Lending: what it costs, to whom, in which order the reasons come, and what a loan changes."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddCharge, NoteForStaff, OpenLoan, PutHold, PutItem
from backend.facts import BorrowedIn, Decision, ItemFacts, LoanFacts, PatronFacts
from backend.model import BranchId, CardState, FeeKind, ItemState
from backend.outcomes import CheckedOut, Reason, Refusal, Refused
from tests.backend.rules.asking import check_out, due_on, opened, reasons, refusals_of
from tests.backend.rules.make import asked_by, charge, day, facts, hold, item, lent_out, loan, moment, money, patron

# ---- what it costs ---------------------------------------------------------------


def test_an_item_borrowed_in_is_lent_until_the_lender_wants_it_back() -> None:
    l1 = patron("L1")
    book = item("Lill", loan_type="ill", language="sv", state=ItemState.HOLD_SHELF)
    lender_due = moment("LYS-S", "2026-03-20 23:59")
    queue = (hold(book, l1, ready=True, ill_request=7),)
    what = ItemFacts(item=book, holds=queue, borrowed_in=BorrowedIn(request=7, due=lender_due))
    asked = refusals_of(check_out(facts("LYS-S", who=l1, what=what)))  # S-110
    assert asked == (Refusal(reason=Reason.FEE_ACK, amount=money("20.00", "LYS"), fee=FeeKind.ILL, row="LYS-16"),)
    decision = check_out(facts("LYS-S", who=l1, what=what), fee_accepted=True)
    assert due_on(decision) == "2026-03-20"
    assert opened(decision).ill_request == 7
    assert fees(decision) == [("LYS-16", FeeKind.ILL, money("20.00", "LYS"))]


@pytest.mark.parametrize(
    ("who", "changes", "request_is", "row"),
    [
        ("L1", {"language": "en"}, {}, None),  # S-112: other languages are free
        ("L1", {"language": "en"}, {"course": True}, "LYS-20"),
        ("L1", {"language": None}, {}, "LYS-16"),
        ("L2", {"language": "sv"}, {}, None),  # home service is let off
        ("L1", {"language": "sv"}, {"fee_taken": True}, None),  # once per request and item
        ("L1", {"language": "sv"}, {"copy_price": money("62.50", "LYS")}, "LYS-18"),  # S-116
    ],
)
def test_what_an_item_borrowed_in_costs(
    who: str, changes: dict[str, Any], request_is: dict[str, Any], row: str | None
) -> None:
    what = ItemFacts(item=item("Lill", loan_type="ill", **changes), borrowed_in=BorrowedIn(request=7, **request_is))
    decision = check_out(facts("LYS-S", who=patron(who), what=what))
    if row is None:
        assert isinstance(decision.outcome, CheckedOut)
        assert fees(decision) == []
    else:
        assert [refusal.row for refusal in refusals_of(decision)] == [row]


def fees(decision: Decision) -> list[tuple[str, FeeKind, Any]]:
    charges = [change.charge for change in decision.changes if isinstance(change, AddCharge)]
    assert all(one.owed == one.amount for one in charges)
    return [(one.row, one.kind, one.amount) for one in charges]


def test_a_fee_without_an_amount_is_work_for_staff_and_a_fee_without_a_question_is_charged() -> None:
    game = check_out(facts("INV-1", who=patron("I1"), what=item("Igame", material="game")))
    assert fees(game) == []
    assert [change.reason for change in game.changes if isinstance(change, NoteForStaff)] == ["fee_not_set"]
    chart = check_out(facts("INV-1", who=patron("I1"), what=item("Imap", material="map")))
    assert isinstance(chart.outcome, CheckedOut)
    assert chart.outcome.fee == money("2.00", "INV")
    assert fees(chart) == [("map-fee", FeeKind.CHECKOUT, money("2.00", "INV"))]


# ---- why not ----------------------------------------------------------------------


def patron_with(who: str, *charges: str, **changes: Any) -> PatronFacts:
    made = patron(who, **changes)
    return PatronFacts(patron=made, charges=tuple(charge(made, amount, number=n) for n, amount in enumerate(charges)))


K3 = patron("K3")
ON_LOAN_TO_K3 = lent_out(loan(item("KB3"), K3, "2026-03-02"), K3)
HELD_FOR_K3 = ItemFacts(item=item("KB3", state=ItemState.HOLD_SHELF), holds=(hold(item("KB3"), K3, ready=True),))
FULL = PatronFacts(
    patron=patron("I1"),
    loans=tuple(loan(item(f"I{n}"), patron("I1"), "2026-03-02", group="ordinary") for n in range(3)),
)


@pytest.mark.parametrize(
    ("branch", "who", "what", "expected"),
    [
        ("KAL-S", None, item("KB3"), Refusal(reason=Reason.UNKNOWN_PATRON)),
        ("KAL-S", patron("K1"), None, Refusal(reason=Reason.UNKNOWN_ITEM)),
        ("KAL-S", patron("K1", card_state=CardState.LOST), item("KB3"), Refusal(reason=Reason.CARD_LOST)),
        (
            "ASK-H",
            patron("A3", card_state=CardState.UNLINKED),
            item("AB1"),
            Refusal(reason=Reason.CARD_UNLINKED),
        ),
        (
            "KAL-S",
            patron("K1", expires=day("2026-02-11")),
            item("KB3"),
            Refusal(reason=Reason.CARD_EXPIRED, day=day("2026-02-11")),
        ),
        ("ASK-H", patron("A2"), item("AB1"), Refusal(reason=Reason.GUARDIAN_MISSING, row="ASK-10")),
        ("NYN-1", patron("N2"), item("NB1"), Refusal(reason=Reason.GUARDIAN_MISSING, row="NYN-02")),
        (
            "ASK-H",
            patron("A1", rules_accepted=False),
            item("AB1"),
            Refusal(reason=Reason.GUARDIAN_MISSING, row="ASK-10"),
        ),
        (
            "KAL-S",
            patron_with("K1", "75.00"),
            item("KB3"),
            Refusal(reason=Reason.DEBT_LIMIT, amount=money("75.00"), limit=money("75.00"), row="KAL-26"),
        ),
        ("ASK-H", patron("A1"), item("AE1"), Refusal(reason=Reason.NOT_FOR_LOAN, row="ASK-21")),
        (
            "INV-1",
            patron("I1"),
            item("Iatlas", flags=frozenset({"reference"})),
            Refusal(reason=Reason.NOT_FOR_LOAN, row="reference"),
        ),
        (
            "KAL-S",
            patron("K1"),
            item("KB3", state=ItemState.WITHDRAWN),
            Refusal(reason=Reason.NOT_FOR_LOAN, row="KAL-08"),
        ),
        ("ASK-H", patron("A1"), item("NB1"), Refusal(reason=Reason.NOT_FOR_LOAN, row="ASK-11")),
        ("KAL-S", patron("K1"), ON_LOAN_TO_K3, Refusal(reason=Reason.ON_LOAN_OTHER)),
        ("KAL-S", K3, ON_LOAN_TO_K3, Refusal(reason=Reason.ALREADY_YOURS)),
        ("KAL-S", patron("K2"), item("KG1"), Refusal(reason=Reason.AGE_LIMIT, age=15, row="KAL-11")),
        ("KAL-S", patron("K2"), item("KFF1"), Refusal(reason=Reason.AGE_LIMIT, age=15, row="KAL-14")),
        ("KAL-S", patron("K5"), item("KG1"), Refusal(reason=Reason.AGE_LIMIT, age=15, row="KAL-11")),
        ("KAL-S", patron("K1"), HELD_FOR_K3, Refusal(reason=Reason.HELD_FOR_OTHER)),
        ("INV-1", FULL, item("Ibook"), Refusal(reason=Reason.TOO_MANY_ITEMS, count=3, row="ordinary")),
        (
            "INV-1",
            patron("I1"),
            item("Ifilm", material="film"),
            Refusal(reason=Reason.FEE_ACK, amount=money("15.00", "INV"), fee=FeeKind.CHECKOUT, row="film-fee"),
        ),
    ],
)
def test_every_refusal_says_why_with_its_facts(branch: str, who: Any, what: Any, expected: Refusal) -> None:
    when = "2026-02-12" if branch != "NYN-1" else "2026-10-03"
    decision = check_out(facts(branch, when, who=who, what=what))
    assert refusals_of(decision) == (expected,)
    assert decision.changes == ()


def test_an_unknown_card_or_item_still_names_what_is_known() -> None:
    unknown_card = check_out(facts("KAL-S", what=item("KB3"))).outcome
    assert (unknown_card.about.patron_known, unknown_card.about.title) == (False, "KT3")
    unknown_item = check_out(facts("KAL-S", who=patron("K1", language="sv"))).outcome
    assert (unknown_item.about.language, unknown_item.about.title) == ("sv", None)


def test_all_reasons_come_in_the_order_of_their_gravity() -> None:
    k2 = patron_with("K2", "75.00")
    game = ItemFacts(
        item=item("KG1"), loan=loan(item("KG1"), K3, "2026-03-02").loan, holds=(hold(item("KG1"), K3, ready=True),)
    )
    assert reasons(check_out(facts("KAL-S", who=k2, what=item("KG1")))) == [
        Reason.DEBT_LIMIT,
        Reason.AGE_LIMIT,
    ]  # S-131
    assert reasons(check_out(facts("KAL-S", who=k2, what=game))) == [
        Reason.DEBT_LIMIT,
        Reason.ON_LOAN_OTHER,
        Reason.AGE_LIMIT,
        Reason.HELD_FOR_OTHER,
    ]


def test_limits_of_a_group_leave_other_groups_alone() -> None:
    laptop = item("Ilaptop", material="laptop")
    assert isinstance(check_out(facts("INV-1", who=FULL, what=laptop)).outcome, CheckedOut)


def test_two_hundred_and_fifty_loans_are_no_reason() -> None:
    a1 = patron("A1")
    loans = tuple(loan(item(f"A{n}x"), a1, "2026-03-02") for n in range(250))  # S-018
    decision = check_out(facts("ASK-H", who=PatronFacts(patron=a1, loans=loans), what=item("AB1")))
    assert isinstance(decision.outcome, CheckedOut)


# ---- what a loan changes -------------------------------------------------------------


def test_a_loan_from_the_shelf_is_one_change() -> None:
    given = facts("KAL-S", "2026-02-02", who=patron("K1"), what=item("KB3"))
    decision = check_out(given)
    assert [type(change) for change in decision.changes] == [OpenLoan]
    made = opened(decision)
    assert (made.branch, made.library, made.account, made.row, made.renewals) == (
        "KAL-S",
        "KAL",
        "T-KAL-S",
        "KAL-08",
        0,
    )
    assert made.policy == given.policy.hash
    assert made.lent == given.now


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        ({"state": ItemState.TRANSIT, "destination": BranchId("KAL-B")}, {}),
        ({"state": ItemState.MISSING}, {}),
        ({"present_branch": BranchId("KAL-B")}, {}),
        ({}, {"properties": "scratched"}),
    ],
)
def test_the_item_is_where_it_was_lent(now: dict[str, Any], asked: dict[str, Any]) -> None:
    decision = check_out(facts("KAL-S", who=patron("K1"), what=item("KB3", **now)), **asked)
    put = next(change for change in decision.changes if isinstance(change, PutItem))
    assert (put.state, put.branch, put.destination) == (ItemState.SHELF, "KAL-S", None)
    assert put.properties == asked.get("properties")


def test_another_copy_fills_the_patron_s_place_in_the_queue() -> None:
    k1, copy = patron("K1"), item("KB2")
    given = facts("KAL-S", who=k1, what=ItemFacts(item=copy, holds=(hold(copy, k1),)))
    assert [type(change) for change in check_out(given).changes] == [OpenLoan, PutHold]


def test_an_express_copy_fills_no_hold_where_express_takes_none() -> None:
    a1, express = patron("A1"), item("AX1")
    given = facts("ASK-H", who=a1, what=ItemFacts(item=express, holds=(hold(express, a1),)))
    assert [type(change) for change in check_out(given).changes] == [OpenLoan]


def test_a_hold_that_is_ready_on_another_copy_stays() -> None:
    k1, copy = patron("K1"), item("KB2")
    ready_elsewhere = hold(item("KB1"), k1, ready=True)
    given = facts("KAL-S", who=k1, what=ItemFacts(item=copy, holds=(ready_elsewhere,)))
    assert [type(change) for change in check_out(given).changes] == [OpenLoan]


# ---- one's own loan ----------------------------------------------------------------


def test_checking_out_one_s_own_loan_renews_where_the_machine_may() -> None:
    k1 = patron("K1")
    own = lent_out(loan(item("KB3"), k1, "2026-03-02"), k1)
    given = facts("KAL-S", "2026-02-20", who=k1, what=own)
    outcome = check_out(given, renew_if_mine=True).outcome  # S-053
    assert isinstance(outcome, CheckedOut)
    assert outcome.renewed
    assert outcome.due == moment("KAL-S", "2026-03-20 23:59:59")
    refused = check_out(given).outcome
    assert isinstance(refused, Refused)
    assert [one.reason for one in refused.refusals] == [Reason.ALREADY_YOURS]
    assert refused.due == own.loan.due if own.loan else False


def test_one_s_own_loan_that_cannot_be_renewed_says_why_and_when_it_is_due() -> None:
    k1 = patron("K1")
    own = loan(item("KX1"), k1, "2026-03-02")
    outcome = check_out(facts("KAL-S", who=k1, what=lent_out(own, k1)), renew_if_mine=True).outcome
    assert isinstance(outcome, Refused)
    assert [one.reason for one in outcome.refusals] == [Reason.NOT_RENEWABLE]
    assert outcome.due == own.loan.due


def test_a_wrong_pin_learns_nothing_about_loans() -> None:
    k1 = patron("K1")
    own = LoanFacts(loan=loan(item("KB3"), k1, "2026-03-02").loan, item=item("KB3"))
    strict = replace(asked_by("KAL-S"), trusts_patron=False)
    outcome = check_out(facts("KAL-S", who=k1, what=lent_out(own, k1), by=strict), renew_if_mine=True).outcome
    assert isinstance(outcome, Refused)
    assert [one.reason for one in outcome.refusals] == [Reason.PIN_REQUIRED]
    assert outcome.due is None
