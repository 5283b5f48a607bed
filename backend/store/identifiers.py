"""How numbers are compared: blanks, hyphens and case are ignored, and identity numbers are never readable.

Source: policies C-30. A Swedish personnummer has ten digits with `-` or `+` (a hundred years or older), or twelve; a
Norwegian fødselsnummer has eleven. Both are kept only as a keyed hash. The kind of a presented number is unknown, so a
look-up tries it as printed and, where its shape allows, as an identity number.
"""

import hmac
import re
from datetime import date
from hashlib import sha256

from stdnum import isbn, issn
from stdnum.exceptions import ValidationError

from backend.model import IdentifierKind
from backend.numbers import compared

_BLANKS = re.compile(r"\s")
_SIGNS = re.compile(r"[-+]")
_TEN = re.compile(r"([0-9]{2})([0-9]{4})([-+]?)([0-9]{4})")
_LONGER = re.compile(r"[0-9]{11}|(?:18|19|20)[0-9]{6}[-+]?[0-9]{4}")
_NOT_WORDS = re.compile(r"[\W_]+")


def compared_title(title: str) -> str:
    """A title as it is compared: case, blanks and punctuation are ignored."""
    return _NOT_WORDS.sub(" ", title).strip().casefold()


def isbn13(number: str) -> str | None:
    """The thirteen digits of an ISBN, None when `number` is none."""
    try:
        return str(isbn.to_isbn13(isbn.validate(number)).replace("-", ""))
    except ValidationError:
        return None


def issn_key(number: str) -> str | None:
    """What serials of the same ISSN are matched by, such as `issn:00280836`; None when `number` is none."""
    try:
        return f"issn:{issn.validate(number)}"
    except ValidationError:
        return None


def full_identity(number: str, today: date) -> str | None:
    """The digits of an identity number with its century, None when `number` cannot be one."""
    written = _BLANKS.sub("", number)
    if _LONGER.fullmatch(written):
        return _SIGNS.sub("", written)
    short = _TEN.fullmatch(written)
    if short is None:
        return None
    two, rest, sign, last = short.groups()
    year = today.year - (today.year - int(two)) % 100
    if f"{year:04}{rest}" > f"{today:%Y%m%d}":
        year -= 100
    return f"{year - 100 if sign == '+' else year:04}{rest}{last}"


class IdentityHash:
    """Turns identity numbers into keyed hashes; the key is a file in the data directory, never in the database."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the key of identity hashes has at least 16 bytes")
        self._key = key

    def __repr__(self) -> str:
        return "IdentityHash()"

    def of(self, digits: str) -> str:
        """`hmac:` and 64 hex digits."""
        return f"hmac:{hmac.new(self._key, digits.encode(), sha256).hexdigest()}"

    def looked_up(self, presented: str, today: date) -> tuple[str, str]:
        """The two values a presented number may be stored as (twice the same when it can be one thing only)."""
        plain = compared(presented)
        identity = full_identity(presented, today)
        return plain, plain if identity is None else self.of(identity)

    def stored(self, kind: IdentifierKind, number: str, today: date) -> tuple[str, str]:
        """`(value, shown)` of a number to be kept; raises ValueError for one that is empty or no identity number."""
        if kind is not IdentifierKind.IDENTITY:
            if not compared(number):
                raise ValueError("has neither digits nor letters")
            return compared(number), number.strip()
        identity = full_identity(number, today)
        if identity is None:
            raise ValueError("not an identity number: ten, eleven or twelve digits are expected")
        return self.of(identity), ""
