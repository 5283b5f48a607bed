"""What others make of our frames: the newest Python codec accepts every answer, and we accept its requests."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pysip2.codec import calculate_checksum, decode_message

from protocols.sip2.codec import encode
from protocols.sip2.framing import checksum, seal
from protocols.sip2.messages import BY_CODE, Message, layouts
from protocols.sip2.table import Sender
from tests import strategies
from tests.protocols.sip2.frames import WORKED, WORKED_REQUESTS

BLANK_NB_DUE_DATE = ("11", "29")  # pysip2 wants digits where the text allows blanks


@pytest.mark.parametrize("text", [text for text in WORKED if text[:2] not in BLANK_NB_DUE_DATE])
def test_pysip2_reads_real_frames(text: str) -> None:
    assert decode_message(text.encode("cp850") + b"\r").sequence_number == int(text[text.rindex("AY") + 2])


@pytest.mark.parametrize("code", [layout.code for layout in layouts(Sender.ACS)])
def test_pysip2_accepts_every_answer(code: str) -> None:
    @settings(max_examples=30, deadline=None)
    @given(strategies.messages(BY_CODE[code]), st.integers(0, 9))
    def accepted(sent: Message, digit: int) -> None:
        sequence = None if code == "96" else str(digit)
        assume(getattr(sent, "date_time_sync", True) is not None)
        raw = seal(encode(sent).encode("cp850"), sequence=sequence, error_detection=True)
        assert decode_message(raw).sequence_number == (None if sequence is None else digit)

    accepted()


@given(st.binary(max_size=300))
def test_we_count_alike(data: bytes) -> None:
    assert checksum(data) == calculate_checksum(data)


def test_requests_are_worked_examples_too() -> None:
    assert {text[:2] for text in WORKED_REQUESTS} == {layout.code for layout in layouts(Sender.SC)} - {"97"}
