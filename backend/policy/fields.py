"""How single values are written in a policy file. It knows spelling; what the values mean is for the rows."""

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from backend.money import Money
from backend.plain_words import spelled

LONGEST_PERIOD = 3660  # days; ten years is a slip of the pen, not a rule

Word = Annotated[
    str,
    StringConstraints(max_length=40),
    spelled("[a-z0-9][a-z0-9_-]*", "must be one word of small letters, digits, - and _, such as 14-day"),
]
Dotted = Annotated[
    str,
    StringConstraints(max_length=80),
    spelled(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", "must be words of small letters, digits and _, with dots between"),
]
LanguageCode = Annotated[str, spelled("[a-z]{2,3}", "must be two or three small letters, such as nb")]
Id = Annotated[str, spelled(r"\S{1,60}", "must be one word of 60 characters at most")]
Days = Annotated[int, Field(ge=0, le=LONGEST_PERIOD)]
SomeDays = Annotated[int, Field(ge=1, le=LONGEST_PERIOD)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Age = Annotated[int, Field(ge=0, le=150)]


Agreement = Callable[[], str | None]  # what is wrong between the keys of one table, or None


class UnreadError(Exception):
    """A key was asked for that could not be read."""


class Written(BaseModel):
    """A table of a policy file: every key known, every type exact, never changed after loading.

    One with mistakes in it may still be looked at; asked for a key that could not be read, it raises UnreadError.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)

    def agreements(self) -> tuple[Agreement, ...]:
        """What must hold between keys, each by itself."""
        return ()

    def disagreements(self) -> Iterator[str]:
        """What is wrong between the keys that could be read."""
        for agreement in self.agreements():
            try:
                reason = agreement()
            except UnreadError:
                continue
            if reason:
                yield reason

    def knows(self, *keys: str) -> bool:
        """Whether all of these could be read."""
        return all(key in self.__dict__ for key in keys)

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read, in the tables within it too."""
        within = (piece for piece in self.__dict__.values() if isinstance(piece, Written))
        return self.knows(*type(self).model_fields) and all(piece.is_whole for piece in within)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for reason in self.disagreements():
            raise ValueError(reason)
        return self

    if not TYPE_CHECKING:  # a type checker would take it for a promise of any attribute at all

        def __getattr__(self, name: str) -> NoReturn:
            if name in type(self).model_fields:
                raise UnreadError(name)
            return super().__getattr__(name)


def in_a_tuple(value: object) -> object:
    """One word or a list of them; both read as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def as_money(value: object, info: ValidationInfo) -> object:
    """`"2.00"` in the library's currency, which the loader puts in the context."""
    if isinstance(value, Money):
        return value
    if not isinstance(value, str):
        raise ValueError('an amount is written in quotes, such as "2.00"')
    if value.startswith("-"):
        raise ValueError("an amount is never negative")
    return Money.parse(value, info.context["currency"] if info.context else "")


def as_money_or(*words: str) -> BeforeValidator:
    """As `as_money`, beside words that stand for an amount."""

    def read(value: object, info: ValidationInfo) -> object:
        return value if value in words else as_money(value, info)

    return BeforeValidator(read)


def as_clock_time(value: object) -> object:
    """`"23:59:59"` or `"23:59"`."""
    return time.fromisoformat(value) if isinstance(value, str) else value


def in_every_year(text: str) -> str:
    """`"12-25"`, month and day; raises ValueError for a day that some year lacks."""
    try:
        date.fromisoformat(f"2001-{text}")
    except ValueError as no_such_day:
        raise ValueError(f'a day of every year is written as "12-25", month and day, not "{text}"') from no_such_day
    return text


Tuple = BeforeValidator(in_a_tuple)
Words = Annotated[tuple[Word, ...], Tuple, Field(min_length=1)]
Materials = Annotated[tuple[Dotted, ...], Tuple, Field(min_length=1)]
Languages = Annotated[tuple[LanguageCode, ...], Tuple, Field(min_length=1)]
Ids = Annotated[tuple[Id, ...], Tuple, Field(min_length=1)]

Amount = Annotated[InstanceOf[Money], BeforeValidator(as_money)]
AmountOrUnset = Annotated[InstanceOf[Money] | Literal["unset"], as_money_or("unset")]
FeeAmount = Annotated[InstanceOf[Money] | Literal["unset", "order"], as_money_or("unset", "order")]
Price = Annotated[
    InstanceOf[Money] | Literal["item", "staff", "lender", "unset"], as_money_or("item", "staff", "lender", "unset")
]
DayOfYear = Annotated[str, AfterValidator(in_every_year)]  # such as 12-25
ClockTime = Annotated[time, BeforeValidator(as_clock_time)]
