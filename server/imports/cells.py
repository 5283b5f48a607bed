"""How single values are written in a cell: what an empty one means, and what is refused."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from stdnum import isbn, issn, luhn
from stdnum.exceptions import ValidationError as NoNumber

from backend.numbers import SENDABLE
from protocols.sip2.codes import MediaType as MediaCode
from protocols.sip2.codes import SecurityMarker as SecurityCode

YES: Final = frozenset({"y", "yes", "true", "1", "j", "ja"})
NO: Final = frozenset({"", "n", "no", "false", "0", "nei", "nej"})
_PRICE: Final = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")


class Cells(BaseModel):
    """One row; only columns that the file has are set."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_the_usual(cls, cells: object) -> object:
        """An empty cell of a column that has a usual word means that word."""
        if not isinstance(cells, dict):
            return cells
        usual = {name: field.default for name, field in cls.model_fields.items() if isinstance(field.default, str)}
        return {name: cell or usual.get(name, cell) for name, cell in cells.items()}


def a_day(cell: object) -> object:
    if isinstance(cell, str):
        try:
            return date.fromisoformat(cell).isoformat() if cell else None
        except ValueError as wrong:
            raise ValueError("expected a day such as 2026-02-12") from wrong
    return cell


def a_moment(cell: object) -> object:
    """A day, which means its beginning, or a day with a time on the library's wall clock."""
    if not isinstance(cell, str):
        return cell
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as wrong:
        raise ValueError("expected a day such as 2026-02-12, or with its time 2026-02-12 14:30") from wrong
    if moment.tzinfo is not None:
        raise ValueError("expected the time on the library's clock, without a zone")
    return moment


def a_kid(cell: object) -> object:
    """The number of an invoice, with its check digit by mod 10 or mod 11."""
    if not isinstance(cell, str) or not cell:
        return None
    if not cell.isdigit() or not 2 <= len(cell) <= 25 or not (luhn.is_valid(cell) or is_mod_11(cell)):
        raise ValueError("is no KID or OCR number: its check digit does not fit")
    return cell


def is_mod_11(digits: str) -> bool:
    """Weights 2 to 7 from the right; a remainder of 10 is written as a hyphen and never comes as digits."""
    weighed = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits[:-1])))
    return (weighed + int(digits[-1])) % 11 == 0


def a_flag(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    if cell.casefold() in YES | NO:
        return cell.casefold() in YES
    raise ValueError("expected yes or no")


def a_price(cell: object) -> object:
    """`310.00`, `310,00` or `310` in whole øre."""
    if not isinstance(cell, str):
        return cell
    if not cell:
        return None
    written = _PRICE.fullmatch(cell)
    if written is None:
        raise ValueError("expected an amount such as 310.00")
    return int(written[1]) * 100 + int((written[2] or "0").ljust(2, "0"))


def checked(validate: Callable[[str], object], name: str) -> BeforeValidator:
    """A number with a check digit, or nothing; `validate` raises NoNumber."""

    def check(cell: object) -> object:
        if isinstance(cell, str) and cell:
            try:
                validate(cell)
            except NoNumber as wrong:
                raise ValueError(f"is no {name}: its check digit does not fit") from wrong
        return cell

    return BeforeValidator(check)


def words(cell: object) -> object:
    """Words with blanks or commas between, as the tables keep them: in order, each once."""
    return " ".join(sorted(set(re.split(r"[\s,]+", cell)) - {""})) if isinstance(cell, str) else cell


def listed(codes: Iterable[str]) -> AfterValidator:
    """One of the codes that machines know, and no other: many stop at one that is new to them."""
    known = tuple(map(str, codes))

    def judge(cell: str) -> str:
        if cell not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return cell

    return AfterValidator(judge)


def nothing(cell: object) -> object:
    """An empty cell is None."""
    return cell or None


Text = Annotated[str, StringConstraints(max_length=1000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Number = Annotated[str, StringConstraints(pattern=SENDABLE, min_length=1, max_length=60)]
MaybeNumber = Annotated[str, StringConstraints(pattern=SENDABLE, max_length=60)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=60)]
Day = Annotated[str | None, BeforeValidator(a_day)]
AskedDay = Annotated[date, BeforeValidator(a_day)]
MaybeDay = Annotated[date | None, BeforeValidator(a_day)]
Moment = Annotated[datetime, BeforeValidator(a_moment)]
Kid = Annotated[str | None, BeforeValidator(a_kid)]
Count = Annotated[int, Field(ge=0, le=999)]
Flag = Annotated[bool, BeforeValidator(a_flag)]
Price = Annotated[int | None, BeforeValidator(a_price)]
Amount = Annotated[int, BeforeValidator(a_price)]
Isbn = Annotated[str, checked(isbn.validate, "ISBN")]
Issn = Annotated[str, checked(issn.validate, "ISSN")]
Words = Annotated[str, BeforeValidator(words), StringConstraints(pattern=r"^[a-z0-9_. -]*$", max_length=200)]
Language = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None, BeforeValidator(nothing), Field(default=None)
]
Year = Annotated[Annotated[int, Field(ge=1, le=2100)] | None, BeforeValidator(nothing)]
Audience = Literal["adult", "child", "youth"]
SecurityMarker = Annotated[str, listed(SecurityCode)]
MediaType = Annotated[Annotated[str, listed(MediaCode)] | None, BeforeValidator(nothing)]
Pin = Annotated[str, StringConstraints(pattern=r"^[^\s|]{0,40}$")]
