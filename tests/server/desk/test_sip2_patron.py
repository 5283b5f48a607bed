"""23, 63, 01, 25, 35: who is told what of whom; standing in fourteen positions; lists page by page; the door."""

from dataclasses import replace
from typing import Any

import pytest

from backend.commands import PinProof
from backend.model import CardState, FeeKind, Operation
from backend.outcomes import Outcome, Reason, Refusal, Standing
from protocols.sip2.dialects import Dialect
from server.desk.sip2_pin import PinToProve, pin_given
from tests.server.desk.town import (
    AT,
    DENIED,
    EVERYTHING,
    FOUND,
    FULL,
    KARIN,
    LOANS,
    OK,
    STATUS,
    STRANGER,
    answered,
    info,
    one,
    read,
    sek,
    turn,
)

STATUS_WITHOUT = f"23012{AT}AOKAL|AA20001001|AC|AD|"
NOTHING_ASKED = " " * 10
WHO = "AOKAL|AA20001001|AEKarin Lind|"
OWED = "BHSEK|BV30.00|"

DEBT = Refusal(reason=Reason.DEBT_LIMIT, amount=sek("75.00"), limit=sek("75.00"))
IN_DEBT = replace(
    FOUND,
    standing=Standing(stops=frozenset({Operation.CHECKOUT, Operation.RENEWAL}), reasons=(DEBT,), fines_over=True),
    owed=sek("75.00"),
    limit=sek("75.00"),
)
UNLINKED = replace(FULL, patron=replace(KARIN, card_state=CardState.UNLINKED))
RIGHT, WRONG = PinProof.RIGHT, PinProof.WRONG


# ---- 24 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "outcome", "pin", "sent", "why"),
    [
        (STATUS, FULL, RIGHT, f"24{OK}012{AT}{WHO}BLY|CQY|{OWED}", "all is well"),
        (
            STATUS,
            FULL,
            WRONG,
            f"24{OK}012{AT}{WHO}BLY|CQN|AFFel pinkod|",
            "the PIN is wrong: nothing is told of money",
        ),
        (STATUS, FULL, PinProof.LOCKED, f"24{OK}012{AT}{WHO}BLY|CQN|AFFel pinkod|", "a locked PIN is wrong"),
        (STATUS_WITHOUT, FULL, WRONG, f"24{OK}012{AT}{WHO}BLY|CQN|AFFel pinkod|", "an empty PIN is wrong"),
        (
            STATUS,
            STRANGER,
            PinProof.ABSENT,
            f"24{DENIED}012{AT}AOKAL|AA20001001|AE|BLN|CQN|AFUkjent lånekort|",
            "nobody, in the language of the message",
        ),
        (
            STATUS,
            IN_DEBT,
            RIGHT,
            f"24YY        Y   012{AT}{WHO}BLY|CQY|BHSEK|BV75.00|AFSperret: du skylder 75.00 kr (grense 75.00 kr)|",
            "why charges are denied",
        ),
        (
            STATUS,
            UNLINKED,
            RIGHT,
            f"24{DENIED}012{AT}AOKAL|AA20001001|AE|BLN|CQN|AFKortet är inte kopplat till biblioteket|",
            "no patron of ours, and no name",
        ),
    ],
)
def test_the_answer_to_a_status_request(frame: str, outcome: Outcome, pin: PinProof, sent: str, why: str) -> None:
    assert answered(frame, outcome, turn(pin=pin)) == sent, why


@pytest.mark.parametrize(
    ("standing", "positions"),
    [
        (Standing(), ""),
        (Standing(stops=frozenset({Operation.CHECKOUT})), "0"),
        (Standing(stops=frozenset({Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD})), "013"),
        (Standing(stops=frozenset({Operation.WEB, Operation.COLLECT})), ""),
        (Standing(card_lost=True), "01234"),
        (Standing(too_many_items=True, stops=frozenset({Operation.CHECKOUT})), "05"),
        (Standing(too_many_items=True, stops=frozenset({Operation.HOLD})), "35"),  # loans go on
        (Standing(too_many_overdue=True), "6"),
        (Standing(fines_over=True, fees_over=True), "ab"),
        (Standing(too_many_billed=True), "d"),
    ],
)
def test_fourteen_positions(standing: Standing, positions: str) -> None:
    found = replace(FOUND, standing=standing)
    status = answered(STATUS, found, turn(pin=RIGHT))[2:16]
    assert "".join(f"{place:x}" for place, letter in enumerate(status) if letter == "Y") == positions
    assert set(status) <= {"Y", " "}


def test_an_overdue_recall_is_position_12() -> None:
    recalled = replace(FOUND, loans=(replace(LOANS[0], recalled=True, overdue=True),))
    assert answered(STATUS, recalled, turn(pin=RIGHT))[2:16] == " " * 12 + "Y "


@pytest.mark.parametrize(
    ("status", "standing", "positions"),
    [
        ({"permit_loans": True}, IN_DEBT.standing, " " * 10 + "Y   "),
        ({"permit_all": True}, IN_DEBT.standing, OK),
        ({"permit_all": True}, Standing(card_lost=True), "YYYYY" + " " * 9),
    ],
)
def test_e_content_sees_no_debts(status: dict[str, bool], standing: Standing, positions: str) -> None:
    sent = answered(STATUS, replace(FOUND, standing=standing), turn({"status": status}, pin=RIGHT))
    assert sent[2:16] == positions


def test_no_switch_makes_a_stranger_valid() -> None:
    bent = turn({"status": {"permit_all": True, "always_say_pin": True}})
    assert answered(STATUS, STRANGER, bent).startswith(f"24{DENIED}")
    assert "|BLN|CQN|" in answered(STATUS, STRANGER, bent)
    assert "|BLN|AF" in answered(info(), STRANGER, bent)


# ---- PIN -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "pins", "given", "why"),
    [
        (STATUS, {}, PinToProve("20001001", "2468"), "given"),
        (STATUS_WITHOUT, {}, WRONG, "23 with an empty PIN"),
        (STATUS_WITHOUT, {"empty_in_queries": "absent"}, PinProof.ABSENT, "a library without PINs"),
        (info(), {}, PinProof.ABSENT, "63 without AD"),
        (info(fields="AD|"), {}, WRONG, "63 with an empty PIN"),
        (info(fields="AD 12 |"), {}, PinToProve("20001001", " 12 "), "blanks belong to the PIN"),
        (STATUS, {"rule": "never"}, PinProof.ABSENT, "PINs are not looked at"),
        (f"11NN{AT}{' ' * 18}AO|AA1|AB2|AC|AD|", {}, PinProof.ABSENT, "an empty PIN in a transaction is none"),
        (f"11NN{AT}{' ' * 18}AO|AA1|AB2|AC|AD|", {"rule": "always"}, WRONG, "unless the account demands one"),
        (f"11NN{AT}{' ' * 18}AO|AA1|AB2|AC|AD1|", {}, PinToProve("1", "1"), "given in a loan"),
        (f"37{AT}0100SEKBV1.00|AO|AA1|AD1|", {}, PinToProve("1", "1"), "given in a payment"),
        (f"35{AT}AO|AA1|AD1|", {}, PinProof.ABSENT, "nobody asks at the end"),
        (f"09N{AT}{AT}AP|AO|AB2|AC|", {}, PinProof.ABSENT, "returns need none"),
    ],
)
def test_which_pin_is_given(frame: str, pins: dict[str, str], given: object, why: str) -> None:
    assert pin_given(read(frame), turn({"pin": pins}).manner) == given, why


def test_a_pin_is_not_shown() -> None:
    assert "2468" not in repr(pin_given(read(STATUS), turn().manner))


@pytest.mark.parametrize(
    ("fields", "manner", "pin", "said"),
    [
        ("AD2468|", {}, RIGHT, "CQY|"),
        ("AD2468|", {}, PinProof.ABSENT, "CQN|"),
        ("", {}, PinProof.ABSENT, None),
        ("", {}, RIGHT, None),
        ("", {"status": {"always_say_pin": True}}, PinProof.ABSENT, "CQY|"),
        ("AD2468|", {"pin": {"rule": "never"}}, PinProof.ABSENT, None),
        ("AD|", {"pin": {"empty_in_queries": "absent"}}, PinProof.ABSENT, None),
    ],
)
def test_what_is_said_of_the_pin(fields: str, manner: dict[str, Any], pin: PinProof, said: str | None) -> None:
    sent = answered(info(fields=fields), FULL, turn(manner, pin=pin))
    assert "|BLY|" in sent
    assert (f"|{said}" in sent) if said else ("|CQ" not in sent)


# ---- 64 ----------------------------------------------------------------------

COUNTS = "000100010003000200010001"
LIMITS = "BZ0010|CB0020|"
ALL = f"{WHO}{LIMITS}BLY|{OWED}CC75.00|"


@pytest.mark.parametrize(
    ("summary", "listed", "why"),
    [
        (NOTHING_ASKED, "", "no list"),
        (one(0), "AS40001|AFHämtas senast 2026-02-19: Pan|", "holds that can be fetched, and until when"),
        (one(1), "AT30002|", "overdue"),
        (one(2), "AU30001|AU30002|AU30003|", "charged, overdue ones included"),
        (one(3), 'AVF-1 20.00 "FINE" Sult Hunger|AVF-2 10.00 "FEE" Lånekort|', "fees; a slash would cut the title"),
        (one(4), "BU30003|", "recalled"),
        (one(5), "CDVictoria|", "waiting; without a copy, by title"),
        (one(8), "", "a position nobody defined"),
        ("  YY      ", "AU30001|AU30002|AU30003|", "two are asked for: the first"),
    ],
)
def test_the_one_list(summary: str, listed: str, why: str) -> None:
    assert answered(info(summary), FULL) == f"64{OK}006{AT}{COUNTS}{ALL}{listed}", why


@pytest.mark.parametrize(
    ("fields", "forms", "items"),
    [
        ("", {}, "123"),
        ("BP1|BQ2|", {}, "12"),
        ("BP00002|BQ00003|", {}, "23"),
        ("BP2|", {}, "23"),
        ("BQ1|", {}, "1"),
        ("BP0|BQ2|", {}, "12"),
        ("BP3|BQ2|", {}, ""),
        ("BP4|BQ9|", {}, ""),
        ("BP2|BQ99|", {}, "23"),
        ("BP|BQ|", {}, "123"),
        ("BPx|BQy|", {}, "123"),
        ("BQ0|", {}, ""),
        ("", {"longest_list": 2}, "12"),
        ("BP2|", {"longest_list": 1}, "2"),
        ("BP1|BQ3|", {"longest_list": 1}, "123"),
    ],
)
def test_pages(fields: str, forms: dict[str, int], items: str) -> None:
    sent = answered(info(one(2), fields), FULL, turn({"forms": forms}))
    assert "".join(part[-1] for part in sent.split("|") if part.startswith("AU")) == items
    assert sent[37:61] == COUNTS


@pytest.mark.parametrize(
    ("forms", "summary", "text"),
    [
        ({"loan_lists": "title"}, one(2), "AUBok 1|AUBok 2|AUBok 3|"),
        ({"hold_lists": "title"}, one(0), "ASPan|"),
        ({"hold_items": "all"}, one(0), "AS40001|ASVictoria|"),
        ({"fines": "legacy"}, one(3), "AV20.00 Förseningsavgift Sult Hunger|AV10.00 Lånekort Lånekort|"),
        ({"fines": "mk"}, one(3), 'AVF-1 20.00 "FINE" Sult Hunger|'),
        ({"fines": "3m", "currency_sign": "kr"}, one(3), 'AVF-1 kr20.00 "FINE" Sult Hunger|'),
        (
            {"fines": "swyer_b"},
            one(3),
            "AVCharge-Number: F-1, Amount-Due: 20.00, Fine-Type: FINE, Title: Sult Hunger|",
        ),
        (
            {"fines": "template", "fine_template": "{kind}: {amount} {currency}, {title} ({barcode}) {date}"},
            one(3),
            "AVFörseningsavgift: 20.00 SEK, Sult/Hunger (30127731) 2026-02-01|",
        ),
    ],
)
def test_the_forms_of_lists(forms: dict[str, str], summary: str, text: str) -> None:
    assert f"|{text}" in answered(info(summary), FULL, turn({"forms": forms}))


def test_all_holds_are_counted_where_they_are_listed() -> None:
    assert answered(info(), FULL, turn({"forms": {"hold_items": "all"}}))[37:61] == "000200010003000200010001"


DAMAGED = replace(FULL, fees=(replace(FULL.fees[0], kind=FeeKind.DAMAGE),))


@pytest.mark.parametrize(
    ("fines", "text"),
    [
        ("3m", 'AVF-1 20.00 "FEE" Skada: Sult Hunger|'),
        ("mk", 'AVF-1 20.00 "FEE" Skada: Sult Hunger|'),
        ("legacy", "AV20.00 Skada Sult Hunger|"),
        ("swyer_b", "AVCharge-Number: F-1, Amount-Due: 20.00, Fine-Type: FEE, Title: Skada: Sult Hunger|"),
    ],
)
def test_a_damaged_item_is_not_a_lost_one(fines: str, text: str) -> None:
    """S-135; kiosks have no type for it."""
    assert f"|{text}" in answered(info(one(3)), DAMAGED, turn({"forms": {"fines": fines}}))
    assert "|FE03|FFSkada|CGF-1|" in answered(info(one(6)), DAMAGED, dialect=EVERYTHING)


def test_fees_as_gossip_lists_them() -> None:
    sent = answered(info(one(6)), FULL, dialect=EVERYTHING)
    assert "|FA20.00|FB30127731|FC01.02.2026|FDSult/Hunger|FE04|FFFörseningsavgift|CGF-1|" in sent
    assert "|FA10.00|FC02.02.2026|FE02|FFLånekort|CGF-2|" in sent


@pytest.mark.parametrize(
    ("outcome", "pin", "fields", "sent", "why"),
    [
        (
            STRANGER,
            PinProof.ABSENT,
            "AD1|",
            f"64{DENIED}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLN|CQN|AFKortet är okänt|",
            "nobody",
        ),
        (
            STRANGER,
            PinProof.ABSENT,
            "",
            f"64{DENIED}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLN|AFKortet är okänt|",
            "nobody, and no PIN given",
        ),
        (
            FULL,
            WRONG,
            "AD1|",
            f"64{OK}006{AT}{'0000' * 6}{WHO}BLY|CQN|AFFel pinkod|",
            "a wrong PIN hears of no loans, fees or lists",
        ),
        (
            UNLINKED,
            RIGHT,
            "AD1|",
            f"64{DENIED}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLN|CQN|AFKortet är inte kopplat till biblioteket|",
            "a national card that is not linked here",
        ),
    ],
)
def test_who_hears_little(outcome: Outcome, pin: PinProof, fields: str, sent: str, why: str) -> None:
    assert answered(info(one(2), fields), outcome, turn(pin=pin)) == sent, why


def test_an_account_that_demands_pins_tells_nothing_without() -> None:
    demanding = turn({"pin": {"rule": "always"}})
    sent = answered(info(one(2)), FULL, demanding)
    assert sent == f"64{OK}006{AT}{'0000' * 6}{WHO}BLY|AFAnge din pinkod|"


def test_the_same_amount_in_24_and_64() -> None:
    for outcome in (FULL, IN_DEBT):
        amounts = {
            next(part for part in sent.split("|") if part.startswith("BV"))
            for sent in (answered(STATUS, outcome, turn(pin=RIGHT)), answered(info(), outcome))
        }
        assert len(amounts) == 1


def test_no_limit_is_not_sent() -> None:
    sent = answered(info(), FOUND)
    assert not any(f"|{code}" in sent for code in ("CC", "CB", "BZ", "CA"))


@pytest.mark.parametrize(
    ("privacy", "forms", "texts", "absent"),
    [
        ({}, {}, ["AEKarin Lind|"], ["BD", "BE", "BF", "PA", "PB", "PC", "PI"]),
        ({}, {"name": "last-first"}, ["AELind, Karin|"], []),
        ({"name": False}, {}, ["AE|"], []),
        ({"contact": True}, {}, ["BDStorgatan 1, 392 32 Kalmar|BEkarin@example.se|BF070-000|"], []),
        ({}, {"patron_expiry": "expiry", "birth_date": "YYYYMMDD"}, ["PA20270131|PB19850412|"], []),
        ({}, {"patron_expiry": "access", "birth_date": "MMDDYYYY"}, ["PA0|PB04121985|"], []),
        ({}, {"patron_class": True, "internet_profiles": {"adult": "open"}}, ["PCadult|PIopen|"], ["PA"]),
        ({}, {"internet_profiles": {"child": "filtered"}}, [], ["PI"]),
    ],
)
def test_what_is_told_of_the_patron(
    privacy: dict[str, Any], forms: dict[str, Any], texts: list[str], absent: list[str]
) -> None:
    manner = turn({"privacy": privacy, "forms": forms})
    sent = answered(info(), FULL, manner, Dialect(encoding="utf-8", extensions=frozenset({"PA", "PB", "PC", "PI"})))
    assert all(f"|{text}" in sent for text in texts)
    assert not any(f"|{code}" in sent for code in absent)


def test_a_name_after_a_wrong_pin_is_the_accounts_choice() -> None:
    private = turn({"privacy": {"name_without_pin": False}}, pin=WRONG)
    assert "|AE|" in answered(info(fields="AD1|"), FULL, private)


def test_access_for_finland_is_1_for_those_who_may() -> None:
    manner = turn({"forms": {"patron_expiry": "access"}})
    assert "|PA1|" in answered(info(), replace(FULL, may_enter=True), manner, EVERYTHING)
