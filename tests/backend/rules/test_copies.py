"""Copies that another library made for our patron: handed out to keep, for what the order costs."""

from typing import Any

import pytest

from backend.changes import AddCharge, NoteForStaff, OpenLoan, PutHold
from backend.commands import Happened
from backend.facts import Decision, ItemFacts
from backend.model import FeeKind, HoldState, Item, ItemState
from backend.outcomes import HandedOut, Reason, Refusal
from backend.partner_changes import PutItemRecord
from tests.backend.rules.asking import check_out, refusals_of
from tests.backend.rules.make import asked_by, facts, hold, item, moment, money, patron

L1 = patron("L1")


def article(**told: Any) -> Item:
    return item("Lill", loan_type="ill", material="copy", **told)


def shelved(copy: Item) -> ItemFacts:
    return ItemFacts(item=copy, holds=(hold(copy, L1, ready=True),))


def changed(decision: Decision, kind: type[Any]) -> list[Any]:
    return [change for change in decision.changes if isinstance(change, kind)]


def test_the_price_is_accepted_first() -> None:  # S-116
    what = shelved(article(price=money("62.50", "LYS"), state=ItemState.HOLD_SHELF))
    asked = refusals_of(check_out(facts("LYS-S", who=L1, what=what)))
    assert asked == (Refusal(reason=Reason.FEE_ACK, amount=money("62.50", "LYS"), fee=FeeKind.MISC, row="LYS-18"),)


def test_it_is_handed_out_and_not_lent() -> None:
    what = shelved(article(price=money("62.50", "LYS"), state=ItemState.HOLD_SHELF))
    decision = check_out(facts("LYS-S", who=L1, what=what), fee_accepted=True)
    assert isinstance(decision.outcome, HandedOut)
    assert decision.outcome.fee == money("62.50", "LYS")
    assert changed(decision, OpenLoan) == []
    assert [change.item.state for change in changed(decision, PutItemRecord)] == [ItemState.WITHDRAWN]
    assert [change.hold.state for change in changed(decision, PutHold)] == [HoldState.SATISFIED]
    assert [change.charge.amount for change in changed(decision, AddCharge)] == [money("62.50", "LYS")]


@pytest.mark.parametrize(("price", "staff"), [(None, [Reason.FEE_NOT_SET]), (money("0.00", "LYS"), [])])
def test_a_copy_without_a_price_costs_no_loan_s_fee(price: Any, staff: list[Reason]) -> None:
    decision = check_out(facts("LYS-S", who=L1, what=article(price=price)))
    assert isinstance(decision.outcome, HandedOut)
    assert changed(decision, AddCharge) == []
    assert [note.reason for note in changed(decision, NoteForStaff)] == staff


@pytest.mark.parametrize("state", [ItemState.WITHDRAWN, ItemState.ON_ORDER])
def test_what_is_gone_or_has_not_come_is_not_handed_out(state: ItemState) -> None:
    refused = refusals_of(check_out(facts("LYS-S", who=L1, what=article(state=state))))
    assert [one.reason for one in refused] == [Reason.NOT_FOR_LOAN]


def test_off_line_it_is_handed_out_too() -> None:
    machine = asked_by("LYS-S", offline=True)
    happened = Happened(at=moment("LYS-S", "2026-02-11"))
    decision = check_out(facts("LYS-S", who=L1, what=article(), by=machine), happened=happened)
    assert isinstance(decision.outcome, HandedOut)
