"""09: what is asked; 10: routes, alarms, bins, and what is told of whom."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.commands import CheckIn, Happened, UndoCheckOut
from backend.model import BranchId, HoldId, LibraryId, LoanId
from backend.outcomes import About, CheckedIn, CheckOutUndone, Outcome, Reason, Refusal, Route
from protocols.sip2.dialects import Dialect
from tests.server.desk.town import (
    BOOK,
    BRANCH,
    EVERYTHING,
    MAIN,
    NOON,
    PLAIN,
    STOCKHOLM,
    answered,
    asked,
    no,
    sek,
    turn,
)

AT = "20260212    120000"
CHECKIN = f"09N{AT}{AT}APHall 1|AOKAL|AB30127731|AC|"
WHAT = "AOKAL|AB30127731|AQStadsbiblioteket|AJSult|"

BACK = CheckedIn(at=NOON, about=BOOK, loan=LoanId(7), patron_card="20001001", home_branch=MAIN, owner=LibraryId("KAL"))
HELD = replace(
    BACK,
    route=Route.HOLD_HERE,
    destination=MAIN,
    hold=HoldId(9),
    hold_reference="4711",
    hold_patron_card="20001003",
    hold_patron_name="Kajsa Berg",
)
HELD_ELSEWHERE = replace(HELD, route=Route.HOLD_ELSEWHERE, destination=BRANCH)
HOME = replace(BACK, route=Route.HOME, destination=BRANCH, home_branch=BRANCH)
BAR_H = BranchId("BAR-H")
FOREIGN = replace(
    BACK, route=Route.OTHER_LIBRARY, destination=BAR_H, destination_library=LibraryId("BAR"), home_branch=BAR_H
)
FOUND = replace(BACK, route=Route.STAFF, notes=(Refusal(reason=Reason.FOUND_AFTER_BILL),))
LATE = replace(
    BACK,
    fine=sek("20.00"),
    days_late=10,
    notes=(Refusal(reason=Reason.FINE_ON_RETURN, amount=sek("20.00"), count=10),),
)
FREE = replace(BACK, loan=None, patron_card=None)
NOT_LENT = replace(FREE, notes=(Refusal(reason=Reason.NOT_ON_LOAN),))
UNKNOWN = no(Refusal(reason=Reason.UNKNOWN_ITEM), about=About())
SORTER: dict[str, Any] = {"privacy": {"borrower": False}}


@pytest.mark.parametrize(
    ("outcome", "sent", "why"),
    [
        (BACK, f"101YNN{AT}{WHAT}AA20001001|CK001|", "nothing special: no alarm, no CV"),
        (
            HELD,
            f"101YNY{AT}{WHAT}AA20001001|CK001|CV01|CTKAL-S|AFReserverad. Ställs på hämthyllan|"
            "AGReservation 4711|AGSult|AGStadsbiblioteket|",
            "held here: the slip has a reference, no name",
        ),
        (
            HELD_ELSEWHERE,
            f"101YNY{AT}{WHAT}AA20001001|CK001|CV02|CTKAL-B|AFReserverad. Skickas till Berga|"
            "AGReservation 4711|AGSult|AGBerga|",
            "held at another branch",
        ),
        (
            HOME,
            f"101YNY{AT}AOKAL|AB30127731|AQBerga|AJSult|AA20001001|CK001|CV04|CTKAL-B|AFSkickas till Berga|",
            "its home is another branch",
        ),
        (
            FOREIGN,
            f"101YNY{AT}AOKAL|AB30127731|AQBAR-H|AJSult|AA20001001|CK001|CV03|CTBAR-H|"
            "AFSkickas till ett annat bibliotek: Bærum bibliotek|",
            "another library's",
        ),
        (
            FOUND,
            f"101YNY{AT}{WHAT}AA20001001|CK001|CV99|AFTack. Ersättningskravet är borttaget|",
            "found after the bill",
        ),
        (
            replace(BACK, route=Route.STAFF),
            f"101YNY{AT}{WHAT}AA20001001|CK001|CV99|AFLämna till personalen|",
            "staff must look at it",
        ),
        (LATE, f"101YNN{AT}{WHAT}AA20001001|CK001|AF10 dagar sen: 20.00 kr|", "a fine is told"),
        (
            replace(BACK, about=replace(BOOK, magnetic=True)),
            f"101NYN{AT}{WHAT}AA20001001|CK001|",
            "magnetic media are not resensitized",
        ),
        (NOT_LENT, f"100YNN{AT}{WHAT}CK001|AFInte utlånad|", "not on loan"),
        (
            no(Refusal(reason=Reason.NOT_ON_LOAN)),
            f"100YNN{AT}AOKAL|AB30127731|AQ|AJSult|AFInte utlånad|",
            "not on loan, refused",
        ),
        (UNKNOWN, f"100NUY{AT}AOKAL|AB30127731|AQ|CV99|AFOkänt exemplar|", "unknown: it must not go on"),
        (
            CheckOutUndone(at=NOON, about=BOOK, was_lent=True, home_branch=MAIN),
            f"101YNN{AT}{WHAT}CK001|",
            "an undone loan is in, and nothing is set off",
        ),
    ],
)
def test_the_answer_to_a_return(outcome: Outcome, sent: str, why: str) -> None:
    assert answered(CHECKIN, outcome, dialect=EVERYTHING) == sent, why


@pytest.mark.parametrize("outcome", [HELD, HOME, UNKNOWN])
def test_nothing_beyond_the_text_without_a_dialect(outcome: Outcome) -> None:
    sent = answered(CHECKIN, outcome, dialect=PLAIN)
    assert "|CV" not in sent and "|CT" not in sent


@pytest.mark.parametrize(
    ("outcome", "returns", "alert", "alert_type"),
    [
        (BACK, {}, "N", None),
        (BACK, {"type_on_success": True}, "N", "00"),
        (BACK, {"type_on_success": True, "alert_follows_type": True}, "N", "00"),
        (HELD, {}, "Y", "01"),
        (HELD, {"alert_at_own_branch": False}, "N", "01"),
        (HELD_ELSEWHERE, {"alert_at_own_branch": False}, "Y", "02"),
        (FOUND, {"alert_at_own_branch": False}, "Y", "99"),
        (FOREIGN, {"alert_at_own_branch": False}, "Y", "03"),
        (HOME, {"alert_on": ["hold_here"]}, "N", "04"),
        (HOME, {"alert_on": ["hold_here"], "alert_follows_type": True}, "Y", "04"),
        (HELD, {"alert_on": ["hold_here"]}, "Y", "01"),
    ],
)
def test_what_sounds_the_alarm(outcome: Outcome, returns: dict[str, Any], alert: str, alert_type: str | None) -> None:
    sent = answered(CHECKIN, outcome, turn({"returns": returns}), EVERYTHING)
    assert sent[5] == alert
    assert (f"|CV{alert_type}|" in sent) if alert_type else ("|CV" not in sent)


@pytest.mark.parametrize(
    ("outcome", "bin_"),
    [(BACK, "1"), (HELD, "9"), (HELD_ELSEWHERE, "2"), (HOME, "2"), (FOREIGN, "7"), (FOUND, "8")],
)
def test_which_bin(outcome: Outcome, bin_: str) -> None:
    bins = {"shelf": "1", "hold_here": "9", "KAL-B": "2", "other_library": "7", "staff": "8"}
    assert f"|CL{bin_}|" in answered(CHECKIN, outcome, turn({"returns": {"bins": bins}}))
    assert "|CL" not in answered(CHECKIN, outcome)


@pytest.mark.parametrize(
    ("outcome", "manner", "goes_to"),
    [
        (BACK, {}, None),
        (BACK, {"returns": {"destination_always": True}}, "KAL-S"),
        (HELD, {}, "KAL-S"),
        (HOME, {"forms": {"destination": "name"}}, "Berga"),
        (FOREIGN, {"forms": {"destination": "name"}}, "BAR-H"),
    ],
)
def test_where_it_must_go(outcome: Outcome, manner: dict[str, Any], goes_to: str | None) -> None:
    sent = answered(CHECKIN, outcome, turn(manner), EVERYTHING)
    assert (f"|CT{goes_to}|" in sent) if goes_to else ("|CT" not in sent)


def test_a_free_return_is_ok_where_circulation_says_nothing_against_it() -> None:
    assert answered(CHECKIN, FREE) == f"101YNN{AT}{WHAT}CK001|"


@pytest.mark.parametrize(
    ("privacy", "shown", "hidden"),
    [
        ({}, ["AA20001001"], ["CY", "DA", "Kajsa"]),
        ({"borrower": False}, [], ["AA", "CY", "DA"]),
        ({"hold_patron_id": True, "hold_patron_name": True}, ["CY20001003", "DAKajsa Berg"], []),
    ],
)
def test_what_is_told_of_persons(privacy: dict[str, bool], shown: list[str], hidden: list[str]) -> None:
    sent = answered(CHECKIN, HELD, turn({"privacy": privacy}), EVERYTHING)
    assert all(f"|{text}|" in sent for text in shown)
    assert not any(f"|{text}" in sent for text in hidden)


def test_shelf_marks_for_sorters() -> None:
    outcome = replace(BACK, call_number="Hce", collection="Vuxen")
    assert "|CSHce|CRVuxen|" in answered(CHECKIN, outcome, dialect=Dialect(extensions=frozenset({"CS", "CR"})))


@pytest.mark.parametrize(
    ("frame", "command", "asker"),
    [
        (CHECKIN, CheckIn(item="30127731", returned=NOON, at=NOON), {}),
        (
            CHECKIN.replace(f"{AT}{AT}", f"{AT}20260207    190000"),
            CheckIn(item="30127731", returned=datetime(2026, 2, 7, 19, tzinfo=STOCKHOLM), at=NOON),
            {},
        ),
        (CHECKIN.replace(f"{AT}{AT}", f"{AT}{' ' * 18}"), CheckIn(item="30127731", at=NOON), {}),
        (CHECKIN.replace("Hall 1", "berga"), CheckIn(item="30127731", returned=NOON, at=NOON, branch=BRANCH), {}),
        (CHECKIN.replace("Hall 1", "kal-s"), CheckIn(item="30127731", returned=NOON, at=NOON, branch=MAIN), {}),
        (CHECKIN.replace("09N", "09Y"), CheckIn(item="30127731", returned=NOON, at=NOON), {}),
        (
            CHECKIN.replace("09N", "09Y"),
            CheckIn(item="30127731", returned=NOON, at=NOON, happened=Happened(at=NOON)),
            {"offline": True},
        ),
        (CHECKIN + "CHvikt=1|", CheckIn(item="30127731", returned=NOON, at=NOON, properties="vikt=1"), {}),
        (CHECKIN + "BIY|", UndoCheckOut(item="30127731", at=NOON), {}),
        (CHECKIN + "BIN|", CheckIn(item="30127731", returned=NOON, at=NOON), {}),
        (
            CHECKIN.replace(AT, "20260212   Q060000", 1),
            CheckIn(item="30127731", returned=NOON, at=datetime(2026, 2, 12, 10, tzinfo=UTC)),
            {},
        ),
    ],
)
def test_what_a_return_asks(frame: str, command: object, asker: dict[str, Any]) -> None:
    assert asked(frame, turn(**asker)) == command
