"""How one value is read and written: each reader and its writer stand together; knows no field and no message.

A reader takes the text of one field and returns its value, or raises ValueError when there is none to be had.  A text
that differs from `form` has been read tolerantly, which the codec records as the kind's quirk.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

from protocols.sip2.codes import BX_POSITIONS, PatronStatus, Summary, YesNoUnknown
from protocols.sip2.quirks import Quirk
from protocols.sip2.stamp import Stamp

T = TypeVar("T")

LONGEST_VALUE: Final = 255  # characters in one variable field; SIP 2.00, variable-length fields
MOST_DIGITS: Final = 9  # in a number without a width of its own; longer ones are noise
HIGHEST_COUNT: Final = 9999  # a count has four digits

STAMP_WIDTH: Final = 18
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")


class Place(NamedTuple):
    """Where in the text a fixed field was found, and what was odd about that."""

    start: int
    end: int
    quirk: Quirk | None = None


class Edges(NamedTuple):
    """How the end of a fixed part is recognised: the ids that the message may carry, and the delimiter."""

    ids: re.Pattern[str]
    delimiter: str


Locate = Callable[[str, int, Edges], Place]


def by_width(rest: str, width: int, edges: Edges) -> Place:
    """The field is as long as the text says it is."""
    return Place(0, width)


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A reader and its writer, what proper text looks like, and what to take when there is no value.

    `fallback` stands in for a required value that cannot be read; without one the message fails.
    """

    name: str
    holds: type
    form: re.Pattern[str]
    read: Callable[[str], T]
    write: Callable[[T], str]
    quirk: Quirk
    fallback: T | None = None
    locate: Locate = by_width


AnyKind = Kind[Any]


# Text and codes.


def _displayable(text: str) -> str:
    return text if text.isprintable() else _CONTROLS.sub("", text)


TEXT = Kind(
    name="text",
    holds=str,
    form=re.compile(rf"[^\x00-\x1f\x7f-\x9f]{{0,{LONGEST_VALUE}}}"),
    read=_displayable,
    write=str,
    quirk=Quirk.ODD_TEXT,
    fallback="",
)


def _plain(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("a code is printable ASCII")
    return text


def coded(name: str, form: str, fallback: str) -> Kind[str]:
    """A code from a list: kept as it came while it is printable ASCII, also when the list does not know it."""
    return Kind(
        name=name,
        holds=str,
        form=re.compile(form),
        read=_plain,
        write=str,
        quirk=Quirk.ODD_CODE,
        fallback=fallback,
    )


ONE_DIGIT = coded("one digit", "[0-9]", "0")
TWO_DIGITS = coded("two digits", "[0-9]{2}", "00")
THREE_DIGITS = coded("three digits", "[0-9]{3}", "000")
CURRENCY = coded("currency, ISO 4217", "[A-Z]{3}", "XXX")
HOLD_MODE = coded("+, - or *", "[-+*]", "?")
HOLD_TYPE = coded("1 to 9", "[1-9]", "1")
SC_STATUS = coded("0, 1 or 2", "[012]", "0")

_VERSION = re.compile(r"[0-9]\.[0-9]{2}")


def _read_version(text: str) -> str:
    # SIP2.NET always says 2.0E; whatever is not 1.x is taken for the version everybody speaks.
    return text if _VERSION.fullmatch(text) else "1.00" if text.startswith("1") else "2.00"


def _up_to_edge(rest: str, width: int, edges: Edges) -> Place:
    cut = rest.find(edges.delimiter, 0, width)
    return Place(0, min(width, len(rest)) if cut < 0 else cut)


VERSION = Kind(
    name="version x.xx",
    holds=str,
    form=_VERSION,
    read=_read_version,
    write=str,
    quirk=Quirk.ODD_VERSION,
    fallback="2.00",
    locate=_up_to_edge,
)


# Flags.


def _one_of(texts: dict[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text not in texts:
            raise ValueError(f"one of {', '.join(texts)} expected")
        return texts[text]

    return read


def _yes_no(value: bool) -> str:
    return "Y" if value else "N"


def _one_zero(value: bool) -> str:
    return "1" if value else "0"


YES_NO = Kind(
    name="Y or N",
    holds=bool,
    form=re.compile("[YN]"),
    read=_one_of({"Y": True, "N": False}),
    write=_yes_no,
    quirk=Quirk.ODD_FLAG,
    fallback=False,
)
YES_NO_UNKNOWN = Kind(
    name="Y, N or U",
    holds=YesNoUnknown,
    form=re.compile("[YNU]"),
    read=YesNoUnknown,
    write=str,
    quirk=Quirk.ODD_FLAG,
    fallback=YesNoUnknown.NO,
)
OK = Kind(
    name="1 or 0",
    holds=bool,
    form=re.compile("[01]"),
    read=_one_of({"1": True, "0": False}),
    write=_one_zero,
    quirk=Quirk.ODD_FLAG,
    fallback=False,
)


# Numbers and money.


def _read_number(text: str) -> int:
    digits = text.strip(" ")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DIGITS:
        raise ValueError("a whole number expected")
    return int(digits)


def _write_number(value: int) -> str:
    if value < 0:
        raise ValueError("SIP2 numbers are not negative")
    return str(value)


def _write_count(value: int) -> str:
    return _write_number(min(value, HIGHEST_COUNT)).zfill(4)


def _write_three_digits(value: int) -> str:
    return _write_number(value).zfill(3)


NUMBER = Kind(
    name="number",
    holds=int,
    form=re.compile("0|[1-9][0-9]{0,8}"),
    read=_read_number,
    write=_write_number,
    quirk=Quirk.ODD_NUMBER,
)
COUNT = Kind(
    name="four digits",
    holds=int,
    form=re.compile("[0-9]{4}"),
    read=_read_number,
    write=_write_count,
    quirk=Quirk.ODD_NUMBER,
    fallback=0,
)
SHORT_NUMBER = Kind(
    name="number in three digits",
    holds=int,
    form=re.compile("[0-9]{3}"),
    read=_read_number,
    write=_write_three_digits,
    quirk=Quirk.ODD_NUMBER,
    fallback=0,
)
PRINT_WIDTH = Kind(
    name="number in three digits, 0 unknown",
    holds=int,
    form=re.compile("[0-9]{3}"),
    read=_read_number,
    write=_write_three_digits,
    quirk=Quirk.ODD_PRINT_WIDTH,
    fallback=0,
)


def _read_amount(text: str) -> int:
    # 1.000 is a thousand to some and one to others: nothing with more than two decimals is money.
    amount = _AMOUNT.fullmatch(text.strip(" "))
    if amount is None:
        raise ValueError("an amount such as 115.57 expected")
    sign, whole, decimals = amount.groups()
    minor = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return -minor if sign == "-" else minor


def _write_amount(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"


AMOUNT = Kind(
    name="amount, whole hundredths",
    holds=int,
    form=re.compile(r"-?[0-9]{1,12}\.[0-9]{2}"),
    read=_read_amount,
    write=_write_amount,
    quirk=Quirk.ODD_AMOUNT,
    fallback=0,
)


# Dates.


def _may_be_stamp(text: str) -> bool:
    return len(text) == STAMP_WIDTH and (not text.strip(" 0") or (text[:8].isdigit() and text[12:].isdigit()))


def _locate_stamp(rest: str, width: int, edges: Edges) -> Place:
    """A date may be missing (node-sip2, php-sip2), cut short, or pushed aside by a language code (Koha's emulator)."""
    if _may_be_stamp(rest[:width]):
        return Place(0, width)
    if rest[:3].isdigit() and _may_be_stamp(rest[3 : 3 + width]):
        return Place(3, 3 + width, Quirk.LANGUAGE_BEFORE_DATE)
    window = rest[:width].partition(edges.delimiter)[0]
    first_id = edges.ids.search(window)
    end = first_id.start() if first_id else len(window)
    return Place(0, end, Quirk.MISSING_DATE if end == 0 else None)


STAMP = Kind(
    name="date and time",
    holds=Stamp,
    form=re.compile("[0-9]{8}(?:    |   [A-Z])[0-9]{6}"),
    read=Stamp.read,
    write=str,
    quirk=Quirk.ODD_DATE,
    locate=_locate_stamp,
)


# Sets of positions.


BLANK_STATUS: Final = " " * len(PatronStatus)  # most patrons are welcome to everything


def _read_status(text: str) -> frozenset[PatronStatus]:
    return frozenset(status for status in PatronStatus if text[status : status + 1] == "Y")


def _write_status(value: frozenset[PatronStatus]) -> str:
    # Blank, not N: strict clients take every character but a blank for a yes.
    if not value:
        return BLANK_STATUS
    return "".join("Y" if status in value else " " for status in PatronStatus)


PATRON_STATUS: Kind[frozenset[PatronStatus]] = Kind(
    name="14 positions, Y or blank",
    holds=frozenset,
    form=re.compile("[Y ]{14}"),
    read=_read_status,
    write=_write_status,
    quirk=Quirk.ODD_FLAG,
    fallback=frozenset(),
)


def _read_summary(text: str) -> Summary:
    return Summary(text.find("Y", 0, 10))


def _write_summary(value: Summary) -> str:
    return "".join("Y" if place == value else " " for place in range(10))


def _locate_summary(rest: str, width: int, edges: Edges) -> Place:
    """A summary of another length ends where the first field begins."""
    positions = len(rest) - len(rest.lstrip("YN "))
    return Place(0, positions) if edges.ids.match(rest, positions) else Place(0, width)


SUMMARY = Kind(
    name="10 positions, one Y at most",
    holds=Summary,
    form=re.compile(r"(?= *Y? *\Z)[Y ]{10}"),
    read=_read_summary,
    write=_write_summary,
    quirk=Quirk.ODD_SUMMARY,
    fallback=Summary.NOTHING,
    locate=_locate_summary,
)


def _read_supported(text: str) -> frozenset[str]:
    return frozenset(code for code, flag in zip(BX_POSITIONS, text, strict=False) if flag == "Y")


def _write_supported(value: frozenset[str]) -> str:
    return "".join(_yes_no(code in value) for code in BX_POSITIONS)


SUPPORTED: Kind[frozenset[str]] = Kind(
    name="16 flags, Y or N",
    holds=frozenset,
    form=re.compile("[YN]{16}"),
    read=_read_supported,
    write=_write_supported,
    quirk=Quirk.ODD_FLAG,
    fallback=frozenset(),
)
