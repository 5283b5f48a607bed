"""Money for fees: what it settles, what is turned down, and what is let go."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.changes import AddBlock, AddPayment, LiftBlocks, NoteForStaff, PutLoan, SettleCharge
from backend.commands import CheckOut, PayFee, PinProof
from backend.facts import Decision, Facts, PatronFacts
from backend.model import CardState, Charge, FeeKind, Loan
from backend.money import Money, total
from backend.outcomes import CheckedOut, Done, FeePaid, Reason
from backend.rules.debt import debt
from backend.rules.decide import decide
from backend.staff_commands import WaiveFee
from tests.backend.rules.asking import reasons, refusals_of
from tests.backend.rules.make import asked_by, block, charge, facts, item, loan, moment, money, patron

K1 = patron("K1")
OLD, NEW = charge(K1, "54.99", FeeKind.MISC, 11), charge(K1, "20.00", FeeKind.REMINDER, 12)
OLD = replace(OLD, raised=moment("KAL-S", "2026-01-05"))
BILLED = replace(charge(K1, "30.00", FeeKind.REPLACEMENT, 13), kid="1234567890")
FILM = loan(item("KFF1"), K1, "2026-03-02")


def owing(*charges: Charge, when: str = "2026-02-12", **by: Any) -> Facts:
    asks = asked_by("KAL-S", **by)
    return facts("KAL-S", when, who=PatronFacts(patron=K1, charges=charges), by=asks)


def paid(given: Facts, amount: str = "1.00", **asked: Any) -> Decision:
    return decide(given, PayFee(patron="K1", amount=money(amount), **asked))


def after(decision: Decision) -> str:
    assert isinstance(decision.outcome, FeePaid), decision.outcome
    return decision.outcome.owed.text()


def settled(decision: Decision) -> list[tuple[int, str]]:
    return [(one.charge, one.amount.text()) for one in decision.changes if isinstance(one, SettleCharge)]


def fines_paid(decision: Decision) -> list[str]:
    return [one.loan.fine_paid.text() for one in decision.changes if isinstance(one, PutLoan)]


@pytest.mark.parametrize(
    ("amount", "asked", "lines"),
    [
        ("10.00", {}, [(11, "10.00")]),
        ("60.00", {}, [(11, "54.99"), (12, "5.01")]),
        ("74.99", {}, [(11, "54.99"), (12, "20.00")]),
        ("20.00", {"fee": "12"}, [(12, "20.00")]),
        ("0.01", {"fee": "12"}, [(12, "0.01")]),
        ("25.00", {"kind": FeeKind.REMINDER}, [(12, "20.00"), (11, "5.00")]),
        ("25.00", {"kind": FeeKind.DAMAGE}, [(11, "25.00")]),
    ],
)
def test_which_lines_are_paid(amount: str, asked: dict[str, Any], lines: list[tuple[int, str]]) -> None:
    decision = paid(owing(NEW, OLD), amount, **asked)
    assert settled(decision) == lines
    assert after(decision) == (money("74.99") - money(amount)).text()
    (booked,) = [one.payment for one in decision.changes if isinstance(one, AddPayment)]
    assert booked.amount == money(amount)
    assert {one.payment for one in decision.changes if isinstance(one, SettleCharge)} == {booked.id}


def test_an_invoice_is_paid_by_its_number() -> None:
    assert settled(paid(owing(OLD, BILLED), "30.00", fee="1234567890")) == [(13, "30.00")]


@pytest.mark.parametrize(
    ("given", "asked", "reason"),
    [
        (facts("KAL-S"), {}, Reason.UNKNOWN_PATRON),
        (facts("ASK-H", who=patron("A3", card_state=CardState.UNLINKED)), {}, Reason.CARD_UNLINKED),
        (owing(OLD, trusts_patron=False), {"pin": PinProof.WRONG}, Reason.PIN_WRONG),
        (owing(OLD, trusts_patron=False), {"pin": PinProof.LOCKED}, Reason.PIN_WRONG),
        (owing(OLD), {"amount": Money(100, "NOK")}, Reason.WRONG_CURRENCY),
        (owing(OLD), {"amount": money("0.00")}, Reason.AMOUNT_INVALID),
        (owing(OLD), {"amount": money("-1.00")}, Reason.AMOUNT_INVALID),
        (owing(OLD), {"fee": "999"}, Reason.UNKNOWN_FEE),
        (owing(OLD, NEW), {"amount": money("75.00")}, Reason.AMOUNT_TOO_HIGH),
        (owing(OLD, NEW), {"amount": money("20.01"), "fee": "12"}, Reason.AMOUNT_TOO_HIGH),
        (owing(), {}, Reason.AMOUNT_TOO_HIGH),
    ],
)
def test_money_that_is_not_booked_is_known_to_staff(given: Facts, asked: dict[str, Any], reason: Reason) -> None:
    decision = decide(given, PayFee(**{"patron": "K1", "amount": money("1.00"), **asked}))
    assert [refusal.reason for refusal in refusals_of(decision)] == [reason]
    (note,) = decision.changes
    assert isinstance(note, NoteForStaff)
    assert note.reason == reason


def test_money_that_may_have_come_twice_is_booked_and_known_to_staff() -> None:
    decision = paid(replace(owing(OLD), paid_alike=True), "10.00")
    assert settled(decision) == [(11, "10.00")]
    assert [one.reason for one in decision.changes if isinstance(one, NoteForStaff)] == [Reason.PAID_ALIKE]


def test_no_pin_is_needed_to_pay() -> None:
    assert after(paid(owing(OLD, trusts_patron=False), "54.99")) == "0.00"


def test_paying_below_the_limit_lifts_the_block() -> None:  # S-083
    fine = charge(K1, "75.00", number=1)
    given = owing(fine)
    assert after(paid(given, "0.01")) == "74.99"
    less = facts("KAL-S", who=PatronFacts(patron=K1, charges=(replace(fine, owed=money("74.99")),)), what=item("KB3"))
    assert isinstance(decide(less, CheckOut(patron="K1", item="KB3")).outcome, CheckedOut)
    (too_high,) = refusals_of(paid(less, "75.00"))
    assert (too_high.reason, too_high.amount) == (Reason.AMOUNT_TOO_HIGH, money("74.99"))


def test_paying_while_the_item_is_still_out() -> None:  # S-084
    given = facts("KAL-S", "2026-03-17", who=PatronFacts(patron=K1, loans=(FILM,)))
    decision = paid(given, "75.00")
    assert after(decision) == "0.00"
    assert fines_paid(decision) == ["75.00"]
    (loan_now,) = [one.loan for one in decision.changes if isinstance(one, PutLoan)]
    assert _owed_next_day(loan_now) == "5.00"


def _owed_next_day(terms: Loan) -> str:
    who = PatronFacts(patron=K1, loans=(replace(FILM, loan=terms),))
    return debt(facts("KAL-S", "2026-03-18", who=who), who).text()


def test_a_running_fine_is_paid_by_its_name_and_in_its_turn() -> None:
    late = replace(NEW, raised=moment("KAL-S", "2026-03-10"))
    given = facts("KAL-S", "2026-03-17", who=PatronFacts(patron=K1, loans=(FILM,), charges=(late, OLD)))
    named = paid(given, "10.00", fee=f"L{FILM.loan.id}")
    assert (fines_paid(named), settled(named)) == (["10.00"], [])
    in_turn = paid(given, "60.00")
    assert (settled(in_turn), fines_paid(in_turn)) == ([(11, "54.99")], ["5.01"])


def test_who_may_overpay_leaves_the_rest_with_staff() -> None:
    decision = paid(owing(NEW, may_overpay=True), "25.00", fee="12")
    assert (after(decision), settled(decision)) == ("0.00", [(12, "20.00")])
    assert [one.reason for one in decision.changes if isinstance(one, NoteForStaff)] == [Reason.AMOUNT_TOO_HIGH]


def test_a_block_that_lifts_late_is_remembered_and_forgotten() -> None:
    who = patron("I1")
    fine = charge(who, "100.00", number=1)
    given = facts("INV-1", who=PatronFacts(patron=who, charges=(fine,)))
    part = decide(given, PayFee(patron="I1", amount=money("60.00", "INV")))
    (memory,) = [one.block for one in part.changes if isinstance(one, AddBlock)]
    assert (memory.reason, memory.note) == ("debt_limit", "debts")
    rest = PatronFacts(
        patron=who,
        charges=(replace(fine, owed=money("40.00", "INV")),),
        blocks=(block(who, reason="debt_limit", note="debts", id=memory.id),),
    )
    whole = decide(facts("INV-1", who=rest), PayFee(patron="I1", amount=money("40.00", "INV")))
    assert [one.blocks for one in whole.changes if isinstance(one, LiftBlocks)] == [(memory.id,)]


@given(
    owed=st.lists(st.integers(1, 5_000), min_size=1, max_size=5),
    share=st.integers(1, 100),
    kind=st.sampled_from([None, FeeKind.OVERDUE, FeeKind.MISC]),
)
def test_no_money_is_lost_on_its_way(owed: list[int], share: int, kind: FeeKind | None) -> None:
    charges = [charge(K1, Money(minor, "SEK").text(), FeeKind.OVERDUE, n) for n, minor in enumerate(owed)]
    amount = Money(max(1, sum(owed) * share // 100), "SEK")
    decision = paid(owing(*charges), amount.text(), kind=kind)
    parts = [one for one in decision.changes if isinstance(one, SettleCharge)]
    assert total((one.amount for one in parts), "SEK") == amount
    assert all(one.amount <= charges[one.charge].owed for one in parts)
    assert after(decision) == (Money(sum(owed), "SEK") - amount).text()


# ---- letting go ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("fee", "amount", "lines"),
    [
        ("12", None, [(12, "20.00")]),
        ("12", money("5.00"), [(12, "5.00")]),
        ("1234567890", None, [(13, "30.00")]),
    ],
)
def test_what_is_let_go(fee: str, amount: Money | None, lines: list[tuple[int, str]]) -> None:
    decision = decide(owing(OLD, NEW, BILLED), WaiveFee(patron="K1", fee=fee, amount=amount, note="kind"))
    assert isinstance(decision.outcome, Done)
    assert settled(decision) == lines
    assert {(one.payment, one.why) for one in decision.changes if isinstance(one, SettleCharge)} == {(None, "kind")}


def test_a_running_fine_is_let_go_too() -> None:
    given = facts("KAL-S", "2026-03-17", who=PatronFacts(patron=K1, loans=(FILM,)))
    decision = decide(given, WaiveFee(patron="K1", fee=f"L{FILM.loan.id}"))
    assert fines_paid(decision) == ["75.00"]


@pytest.mark.parametrize(
    ("given", "asked", "reason"),
    [
        (facts("KAL-S"), {}, Reason.UNKNOWN_PATRON),
        (owing(NEW), {"fee": "99"}, Reason.UNKNOWN_FEE),
        (owing(NEW), {"amount": money("20.01")}, Reason.AMOUNT_TOO_HIGH),
        (owing(NEW), {"amount": money("0.00")}, Reason.AMOUNT_INVALID),
        (owing(NEW), {"amount": Money(100, "NOK")}, Reason.WRONG_CURRENCY),
    ],
)
def test_what_cannot_be_let_go(given: Facts, asked: dict[str, Any], reason: Reason) -> None:
    decision = decide(given, WaiveFee(**{"patron": "K1", "fee": "12", **asked}))
    assert reasons(decision) == [reason]
    assert decision.changes == ()
