"""Which numbers look like a Norwegian identity number: valid or mistyped, in any spelling."""

import pytest

from backend.numbers import is_like_norwegian_identity


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
def test_like_an_identity_number(number: str) -> None:
    assert is_like_norwegian_identity(number)


@pytest.mark.parametrize(
    "number",
    ["", "N000333444", "1107794101", "110779410123", "00017012345", "32017012345", "01137012345", "81017012345"],
)
def test_a_card_number(number: str) -> None:
    assert not is_like_norwegian_identity(number)
