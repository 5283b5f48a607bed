"""Real frames decode, rebuild to the same bytes, and survive every way of arriving."""

import pytest

from protocols.sip2.codec import decode, encode
from protocols.sip2.framing import FrameBuffer, Line, open_frame, seal
from protocols.sip2.messages import BY_CODE
from protocols.sip2.table import Sender
from tests.protocols.sip2.frames import WORKED, WORKED_REQUESTS, WORKED_RESPONSES

STRANGER = b"9900802.00AY1AZFCA0"


def frames_of(chunks: list[bytes]) -> list[bytes]:
    buffer = FrameBuffer()
    return [line.content for chunk in chunks for line in buffer.feed(chunk) if isinstance(line, Line)]


@pytest.mark.parametrize("text", WORKED)
def test_decodes_without_repair_and_rebuilds_to_the_same_bytes(text: str) -> None:
    sender = Sender.SC if text in WORKED_REQUESTS else Sender.ACS
    frame = open_frame(Line(text.encode("cp850")))
    decoded = decode(frame.body.decode("cp850"), sender=sender, strict=True, earlier=frame.repairs)
    rebuilt = encode(decoded.message).encode("cp850")
    assert decoded.extras == {}
    assert seal(rebuilt, sequence=frame.sequence, error_detection=True) == text.encode("cp850") + b"\r"


@pytest.mark.parametrize("text", WORKED)
def test_arrives_whole_byte_by_byte_and_with_a_stranger_behind(text: str) -> None:
    raw = text.encode("cp850")
    assert frames_of([raw + b"\r"]) == [raw]
    assert frames_of([bytes([byte]) for byte in raw + b"\r"]) == [raw]
    assert frames_of([raw + b"\r" + STRANGER + b"\r"]) == [raw, STRANGER]
    assert frames_of([raw + b"\r\n" + STRANGER, b"\r\n"]) == [raw, STRANGER]


def test_every_message_has_a_worked_frame() -> None:
    worked = {text[:2] for text in WORKED}
    assert set(BY_CODE) - worked == {"96", "97"}


def test_every_request_is_answered_by_the_response_behind_it() -> None:
    for request, response in zip(WORKED_REQUESTS, WORKED_RESPONSES, strict=True):
        assert BY_CODE[request[:2]].answered_by == response[:2]
