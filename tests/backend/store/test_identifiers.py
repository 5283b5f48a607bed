"""Numbers as they are compared: policies C-30."""

from datetime import date

import pytest

from backend.model import IdentifierKind
from backend.numbers import compared
from backend.store.identifiers import IdentityHash, compared_title, full_identity, isbn13

TODAY = date(2026, 2, 12)


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("2000 1001", "20001001"),
        ("n000-111-222", "N000111222"),
        (" kim.strand\t", "KIM.STRAND"),
        ("30–1", "301"),
        ("", ""),
    ],
)
def test_blanks_hyphens_and_case_are_ignored(number: str, value: str) -> None:
    assert compared(number) == value


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("850412-0000", "198504120000"),
        ("8504120000", "198504120000"),
        ("19850412-0000", "198504120000"),
        ("260212-0000", "202602120000"),  # born today
        ("260213-0000", "192602130000"),  # tomorrow has not come: a hundred years ago
        ("100101+0000", "191001010000"),  # a hundred years or older
        ("300101+0000", "183001010000"),
        ("850472-0000", "198504720000"),  # a coordination number
        ("01017012345", "01017012345"),  # eleven digits are Norwegian
        ("850412 0000", "198504120000"),
    ],
)
def test_identity_numbers_with_their_century(number: str, digits: str) -> None:
    assert full_identity(number, TODAY) == digits


@pytest.mark.parametrize(
    "number", ["", "20001001", "N000111222", "850412/0000", "178504120000", "1234567890123", "0101701234x"]
)
def test_what_cannot_be_an_identity_number(number: str) -> None:
    assert full_identity(number, TODAY) is None


def test_a_hash_needs_its_key_and_shows_nothing() -> None:
    one, other = IdentityHash(b"a" * 16), IdentityHash(b"b" * 16)
    assert one.of("198504120000") != other.of("198504120000")
    assert one.stored(IdentifierKind.IDENTITY, "850412-0000", TODAY) == (one.of("198504120000"), "")
    assert one.looked_up("850412-0000", TODAY) == ("8504120000", one.of("198504120000"))
    assert one.looked_up("20001001", TODAY) == ("20001001", "20001001")
    assert "aaaa" not in repr(one)
    with pytest.raises(ValueError, match="16 bytes"):
        IdentityHash(b"short")


def test_titles_and_isbns() -> None:
    assert compared_title(" Sult:  Roman! ") == "sult roman"
    assert compared_title("ÆRE, ære") == compared_title("Ære ÆRE")
    assert isbn13("82-05-27748-6") == isbn13("978 82 05 27748 9") == "9788205277489"
    assert isbn13("82-05-27748-7") is None


@pytest.mark.parametrize("number", ["", " ", "-", " - \u2013 "])
def test_a_number_without_digits_or_letters_is_not_kept(number: str) -> None:
    with pytest.raises(ValueError, match="neither digits nor letters"):
        IdentityHash(b"a" * 16).stored(IdentifierKind.CARD, number, TODAY)
