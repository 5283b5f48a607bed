"""Taking back: exactly what was done, by whom it may be taken back, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import (
    AddBlock,
    AddCharge,
    Change,
    CloseLoan,
    LiftBlocks,
    PutHold,
    PutItem,
    PutLoan,
    ReopenLoan,
    SettleCharge,
    UnsettleCharge,
)
from backend.commands import CheckIn, CheckOut, UndoCheckIn, UndoCheckOut
from backend.facts import Facts, ItemFacts, LastAct, PatronFacts
from backend.model import AccountId, BlockId, BranchId, FeeKind, HoldState, ItemState, Loan
from backend.outcomes import CheckedIn, CheckedOut, CheckInUndone, CheckOutUndone, Outcome, Reason, Refused
from backend.rules import checkin, checkout, undo
from tests.backend.rules.make import charge, day, facts, hold, item, lent_out, loan, moment, money, patron

K1, K3, A1 = patron("K1"), patron("K3"), patron("A1")


def act(given: Facts, outcome: Outcome, account: str | None = None) -> LastAct:
    """The journal's newest row of the item, by the asking terminal unless told."""
    return LastAct(
        journal=1,
        at=outcome.at,
        account=account or given.asked_by.account,
        command="",
        patron=None,
        granted=True,
        outcome=outcome,
    )


def lent(given: Facts, **asked: Any) -> tuple[CheckedOut, tuple[Change, ...]]:
    assert given.patron and given.item
    decision = checkout.check_out(given, CheckOut(patron="x", item=given.item.item.barcode, **asked))
    assert isinstance(decision.outcome, CheckedOut), decision.outcome
    return decision.outcome, decision.changes


def loan_in(changes: tuple[Change, ...]) -> Loan:
    from backend.changes import OpenLoan

    return next(change.loan for change in changes if isinstance(change, OpenLoan | PutLoan))


@pytest.mark.parametrize(("minutes", "account", "undone"), [(5, None, True), (5, "other", True), (20, "other", False)])
def test_a_loan_that_did_not_come_about(minutes: int, account: str | None, undone: bool) -> None:
    given = facts("KAL-S", "2026-02-12 12:00", who=K1, what=item("KB3"))
    outcome, changes = lent(given)
    later = facts("KAL-S", f"2026-02-12 12:{minutes:02}", what=item("KB3"))
    now_out = ItemFacts(item=item("KB3"), loan=loan_in(changes), borrower=K1, last=act(later, outcome, account))
    decision = undo.undo_check_out(replace(later, item=now_out), UndoCheckOut(item="KB3"))
    if not undone:
        assert isinstance(decision.outcome, CheckedIn)  # an ordinary return then
        return
    assert isinstance(decision.outcome, CheckOutUndone) and decision.outcome.was_lent
    assert decision.changes == (CloseLoan(loan=outcome.loan, at=later.now, undone=True),)


def test_the_hold_that_was_collected_lies_on_the_shelf_again() -> None:
    ready = hold(item("KB3"), K1, ready=True)
    given = facts("KAL-S", who=K1, what=ItemFacts(item=item("KB3", state=ItemState.HOLD_SHELF), holds=(ready,)))
    outcome, changes = lent(given)
    now_out = ItemFacts(item=item("KB3"), loan=loan_in(changes), borrower=K1, last=act(given, outcome))
    decision = undo.undo_check_out(replace(given, item=now_out), UndoCheckOut(item="KB3"))
    assert PutHold(hold=ready.hold) in decision.changes
    assert PutItem(item=item("KB3").id, state=ItemState.HOLD_SHELF, branch=ready.hold.pickup) in decision.changes


def test_the_copy_that_was_on_its_way_to_the_hold_goes_on() -> None:
    ready = hold(item("KB3"), K1, ready=True)
    moving = replace(ready, hold=replace(ready.hold, state=HoldState.TRANSIT, pickup=BranchId("KAL-B")))
    there = item("KB3", state=ItemState.TRANSIT, destination=BranchId("KAL-B"))
    given = facts("KAL-S", who=K1, what=ItemFacts(item=there, holds=(moving,)))
    outcome, changes = lent(given)
    now_out = ItemFacts(item=item("KB3"), loan=loan_in(changes), borrower=K1, last=act(given, outcome))
    decision = undo.undo_check_out(replace(given, item=now_out), UndoCheckOut(item="KB3"))
    assert PutHold(hold=moving.hold) in decision.changes
    [put] = [change for change in decision.changes if isinstance(change, PutItem)]
    assert (put.state, put.destination) == (ItemState.TRANSIT, "KAL-B")


def test_a_renewal_at_the_desk_is_taken_back_to_the_day() -> None:
    old = loan(item("KB3"), K1, "2026-03-02")
    given = facts("KAL-S", "2026-02-20", who=PatronFacts(patron=K1, loans=(old,)), what=lent_out(old, K1))
    outcome, changes = lent(given, renew_if_mine=True)
    now_out = replace(lent_out(old, K1), loan=loan_in(changes), last=act(given, outcome))
    decision = undo.undo_check_out(replace(given, item=now_out), UndoCheckOut(item="KB3"))
    assert decision.changes == (PutLoan(loan=old.loan),)


def test_an_item_that_is_in_is_simply_in() -> None:
    decision = undo.undo_check_out(facts("KAL-S", what=item("KB3")), UndoCheckOut(item="KB3"))
    assert isinstance(decision.outcome, CheckOutUndone) and not decision.outcome.was_lent
    assert decision.changes == ()


def returned(old: ItemFacts, when: str, branch: str = "KAL-S") -> tuple[Facts, CheckedIn, tuple[Change, ...]]:
    given = facts(branch, when, who=old.borrower, what=old)
    decision = checkin.check_in(given, CheckIn(item=old.item.barcode))
    assert isinstance(decision.outcome, CheckedIn)
    return given, decision.outcome, decision.changes


def taken_back(given: Facts, back: CheckedIn, old: ItemFacts, **more: Any) -> tuple[Outcome, tuple[Change, ...]]:
    account = more.pop("account", None)
    now_in = ItemFacts(item=old.item, last_loan=old.loan, last=act(given, back, account), **more)
    decision = undo.undo_check_in(replace(given, item=now_in), UndoCheckIn(patron="K1", item=old.item.barcode))
    return decision.outcome, decision.changes


def test_a_return_with_a_fine_leaves_none() -> None:
    old = lent_out(loan(item("KB3"), K1, "2026-03-02"), K1)
    given, back, changes = returned(old, "2026-03-12")
    fine = next(change.charge for change in changes if isinstance(change, AddCharge))
    outcome, undone = taken_back(given, back, old, last_charges=(fine,))
    assert isinstance(outcome, CheckInUndone) and old.loan and outcome.due == old.loan.due
    assert ReopenLoan(loan=old.loan) in undone
    assert [change.amount for change in undone if isinstance(change, SettleCharge)] == [money("20.00")]


def test_what_was_paid_on_the_fine_is_not_lost() -> None:
    old = lent_out(loan(item("KB3"), K1, "2026-03-02"), K1)
    given, back, changes = returned(old, "2026-03-12")
    fine = next(change.charge for change in changes if isinstance(change, AddCharge))
    _, undone = taken_back(given, back, old, last_charges=(replace(fine, owed=money("5.00")),))
    reopened = next(change.loan for change in undone if isinstance(change, ReopenLoan))
    assert reopened.fine_paid == money("15.00")


def test_the_hold_that_was_caught_waits_again() -> None:
    """Launchpad 1503903: a rolled back return caught a hold."""
    waiting = hold(item("KB3"), K3)
    old = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1, (waiting,))
    given, back, changes = returned(old, "2026-03-12")
    caught = next(change.hold for change in changes if isinstance(change, PutHold))
    _, undone = taken_back(given, back, old, holds=(replace(waiting, hold=caught),))
    again = next(change.hold for change in undone if isinstance(change, PutHold))
    assert (again.state, again.trapped, again.pickup_by) == (HoldState.WAITING, None, None)


def test_a_bill_that_was_taken_back_is_owed_again() -> None:
    bill = charge(A1, "450.00", FeeKind.REPLACEMENT)
    lent_before = loan(item("AB1"), A1, "2026-03-09", billed_on=day("2026-04-20"))
    old = replace(lent_out(lent_before, A1), charges=(bill,))
    given, back, _ = returned(old, "2026-04-24", "ASK-H")
    settled = replace(bill, owed=money("0.00", "ASK"))
    _, undone = taken_back(given, back, old, last_charges=(settled,))
    assert [change.amount for change in undone if isinstance(change, UnsettleCharge)] == [money("450.00", "ASK")]
    assert [change.state for change in undone if isinstance(change, PutItem)] == [ItemState.LOST]


def test_what_was_never_returned_cannot_be_undone() -> None:
    old = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1)
    decision = undo.undo_check_in(facts("KAL-S", who=K1, what=old), UndoCheckIn(patron="K1", item="KB3"))
    assert isinstance(decision.outcome, Refused)
    assert [one.reason for one in decision.outcome.refusals] == [Reason.NOTHING_TO_UNDO]


def test_somebody_elses_return_cannot_be_undone() -> None:
    old = lent_out(loan(item("KB3"), K3, "2026-03-20"), K3)
    given, back, _ = returned(old, "2026-03-12")
    outcome, _ = taken_back(replace(given, patron=PatronFacts(patron=K1)), back, old)
    assert isinstance(outcome, Refused)


def test_another_terminal_may_not_undo_what_is_long_past() -> None:
    old = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1)
    given, back, _ = returned(old, "2026-03-12 12:00")
    later = replace(given, now=facts("KAL-S", "2026-03-12 12:20").now)
    outcome, _ = taken_back(later, back, old, account=AccountId("another"))
    assert isinstance(outcome, Refused)


def test_the_days_without_borrowing_are_over_again() -> None:
    """A late score costs days, not money; the patron was told, and another block stands on."""
    reader = patron("I1")
    score = item("Iscore", material="score")
    old = lent_out(loan(score, reader, "2026-03-02"), reader)
    given, back, changes = returned(old, "2026-03-05", "INV-1")
    barred = next(change.block for change in changes if isinstance(change, AddBlock))
    assert [(note.reason, note.day) for note in back.notes] == [(Reason.SUSPENDED, barred.until)]
    before = replace(barred, id=BlockId(99), since=moment("INV-1", "2026-01-20"))
    now_in = ItemFacts(item=score, last_loan=old.loan, last=act(given, back))
    later = replace(given, patron=PatronFacts(patron=reader, blocks=(before, barred)), item=now_in)
    decision = undo.undo_check_in(later, UndoCheckIn(patron="I1", item="Iscore"))
    lifted = [change.blocks for change in decision.changes if isinstance(change, LiftBlocks)]
    assert lifted == [(barred.id,)]


def test_the_item_is_out_from_where_it_was_lent() -> None:
    """Returned at another branch, and that return undone."""
    old = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1)
    given, back, changes = returned(old, "2026-03-12", "KAL-B")
    moved = next(change for change in changes if isinstance(change, PutItem))
    away = replace(old.item, state=moved.state, present_branch=moved.branch, destination=moved.destination)
    _, undone = taken_back(given, back, replace(old, item=away))
    put = next(change for change in undone if isinstance(change, PutItem))
    assert (put.branch, put.state, put.destination) == (BranchId("KAL-S"), ItemState.SHELF, None)
