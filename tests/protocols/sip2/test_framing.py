"""Bytes become frames, however they are split; trailers are proven; what is hostile costs no more than its length."""

import time

import pytest

from protocols.sip2.errors import (
    ChecksumMismatch,
    FrameTooLong,
    HowToReply,
    HttpOnSip2Port,
    NotSip2,
    Sip2Error,
    TlsOnPlainPort,
    TrailerUnreadable,
    UnknownCommand,
)
from protocols.sip2.framing import LONGEST_FRAME, FrameBuffer, Line, checksum, open_frame, seal
from protocols.sip2.quirks import Quirk

STATUS = b"9900802.00AY1AZFCA0"


@pytest.mark.parametrize(
    ("summed", "digits"),
    [
        ("96AZ", "FEF6"),
        ("97AZ", "FEF5"),
        ("941AY0AZ", "FDFD"),
        ("941AY1AZ", "FDFC"),
        ("9900802.00AY1AZ", "FCA0"),
        ("9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ", "EC7B"),
        ("09N20261121    10154220261121    101542APHall|AOSKB|AB30127731|AC|AY3AZ", "EF58"),
        ("", "0000"),
        ("\x7f" * 516 + "\x04", "0000"),
    ],
)
def test_checksum(summed: str, digits: str) -> None:
    assert checksum(summed.encode()) == digits


@pytest.mark.parametrize(("encoding", "digits"), [("cp850", "E878"), ("iso-8859-1", "E7E5"), ("utf-8", "E6DF")])
def test_the_checksum_is_over_bytes(encoding: str, digits: str) -> None:
    text = f"24{' ' * 14}01220261121    101543AOSKB|AAN10000427|AEBjørk, Åse|BLY|CQY|BHNOK|BV0.00|AY2AZ"
    assert checksum(text.encode(encoding)) == digits


@pytest.mark.parametrize(
    ("sequence", "error_detection", "sealed"),
    [
        (None, False, b"941\r"),
        ("0", False, b"941\r"),
        (None, True, b"941AZ" + checksum(b"941AZ").encode() + b"\r"),
        ("0", True, b"941AY0AZFDFD\r"),
        ("10", True, b"941AY10AZ" + checksum(b"941AY10AZ").encode() + b"\r"),
    ],
)
def test_the_trailer_mirrors_the_request(sequence: str | None, error_detection: bool, sealed: bytes) -> None:
    assert seal(b"941", sequence=sequence, error_detection=error_detection) == sealed
    with_line_feed = seal(b"941", sequence=sequence, error_detection=error_detection, terminator=b"\r\n")
    assert with_line_feed == sealed + b"\n"


def sealed(body: bytes) -> bytes:
    """`body`, which ends in AZ, with its checksum."""
    return body + checksum(body).encode("ascii")


@pytest.mark.parametrize(
    ("raw", "body", "sequence", "quirks"),
    [
        (STATUS, b"9900802.00", "1", []),
        (b"9900802.00ay1azfca0", b"9900802.00ay1azfca0", None, []),
        (b"9900802.00AY1AZfca0", b"9900802.00", "1", [Quirk.LOOSE_CHECKSUM]),
        (sealed(b"9900802.00AY10AZ"), b"9900802.00", "10", [Quirk.LONG_SEQUENCE]),
        (sealed(b"9900802.00|AY1AZ"), b"9900802.00|", "1", []),
        (sealed(b"9300CNa|COb|AY1AZ") + b"|", b"9300CNa|COb|", "1", [Quirk.STRAY_DELIMITER]),
        (sealed(b"9300CNa|CObAY1AZ"), b"9300CNa|COb", "1", []),
        (sealed(b"9300CNa|COb|AZ"), b"9300CNa|COb|", None, [Quirk.CHECKSUM_WITHOUT_SEQUENCE]),
        (sealed(b"9900802.00AZ"), b"9900802.00", None, [Quirk.CHECKSUM_WITHOUT_SEQUENCE]),
        (sealed(b"9300CNa|CObAZ"), b"9300CNa|COb", None, [Quirk.CHECKSUM_WITHOUT_SEQUENCE]),
        (b"97AZFEF5", b"97", None, []),
        (b"9300CNa|COverAZ1", b"9300CNa|COverAZ1", None, []),
        (b"97", b"97", None, []),
    ],
)
def test_the_trailer_is_found(raw: bytes, body: bytes, sequence: str | None, quirks: list[Quirk]) -> None:
    frame = open_frame(Line(raw))
    assert (frame.body, frame.sequence, frame.raw) == (body, sequence, raw)
    assert [repair.quirk for repair in frame.repairs] == quirks
    assert frame.error_detection == (body != raw)


def test_a_short_checksum_is_accepted() -> None:
    bodies = (b"9300CN" + b"z" * length + b"|AY1AZ" for length in range(1000))
    body = next(body for body in bodies if checksum(body).startswith("0"))
    frame = open_frame(Line(body + checksum(body).lstrip("0").encode("ascii")))
    assert frame.error_detection


@pytest.mark.parametrize(
    ("raw", "error", "reply"),
    [
        (b"941AY1AZFDFD", ChecksumMismatch, HowToReply.RESEND),
        (b"9300CNa|COb|AZ0000", ChecksumMismatch, HowToReply.RESEND),
        (b"9900802.00AY1AZXYZ?", TrailerUnreadable, HowToReply.RESEND),
        (b"9900802.00AY1AZ", TrailerUnreadable, HowToReply.RESEND),
        (b"9300CNa|COb|AY1", TrailerUnreadable, HowToReply.RESEND),
        (b"9300CNa|COb|AZ", TrailerUnreadable, HowToReply.RESEND),
        (b"hello", UnknownCommand, HowToReply.SILENCE),
        (b"9", UnknownCommand, HowToReply.SILENCE),
        (b"\xff\xfe\x00\x01", NotSip2, HowToReply.CLOSE),
    ],
)
def test_what_cannot_be_a_frame(raw: bytes, error: type[Sip2Error], reply: HowToReply) -> None:
    with pytest.raises(error) as raised:
        open_frame(Line(raw))
    assert raised.value.reply is reply


def test_a_checksum_error_tells_both_figures() -> None:
    with pytest.raises(ChecksumMismatch, match="sent FDFD, counted FDFC"):
        open_frame(Line(b"941AY1AZFDFD"))


def test_leniency_and_looking_away_are_different() -> None:
    lenient = open_frame(Line(b"941AY1AZFDFD"), lenient=True)
    assert [repair.quirk for repair in lenient.repairs] == [Quirk.WRONG_CHECKSUM]
    assert lenient.error_detection
    away = open_frame(Line(b"941AY1AZFDFD"), verify=False)
    assert (away.body, away.error_detection, away.repairs) == (b"941", False, ())


ARRIVALS = [
    (b"a1\ra2\r", ["a1", "a2"]),
    (b"a1\r\na2\r\n", ["a1", "a2+line-feed"]),
    (b"a1\na2\n", ["a1+bare-line-feed", "a2+bare-line-feed"]),
    (b"\n\na1\ra\n2\r", ["a1", "a\n2"]),
    (b"\r\r\n\ra1\r\r", ["a1"]),
    (b"\x00\x00 a1\r \x00\na2\r", ["a1+leading-junk", "a2+leading-junk"]),
    (b"?!a1\r", ["a1+leading-junk"]),
    (b"?!\ra1\r", ["a1"]),
    (b"a1 \x00\r", ["a1+trailing-junk"]),
    (b"a1\n\ra2\r", ["a1+bare-line-feed", "a2"]),
    (b"991\r992\n993\r\n994\n", ["991", "992+bare-line-feed", "993", "994+line-feed+bare-line-feed"]),
    (b"a1\r23AA1|AC|\n23AA2|\r", ["a1", "23AA1|AC|+bare-line-feed", "23AA2|"]),
    (b"a1\r23AA1|ACAY1AZF0F0\n", ["a1", "23AA1|ACAY1AZF0F0+bare-line-feed"]),
    (b"a1\r23AA1\n2|AC|\r", ["a1", "23AA1\n2|AC|"]),  # an LF in a value: the rest of it is no message
    (b"a1\r23AA1|AC3\n4\n|\n", ["a1", "23AA1|AC3\n4\n|+bare-line-feed"]),
    (b"a1\r23AA1|AC|\n\r\n992\r", ["a1", "23AA1|AC|+bare-line-feed", "992+line-feed"]),
    (b"a1\r\n \x00992\n", ["a1", "992+leading-junk+bare-line-feed"]),
    (b"a\x0b\x0c\x85\xe2\x80\xa81\r", ["a\x0b\x0c\x85\xe2\x80\xa81"]),
    (b"\x16\x03\x01\x02\x00", ["!TlsOnPlainPort"]),
    (b"a1\r\x16\x03a2\r", ["a1", "a2+leading-junk"]),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["!HttpOnSip2Port"]),
    (b"a1\r\nPOST /ncip HTTP/1.0\r\na2\r", ["a1", "!HttpOnSip2Port"]),
    (b"a1\r" + b"x" * (LONGEST_FRAME + 1) + b"\ra2\r", ["a1", "!FrameTooLong"]),
    (b"x" * LONGEST_FRAME + b"\ra2\r", ["x" * LONGEST_FRAME, "a2"]),
    (b" " * 3 * LONGEST_FRAME + b"a1\r", ["a1+leading-junk"]),
    (b"a0\r" + b"\n" * 3 * LONGEST_FRAME + b"a1\r", ["a0", "a1+line-feed"]),
]


def arrived(chunks: list[bytes]) -> list[str]:
    buffer = FrameBuffer()
    return [shown(found) for chunk in chunks for found in buffer.feed(chunk)]


def shown(found: Line | Sip2Error) -> str:
    if isinstance(found, Sip2Error):
        return f"!{type(found).__name__}"
    return "+".join([found.content.decode("latin-1"), *found.quirks])


@pytest.mark.parametrize(("stream", "lines"), ARRIVALS)
def test_lines_are_cut_the_same_however_they_arrive(stream: bytes, lines: list[str]) -> None:
    assert arrived([stream]) == lines
    assert arrived([stream[place : place + 1] for place in range(len(stream))]) == lines
    assert arrived([stream[place : place + 7] for place in range(0, len(stream), 7)]) == lines


@pytest.mark.parametrize("error", [TlsOnPlainPort, HttpOnSip2Port, FrameTooLong])
def test_what_is_no_frame_at_all_closes(error: type[Sip2Error]) -> None:
    assert error.reply is HowToReply.CLOSE


@pytest.mark.parametrize(
    "hostile",
    [
        b"a" * 1_000_000,
        b"\x00" * 1_000_000,
        b"\r" * 1_000_000,
        b"\r\n" * 500_000,
        b"AYAZ" * 2_000 + b"\r",
        b"AY1" * 2_700 + b"\r",
        b"?" * 1_000_000,
        b"9\r99" + b"x" * 4_000 + b"|" + b"y\n" * 2_000 + b"AY1AZ\r",
        b"9\r" + b"|\n" * 500_000,
    ],
    ids=["no end", "NULs", "CRs", "CRLFs", "trailers", "sequences", "strays", "LFs in a value", "LFs"],
)
def test_hostile_streams_cost_their_length(hostile: bytes) -> None:
    started = time.process_time()
    buffer = FrameBuffer()
    for place in range(0, len(hostile), 1000):
        for line in buffer.feed(hostile[place : place + 1000]):
            if isinstance(line, Line):
                with pytest.raises(Sip2Error):
                    open_frame(line)
    assert time.process_time() - started < 5
