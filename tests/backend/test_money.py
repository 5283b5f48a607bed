"""Money: exact, in one currency at a time."""

import pytest

from backend.money import Money, total

# text, minor
WRITTEN = [("0.00", 0), ("0.01", 1), ("75.00", 7500), ("54.99", 5499), ("-3.50", -350), ("1050.00", 105_000)]

# what no amount looks like
UNREADABLE = [
    "",
    "75",
    "75.0",
    "75.000",
    "75,00",
    " 75.00",
    "1 000.00",
    "+1.00",
    "1e2",
    "٧٥.00",
    "--1.00",
    ".50",
    "NaN",
]


@pytest.mark.parametrize(("text", "minor"), WRITTEN)
def test_written_amounts(text: str, minor: int) -> None:
    assert Money.parse(text, "NOK") == Money(minor, "NOK")
    assert Money(minor, "NOK").text() == text


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        Money.parse(text, "NOK")


def test_arithmetic() -> None:
    a, b = Money(5499, "SEK"), Money(2000, "SEK")
    assert (a + b).text() == "74.99"
    assert (b - a).text() == "-34.99"
    assert -b == Money(-2000, "SEK")
    assert b.times(3) == Money(6000, "SEK")
    assert b < a <= a
    assert a > b >= b
    assert bool(a)
    assert not Money.zero("SEK")
    assert total([a, b], "SEK").text() == "74.99"
    assert total([], "SEK") == Money.zero("SEK")


@pytest.mark.parametrize("do", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b])
@pytest.mark.parametrize("other", [Money(1, "NOK"), 1])
def test_nothing_else_mixes_with_kronor(do, other) -> None:
    with pytest.raises(TypeError):
        do(Money(1, "SEK"), other)


def test_two_currencies_are_not_equal() -> None:
    assert Money(1, "SEK") != Money(1, "NOK")
