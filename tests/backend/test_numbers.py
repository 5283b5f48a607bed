"""Which numbers look like somebody's identity number, in any spelling."""

import pytest

from backend.numbers import is_like_norwegian_identity, is_like_swedish_identity


@pytest.mark.parametrize(
    "number",
    [
        "11077941012",
        "110779 41012",
        " 110779-41012 ",
        "01017012345",  # mistyped: the check digits do not fit
        "29020012345",  # the century stands in later digits
        "51077941012",  # D-number
        "11477941012",  # for testing
        "11877941012",
    ],
)
def test_like_a_norwegian_identity_number(number: str) -> None:
    assert is_like_norwegian_identity(number)


@pytest.mark.parametrize(
    "number",
    ["", "N000333444", "1107794101", "110779410123", "00017012345", "32017012345", "01137012345", "81017012345"],
)
def test_a_norwegian_card_number(number: str) -> None:
    assert not is_like_norwegian_identity(number)


@pytest.mark.parametrize(
    "number",
    [
        "850412-0000",
        "8504120000",
        "19850412-0000",
        "198504120000",
        "19850412 0000",
        " 850412+0000 ",
        "850412\u20130000",  # a dash that a word processor made of the hyphen
        "18850412+0000",
        "85-04-12-0000",
        "850472-0007",  # samordningsnummer: 60 added to the day
        "000229-0005",  # a leap day: the century is not said
    ],
)
def test_like_a_swedish_identity_number(number: str) -> None:
    assert is_like_swedish_identity(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "20001001",  # Kalmar's cards
        "2000 1001",
        "30001001",
        "8504120001",  # a card of ten digits: no check digit fits
        "8513120009",  # no such month
        "8504320006",  # no such day
        "8504000004",
        "850492-0003",  # no samordningsnummer either
        "218504120000",  # no century
        "85041200000",  # eleven digits
        "N850412000",
    ],
)
def test_a_swedish_card_number(number: str) -> None:
    assert not is_like_swedish_identity(number)
