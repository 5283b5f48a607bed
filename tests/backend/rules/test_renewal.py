"""Extending loans: until when, how often, why not, and what lateness costs at that moment."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddCharge, NoteForStaff, PutLoan
from backend.commands import Renew
from backend.facts import Facts, PatronFacts
from backend.model import CardState, Channel, FeeKind
from backend.outcomes import Reason, Refusal, Refused, Renewed
from backend.rules.decide import decide
from tests.backend.rules.asking import longer, reasons, refusals_of, renew
from tests.backend.rules.make import asked_by, charge, day, facts, hold, item, lent_out, loan, money, patron

# ---- until when, how often -----------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "branch", "what", "due", "steps"),
    [
        ("S-038", "KAL-S", "KB3", "2026-03-02", ["2026-03-30", "2026-04-27", "2026-05-25"]),
        ("S-039", "KAL-S", "KFF1", "2026-02-10", ["2026-02-17"]),
        ("S-039", "KAL-S", "KFD1", "2026-02-10", ["2026-02-17"]),
        ("S-039", "KAL-S", "KFM1", "2026-02-17", ["2026-03-03"]),
        ("S-039", "KAL-S", "KM1", "2026-02-17", ["2026-03-03"]),
        ("S-039", "KAL-S", "KG1", "2026-02-17", ["2026-03-03"]),
        ("S-045", "NYN-1", "NS1", "2026-04-14", ["2026-06-13", "2026-08-12", "2026-10-13"]),
    ],
)
def test_renewed_on_each_due_date_until_the_renewals_are_used_up(
    scenario: str, branch: str, what: str, due: str, steps: list[str]
) -> None:
    who = patron({"K": "K1", "N": "N1"}[branch[0]])
    lent = loan(item(what), who, due)
    for expected in steps:
        made = longer(renew(branch, lent.loan.due_on.isoformat(), lent, who))
        assert made.due_on.isoformat() == expected
        assert made.renewals == lent.loan.renewals + 1
        lent = replace(lent, loan=made)
    denied = renew(branch, lent.loan.due_on.isoformat(), lent, who)
    assert reasons(denied) == [Reason.MAX_RENEWALS]
    assert refusals_of(denied)[0].count == len(steps)
    assert denied.changes == ()


def test_no_limit_where_none_is_printed() -> None:
    a1 = patron("A1")
    lent = loan(item("AB1"), a1, "2026-02-02")
    for _ in range(12):  # S-046
        lent = replace(lent, loan=longer(renew("ASK-H", lent.loan.due_on.isoformat(), lent, a1)))
    assert lent.loan.due_on == day("2027-01-04")
    waiting = [hold(lent.item, patron("A4"))]
    assert reasons(renew("ASK-H", "2026-12-20", lent, a1, holds=waiting)) == [Reason.WAITING_LIST]


@pytest.mark.parametrize(
    ("scenario", "branch", "when", "what", "lent_at", "due", "expected"),
    [
        ("S-041", "KAL-S", "2026-02-20", "KB3", "KAL-S", "2026-03-02", "2026-03-20"),
        ("S-043", "NYN-1", "2026-03-10 23:50", "NB1", "NYN-1", "2026-03-10", "2026-04-09"),
        ("S-047", "ASK-H", "2026-02-13", "AX1", "ASK-H", "2026-02-13", "2026-02-23"),
        ("S-052", "KAL-S", "2026-02-16", "KB1", "KAL-S", "2026-02-16", "2026-03-16"),
        ("S-054", "KAL-S", "2026-02-21", "KB3", "KAL-B", "2026-03-02", "2026-03-23"),
        ("S-086", "NYN-1", "2026-04-21", "NB2", "NYN-1", "2026-04-30", "2026-05-21"),
        ("14 open days from the old due date", "INV-1", "2026-02-11", "Iscore", "INV-1", "2026-02-13", "2026-03-05"),
        ("three days before, not four", "INV-1", "2026-02-10", "Ibook", "INV-1", "2026-02-13", "2026-02-24"),
    ],
)
def test_the_new_due_date(
    scenario: str, branch: str, when: str, what: str, lent_at: str, due: str, expected: str
) -> None:
    who = patron({"K": "K1", "N": "N1", "A": "A1", "I": "I1"}[branch[0]])
    copy = item(what, material="score") if what == "Iscore" else item(what)
    decision = renew(branch, when, loan(copy, who, due, branch=lent_at), who)
    assert isinstance(decision.outcome, Renewed)
    assert longer(decision).due_on.isoformat() == expected
    assert longer(decision).due == decision.outcome.due
    assert longer(decision).branch == lent_at


# ---- why not -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "branch", "when", "what", "due", "changes", "expected"),
    [
        (
            "S-040",
            "KAL-S",
            "2026-02-12",
            "KX1",
            "2026-02-16",
            {},
            [Refusal(reason=Reason.NOT_RENEWABLE, row="KAL-19")],
        ),
        (
            "S-043",
            "NYN-1",
            "2026-03-11 00:10",
            "NB1",
            "2026-03-10",
            {},
            [Refusal(reason=Reason.OVERDUE_NO_RENEWAL, day=day("2026-03-10"), row="NYN-07")],
        ),
        (
            "S-044",
            "NYN-1",
            "2026-03-09",
            "NB1",
            "2026-03-10",
            {"renewals": 3},
            [Refusal(reason=Reason.MAX_RENEWALS, count=3, row="NYN-07")],
        ),
        (
            "S-044",
            "NYN-1",
            "2026-02-12",
            "NF1",
            "2026-02-17",
            {},
            [Refusal(reason=Reason.NOT_RENEWABLE, row="NYN-09-renewal")],
        ),
        (
            "S-048",
            "KAL-S",
            "2026-02-02",
            "KB3",
            "2026-03-02",
            {},
            [Refusal(reason=Reason.NO_GAIN, day=day("2026-03-02"), row="KAL-20")],
        ),
        (
            "S-049",
            "LYS-S",
            "2026-02-12",
            "LB1",
            "2026-03-02",
            {},
            [Refusal(reason=Reason.NOT_RENEWABLE, row="LYS-32-renewal")],
        ),
        (
            "S-093",
            "ASK-H",
            "2026-04-21",
            "AB1",
            "2026-03-09",
            {"billed_on": day("2026-04-20")},
            [Refusal(reason=Reason.BILLED)],
        ),
        (
            "too early",
            "INV-1",
            "2026-02-09",
            "Ibook",
            "2026-02-13",
            {},
            [Refusal(reason=Reason.NO_GAIN, day=day("2026-02-13"), row="ordinary-renewal")],
        ),
        (
            "staff only",
            "INV-1",
            "2026-02-12",
            "Iart",
            "2026-02-13",
            {},
            [Refusal(reason=Reason.NOT_RENEWABLE, row="by-staff")],
        ),
        (
            "S-114",
            "LYS-S",
            "2026-03-09",
            "Lill",
            "2026-03-10",
            {"ill_request": 7},
            [Refusal(reason=Reason.LENDER_DECIDES)],
        ),
        (
            "S-114",
            "LYS-S",
            "2026-03-11",
            "Lill",
            "2026-03-10",
            {"ill_request": 7},
            [Refusal(reason=Reason.OVERDUE_NO_RENEWAL, day=day("2026-03-10"), row="LYS-32-renewal")],
        ),
        (
            "a fee",
            "INV-1",
            "2026-02-12",
            "Ifilm",
            "2026-02-13",
            {},
            [Refusal(reason=Reason.FEE_ACK, amount=money("5.00", "INV"), fee=FeeKind.CHECKOUT, row="art-fee")],
        ),
    ],
)
def test_every_refusal_says_why_and_the_loan_stays_as_it_is(
    scenario: str, branch: str, when: str, what: str, due: str, changes: dict[str, Any], expected: list[Refusal]
) -> None:
    who = patron({"K": "K1", "N": "N1", "A": "A1", "I": "I1", "L": "L1"}[branch[0]])
    material = {"Iart": "art", "Ifilm": "film"}.get(what)
    lent = loan(item(what, material=material) if material else item(what), who, due, **changes)
    decision = renew(branch, when, lent, who)
    assert list(refusals_of(decision)) == expected
    assert isinstance(decision.outcome, Refused)
    assert decision.outcome.due == lent.loan.due
    assert not [change for change in decision.changes if not isinstance(change, NoteForStaff)]


def test_the_lender_is_asked_only_when_nothing_else_stands_in_the_way() -> None:
    l1 = patron("L1")
    lent = loan(item("Lill", loan_type="ill"), l1, "2026-03-10")
    asked = renew("LYS-S", "2026-03-09", lent, l1)
    assert [change.reason for change in asked.changes if isinstance(change, NoteForStaff)] == ["lender_decides"]
    blocked = renew("LYS-S", "2026-03-09", lent, PatronFacts(patron=l1, charges=(charge(l1, "100.00"),)))
    assert reasons(blocked) == [Reason.DEBT_LIMIT, Reason.LENDER_DECIDES]
    assert blocked.changes == ()


def test_all_reasons_come_in_the_order_of_their_gravity() -> None:
    l1 = patron("L1")
    poor = PatronFacts(patron=l1, charges=(charge(l1, "100.00"),))
    lb1 = loan(item("LB1"), l1, "2026-03-02")
    assert reasons(renew("LYS-S", "2026-02-12", lb1, poor)) == [Reason.DEBT_LIMIT, Reason.NOT_RENEWABLE]  # S-085
    k1 = patron("K1")
    kb3 = loan(item("KB3"), k1, "2026-03-12", renewals=3, billed_on=day("2026-02-12"))
    found = reasons(renew("KAL-S", "2026-02-12", kb3, k1, holds=[hold(kb3.item, patron("K3"))]))
    assert found == [Reason.BILLED, Reason.MAX_RENEWALS, Reason.WAITING_LIST, Reason.NO_GAIN]


def test_others_wait_for_the_title_though_the_copy_takes_no_holds() -> None:
    a1 = patron("A1")
    express = loan(item("AX1"), a1, "2026-02-13")
    waiting = [hold(item("AB1"), patron("A4"))]
    assert reasons(renew("ASK-H", "2026-02-12", express, a1, holds=waiting)) == [Reason.WAITING_LIST]  # S-047


def test_one_s_own_hold_and_a_hold_that_is_served_do_not_count() -> None:
    k1 = patron("K1")
    lent = loan(item("KB1"), k1, "2026-03-02")
    holds = [hold(lent.item, k1), hold(item("KB2"), patron("K3"), ready=True, number=2)]
    assert isinstance(renew("KAL-S", "2026-02-20", lent, k1, holds=holds).outcome, Renewed)


# ---- whose loan ---------------------------------------------------------------------------


def test_what_is_not_lent_to_the_patron_is_not_renewed() -> None:
    k1, k3 = patron("K1"), patron("K3")
    lent = loan(item("KB3"), k3, "2026-03-02")
    command = Renew(patron="K1", item="KB3")

    def answer(given: Facts, command: Renew = command) -> list[Reason]:
        return reasons(decide(given, command))

    assert answer(facts("KAL-S", who=k1, what=item("KB3"))) == [Reason.NOT_ON_LOAN]
    assert answer(facts("KAL-S", who=k1, what=lent_out(lent, k3))) == [Reason.NOT_ON_LOAN]
    assert answer(facts("KAL-S", who=k1)) == [Reason.UNKNOWN_ITEM]
    assert answer(facts("KAL-S", what=lent_out(lent, k3))) == [Reason.UNKNOWN_PATRON]
    asked = replace(command, third_party=True)
    assert answer(facts("KAL-S", who=k1, what=lent_out(lent, k3)), asked) == [Reason.NOT_ON_LOAN]
    allowed = facts(
        "KAL-S", "2026-02-20", who=k1, what=lent_out(lent, k3), by=asked_by("KAL-S", renews_for_others=True)
    )
    assert answer(allowed) == [Reason.NOT_ON_LOAN]
    decision = decide(allowed, asked)
    assert longer(decision).patron == k3.id


def test_a_blocked_patron_renews_nothing() -> None:
    k1 = patron("K1", card_state=CardState.LOST)
    assert reasons(renew("KAL-S", "2026-02-20", loan(item("KB3"), k1, "2026-03-02"), k1)) == [Reason.CARD_LOST]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("kt3", "KB3"),
        (" KT3 ", "KB3"),
        (str(item("KB3").title_id), "KB3"),
        ("KT1", Reason.UNKNOWN_ITEM),  # two copies: which?
        ("KT9", Reason.NOT_ON_LOAN),
    ],
)
def test_a_loan_by_its_title(title: str, expected: object) -> None:
    k1 = patron("K1")
    loans = tuple(loan(item(name), k1, "2026-03-02") for name in ("KB1", "KB2", "KB3"))
    given = facts("KAL-S", "2026-02-20", who=PatronFacts(patron=k1, loans=loans))
    decision = decide(given, Renew(patron="K1", title=title))
    if isinstance(expected, Reason):
        assert reasons(decision) == [expected]
    else:
        assert decision.outcome.about.barcode == expected
        assert longer(decision).due_on == day("2026-03-20")


def test_a_loan_by_its_title_sees_the_waiting_list() -> None:
    k1 = patron("K1")
    lent = replace(loan(item("KB3"), k1, "2026-03-02"), holds=(hold(item("KB3"), patron("K3")),))
    given = facts("KAL-S", "2026-02-20", who=PatronFacts(patron=k1, loans=(lent,)))
    assert reasons(decide(given, Renew(patron="K1", title="KT3"))) == [Reason.WAITING_LIST]


def test_staff_may_what_the_machines_may_not() -> None:
    i1 = patron("I1")
    lent = loan(item("Iart", material="art"), i1, "2026-02-13")
    at_desk = asked_by("INV-1", channel=Channel.DESK)
    assert isinstance(renew("INV-1", "2026-02-12", lent, i1, by=at_desk).outcome, Renewed)


# ---- late -----------------------------------------------------------------------------------


def test_renewing_late_fixes_the_fine_and_begins_at_zero() -> None:
    k1 = patron("K1")
    lent = loan(item("KB3"), k1, "2026-03-02", fine_paid=money("2.00"))
    given = facts("KAL-S", "2026-03-05", who=PatronFacts(patron=k1, loans=(lent,)), what=lent_out(lent, k1))
    decision = decide(given, Renew(patron="K1", item="KB3"))  # S-051
    (charged,) = [change.charge for change in decision.changes if isinstance(change, AddCharge)]
    assert (charged.kind, charged.amount, charged.owed) == (FeeKind.OVERDUE, money("6.00"), money("4.00"))
    assert (charged.row, charged.policy, charged.loan) == ("KAL-23", given.policy.hash, lent.loan.id)
    assert (longer(decision).due_on, longer(decision).fine_paid) == (day("2026-04-02"), money("0.00"))


def test_renewing_in_time_costs_nothing() -> None:
    k1 = patron("K1")
    decision = renew("KAL-S", "2026-03-02 23:59", loan(item("KB3"), k1, "2026-03-02"), k1)
    assert [type(change) for change in decision.changes] == [PutLoan]


def test_a_renewal_with_a_fee_is_charged_when_accepted() -> None:
    i1 = patron("I1")
    lent = loan(item("Ifilm", material="film"), i1, "2026-02-13")
    decision = renew("INV-1", "2026-02-12", lent, i1, fee_accepted=True)
    assert isinstance(decision.outcome, Renewed)
    assert (decision.outcome.fee, decision.outcome.fee_kind) == (money("5.00", "INV"), FeeKind.CHECKOUT)
    (charged,) = [change.charge for change in decision.changes if isinstance(change, AddCharge)]
    assert charged.id == decision.outcome.charge
