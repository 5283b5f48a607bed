"""What the tables promise holds against two connections that each believe they are alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend import changes
from backend.commands import CheckOut, PlaceHold
from backend.model import ChargeId, HoldId, HoldState, LoanId, PaymentId
from backend.money import Money
from backend.store import catalogue
from backend.store.errors import PromiseBroken
from tests.backend.store.conftest import opened
from tests.backend.store.test_facts import charge
from tests.backend.store.world import CARD, IDENTITY, ITEMS, K1, K3, KAL, NOON, PAN, Desk, item, patron


def broken(desk: Desk, *made: changes.Change) -> None:
    """The changes are refused, and the store goes on."""
    with pytest.raises(PromiseBroken):
        desk.write(*made)
    assert desk.rows("select 1") == [(1,)]


def test_one_open_loan_an_item_from_two_connections(desk: Desk, url: str) -> None:
    lent = desk.ask(CheckOut(patron="20001001", item="KB1"))
    assert desk.seen is not None
    loan = replace(desk.look(CheckOut(patron="20001001", item="KB1")).item.loan, id=LoanId(lent.loan + 100_000))
    second = opened(url)
    with pytest.raises(PromiseBroken):
        second.call(
            lambda session: session.apply([changes.OpenLoan(loan=replace(loan, patron=K3.id))], NOON), write=True
        )
    second.close()
    assert desk.rows("select patron from loans where closed_at is null") == [(K1.id,)]


def test_a_loan_is_closed_once(desk: Desk) -> None:
    lent = desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.write(changes.CloseLoan(loan=lent.loan, at=NOON))
    broken(desk, changes.CloseLoan(loan=lent.loan, at=NOON))


def test_a_reopened_loan_is_as_before_and_not_beside_another(desk: Desk) -> None:
    lent = desk.ask(CheckOut(patron="20001001", item="KB1"))
    loan = desk.look(CheckOut(patron="20001001", item="KB1")).item.loan
    desk.write(changes.CloseLoan(loan=lent.loan, at=NOON))
    desk.write(changes.ReopenLoan(loan=loan))
    assert desk.look(CheckOut(patron="20001001", item="KB1")).item.loan == loan
    desk.write(changes.CloseLoan(loan=lent.loan, at=NOON))
    desk.ask(CheckOut(patron="20001003", item="KB1"))
    broken(desk, changes.ReopenLoan(loan=loan))


def test_one_open_hold_a_title(desk: Desk) -> None:
    placed = desk.ask(PlaceHold(patron="20001001", item="KB1"))
    hold = desk.look(PlaceHold(patron="20001001", item="KB1")).item.holds[0].hold
    again = replace(hold, id=HoldId(hold.id + 100_000))
    broken(desk, changes.AddHold(hold=again))
    desk.write(changes.PutHold(hold=replace(hold, state=HoldState.CANCELLED), closed_at=NOON))
    desk.write(changes.AddHold(hold=again))
    assert placed.hold == hold.id


def test_a_copy_is_set_aside_for_one(desk: Desk) -> None:
    for number in ("20001001", "20001003"):
        desk.ask(PlaceHold(patron=number, item="KB1"))
    first, second = (one.hold for one in desk.look(PlaceHold(patron="20001001", item="KB1")).item.holds)
    ready = {"state": HoldState.READY, "trapped": ITEMS["KB2"].id}
    desk.write(changes.PutHold(hold=replace(first, **ready)))
    broken(desk, changes.PutHold(hold=replace(second, **ready)))
    broken(desk, changes.PutHold(hold=replace(second, state=HoldState.READY)))
    broken(desk, changes.PutHold(hold=replace(second, state=HoldState.SATISFIED)))


def test_nobody_pays_more_than_is_owed(desk: Desk) -> None:
    desk.write(changes.AddCharge(charge=charge(1, 5000)))
    settle = changes.SettleCharge(charge=ChargeId(1), amount=Money(3000, "SEK"), at=NOON, why="waived")
    desk.write(settle)
    broken(desk, settle)
    broken(desk, replace(settle, amount=Money(1000, "NOK")))
    broken(desk, changes.UnsettleCharge(charge=ChargeId(1), amount=Money(3001, "SEK"), at=NOON, why="undo"))
    desk.write(changes.UnsettleCharge(charge=ChargeId(1), amount=Money(1000, "SEK"), at=NOON, why="undo"))
    assert desk.rows("select owed from charges") == [(3000,)]
    assert desk.rows("select amount, why from settlements order by id") == [(3000, "waived"), (-1000, "undo")]
    broken(desk, changes.AddCharge(charge=charge(2, 5001)))


def test_a_transaction_number_is_good_once_for_an_account(desk: Desk) -> None:
    payment = {"library": KAL, "patron": K1.id, "amount": Money(100, "SEK"), "method": "00", "received": NOON}

    def paid(number: int, account: str, transaction: str | None) -> changes.AddPayment:
        told: dict[str, Any] = {**payment, "id": PaymentId(number), "account": account, "transaction": transaction}
        return changes.AddPayment(payment=changes.Payment(**told))

    desk.write(paid(1, "kasse1", "b1"), paid(2, "kasse2", "b1"), paid(3, "kasse1", None), paid(4, "kasse1", None))
    broken(desk, paid(5, "kasse1", "b1"))


@pytest.mark.parametrize(
    "record",
    [
        lambda session: catalogue.add_item(session, item(1, "kb 1", PAN)),
        lambda session: catalogue.add_patron(session, patron(1, KAL, "X"), [(CARD, "2000-1001")], NOON),
        lambda session: catalogue.add_item(session, item(2, "NEW", replace(PAN, id=999))),
        lambda session: catalogue.add_item(session, item(2, "NEW", PAN, state=type("S", (), {"value": "eaten"}))),
    ],
    ids=["barcode", "card", "title", "state"],
)
def test_the_catalogue_refuses_what_is_taken_or_unknown(desk: Desk, record: Callable[..., None]) -> None:
    with pytest.raises(PromiseBroken):
        desk.store.call(record, write=True)


def test_a_broken_promise_names_no_card(desk: Desk) -> None:
    """The message goes to logs; PostgreSQL's detail would quote the row."""
    twice = changes.AddIdentifier(patron=K3.id, library=KAL, kind=CARD, value="20001001")
    with pytest.raises(PromiseBroken) as broken:
        desk.write(twice)
    assert "20001001" not in str(broken.value)
    assert "identifiers" in str(broken.value)


def test_an_identity_number_has_the_shape_of_one(desk: Desk) -> None:
    with pytest.raises(ValueError, match="identity number"):
        desk.write(changes.AddIdentifier(patron=K1.id, library=KAL, kind=IDENTITY, value="12"))


def test_a_change_that_finds_nothing_takes_the_whole_command_back(desk: Desk) -> None:
    broken(
        desk,
        changes.PutPinFailures(patron=K1.id, count=4, on=date(2026, 2, 12)),
        changes.PutPinFailures(patron=K1.id + 1, count=1, on=None),
    )
    assert desk.rows(f"select pin_failures from patrons where id = {K1.id}") == [(0,)]
