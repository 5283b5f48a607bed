"""`skranke sip2 send`: what may be typed, and what is read in an answer."""

import pytest

from protocols.sip2.codec import decode
from protocols.sip2.messages import BY_CODE, Sender
from server.commands.sip2 import REQUESTS, named, rows
from tests.server.office.installation import run

STANDING = "24              00620260212    120000AOKAL|AA1|AEBerg, Anna|BLY|BHSEK|BV65.00|"
PAID = "38Y20260212    120000AOKAL|AA1|FG65.00|"
LISTED = f"64{' ' * 14}00620260212    120000{'0000' * 6}AOKAL|AA1|AEx|BHNOK|BV6.5|FA1.50|FB301|FA5.00|"


@pytest.mark.parametrize(
    ("answer", "amounts"),
    [
        (STANDING, [("BV", "65.00 SEK")]),
        (STANDING.replace("BHSEK|", ""), [("BV", "65.00")]),
        (PAID, [("FG", "65.00")]),
        (LISTED, [("BV", "6.50 NOK"), ("FA", "1.50 NOK"), ("FA", "5.00 NOK")]),
    ],
)
def test_money_is_told_as_on_the_wire_with_its_currency(answer: str, amounts: list[tuple[str, str]]) -> None:
    told = rows(decode(answer, sender=Sender.ACS))
    assert [(code, value) for code, _, value in told if code in ("BV", "FA", "FG")] == amounts


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("status", "99"),
        ("sc-status", "99"),
        ("SCStatus", "99"),
        ("patron-information", "63"),
        ("patron_information", "63"),
        ("patron-status", "23"),
        ("PatronStatusRequest", "23"),
        ("checkout", "11"),
        ("Renew All", "65"),
        ("end-patron-session", "35"),
        ("37", "37"),
    ],
)
def test_a_request_has_many_names(typed: str, code: str) -> None:
    assert named(typed).code == code


def test_every_request_has_a_friendly_name() -> None:
    assert {layout.code for layout in REQUESTS.values()} == {
        layout.code for layout in BY_CODE.values() if layout.sender is Sender.SC
    }


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    said = run("sip2", "send", "127.0.0.1:1", "chekout")
    told = " ".join(said.err.replace("│", " ").split())
    assert said.code == 2
    assert "no such request: chekout" in told
    assert "11 checkout" in told and "63 patron-information" in told and "99 status" in told
