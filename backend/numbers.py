"""How numbers of people and things are compared, and which of them are nobody's card number."""

import re
from datetime import date
from typing import Final

from stdnum import luhn

SENDABLE: Final = r"^[^|\x00-\x1f\x7f-\x9f]*$"  # `|` ends a field of SIP2, and controls are no part of one
_IGNORED: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_NORWEGIAN: Final = re.compile(r"([0-9]{2})([0-9]{2})[0-9]{7}")
_SWEDISH: Final = re.compile(r"(?:18|19|20)?([0-9]{2}([0-9]{2})([0-9]{2}))([0-9]{4})")
_LEAP_YEAR: Final = 2000  # the year is left open: its century stands in later digits


def compared(number: str) -> str:
    """A card number or barcode as it is compared: blanks and hyphens are ignored, letters are upper case."""
    return (number if number.isalnum() else _IGNORED.sub("", number)).upper()


def is_sendable(number: str) -> bool:
    """Whether a machine can say the number at all."""
    return re.match(SENDABLE, number) is not None


def is_like_norwegian_identity(number: str) -> bool:
    """Eleven digits that begin with a day and a month: a fødselsnummer or a D-number, valid or mistyped.

    A D-number has 40 added to its day; numbers for testing have 40 or 80 added to their month.  Check digits are not
    looked at, for a mistyped number is as private.
    """
    written = _NORWEGIAN.fullmatch(compared(number))
    if written is None:
        return False
    day, month = int(written[1]), int(written[2])
    return _is_day(month % 40, day - 40 if day > 40 else day)


def is_like_swedish_identity(number: str) -> bool:
    """Ten or twelve digits that begin with a day and end with the right check digit, whatever signs stand between: a
    personnummer, or a samordningsnummer, which has 60 added to its day.

    The check digit is looked at, for cards of ten digits are common, and one in thirty of them begins with a day.
    """
    written = _SWEDISH.fullmatch(compared(number.replace("+", "")))
    if written is None:
        return False
    birth, month, day, last = written.groups()
    return _is_day(int(month), int(day) - 60 if int(day) > 60 else int(day)) and bool(luhn.is_valid(birth + last))


def _is_day(month: int, day: int) -> bool:
    """Of some year."""
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True
