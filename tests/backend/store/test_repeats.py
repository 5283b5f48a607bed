"""The same request twice: one change, one journal row, the first answer again; and what only looks the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.commands import (
    ChangeHold,
    CheckIn,
    CheckOut,
    Command,
    EnterBuilding,
    Happened,
    LookUpPatron,
    PayFee,
    PlaceHold,
    Renew,
    RepeatKey,
)
from backend.model import AccountId, AskedBy
from backend.money import Money
from backend.outcomes import CheckedOut, FeePaid, Reason, Refused
from backend.staff_commands import WaiveFee
from tests.backend.store.world import BRANCH, KIOSK, NOON, Desk

OTHER = replace(KIOSK, account=AccountId("kasse2"))
FIRST, SECOND = RepeatKey(frame=b"\1" * 16), RepeatKey(frame=b"\2" * 16)
MEANING = RepeatKey(by_meaning=True)
LEND = CheckOut(patron="20001001", item="KB1", at=NOON)
SEK_50 = Money(5000, "SEK")


def journal(desk: Desk) -> int:
    return int(desk.rows("select count(*) from journal")[0][0])


# ---- the same frame ---------------------------------------------------------------


def test_the_same_frame_gets_the_first_answer_and_changes_nothing(desk: Desk) -> None:
    first = desk.ask(LEND, key=FIRST)
    desk.clock.advance(timedelta(minutes=14))
    assert desk.ask(LEND, key=FIRST) == first
    assert isinstance(first, CheckedOut)
    assert journal(desk) == 1


def test_a_refusal_is_repeated_too(desk: Desk) -> None:
    first = desk.ask(CheckOut(patron="nobody", item="KB1"), key=FIRST)
    assert isinstance(first, Refused)
    assert desk.ask(CheckOut(patron="nobody", item="KB1"), key=FIRST) == first
    assert journal(desk) == 1


def test_a_frame_that_look_ups_came_after_is_known_by_its_meaning_alone(desk: Desk) -> None:
    after = replace(FIRST, by_meaning=True, adjacent=False)
    first = desk.ask(LEND, key=replace(FIRST, by_meaning=True))
    assert desk.ask(LEND, key=after) == first
    assert journal(desk) == 1
    desk.ask(CheckIn(item="KB1", at=NOON), OTHER)
    desk.ask(replace(LEND, patron="20001003"), OTHER)
    assert isinstance(desk.ask(LEND, key=after), Refused)
    assert journal(desk) == 4
    assert isinstance(desk.ask(LEND, key=FIRST), Refused)  # the frame was stored with its newest row


def test_look_ups_between_do_not_matter_and_are_not_journalled(desk: Desk) -> None:
    first = desk.ask(LEND, key=FIRST)
    desk.ask(LookUpPatron(patron="20001001"), key=SECOND)
    assert desk.ask(LEND, key=FIRST) == first
    assert journal(desk) == 1


@pytest.mark.parametrize("why", ["another frame", "another account", "too late", "no error detection", "not the last"])
def test_what_is_executed_again(desk: Desk, why: str) -> None:
    desk.ask(LEND, key=FIRST)
    key, by = FIRST, KIOSK
    if why == "another frame":
        key = SECOND
    elif why == "another account":
        by = OTHER
    elif why == "too late":
        desk.clock.advance(timedelta(seconds=901))
    elif why == "no error detection":
        key = RepeatKey()
    else:
        desk.ask(CheckOut(patron="20001001", item="KB2"), key=SECOND)
    again = desk.ask(LEND, by, key)
    assert isinstance(again, Refused)
    assert again.refusals[0].reason is Reason.ON_LOAN_OTHER


# ---- the same meaning -----------------------------------------------------------------


def test_the_same_wish_with_a_new_stamp_gets_the_first_answer(desk: Desk) -> None:
    first = desk.ask(LEND, key=MEANING)
    desk.clock.advance(timedelta(seconds=4))
    again = desk.ask(replace(LEND, item=" kb-1", patron="850412-0000", at=NOON + timedelta(seconds=4)), key=MEANING)
    assert again == first
    assert journal(desk) == 1


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (replace(LEND, at=NOON - timedelta(days=2)), KIOSK),  # a clock that nobody set
        (replace(LEND, at=None), KIOSK),
        (replace(LEND, patron="20001003"), KIOSK),
        (replace(LEND, item="KB2"), KIOSK),
        (replace(LEND, fee_accepted=True), KIOSK),
        (LEND, OTHER),
        (Renew(patron="20001001", item="KB1", at=NOON), KIOSK),  # like with like only
    ],
)
def test_what_means_something_else_is_executed(desk: Desk, command: Command, by: object) -> None:
    desk.ask(LEND, key=MEANING)
    desk.ask(command, by, MEANING)
    assert journal(desk) == 2


def test_once_something_touched_the_item_it_is_a_new_wish(desk: Desk) -> None:
    desk.ask(LEND, key=MEANING)
    desk.ask(CheckIn(item="KB1", at=NOON), OTHER, MEANING)
    again = desk.ask(LEND, key=MEANING)
    assert isinstance(again, CheckedOut)
    assert journal(desk) == 3


def test_what_was_refused_to_others_touched_nothing(desk: Desk) -> None:
    first = desk.ask(LEND, key=MEANING)
    desk.ask(replace(LEND, patron="20001003"), OTHER, MEANING)
    assert desk.ask(LEND, key=MEANING) == first


def test_a_refusal_is_judged_anew(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001003", item="KB1", at=NOON), OTHER)
    assert isinstance(desk.ask(LEND, key=MEANING), Refused)
    desk.ask(CheckIn(item="KB1"), OTHER)
    assert isinstance(desk.ask(LEND, key=MEANING), CheckedOut)


def test_a_return_repeated_names_the_same_loan(desk: Desk) -> None:
    desk.ask(LEND)
    first = desk.ask(CheckIn(item="KB1", at=NOON, returned=NOON), key=MEANING)
    later = NOON + timedelta(seconds=5)
    assert desk.ask(CheckIn(item="KB1", at=later, returned=later), key=MEANING) == first


def test_what_was_uploaded_may_have_any_date(desk: Desk) -> None:
    old = NOON - timedelta(days=5)
    upload = replace(LEND, at=old, happened=Happened(at=old))
    first = desk.ask(upload, key=MEANING)
    assert desk.ask(upload, key=MEANING) == first
    assert journal(desk) == 1


def test_a_hold_by_title_is_the_patron_s_last_wish(desk: Desk) -> None:
    place = PlaceHold(patron="20001001", title="Sult", at=NOON)
    first = desk.ask(place, key=MEANING)
    assert desk.ask(place, key=MEANING) == first
    desk.ask(ChangeHold(patron="20001001", title="Sult", pickup="A", at=NOON), key=MEANING)
    desk.ask(ChangeHold(patron="20001001", title="Sult", pickup=BRANCH, at=NOON), key=MEANING)
    assert journal(desk) == 3


def test_each_passage_through_a_door_counts(desk: Desk) -> None:
    for _ in range(2):
        desk.ask(EnterBuilding(patron="20001001", at=NOON), key=MEANING)
    assert journal(desk) == 2


# ---- payments ---------------------------------------------------------------------------


def test_a_transaction_number_is_booked_once_for_ever(desk: Desk) -> None:
    pay = PayFee(patron="20001001", amount=SEK_50, transaction="B1")
    first = desk.ask(pay)
    desk.clock.advance(timedelta(days=300))
    assert desk.ask(replace(pay, at=NOON)) == first
    assert isinstance(first, FeePaid)
    assert journal(desk) == 1
    assert desk.rows("select count(*) from payments") == [(1,)]


@pytest.mark.parametrize("change", [{"amount": Money(4000, "SEK")}, {"patron": "20001003"}, {"patron": "nobody"}])
def test_other_money_under_the_same_number_is_refused(desk: Desk, change: dict[str, object]) -> None:
    pay = PayFee(patron="20001001", amount=SEK_50, transaction="B1")
    desk.ask(pay)
    again = desk.ask(replace(pay, **change))
    assert isinstance(again, Refused)
    assert again.refusals[0].reason is Reason.PAYMENT_NUMBER_TAKEN
    assert desk.rows("select granted, reason from journal order by id desc")[0][1] == "payment_number_taken"


def test_the_same_number_from_another_account_is_another_payment(desk: Desk) -> None:
    pay = PayFee(patron="20001001", amount=SEK_50, transaction="B1")
    first = desk.ask(pay)
    assert desk.ask(pay, OTHER) != first
    assert desk.rows("select count(*) from payments") == [(2,)]


def test_without_a_number_money_is_money_each_time(desk: Desk) -> None:
    for _ in range(2):
        desk.ask(PayFee(patron="20001001", amount=SEK_50, at=NOON), key=MEANING)
    assert desk.rows("select count(*) from payments") == [(2,)]


FEE = PayFee(patron="20001001", amount=SEK_50, fee="71", at=NOON)


def test_the_same_money_for_the_same_fee_is_the_same_payment(desk: Desk) -> None:
    first = desk.ask(FEE, key=MEANING)
    desk.clock.advance(timedelta(seconds=40))
    desk.ask(CheckOut(patron="20001001", item="KB1", at=NOON), key=MEANING)  # does not touch the fee
    desk.ask(replace(FEE, fee="72"), key=MEANING)
    assert desk.ask(replace(FEE, patron="850412-0000", at=NOON + timedelta(seconds=40)), key=MEANING) == first
    assert desk.rows("select count(*) from payments") == [(2,)]


@pytest.mark.parametrize(
    ("change", "by", "key"),
    [
        ({}, KIOSK, RepeatKey()),  # no error detection
        ({}, OTHER, MEANING),
        ({"at": NOON - timedelta(days=2)}, KIOSK, MEANING),  # a clock that nobody set
        ({"amount": Money(4000, "SEK")}, KIOSK, MEANING),
        ({"method": "02"}, KIOSK, MEANING),
        ({"patron": "20001003"}, KIOSK, MEANING),
    ],
)
def test_other_money_for_a_fee_is_another_payment(
    desk: Desk, change: dict[str, object], by: AskedBy, key: RepeatKey
) -> None:
    desk.ask(FEE, key=MEANING)
    desk.ask(replace(FEE, **change), by, key)
    assert desk.rows("select count(*) from payments") == [(2,)]


@pytest.mark.parametrize("fee", ["71", None])
def test_once_somebody_else_paid_of_the_fee_it_is_another_payment(desk: Desk, fee: str | None) -> None:
    desk.ask(FEE, key=MEANING)
    desk.ask(replace(FEE, fee=fee), OTHER, MEANING)
    desk.ask(FEE, key=MEANING)
    assert desk.rows("select count(*) from payments") == [(3,)]


def test_after_the_window_it_is_another_payment(desk: Desk) -> None:
    desk.ask(FEE, key=MEANING)
    desk.clock.advance(timedelta(seconds=901))
    desk.ask(FEE, key=MEANING)
    assert desk.rows("select count(*) from payments") == [(2,)]


def test_a_fee_is_let_go_once(desk: Desk) -> None:
    let_go = WaiveFee(patron="20001001", fee="71", amount=SEK_50, at=NOON)
    first = desk.ask(let_go, key=MEANING)
    assert desk.ask(let_go, key=MEANING) == first
    assert journal(desk) == 1
