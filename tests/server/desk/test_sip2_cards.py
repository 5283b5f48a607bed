"""01, 25, 35, and the door: cards are blocked and enabled, sessions end, people come in or do not."""

from dataclasses import replace
from typing import Any

import pytest

from backend.commands import BlockCard, EnablePatron, EnterBuilding, LookUpPatron, PinProof
from backend.model import Channel
from backend.outcomes import About, Entered, Outcome, PatronChanged, Reason, Refusal, Refused, Standing
from protocols.sip2.codec import encode
from protocols.sip2.table import Message
from tests.server.desk.town import (
    AT,
    DENIED,
    EVERYTHING,
    FOUND,
    FULL,
    KALMAR,
    KARIN,
    NOON,
    OK,
    PLAIN,
    STATUS,
    STRANGER,
    answered,
    asked,
    info,
    no,
    one,
    sek,
    turn,
)

WHO = "AOKAL|AA20001001|AEKarin Lind|"
RIGHT, WRONG = PinProof.RIGHT, PinProof.WRONG

# ---- 01, 25, 35 -----------------------------------------------------------------

BLOCK = f"01Y{AT}AOKAL|ALKort kvar|AA20001001|AC|"
ENABLE = f"25{AT}AOKAL|AA20001001|AC|AD2468|"
LOST = PatronChanged(at=NOON, patron=KARIN, standing=Standing(card_lost=True), owed=sek("0.00"))
WELL = PatronChanged(at=NOON, patron=KARIN, standing=Standing(), owed=sek("0.00"))


@pytest.mark.parametrize(
    ("frame", "outcome", "asker", "sent", "why"),
    [
        (BLOCK, LOST, {}, f"24YYYYY{' ' * 9}000{AT}{WHO}BLY|", "blocked: privileges and a lost card"),
        (
            BLOCK,
            FULL,
            {"may_block_cards": False},
            f"24{OK}000{AT}{WHO}BLY|AFKan inte göras här. Kontakta personalen|",
            "the account may not: unchanged",
        ),
        (BLOCK, STRANGER, {}, f"24{DENIED}000{AT}AOKAL|AA20001001|AE|BLN|AFKortet är okänt|", "nobody"),
        (ENABLE, WELL, {"may_enable_patrons": True}, f"26{OK}000{AT}{WHO}BLY|CQY|", "enabled"),
        (
            ENABLE,
            FULL,
            {},
            f"26{OK}000{AT}{WHO}BLY|CQY|AFKan inte göras här. Kontakta personalen|",
            "not a test system: unchanged",
        ),
        (
            ENABLE,
            STRANGER,
            {"may_enable_patrons": True},
            f"26{DENIED}000{AT}AOKAL|AA20001001|AE|BLN|CQN|AFKortet är okänt|",
            "nobody",
        ),
    ],
)
def test_blocking_and_enabling(frame: str, outcome: Outcome, asker: dict[str, Any], sent: str, why: str) -> None:
    assert answered(frame, outcome, turn(pin=RIGHT, **asker)) == sent, why


def test_a_wrong_pin_enables_nothing() -> None:
    test_system = turn(pin=WRONG, may_enable_patrons=True)
    assert asked(ENABLE, test_system) == LookUpPatron(patron="20001001")
    lost = replace(FOUND, standing=Standing(card_lost=True))
    assert answered(ENABLE, lost, test_system) == f"26YYYYY{' ' * 9}000{AT}{WHO}BLY|CQN|AFFel pinkod|"


@pytest.mark.parametrize(
    ("frame", "asker", "command"),
    [
        (STATUS, {}, LookUpPatron(patron="20001001")),
        (info(one(2)), {}, LookUpPatron(patron="20001001")),
        (info(), {"channel": Channel.ENTRY}, EnterBuilding(patron="20001001", pin=RIGHT, at=NOON)),
        (BLOCK, {}, BlockCard(patron="20001001", retained=True, message="Kort kvar", at=NOON)),
        (ENABLE, {"may_enable_patrons": True}, EnablePatron(patron="20001001", pin=RIGHT, at=NOON)),
    ],
)
def test_what_is_asked_of_a_patron(frame: str, asker: dict[str, Any], command: object) -> None:
    assert asked(frame, turn(pin=RIGHT, **asker)) == command


def test_the_end_of_a_session_is_always_yes() -> None:
    answer = asked(f"35{AT}AOKAL|AA20001001|AC|")
    assert isinstance(answer, Message)
    assert encode(answer, PLAIN) == f"36Y{AT}AOKAL|AA20001001|"


# ---- the door --------------------------------------------------------------------

DOOR: dict[str, Any] = {"channel": Channel.ENTRY}
NO_ENTRY = Refused(
    at=NOON,
    about=About(patron_known=True, language="sv"),
    refusals=(Refusal(reason=Reason.NO_UNSTAFFED_ACCESS),),
)


@pytest.mark.parametrize(
    ("frame", "outcome", "pin", "sent"),
    [
        (
            info(fields="AD1|"),
            Entered(at=NOON),
            RIGHT,
            f"64{OK}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLY|CQY|",
        ),
        (STATUS, Entered(at=NOON), RIGHT, f"24{OK}012{AT}AOKAL|AA20001001|AE|BLY|CQY|"),
        (
            info(fields="AD1|"),
            NO_ENTRY,
            RIGHT,
            f"64{DENIED}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLN|CQY|AFIngen rätt till obemannad öppettid|",
        ),
        (
            info(fields="AD1|"),
            no(Refusal(reason=Reason.PIN_WRONG)),
            WRONG,
            f"64{DENIED}006{AT}{'0000' * 6}AOKAL|AA20001001|AE|BLN|CQN|AFFel pinkod|",
        ),
        (STATUS, STRANGER, RIGHT, f"24{DENIED}012{AT}AOKAL|AA20001001|AE|BLN|CQN|AFUkjent lånekort|"),
    ],
)
def test_the_door(frame: str, outcome: Outcome, pin: PinProof, sent: str) -> None:
    assert answered(frame, outcome, turn(pin=pin, **DOOR)) == sent


@pytest.mark.parametrize(("outcome", "access"), [(Entered(at=NOON), "1"), (NO_ENTRY, "0")])
def test_the_door_in_finland(outcome: Outcome, access: str) -> None:
    door = turn({"forms": {"patron_expiry": "access"}}, pin=RIGHT, **DOOR)
    assert f"|PA{access}|" in answered(info(fields="AD1|"), outcome, door, EVERYTHING)


def test_a_refusal_of_a_look_up_keeps_its_positions() -> None:
    expired = no(Refusal(reason=Reason.CARD_EXPIRED))
    assert answered(STATUS, expired, turn(pin=RIGHT)).startswith("24YY Y" + " " * 10)
    assert "|BLY|CQY|" in answered(STATUS, expired, turn(pin=RIGHT))


def test_names_of_one_part() -> None:
    mononym = replace(FOUND, patron=replace(KARIN, family_name=""))
    assert "|AEKarin|" in answered(info(), mononym, turn({"forms": {"name": "last-first"}}))
    assert KALMAR.find_branch(None) is None
