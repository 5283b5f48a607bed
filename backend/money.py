"""Money in whole minor units. It knows arithmetic within one currency, and nothing of rates, fees or protocols."""

import re
from collections.abc import Iterable
from typing import Self

from backend.value import value

MINOR_PER_MAJOR = 100  # øre in a krone, öre in a krona, cents in a euro

_WRITTEN = re.compile(r"(-?)([0-9]{1,12})\.([0-9]{2})")


@value(frozen=True, slots=True)
class Money:
    """`minor` is a whole number of øre; amounts of two currencies never meet: that is a TypeError."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """`"75.00"` and nothing looser; raises ValueError for any other number of decimals."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(f'an amount has two decimals, such as "75.00", not "{text}"')
        sign, whole, fraction = written.groups()
        minor = int(whole) * MINOR_PER_MAJOR + int(fraction)
        return cls(-minor if sign else minor, currency)

    def text(self) -> str:
        """`75.00`: a point, two decimals, no thousands, no currency."""
        whole, fraction = divmod(abs(self.minor), MINOR_PER_MAJOR)
        return f"{'-' if self.minor < 0 else ''}{whole}.{fraction:02}"

    def times(self, count: int) -> Self:
        """That many of it."""
        return type(self)(self.minor * count, self.currency)

    def __add__(self, other: "Money") -> Self:
        return type(self)(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> Self:
        return type(self)(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._minor_of(other)

    def _minor_of(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money meets money only, not {type(other).__name__}")
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} cannot be put together")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Their sum; zero `currency` when there are none."""
    none = Money.zero(currency)
    return Money(sum(none._minor_of(amount) for amount in amounts), currency)
