"""The table as a whole: every request has a row, every reason a frame, and whoever may not ask is told so."""

import re

import pytest

from backend.commands import BlockCard, EnablePatron, LookUpPatron
from backend.model import AccountId
from backend.outcomes import Done, Reason, Refusal
from protocols.sip2.codec import encode
from protocols.sip2.errors import MissingRequired, NotLoggedIn, Partial, Unanswerable
from protocols.sip2.messages import layouts
from protocols.sip2.table import Message, Sender
from server.desk import sip2
from server.desk.sip2_answers import WrongOutcomeError, partial_of
from tests.server.desk.town import EVERYTHING, FOUND, NOON, PLAIN, answered, asked, no, read, turn

AT = "20260212    120000"
REQUESTS = {
    "23": f"23006{AT}AO|AA20001001|AC|AD2468|",
    "11": f"11NN{AT}{' ' * 18}AO|AA20001001|AB30127731|AC|",
    "09": f"09N{AT}{AT}AP|AO|AB30127731|AC|",
    "01": f"01N{AT}AO|ALKort kvar|AA20001001|AC|",
    "99": "9900802.00",
    "63": f"63006{AT}{' ' * 10}AO|AA20001001|",
    "35": f"35{AT}AO|AA20001001|",
    "37": f"37{AT}0100SEKBV10.00|AO|AA20001001|BKT-1|",
    "17": f"17{AT}AO|AB30127731|",
    "19": f"19{AT}AO|AB30127731|CHx|",
    "25": f"25{AT}AO|AA20001001|",
    "15": f"15+{AT}AO|AA20001001|AB30127731|",
    "29": f"29NN{AT}{' ' * 18}AO|AA20001001|AB30127731|",
    "65": f"65{AT}AO|AA20001001|",
}
ASKING = [frame for code, frame in REQUESTS.items() if code not in ("99", "35")]


def test_every_request_has_a_row_or_is_the_conversations_own() -> None:
    requests = {layout.message for layout in layouts(Sender.SC)}
    assert set(sip2.ROWS) | sip2.OWN_AFFAIR == requests
    assert not set(sip2.ROWS) & sip2.OWN_AFFAIR
    assert {read(frame).layout.code for frame in REQUESTS.values()} == {row.layout.code for row in sip2.ROWS}


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("frame", ASKING, ids=lambda frame: frame[:2])
def test_every_reason_has_a_frame(frame: str, reason: Reason) -> None:
    """Its own response, ok 0 or N, and a text the patron can read."""
    answer = sip2.answer(read(frame), no(Refusal(reason=reason)), turn())
    sent = encode(answer, EVERYTHING)
    assert answer.layout.code == read(frame).layout.answered_by
    assert re.search(r"\|AF[^|]+\|", sent)
    assert f"{reason}" not in re.findall("AF([^|]*)", sent)


@pytest.mark.parametrize("frame", REQUESTS.values(), ids=lambda frame: frame[:2])
def test_nothing_could_be_asked(frame: str) -> None:
    answer = sip2.unavailable(read(frame), turn())
    sent = encode(answer, PLAIN)
    assert answer.layout.code == read(frame).layout.answered_by
    assert "AF" in sent
    assert "BLN" not in sent  # a client was seen to delete its user for that


def test_a_pin_that_could_not_be_checked_opens_nothing() -> None:
    assert "CQN|" in encode(sip2.unavailable(read(REQUESTS["23"]), turn()), PLAIN)


@pytest.mark.parametrize("frame", ASKING, ids=lambda frame: frame[:2])
def test_an_outcome_nobody_asked_for_is_a_fault_of_ours(frame: str) -> None:
    wrong = FOUND if frame[:2] in ("19", "37", "11", "09", "29", "65", "15", "17") else Done(at=NOON)
    with pytest.raises(WrongOutcomeError):
        answered(frame, wrong)


@pytest.mark.parametrize("frame", ASKING, ids=lambda frame: frame[:2])
def test_a_role_serves_what_it_serves(frame: str) -> None:
    """An account of another role gets the command's own no; 01 and 25 tell the unchanged status."""
    nothing = turn({"serves": []})
    ask = asked(frame, nothing)
    if frame[:2] in ("01", "25"):
        assert ask == LookUpPatron(patron="20001001")
    else:
        assert isinstance(ask, Message)
        assert "AFKan inte göras här. Kontakta personalen|" in encode(ask, PLAIN)


def test_blocking_and_enabling_are_rights_of_their_own() -> None:
    assert isinstance(asked(REQUESTS["01"]), BlockCard)
    assert isinstance(asked(REQUESTS["01"], turn(may_block_cards=False)), LookUpPatron)
    assert isinstance(asked(REQUESTS["25"]), LookUpPatron)
    assert isinstance(asked(REQUESTS["25"], turn(may_enable_patrons=True)), EnablePatron)


@pytest.mark.parametrize(
    ("institution", "manner", "taken"),
    [
        ("", {"other_institutions": "refuse"}, True),
        ("kal", {"other_institutions": "refuse"}, True),
        ("1", {"other_institutions": "refuse", "institution_aliases": ["1"]}, True),
        ("ASK", {"other_institutions": "refuse"}, False),
        ("ASK", {}, True),
        ("KAL", {"other_institutions": "refuse", "institution": "SE-1"}, False),
    ],
)
def test_who_the_message_is_for(institution: str, manner: dict[str, object], taken: bool) -> None:
    frame = REQUESTS["17"].replace("AO|", f"AO{institution}|")
    assert isinstance(asked(frame, turn(manner)), Message) is not taken


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (
            MissingRequired("AA", Partial("11", {}, {"AB": ("30127731",)})),
            f"120NUN{AT}AOKAL|AA|AB30127731|AJ|AH|AFLånekortets nummer saknas|",
        ),
        (
            MissingRequired("AB", Partial("09")),
            f"100NUN{AT}AOKAL|AB|AQ|AFExemplarets nummer saknas|",
        ),
        (
            MissingRequired("BV", Partial("37", {}, {"AA": ("1",), "BK": ("T-1",)})),
            f"38N{AT}AOKAL|AA1|BKT-1|AFEn uppgift saknas: BV|",
        ),
        (
            MissingRequired("AA", Partial("63", {"language": "001"}, {"AD": ("1",)})),
            f"64YYYY{' ' * 10}001{AT}{'0000' * 6}AOKAL|AA|AE|BLN|CQN|AFCard number is missing|",
        ),
        (
            NotLoggedIn("", Partial("23", {"language": "012"}, {"AA": ("1",), "AD": ("1",)})),
            f"24YYYY{' ' * 10}012{AT}AOKAL|AA1|AE|BLN|CQN|AFAutomaten er ikke innlogget|",
        ),
        (NotLoggedIn("", Partial("65")), f"66000000000{AT}AOKAL|AFAutomaten är inte inloggad|"),
        (Unanswerable("", Partial("93")), "940"),
        (Unanswerable("", Partial("17")), f"18010101{AT}AB|AJ|AFMeddelandet kunde inte läsas|"),
    ],
)
def test_what_cannot_be_read_gets_its_own_no(error: Unanswerable, sent: str) -> None:
    assert encode(sip2.fail(error, turn()), PLAIN) == sent


def test_a_status_that_cannot_be_read_is_told_the_status() -> None:
    told = encode(sip2.fail(Unanswerable("", Partial("99")), turn()), PLAIN)
    assert told.startswith("98YYYYYN")
    assert told.endswith("AFMeddelandet kunde inte läsas|")


def test_what_a_refusal_echoes_is_what_came() -> None:
    partial = partial_of(read(REQUESTS["37"]))
    assert (partial.code, partial.first("AA"), partial.first("BK")) == ("37", "20001001", "T-1")


def test_a_screen_breaks_long_texts_and_an_account_has_its_own_words() -> None:
    narrow = turn({"screen": {"width": 20, "language": "en"}}, account=AccountId("smal"))
    sent = answered(REQUESTS["17"], no(Refusal(reason=Reason.CARD_UNLINKED)), narrow)
    assert sent.endswith("AFCard not linked to|AFthis library. Please|AFcontact us|")
