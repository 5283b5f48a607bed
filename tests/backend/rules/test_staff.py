"""What people at the desk do to an account."""

import pytest

from backend.changes import (
    AddBlock,
    AddCharge,
    LiftBlocks,
    MarkCards,
    PutItem,
)
from backend.facts import PatronFacts
from backend.model import CardState, FeeKind, ItemState, Operation
from backend.outcomes import Reason
from backend.rules.decide import decide
from backend.staff_commands import BlockPatron, ChargePatron, UnblockPatron
from tests.backend.rules.asking import done, reasons
from tests.backend.rules.make import block, day, facts, item, lent_out, loan, money, patron

A4 = patron("A4")
LOST = patron("A4", card_state=CardState.LOST)


@pytest.mark.parametrize(
    ("asked", "stops"),
    [
        (frozenset[Operation](), {Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD}),
        (frozenset({Operation.WEB}), {Operation.WEB}),
    ],
)
def test_a_block_by_hand(asked: frozenset[Operation], stops: set[Operation]) -> None:
    command = BlockPatron(patron="A4", note="loud", stops=asked, until=day("2026-03-01"))
    (added,) = done(facts("ASK-H", who=A4), command)[1]
    assert isinstance(added, AddBlock)
    assert (added.block.stops, added.block.note, added.block.until) == (frozenset(stops), "loud", day("2026-03-01"))
    assert added.block.reason == Reason.MANUAL_BLOCK


@pytest.mark.parametrize(("until", "taken"), [("2026-02-11", False), ("2026-02-12", True)])
def test_a_block_that_is_over_already_is_none(until: str, taken: bool) -> None:
    decision = decide(facts("ASK-H", who=A4), BlockPatron(patron="A4", note="loud", until=day(until)))
    assert bool(decision.changes) is taken
    assert taken or reasons(decision) == [Reason.DAY_PASSED]


def test_what_unblocking_lifts() -> None:
    blocks = (
        block(LOST, id=1),
        block(LOST, id=2, reason="suspended", until=day("2026-03-01")),
        block(LOST, id=3, reason="debt_limit", note="row"),
    )
    given = facts("ASK-H", who=PatronFacts(patron=LOST, blocks=blocks))
    lifted, valid = done(given, UnblockPatron(patron="A4"))[1]
    assert lifted == LiftBlocks(patron=A4.id, at=given.now, blocks=(1, 2))
    assert valid == MarkCards(patron=A4.id, lost=False, also="A4")


def test_unblocking_whom_nothing_blocks_lifts_nothing() -> None:
    assert done(facts("ASK-H", who=A4), UnblockPatron(patron="A4"))[1] == ()


def test_a_fee_set_by_staff() -> None:
    lent = loan(item("AB1"), A4, "2026-03-02")
    command = ChargePatron(patron="A4", amount=money("54.99", "ASK"), kind=FeeKind.DAMAGE, note="wet", item="AB1")
    outcome, (added,) = done(facts("ASK-H", who=A4, what=lent_out(lent, A4)), command)
    assert isinstance(added, AddCharge)
    made = added.charge
    assert (made.kind, made.owed, made.row, made.note) == (FeeKind.DAMAGE, money("54.99", "ASK"), "staff", "wet")
    assert (made.item, made.loan, made.barcode) == (lent.item.id, lent.loan.id, "AB1")
    assert outcome.charge == made.id


def test_a_fee_for_an_item_that_another_patron_has_is_not_of_that_loan() -> None:
    lent = loan(item("AB1"), patron("A1"), "2026-03-02")
    command = ChargePatron(patron="A4", amount=money("5.00", "ASK"), item="AB1")
    (added,) = done(facts("ASK-H", who=A4, what=lent_out(lent, patron("A1"))), command)[1]
    assert isinstance(added, AddCharge)
    assert added.charge.loan is None


def test_a_damaged_item_that_is_back_is_set_aside() -> None:
    """S-135."""
    command = ChargePatron(patron="A4", amount=money("450.00", "ASK"), kind=FeeKind.DAMAGE, item="AB1")
    _, aside = done(facts("ASK-H", who=A4, what=item("AB1")), command)[1]
    assert isinstance(aside, PutItem)
    assert (aside.item, aside.state, aside.branch) == (item("AB1").id, ItemState.DAMAGED, "ASK-H")
