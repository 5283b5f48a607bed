"""The login of old kiosks: prompts as configured, three attempts, negotiation bytes dropped, nothing lost behind it."""

import pytest

from protocols.sip2.telnet import (
    Attempt,
    HangUp,
    NegotiationFilter,
    Prompts,
    TelnetEvent,
    TelnetLogin,
    Through,
    Write,
)

LOGIN, PASSWORD = Write(b"login: "), Write(b"Password: ")
WELCOME, REFUSAL = Write(b"Login OK\r\n"), Write(b"Login incorrect\r\n")


def conversation(*chunks: bytes) -> tuple[list[TelnetEvent], bytes]:
    """What happens when `chunks` arrive and only `kiosk` with `pw` is let in, and what goes through to SIP2."""
    telnet = TelnetLogin()
    told = telnet.start()
    for chunk in chunks:
        events = telnet.receive(chunk)
        while events:
            event = events.pop(0)
            told.append(event)
            if isinstance(event, Attempt):
                events += telnet.accept() if event == Attempt("kiosk", "pw") else telnet.reject()
    through = b"".join(event.data for event in told if isinstance(event, Through))
    return [event for event in told if not isinstance(event, Through)], through


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\x00"])
def test_every_line_end_will_do(end: bytes) -> None:
    told, rest = conversation(b"kiosk" + end, b"pw" + end, b"99\r")
    assert told == [LOGIN, PASSWORD, Attempt("kiosk", "pw"), WELCOME]
    assert rest.lstrip(b"\n\x00") == b"99\r"


def test_everything_at_once_and_byte_by_byte() -> None:
    stream = b"\xff\xfb\x01kio\xff\xfd\x03sk\r\n\xff\xfa\x18\x00vt\xff\xf0pw\r\n9900802.00\r"
    whole, rest = conversation(stream)
    assert whole == [LOGIN, PASSWORD, Attempt("kiosk", "pw"), WELCOME]
    assert rest == b"\n9900802.00\r"
    split, rest = conversation(*(stream[place : place + 1] for place in range(len(stream))))
    assert split == whole
    assert rest == b"\n9900802.00\r"


def test_three_attempts_and_no_more() -> None:
    told, _ = conversation(b"kiosk\r\nno\r\n" * 5)
    tried = [LOGIN, PASSWORD, Attempt("kiosk", "no"), REFUSAL]
    assert told == [*tried, *tried, *tried, HangUp()]


def test_the_third_attempt_may_be_good() -> None:
    told, _ = conversation(b"a\rb\r", b"c\rd\r", b"kiosk\rpw\r")
    assert told[-2:] == [Attempt("kiosk", "pw"), WELCOME]


@pytest.mark.parametrize("flood", [b"x" * 300, b"kiosk\r" + b"x" * 300 + b"\r"])
def test_a_line_without_end_hangs_up(flood: bytes) -> None:
    assert conversation(flood)[0][-1] == HangUp()


def test_what_floods_in_while_a_password_is_judged_hangs_up() -> None:
    telnet = TelnetLogin()
    assert telnet.receive(b"kiosk\rpw\r")[-1] == Attempt("kiosk", "pw")
    assert telnet.receive(b"x" * 9000) == [HangUp()]


def test_prompts_are_the_operators_words() -> None:
    telnet = TelnetLogin(Prompts(first="Bruker: ", second="Passord: ", welcome="Hei!\r\n"), encoding="cp850")
    assert telnet.start() == [Write(b"Bruker: ")]
    assert telnet.receive(b"kiosk\rpw\r") == [Write(b"Passord: "), Attempt("kiosk", "pw")]
    assert telnet.accept() == [Write(b"Hei!\r\n")]


def test_an_attempt_does_not_show_its_password() -> None:
    assert "pw" not in repr(Attempt("kiosk", "pw"))


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"plain", b"plain"),
        (b"\xff\xfb\x01a", b"a"),
        (b"\xff\xf1a", b"a"),
        (b"a\xff\xffb", b"a\xffb"),
        (b"\xff\xfa\x18\xff\xff\x01\xff\xf0a", b"a"),
        (b"\xff\xfa\xfb\xff\xf0a", b"a"),
        (b"\xff", b""),
    ],
)
def test_negotiation_is_dropped_however_it_is_split(stream: bytes, data: bytes) -> None:
    assert NegotiationFilter().feed(stream) == data
    filtered = NegotiationFilter()
    assert b"".join(filtered.feed(stream[place : place + 1]) for place in range(len(stream))) == data
