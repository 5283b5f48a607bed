"""Every message survives the wire, and whatever else comes is an event or a typed error, however it is split."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols.sip2.codec import Decoded, _Reading, decode, encode
from protocols.sip2.dialects import DIALECTS, Dialect
from protocols.sip2.errors import Partial, Sip2Error
from protocols.sip2.events import Close, Event, Failed, Ignored, Reply, Request
from protocols.sip2.failures import FORMS, fail_form
from protocols.sip2.framing import FrameBuffer, Line, open_frame, seal
from protocols.sip2.messages import BY_CODE, AcsStatus, LoginResponse, Message, layouts
from protocols.sip2.proper import short_way
from protocols.sip2.session import AcsSession
from protocols.sip2.stamp import Stamp
from protocols.sip2.table import Sender
from tests import strategies
from tests.protocols.sip2.frames import WORKED_REQUESTS

pytestmark = pytest.mark.slow

NOW = Stamp.read("20261121    101543")


@pytest.mark.parametrize("code", BY_CODE)
def test_every_message_survives_the_wire(code: str) -> None:
    # The property stands inside: pytest-twisted wraps a parametrized Hypothesis test once too often.
    @settings(max_examples=40, deadline=None)
    @given(strategies.messages(BY_CODE[code]), st.none() | st.integers(0, 9).map(str))
    def survives(sent: Message, sequence: str | None) -> None:
        body = encode(sent, strategies.EVERYTHING).encode("cp850")
        (line,) = FrameBuffer(longest=10**6).feed(seal(body, sequence=sequence, error_detection=sequence is not None))
        assert isinstance(line, Line)
        frame = open_frame(line)
        decoded = decode(frame.body.decode("cp850"), sender=sent.layout.sender, earlier=frame.repairs)
        assert decoded == Decoded(sent, (), {})
        assert (frame.sequence, frame.error_detection) == (sequence, sequence is not None)

    survives()


@settings(max_examples=150, deadline=None)
@given(sent=strategies.any_message(Sender.ACS), name=st.sampled_from(sorted(DIALECTS)))
def test_every_dialect_can_send_every_answer_and_it_reads_back(sent: Message, name: str) -> None:
    dialect = DIALECTS[name]
    data = encode(sent, dialect).encode(dialect.encoding)
    assert not set(data) & {0, 10, 13}
    decoded = decode(data.decode(dialect.encoding), sender=Sender.ACS)
    assert type(decoded.message) is type(sent)


BITS = st.sampled_from(
    [b"\r", b"\n", b"\x00", b"|", b"AY", b"AZ", b"AY1AZ", b"\xff", b"GET ", b"\x16\x03", b"97", b"97AZFEF5", b" "]
)
STREAMS = st.lists(
    BITS
    | st.binary(max_size=30)
    | st.sampled_from([request.encode("cp850") for request in WORKED_REQUESTS])
    | st.sampled_from(list(layouts())).map(lambda layout: layout.code.encode("ascii")),
    max_size=25,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200) | STREAMS, strict=st.booleans())
def test_any_bytes_give_a_message_or_a_typed_error(body: bytes, strict: bool) -> None:
    for sender in Sender:
        try:
            frame = open_frame(Line(body))
            decoded = decode(frame.body.decode("cp850"), sender=sender, strict=strict)
        except Sip2Error as error:
            assert str(error)
        else:
            assert isinstance(decoded.message, Message)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[start:end] for start, end in pairwise(places)]


def answered(session: AcsSession, events: list[Event]) -> list[Event]:
    """Every event of a conversation in which each request is told no at once."""
    told: list[Event] = []
    while events:
        event = events.pop(0)
        told.append(event)
        if isinstance(event, Request | Failed):
            events += session.answer(refusal(event))
    return told


def refusal(event: Request | Failed) -> Message:
    code = event.error.partial.code if isinstance(event, Failed) else event.message.layout.code
    return fail_form(Partial(code), NOW, "SKB") if code in FORMS else LoginResponse(ok=True)


def conversation(dialect: Dialect, login_required: bool, chunks: list[bytes]) -> list[str]:
    session = AcsSession(dialect, login_required=login_required)
    told: list[Event] = []
    for chunk in chunks:
        told += answered(session, session.receive(chunk, 0.0))
    assert all(isinstance(event, Request | Failed | Reply | Ignored | Close) for event in told)
    assert all(isinstance(event, Close) is (event is told[-1]) for event in told if isinstance(event, Close))
    return [shown(event) for event in told]


def shown(event: Event) -> str:
    return f"{event!r} {event.data!r}" if isinstance(event, Reply) else repr(event)


@settings(max_examples=200, deadline=None)
@given(
    stream=STREAMS,
    cuts=st.lists(st.integers(0, 10**6), max_size=8),
    name=st.sampled_from(sorted(DIALECTS)),
    login_required=st.booleans(),
)
@example(stream=b"\xff\xff9900802.00\r", cuts=[1], name="standard", login_required=True)
def test_any_split_gives_the_same_conversation(stream: bytes, cuts: list[int], name: str, login_required: bool) -> None:
    whole = conversation(DIALECTS[name], login_required, [stream])
    assert conversation(DIALECTS[name], login_required, pieces(stream, cuts)) == whole


@settings(max_examples=100, deadline=None)
@given(stream=STREAMS, strict=st.booleans())
def test_every_reply_is_a_message_of_ours(stream: bytes, strict: bool) -> None:
    session = AcsSession(Dialect(strict=strict), login_required=False)
    replies = [event.data for event in answered(session, session.receive(stream, 0.0)) if isinstance(event, Reply)]
    for data in replies:
        frame = open_frame(Line(data.removesuffix(b"\r")))
        assert decode(frame.body.decode("cp850"), sender=Sender.ACS, earlier=frame.repairs[:0]).repairs == ()


def test_the_status_is_the_only_answer_without_a_fail_form() -> None:
    asked = {layout.code for layout in layouts(Sender.SC)}
    assert asked - set(FORMS) == {"97", "99"}
    assert AcsStatus.layout.code == "98"


BODIES = [request.rpartition("AY")[0] for request in WORKED_REQUESTS]
ODD = st.sampled_from(["|", "||", "Y", "N", " ", "0", "AA", "AO", "\n", "\x00", "é", "\xa0", "BOY|", "BV1.0|", "ZZz|"])


@settings(max_examples=600, deadline=None)
@given(
    text=st.sampled_from(BODIES),
    place=st.integers(0, 120),
    cut=st.integers(0, 3),
    put=st.just("") | ODD,
    delimiter=st.sampled_from("|^."),
)
def test_the_short_way_reads_what_the_patient_one_reads(
    text: str, place: int, cut: int, put: str, delimiter: str
) -> None:
    """One thing is odd, or nothing: whatever is read at once, is read with patience without a repair."""
    text = (text[:place] + put + text[place + cut :]).replace("|", delimiter)
    layout = BY_CODE.get(text[:2])
    message = short_way(layout.code).read(text, delimiter) if layout else None
    if layout is not None and message is not None:
        assert _Reading(layout, text[2:], delimiter, []).decoded() == Decoded(message, (), {})


def test_a_proper_request_goes_the_short_way() -> None:
    assert [text for text in BODIES if short_way(text[:2]).read(text, "|") is None] == []
