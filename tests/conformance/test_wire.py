"""The wire learnt again: published checksums, trailers, and messages cut at their seams."""

import pytest

from conformance.wire import FIXED, WIDTH, checksum, checksum_fault, cut, seal, unseal


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (b"96AZ", "FEF6"),
        (b"97AZ", "FEF5"),
        (b"941AY0AZ", "FDFD"),
        (b"9900802.00AY1AZ", "FCA0"),
        (b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ", "EC7B"),
        (b"09N20261121    10154220261121    101542APHall|AOSKB|AB30127731|AC|AY3AZ", "EF58"),
        (b"", "0000"),
    ],
)
def test_checksums(counted, expected):
    assert checksum(counted) == expected


@pytest.mark.parametrize(
    ("frame", "sequence"), [(b"941AY0AZFDFD", "0"), (b"96AZFEF6", None), (b"9900802.00AY10AZFC70", "10")]
)
def test_trailers(frame, sequence):
    body, trailer = unseal(frame)
    assert trailer is not None and trailer.sequence == sequence
    assert checksum_fault(frame) is None
    assert seal(body, sequence) == frame


def test_a_wrong_checksum_is_told():
    assert checksum_fault(b"941AY1AZFDFD") == "checksum FDFD in the answer, FDFC counted"
    assert checksum_fault(b"941") == "no checksum in the answer"


def test_a_message_is_cut_by_the_table():
    message = cut("10" + "1YNY" + "20260914    103000" + "AONO-003|ABx|AFa|AFb|")
    assert (message.code, message.fixed[:4]) == ("10", "1YNY")
    assert message.fields == (("AO", "NO-003"), ("AB", "x"), ("AF", "a"), ("AF", "b"))


@pytest.mark.parametrize(("code", "width"), [("11", 38), ("64", 59), ("98", 34), ("37", 25), ("97", 0), ("15", 19)])
def test_widths(code, width):
    assert WIDTH[code] == width


def test_every_message_of_the_protocol_is_in_the_table():
    assert len(FIXED) == 31
