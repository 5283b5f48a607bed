"""A whole conversation, without sockets: repeats, resends, logins, lost patience, in the order of the stream."""

from dataclasses import replace
from datetime import date, time

import pytest

from protocols.sip2 import messages as m
from protocols.sip2.codes import YesNoUnknown
from protocols.sip2.dialects import STANDARD, Dialect, ErrorDetection, UnknownPolicy
from protocols.sip2.errors import ChecksumMismatch, MissingRequired, NotLoggedIn, TrailerMissing
from protocols.sip2.events import Close, CloseReason, Event, Failed, Ignored, Reply, Request, Why
from protocols.sip2.failures import fail_form
from protocols.sip2.framing import checksum
from protocols.sip2.quirks import Quirk
from protocols.sip2.session import AcsSession, Limits
from protocols.sip2.stamp import Stamp

NOW = Stamp(date(2026, 11, 21), time(10, 15, 43))
DATE = "20261121    101542"
STATUS = b"9900802.00AY1AZFCA0\r"
BAD = b"941AY1AZ0000\r"
BLOCK = f"09N{DATE}{DATE}APHall|AOSKB|AB1234|AC|".encode()
LOOK_UP = f"17{DATE}AOSKB|AB30127731|AC|".encode()
PAID = b"3720261121    1015420402NOKBV40.00|AOSKB|AAN10000427|AC|CGF-1007|BKTERM7-000123|AY5AZEB6A\r"


def sealed(body: bytes, sequence: str = "1") -> bytes:
    numbered = body + f"AY{sequence}AZ".encode()
    return numbered + checksum(numbered).encode() + b"\r"


def opened(dialect: Dialect = STANDARD, limits: Limits | None = None) -> AcsSession:
    return AcsSession(dialect, login_required=False, limits=limits)


def data(events: list[Event]) -> list[bytes]:
    return [event.data for event in events if isinstance(event, Reply)]


def paid(now: Stamp = NOW) -> m.FeePaidResponse:
    return m.FeePaidResponse(
        payment_accepted=True,
        transaction_date=now,
        institution_id="SKB",
        patron_identifier="N10000427",
        transaction_id="TERM7-000123",
    )


def described(title: str) -> m.ItemInformationResponse:
    return m.ItemInformationResponse(
        circulation_status="03",
        security_marker="01",
        fee_type="01",
        transaction_date=NOW,
        item_identifier="30127731",
        title_identifier=title,
    )


def returned(item: str) -> m.CheckinResponse:
    return m.CheckinResponse(
        ok=True,
        resensitize=True,
        magnetic_media=YesNoUnknown.NO,
        alert=False,
        transaction_date=NOW,
        institution_id="SKB",
        item_identifier=item,
        permanent_location="",
    )


LOGIN_OK = m.LoginResponse(ok=True)
LOGIN_FAILED = m.LoginResponse(ok=False)


def test_the_vectors_of_retransmission() -> None:
    session = opened()
    (request,) = session.receive(PAID, 0.0)
    assert isinstance(request, Request)
    assert isinstance(request.message, m.FeePaid)
    (answer,) = session.answer(paid())
    first = b"38Y20261121    101543AOSKB|AAN10000427|BKTERM7-000123|AY5AZF204\r"
    assert answer == Reply(first, Why.ANSWER, 0.0)
    # A repeated payment is the journal's to recognise: the session asks again, and says that it may be a repeat.
    (again,) = session.receive(PAID, 5.0)
    assert isinstance(again, Request)
    assert (again.frame, again.error_detection) == (request.frame, True)
    assert data(session.answer(paid())) == [first]
    assert session.receive(b"97AZFEF5\r", 6.0) == [Reply(first, Why.RESENT, 6.0)]
    (resend,) = session.receive(BAD, 7.0)
    assert isinstance(resend, Reply)
    assert (resend.data, resend.why) == (b"96AZFEF6\r", Why.RESEND_REQUEST)
    assert isinstance(resend.error, ChecksumMismatch)
    assert session.receive(b"97AZFEF5\r", 8.0) == [Reply(b"96AZFEF6\r", Why.RESENT, 8.0)]


@pytest.mark.parametrize(("asked", "answered"), [(b"97AZFEF5\r", b"96AZFEF6\r"), (b"97\r", b"96\r")])
def test_nothing_said_yet_cannot_be_said_again(asked: bytes, answered: bytes) -> None:
    for session in (opened(), AcsSession(STANDARD)):
        assert data(session.receive(asked, 0.0)) == [answered]
        assert data(session.receive(asked, 0.0)) == [answered]


def test_the_same_look_up_in_the_same_bytes_gets_the_same_answer_for_a_minute() -> None:
    session = opened()
    session.receive(sealed(LOOK_UP), 0.0)
    (first,) = data(session.answer(described("Sult")))
    assert session.receive(sealed(LOOK_UP), 59.0) == [Reply(first, Why.REPEATED, 59.0)]
    assert isinstance(session.receive(sealed(LOOK_UP), 61.0)[0], Request)


def test_a_repeat_after_a_damaged_frame_gets_the_answer_and_not_the_complaint() -> None:
    session = opened()
    session.receive(sealed(LOOK_UP), 0.0)
    (first,) = data(session.answer(described("Sult")))
    assert data(session.receive(BAD + sealed(LOOK_UP) + b"97AZFEF5\r", 1.0)) == [b"96AZFEF6\r", first, first]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(sealed(LOOK_UP, "2"), id="another digit"),
        pytest.param(sealed(LOOK_UP.replace(b"30127731", b"30127713")), id="an equal checksum over other bytes"),
    ],
)
def test_another_look_up_is_asked(second: bytes) -> None:
    session = opened()
    session.receive(sealed(LOOK_UP), 0.0)
    session.answer(described("Sult"))
    assert isinstance(session.receive(second, 1.0)[0], Request)


def test_without_error_detection_everything_is_asked_again() -> None:
    session = opened()
    for body, answer in ((LOOK_UP, described("Sult")), (BLOCK, returned("1234"))):
        for _ in range(2):
            (request,) = session.receive(body + b"\r", 0.0)
            assert isinstance(request, Request)
            assert not request.error_detection
            session.answer(answer)


def test_a_look_up_is_asked_again_after_something_changed() -> None:
    session = opened()
    for frame, answer in ((LOOK_UP, described("Sult")), (BLOCK, returned("1234")), (LOOK_UP, described("Sult"))):
        assert isinstance(session.receive(sealed(frame), 0.0)[0], Request)
        session.answer(answer)


def test_two_returns_with_one_checksum_are_both_done() -> None:
    session = opened()
    keys = set()
    for item in (b"1234", b"1243"):
        (request,) = session.receive(sealed(BLOCK.replace(b"1234", item), "0"), 0.0)
        assert isinstance(request, Request)
        keys.add(request.frame)
        session.answer(returned(item.decode()))
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (b"9300CNa|COb|\r", b"941\r"),
        (sealed(b"9300CNa|COb|", "0"), b"941AY0AZFDFD\r"),
        (sealed(b"9300CNa|COb|", "10"), sealed(b"941", "10")),
        (sealed(b"9300CNa|COb|", "007"), sealed(b"941", "007")),
    ],
)
def test_the_trailer_is_mirrored_digit_for_digit(frame: bytes, answer: bytes) -> None:
    session = AcsSession(STANDARD)
    session.receive(frame, 0.0)
    session.log_in(STANDARD)
    assert data(session.answer(LOGIN_OK)) == [answer]


def test_one_question_at_a_time_and_in_order() -> None:
    session = opened()
    events = session.receive(sealed(LOOK_UP) + BAD + sealed(BLOCK, "2") + b"71xx\r" + STATUS, 3.0)
    assert [type(event) for event in events] == [Request]
    assert session.busy
    assert session.receive(b"\r\n", 4.0) == []
    events = session.answer(described("Sult"))
    assert [type(event) for event in events] == [Reply, Reply, Request]
    assert data(events)[1] == b"96AZFEF6\r"
    events = session.answer(returned("1234"))
    assert [type(event) for event in events] == [Reply, Ignored, Request]
    assert isinstance(events[-1], Request)
    assert (events[-1].now, events[-1].sequence) == (3.0, "1")


def test_a_resend_that_waits_gets_the_answer_it_waits_for() -> None:
    session = opened()
    session.receive(sealed(BLOCK) + b"97AZFEF5\r", 0.0)
    answered = data(session.answer(returned("1234")))
    assert answered[0] == answered[1]


def test_what_needs_an_answer_gets_its_fail_form() -> None:
    session = opened()
    (failed,) = session.receive(sealed(f"11YN{DATE}{DATE}AOSKB|AAN1|AC|".encode(), "3"), 0.0)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, MissingRequired)
    form = fail_form(failed.error.partial, NOW, "SKB", [str(failed.error)])
    assert data(session.answer(form)) == [sealed(f"120NUN{NOW}AOSKB|AAN1|AB|AJ|AH|AFmissing AB|".encode(), "3")]


def test_a_strict_account_is_told_in_words() -> None:
    session = opened(Dialect(strict=True))
    (failed,) = session.receive(b"9900802.0E|\r", 0.0)
    assert isinstance(failed, Failed)
    assert "protocol version" in str(failed.error)
    assert "delimiter" in str(failed.error)


def test_repairs_of_frame_text_and_message_come_together() -> None:
    session = opened(Dialect(encoding="utf-8"))
    session.receive(b"\r", 0.0)
    (request,) = session.receive(b"\n17" + DATE.encode() + b"|AOSKB|AB\xff1|\r", 0.0)
    assert isinstance(request, Request)
    quirks = [repair.quirk for repair in request.repairs]
    assert quirks == [Quirk.LINE_FEED, Quirk.UNDECODABLE_TEXT, Quirk.STRAY_DELIMITER]


# Login.


def test_before_login_only_login_and_status_are_served() -> None:
    session = AcsSession(STANDARD)
    assert isinstance(session.receive(STATUS, 0.0)[0], Request)
    with pytest.raises(ValueError, match="not for the ACS"):
        session.answer(m.RequestAcsResend())
    session.answer(fail_form_of_status())
    (failed,) = session.receive(BLOCK + b"\r", 0.0)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, NotLoggedIn)
    form = fail_form(failed.error.partial, NOW, "", ["not logged in"])
    assert data(session.answer(form)) == [f"100NUN{NOW}AO|AB1234|AQ|AFnot logged in|\r".encode()]


def fail_form_of_status() -> m.AcsStatus:
    return m.AcsStatus(
        online_status=False,
        checkin_ok=False,
        checkout_ok=False,
        acs_renewal_policy=False,
        status_update_ok=False,
        offline_ok=False,
        timeout_period=100,
        retries_allowed=3,
        protocol_version="2.00",
        institution_id="",
        supported_messages=frozenset(),
    )


def test_three_commands_without_login_are_enough() -> None:
    session = AcsSession(STANDARD)
    for patience in range(3):
        (failed,) = session.receive(BLOCK + b"\r", 0.0)
        assert isinstance(failed, Failed)
        events = session.answer(fail_form(failed.error.partial, NOW, ""))
        assert [type(event) for event in events] == ([Reply, Close] if patience == 2 else [Reply])
    assert events[-1] == Close(CloseReason.NOT_LOGGED_IN, 0.0)
    assert session.receive(STATUS, 1.0) == []


def test_two_bad_logins_and_a_good_one_on_the_same_line() -> None:
    session = AcsSession(STANDARD)
    for _ in range(2):
        session.receive(b"9300CNa|COb|\r", 0.0)
        assert data(session.answer(LOGIN_FAILED)) == [b"940\r"]
    session.receive(b"9300CNa|COc|\r", 0.0)
    session.log_in(STANDARD)
    assert [type(event) for event in session.answer(LOGIN_OK)] == [Reply]
    assert isinstance(session.receive(BLOCK + b"\r", 0.0)[0], Request)


def test_who_is_logged_out_is_served_like_who_never_was() -> None:
    session = opened()
    session.receive(sealed(LOOK_UP), 0.0)
    session.answer(described("Sult"))
    session.receive(b"9300CNa|COb|\r", 1.0)
    session.log_out()
    assert data(session.answer(LOGIN_FAILED)) == [b"940\r"]
    (failed,) = session.receive(sealed(LOOK_UP), 2.0)  # not answered from memory
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, NotLoggedIn)


def test_the_third_bad_login_in_a_row_is_answered_and_closes() -> None:
    session = AcsSession(STANDARD)
    for _ in range(3):
        session.receive(b"9300CNa|COb|\r", 0.0)
        events = session.answer(LOGIN_FAILED)
    assert events == [Reply(b"940\r", Why.ANSWER, 0.0), Close(CloseReason.FAILED_LOGINS, 0.0)]


def test_frames_behind_a_login_are_read_as_the_account_wants() -> None:
    session = AcsSession(STANDARD)
    account = Dialect(encoding="utf-8", terminator=b"\r\n", delimiter="^")
    session.receive(b"9300CNa|COb|\r" + f"17{DATE}AOSKB^ABå|^".encode() + b"\r", 0.0)
    session.log_in(account)
    reply, request = session.answer(LOGIN_OK)
    assert isinstance(reply, Reply)
    assert reply.data == b"941\r\n"
    assert isinstance(request, Request)
    assert isinstance(request.message, m.ItemInformation)
    assert request.message.item_identifier == "å|"
    assert session.dialect == account


# Settings and patience.


@pytest.mark.parametrize(
    ("dialect", "stream", "answers", "closed"),
    [
        (STANDARD, b"71xx\r", [], None),
        (STANDARD, b"24xx\r", [], None),
        (STANDARD, b"hello\r", [], None),
        (Dialect(unknown=UnknownPolicy.RESEND), sealed(b"71xx"), [b"96AZFEF6\r"], None),
        (Dialect(unknown=UnknownPolicy.RESEND), b"71xx\r", [b"96\r"], None),
        (Dialect(unknown=UnknownPolicy.CLOSE), b"71xx\r", [], CloseReason.UNKNOWN_COMMAND),
        (STANDARD, b"\x01\x02abc\x00\xff\r", [], CloseReason.NOT_SIP2),
        (STANDARD, b"\x16\x03\x01", [], CloseReason.TLS_ON_PLAIN_PORT),
        (STANDARD, b"GET / HTTP/1.1\r\n", [], CloseReason.HTTP),
        (STANDARD, b"x" * 9000, [], CloseReason.FRAME_TOO_LONG),
        (Dialect(error_detection=ErrorDetection.REQUIRED), b"9900802.00\r", [b"96AZFEF6\r"], None),
        (STANDARD, b"9900802.00AY1AZ????\r", [b"96AZFEF6\r"], None),
    ],
)
def test_bad_input_gets_what_it_deserves(
    dialect: Dialect, stream: bytes, answers: list[bytes], closed: CloseReason | None
) -> None:
    events = opened(dialect).receive(stream, 0.0)
    assert data(events) == answers
    assert [event.reason for event in events if isinstance(event, Close)] == ([closed] if closed else [])
    assert not [event for event in events if isinstance(event, Request | Failed)]


def test_a_missing_trailer_is_named() -> None:
    (reply,) = opened(Dialect(error_detection=ErrorDetection.REQUIRED)).receive(b"9900802.00\r", 0.0)
    assert isinstance(reply, Reply)
    assert isinstance(reply.error, TrailerMissing)


def test_error_detection_can_be_off() -> None:
    session = opened(Dialect(error_detection=ErrorDetection.OFF))
    (request,) = session.receive(b"9300CNa|COb|AY1AZ0000\r", 0.0)
    assert isinstance(request, Request)
    assert data(session.answer(LOGIN_OK)) == [b"941\r"]


def test_a_checksum_over_code_points_can_be_let_pass() -> None:
    (request,) = opened(Dialect(lenient_checksum=True)).receive(b"9300CNa|COb|AY1AZ0000\r", 0.0)
    assert isinstance(request, Request)
    assert [repair.quirk for repair in request.repairs] == [Quirk.WRONG_CHECKSUM]


@pytest.mark.parametrize(("between", "closes"), [(b"", True), (b"97AZFEF5\r", False)])
def test_too_many_bad_frames_in_a_row(between: bytes, closes: bool) -> None:
    session = opened(limits=Limits(bad_frames=5))
    events = session.receive(BAD * 4 + between + BAD, 0.0)
    assert (Close in {type(event) for event in events}) == closes
    assert len(data(events)) == 5 + bool(between)


def test_nothing_may_be_answered_twice() -> None:
    session = opened()
    with pytest.raises(ValueError, match="no request"):
        session.answer(LOGIN_OK)


def test_no_event_shows_a_pin() -> None:
    (request,) = opened().receive(f"23012{DATE}AOSKB|AAN10000427|AC|AD2468|\r".encode(), 0.0)
    (failed,) = AcsSession(STANDARD).receive(f"23012{DATE}AOSKB|AAN10000427|AC|AD2468|\r".encode(), 0.0)
    for event in (request, failed):
        assert "2468" not in repr(event)
        assert "N10000427" not in repr(event)


def test_settings_change_one_at_a_time() -> None:
    assert replace(STANDARD, terminator=b"\r\n").encoding == "cp850"
