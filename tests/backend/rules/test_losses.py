"""What is lost, damaged, claimed and found, with facts made by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.changes import AddCharge, CloseLoan, NoteForStaff, PutHold, PutItem, PutLoan
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import FeeKind, HoldState, ItemState
from backend.outcomes import Done, Reason
from backend.rules.decide import decide
from backend.staff_commands import (
    ChargePatron,
    ClaimReturned,
    Found,
    IssueInvoice,
    ReportDamaged,
    ReportLost,
    WithdrawClaim,
)
from tests.backend.rules.asking import reasons
from tests.backend.rules.make import charge, facts, hold, item, loan, money, patron

N1, K1 = patron("N1"), patron("K1")


def changed(decision: Decision, kind: type[Any]) -> list[Any]:
    return [change for change in decision.changes if isinstance(change, kind)]


def on_loan(name: str, who: Any, due: str, **told: Any) -> ItemFacts:
    of = item(name, **told)
    return ItemFacts(item=of, loan=loan(of, who, due).loan, borrower=who)


def at_kalmar(day: str, thing: ItemFacts | None = None, who: PatronFacts | None = None) -> Facts:
    return facts("KAL-S", day, what=thing, who=who)


def test_a_lost_loan_is_billed_today_with_its_fine() -> None:
    decision = decide(at_kalmar("2026-03-12", on_loan("KB3", K1, "2026-03-02")), ReportLost(item="KB3"))
    made = {change.charge.kind: change.charge.amount for change in changed(decision, AddCharge)}
    assert made == {FeeKind.OVERDUE: money("20.00"), FeeKind.REPLACEMENT: money("310.00")}
    assert [change.loan.billed_on for change in changed(decision, PutLoan)] == [date(2026, 3, 12)]
    assert [change.state for change in changed(decision, PutItem)] == [ItemState.LOST]
    assert isinstance(decision.outcome, Done) and decision.outcome.fee == money("310.00")


def test_lost_twice_is_billed_once() -> None:
    thing = on_loan("KB3", K1, "2026-03-02")
    assert thing.loan is not None
    billed = replace(thing, loan=replace(thing.loan, billed_on=date(2026, 3, 12)))
    assert reasons(decide(at_kalmar("2026-03-13", billed), ReportLost(item="KB3"))) == [Reason.BILLED]


def test_without_a_price_staff_set_it() -> None:
    decision = decide(at_kalmar("2026-02-12", on_loan("KB1", K1, "2026-03-02")), ReportLost(item="KB1"))
    assert [note.reason for note in changed(decision, NoteForStaff)] == ["price_by_staff"]
    assert [refusal.reason for refusal in decision.outcome.notes] == [Reason.PRICE_BY_STAFF]


def test_damage_is_charged_to_the_last_borrower_and_set_aside() -> None:
    of = item("NB1")
    thing = ItemFacts(item=of, last_loan=loan(of, N1, "2026-03-10").loan)
    decision = decide(facts("NYN-1", "2026-03-03", what=thing), ReportDamaged(item="NB1"))
    [made] = changed(decision, AddCharge)
    assert (made.charge.kind, made.charge.amount, made.charge.patron) == (
        FeeKind.DAMAGE,
        money("360.00", "NYN-1"),
        N1.id,
    )
    assert [change.state for change in changed(decision, PutItem)] == [ItemState.DAMAGED]
    assert changed(decision, CloseLoan) == []


def spoiled(**bill: Any) -> ItemFacts:
    """AB1, whose last loan has this charge."""
    lent = loan(item("NB1"), N1, "2026-03-10").loan
    charged = replace(charge(N1, "360.00", bill.pop("kind")), loan=lent.id, **bill)
    return ItemFacts(item=item("NB1"), last_loan=lent, last_charges=(charged,))


@pytest.mark.parametrize(
    ("thing", "again"),
    [
        (spoiled(kind=FeeKind.DAMAGE), False),
        (spoiled(kind=FeeKind.DAMAGE, owed=money("0.00", "NYN-1")), False),
        (spoiled(kind=FeeKind.REPLACEMENT), False),  # a bill that a return does not take back
        (spoiled(kind=FeeKind.REPLACEMENT, owed=money("0.00", "NYN-1")), True),  # taken back when it came
        (spoiled(kind=FeeKind.OVERDUE), True),
    ],
)
def test_a_copy_is_charged_once(thing: ItemFacts, again: bool) -> None:
    decision = decide(facts("NYN-1", "2026-03-03", what=thing), ReportDamaged(item="NB1"))
    assert [change.charge.kind for change in changed(decision, AddCharge)] == ([FeeKind.DAMAGE] if again else [])
    assert [change.state for change in changed(decision, PutItem)] == [ItemState.DAMAGED]
    assert [note.reason for note in decision.outcome.notes] == ([] if again else [Reason.BILLED])


def test_what_was_billed_as_lost_and_comes_back_spoiled_stays_billed() -> None:
    thing = on_loan("NB1", N1, "2026-03-10")
    assert thing.loan is not None
    bill = replace(charge(N1, "360.00", FeeKind.REPLACEMENT), loan=thing.loan.id)
    billed = replace(thing, loan=replace(thing.loan, billed_on=date(2026, 4, 21)), charges=(bill,))
    decision = decide(facts("NYN-1", "2026-05-03", what=billed), ReportDamaged(item="NB1"))
    assert [type(change) for change in decision.changes] == [CloseLoan, PutItem]
    assert [note.reason for note in decision.outcome.notes] == [Reason.BILLED]


def test_damage_ends_an_open_loan() -> None:
    thing = on_loan("NB1", N1, "2026-03-10")
    decision = decide(facts("NYN-1", "2026-03-03", what=thing), ReportDamaged(item="NB1"))
    assert len(changed(decision, CloseLoan)) == 1


@pytest.mark.parametrize(
    ("command", "claimed"), [(ClaimReturned(item="KB3"), True), (WithdrawClaim(item="KB3"), False)]
)
def test_a_claim_stands_until_it_is_withdrawn(command: ClaimReturned | WithdrawClaim, claimed: bool) -> None:
    decision = decide(at_kalmar("2026-03-12", on_loan("KB3", K1, "2026-03-02")), command)
    assert [change.loan.claimed_returned for change in changed(decision, PutLoan)] == [claimed]


@pytest.mark.parametrize("command", [ClaimReturned(item="KB3"), WithdrawClaim(item="KB3")])
def test_what_nobody_has_is_not_claimed(command: ClaimReturned | WithdrawClaim) -> None:
    assert reasons(decide(at_kalmar("2026-03-12", ItemFacts(item=item("KB3"))), command)) == [Reason.NOT_ON_LOAN]


@pytest.mark.parametrize("state", [ItemState.LOST, ItemState.MISSING, ItemState.DAMAGED])
def test_what_is_found_is_on_the_shelf_again(state: ItemState) -> None:
    decision = decide(at_kalmar("2026-03-12", ItemFacts(item=item("KB3", state=state))), Found(item="KB3"))
    assert [change.state for change in changed(decision, PutItem)] == [ItemState.SHELF]


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (ReportLost(item="KB3"), ItemState.LOST),
        (ReportDamaged(item="KB3"), ItemState.DAMAGED),
        (ChargePatron(patron="K1", amount=money("10.00"), kind=FeeKind.DAMAGE, item="KB3"), ItemState.DAMAGED),
    ],
)
def test_who_a_copy_was_set_aside_for_waits_again_when_nobody_gets_it(command: Any, state: ItemState) -> None:
    kept = item("KB3", state=ItemState.HOLD_SHELF)
    what = ItemFacts(item=kept, holds=(hold(kept, patron("K3"), ready=True),))
    decision = decide(at_kalmar("2026-02-12", what, PatronFacts(patron=patron("K1"))), command)
    [again] = [change.hold for change in changed(decision, PutHold)]
    assert (again.state, again.trapped, again.pickup_by) == (HoldState.WAITING, None, None)
    assert [change.state for change in changed(decision, PutItem)] == [state]


@pytest.mark.parametrize("command", [ReportLost(item="X"), ReportDamaged(item="X"), ClaimReturned(item="X")])
def test_an_unknown_item(command: ReportLost | ReportDamaged | ClaimReturned) -> None:
    assert reasons(decide(at_kalmar("2026-03-12"), command)) == [Reason.UNKNOWN_ITEM]


def test_an_invoice_takes_what_stands_on_none() -> None:
    fees = (charge(K1, "20.00"), charge(K1, "5.50", number=2))
    decision = decide(at_kalmar("2026-03-12", who=PatronFacts(patron=K1, charges=fees)), IssueInvoice(patron="K1"))
    assert isinstance(decision.outcome, Done)
    assert decision.outcome.fee == money("25.50")
    assert decision.outcome.kid
    nothing = decide(at_kalmar("2026-03-12", who=PatronFacts(patron=K1)), IssueInvoice(patron="K1"))
    assert reasons(nothing) == [Reason.NOTHING_TO_INVOICE]
