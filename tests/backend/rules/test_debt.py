"""What lateness costs, read off the dates; when it becomes a charge; what a patron owes in all."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddBlock, AddCharge, NoteForStaff
from backend.facts import Facts, LoanFacts, PatronFacts
from backend.model import FeeKind
from backend.money import Money
from backend.policy.loader import LibraryPolicies, PolicySet
from backend.rules.debt import debt, exempt, fine_owed, fix_fine, lateness, owed
from tests.backend.rules.make import charge, day, facts, item, lent_out, loan, money, patron, policy_of


def gross(given: Facts, of: LoanFacts) -> Money:
    """The fine that runs now, whatever was paid towards it."""
    return lateness(given, of, given.now).amount


def fine_on(
    when: str,
    what: str,
    due: str,
    *,
    who: str | None = None,
    branch: str | None = None,
    at: str | None = None,
    **lent: Any,
) -> str:
    """The running fine of `who`'s loan on the day `when`, as text; asked at `at`, lent at `branch`."""
    borrower = patron(who or what[0] + "1")
    kinds: dict[str, dict[str, Any]] = {"Ilaptop": {"material": "laptop"}, "Ipriced": {"price": money("3.00", "INV")}}
    one = loan(item(what, **kinds.get(what, {})), borrower, due, branch=branch, **lent)
    given = facts(at or one.item.home_branch, when, who=PatronFacts(patron=borrower, loans=(one,)))
    return gross(given, one).text()


@pytest.mark.parametrize(
    ("scenario", "what", "due", "when", "amount"),
    [
        ("S-065", "KB3", "2026-03-02", "2026-03-02 23:30", "0.00"),
        ("S-065", "KB3", "2026-03-02", "2026-03-03", "2.00"),
        ("S-065", "KB3", "2026-03-02", "2026-03-12", "20.00"),
        ("S-066", "KFF1", "2026-03-27", "2026-03-31 10:00", "20.00"),
        ("S-067", "KB3", "2026-12-23", "2026-12-28", "10.00"),
        ("S-068", "KG1", "2026-03-02", "2026-03-07", "10.00"),
        ("S-068", "KFM1", "2026-03-02", "2026-03-07", "25.00"),
        ("S-070", "LB1", "2026-03-02", "2026-03-03", "5.00"),
        ("S-070", "LB1", "2026-03-02", "2026-03-09", "5.00"),
        ("S-070", "LB1", "2026-03-02", "2026-03-10", "10.00"),
        ("S-070", "LB1", "2026-03-02", "2026-03-16", "10.00"),
        ("S-070", "LB1", "2026-03-02", "2026-03-17", "15.00"),
        ("S-071", "L7", "2026-03-02", "2026-03-10", "16.00"),
        ("S-071", "L14", "2026-03-02", "2026-03-10", "8.00"),
        ("S-072", "LC1", "2026-03-02", "2026-03-10", "0.00"),
        ("S-072", "LC7", "2026-03-02", "2026-03-10", "0.00"),
        ("S-073", "LD1", "2026-03-02", "2026-03-11", "90.00"),
        ("S-073", "LD1", "2026-03-02", "2026-03-12", "100.00"),
        ("S-073", "LD1", "2026-03-02", "2026-03-13", "100.00"),
        ("S-073", "LD1", "2026-03-02", "2026-04-20", "100.00"),
        ("S-075", "LT1", "2026-03-02", "2026-03-22", "0.00"),
        ("S-075", "LB1", "2026-03-02", "2026-03-22", "15.00"),
        ("S-076", "LM1", "2026-03-02", "2026-03-04", "5.00"),
        ("S-076", "LR1", "2026-03-02", "2026-03-04", "5.00"),
        ("S-077", "AB1", "2026-03-09", "2026-04-10", "0.00"),
        ("S-079", "KB3", "2028-02-28", "2028-03-01", "4.00"),
        ("S-079", "KB3", "2026-12-30", "2027-01-04", "10.00"),
        ("S-080", "KFD1", "2026-03-02", "2026-04-20", "245.00"),
        ("grace of two open days", "Ibook", "2026-02-06", "2026-02-10", "0.00"),
        ("and then all of them", "Ibook", "2026-02-06", "2026-02-11", "3.00"),
        ("never above the price", "Ipriced", "2026-02-06", "2026-02-20", "3.00"),
        ("a started hour", "Ilaptop", "2026-02-11", "2026-02-12 02:10", "30.00"),
    ],
)
def test_what_lateness_costs(scenario: str, what: str, due: str, when: str, amount: str) -> None:
    assert fine_on(when, what, due) == amount


@pytest.mark.parametrize(
    ("scenario", "who", "what", "amount"),
    [
        ("S-072", "L5", "LB1", "10.00"),
        ("S-072", "L5", "LDC1", "80.00"),
        ("S-075", "L2", "LB1", "0.00"),
        ("S-075", "L3", "LD1", "0.00"),
    ],
)
def test_who_pays_and_who_is_let_off(scenario: str, who: str, what: str, amount: str) -> None:
    assert fine_on("2026-03-10", what, "2026-03-02", who=who) == amount


@pytest.mark.parametrize("at", ["KAL-S", "KAL-B", "KAL-BUS"])
def test_the_branch_that_lent_decides_wherever_it_is_asked(at: str) -> None:
    assert fine_on("2026-03-12", "KB3", "2026-03-02", branch="KAL-BUS", at=at) == "0.00"  # S-069: not set yet
    assert fine_on("2026-03-12", "KB3", "2026-03-02", branch="KAL-B", at=at) == "20.00"


def test_a_billed_loan_costs_nothing_more() -> None:
    assert fine_on("2026-06-01", "KB3", "2026-03-02", billed_on=day("2026-05-01")) == "0.00"


def test_payments_towards_a_running_fine_count() -> None:
    k1 = patron("K1")
    late = loan(item("KFF1"), k1, "2026-03-02", fine_paid=money("75.00"))
    for when, left in [("2026-03-17", "0.00"), ("2026-03-18", "5.00"), ("2026-03-10", "0.00")]:  # S-084
        given = facts("KAL-S", when, who=PatronFacts(patron=k1, loans=(late,)))
        assert fine_owed(given, late).text() == left


def test_a_debt_is_what_is_charged_and_what_still_runs() -> None:
    l1 = patron("L1")
    films = tuple(loan(item(name), l1, "2026-03-02") for name in ("LD1", "LDC1"))
    who = PatronFacts(patron=l1, loans=films, charges=(charge(l1, "12.50", FeeKind.CARD),))
    given = facts("LYS-S", "2026-03-14", who=who)
    found = owed(given, who)  # S-074: the cap is per film
    assert (found.running.text(), found.fines.text(), found.fees.text()) == ("200.00", "200.00", "12.50")
    assert debt(given, who).text() == "212.50"


def test_a_child_s_fines_are_the_child_s() -> None:
    assert fine_on("2026-03-03", "KB3", "2026-03-02", who="K6") == "2.00"


def two_rates(first: str, then: str) -> PolicySet:
    """Kalmar with another daily fine from 1 April on."""
    before = policy_of("KAL-S")
    rows = (before.rows.overdue[-1].model_copy(update={"amount": money(then)}),)
    after = replace(before, hash="april", effective_from=day("2026-04-01"), rows=replace(before.rows, overdue=rows))
    assert before.rows.overdue[-1].amount == money(first)
    return PolicySet({"KAL": LibraryPolicies((before, after))})


def test_money_follows_the_version_of_the_day_it_arises() -> None:
    k1 = patron("K1")
    late = loan(item("KB3"), k1, "2026-03-30")
    both = two_rates("2.00", "3.00")  # C-26
    in_march = facts("KAL-S", "2026-03-31", what=lent_out(late, k1), found=both)
    in_april = facts("KAL-S", "2026-04-01", what=lent_out(late, k1), found=both)
    assert gross(in_march, late) == money("2.00")
    assert gross(in_april, late) == money("6.00")
    dropped_in_march = fix_fine(in_april, late, day("2026-03-31"))
    registered_in_april = fix_fine(in_april, late, day("2026-04-01"))
    assert [(change.charge.amount.text(), change.charge.policy) for change in charges(registered_in_april)] == [
        ("6.00", "april")
    ]
    assert [change.charge.amount.text() for change in charges(dropped_in_march)] == ["2.00"]


def charges(changes: Any) -> list[AddCharge]:
    return [change for change in changes if isinstance(change, AddCharge)]


# ---- fixing a fine -----------------------------------------------------------------


def fixed(one: LoanFacts, who: str, when: str, on: str) -> Any:
    borrower = patron(who)
    given = facts(one.item.home_branch, when, what=lent_out(one, borrower))
    return fix_fine(given, one, day(on))


def test_a_fine_is_fixed_as_a_charge_with_its_row() -> None:
    late = loan(item("LD1"), patron("L1"), "2026-03-02", fine_paid=money("30.00", "LYS"))
    (change,) = fixed(late, "L1", "2026-03-20", "2026-03-20")
    assert isinstance(change, AddCharge)
    made = change.charge
    assert (made.kind, made.row, made.loan, made.item) == (FeeKind.OVERDUE, "LYS-10", late.loan.id, late.item.id)
    assert (made.amount.text(), made.owed.text()) == ("100.00", "70.00")


def test_nothing_is_fixed_in_time_or_after_the_bill_or_where_nothing_is_asked() -> None:
    k1 = patron("K1")
    in_time = loan(item("KB3"), k1, "2026-03-02")
    assert fixed(in_time, "K1", "2026-03-02", "2026-03-02") == ()
    billed = loan(item("KB3"), k1, "2026-03-02", billed_on=day("2026-05-01"))
    assert fixed(billed, "K1", "2026-06-01", "2026-06-01") == ()
    assert fixed(loan(item("AB1"), patron("A1"), "2026-03-09"), "A1", "2026-04-10", "2026-04-10") == ()
    assert fixed(loan(item("LB1"), patron("L2"), "2026-03-02"), "L2", "2026-03-20", "2026-03-20") == ()


@pytest.mark.parametrize(("on", "amount"), [("2026-03-07", "2.00"), ("2026-03-09", "6.00")])
def test_a_return_may_count_from_an_earlier_day(on: str, amount: str) -> None:
    (change,) = fixed(loan(item("KB3"), patron("K1"), "2026-03-06"), "K1", "2026-03-09", on)  # S-078
    assert change.charge.amount.text() == amount


def test_an_amount_that_is_not_set_is_work_for_staff() -> None:
    late = loan(item("KB3"), patron("K1"), "2026-03-02", branch="KAL-BUS")
    (note,) = fixed(late, "K1", "2026-03-12", "2026-03-12")  # S-069
    assert isinstance(note, NoteForStaff)
    assert (note.reason, note.patron, note.item) == ("fee_not_set", late.loan.patron, late.item.id)
    assert fixed(late, "K1", "2026-03-02", "2026-03-02") == ()


def test_lateness_may_cost_days() -> None:
    late = loan(item("Iscore", material="score"), patron("I1"), "2026-02-10")
    (change,) = fixed(late, "I1", "2026-02-13", "2026-02-13")
    assert isinstance(change, AddBlock)
    assert (change.block.reason, change.block.until, change.block.note) == ("suspended", day("2026-02-18"), "in-days")


def test_more_paid_than_is_due_is_told_to_staff() -> None:
    late = loan(item("KB3"), patron("K1"), "2026-03-06", fine_paid=money("6.00"))
    charged, note = fixed(late, "K1", "2026-03-09", "2026-03-07")
    assert charged.charge.owed == money("0.00")
    assert (note.reason, note.text) == ("amount_too_high", "4.00")


def test_who_and_what_is_exempt() -> None:
    given = facts("LYS-S")
    assert exempt(given, "ill", patron("L2"), item("LB1"))
    assert exempt(given, "overdue", patron("L1"), item("LT1"))
    assert not exempt(given, "replacement", patron("L2"), item("LT1"))
    assert not exempt(given, "ill", patron("L1"), item("LB1"))
