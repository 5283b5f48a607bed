"""What another library has sent is lent by its rules, and costs what such loans cost here."""

from datetime import date
from typing import Any

import pytest

from backend.changes import AddCharge
from backend.commands import CheckOut, Renew
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import (
    BranchId,
    FeeKind,
    ItemState,
)
from backend.outcomes import CheckedOut, Reason, Renewed
from backend.rules.decide import decide
from tests.backend.rules import make
from tests.backend.rules.asking import reasons
from tests.backend.rules.test_order import K1


def arrived(name: str, who: Any, at: str, **told: Any) -> Facts:
    """A copy of another library, ready for who ordered it."""
    item = make.item(name, present_branch=BranchId(at), state=ItemState.HOLD_SHELF, **told)
    ready = make.hold(item, who, ready=True, pickup=BranchId(at))
    return make.facts(at, who=who, what=ItemFacts(item=item, holds=(ready,)))


def lend(facts: Facts, **told: Any) -> Decision:
    barcode = facts.item.item.barcode if facts.item else ""
    return decide(facts, CheckOut(patron="x", item=barcode, **told))


LENT = [  # the copy, by whose rules it is lent, until when
    ("NB1", {}, date(2026, 3, 14)),  # thirty days, as its owner lends it
    ("NF1", {}, date(2026, 2, 19)),
    ("NB1", {"lender_due": date(2026, 4, 10)}, date(2026, 4, 10)),  # its owner has named a day
    ("AB1", {}, date(2026, 3, 12)),  # our own: twenty-eight
]


@pytest.mark.parametrize(("name", "told", "due"), LENT)
def test_the_lender_says_how_long(name: str, told: dict[str, Any], due: date) -> None:
    outcome = lend(arrived(name, make.patron("A1"), "ASK-H", **told)).outcome
    assert isinstance(outcome, CheckedOut), outcome
    assert outcome.due.date() == due


def test_the_lender_says_how_often() -> None:
    """Films of the nynorsk library are not renewed, wherever they were ordered; ours as often as wanted."""
    for name, renewed in (("NF1", False), ("NB1", True), ("AB1", True)):
        item, who = make.item(name), make.patron("A1")
        out = make.loan(item, who, "2026-02-20", branch="ASK-H")
        facts = make.facts("ASK-H", who=PatronFacts(patron=who, loans=(out,)), what=make.lent_out(out, who))
        assert isinstance(decide(facts, Renew(patron="x", item=name)).outcome, Renewed) is renewed


def test_what_is_borrowed_in_costs_what_such_loans_cost_here() -> None:
    facts = arrived("LB1", K1, "KAL-S")
    assert reasons(lend(facts)) == [Reason.FEE_ACK]
    decision = lend(facts, fee_accepted=True)
    charge = next(one.charge for one in decision.changes if isinstance(one, AddCharge))
    assert (charge.kind, charge.amount, charge.row) == (FeeKind.ILL, make.money("10.00"), "KAL-31")
    again = arrived("LB1", K1, "KAL-S", flags=frozenset({"ill_fee_taken"}))
    assert isinstance(lend(again).outcome, CheckedOut)
