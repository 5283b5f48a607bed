"""What a leaf element may hold: text, coded text, a date, a number, or nothing but its presence.

Each kind reads and writes its text as one pair, and can say what the schema would say against a text.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from protocols.ncip import moments
from protocols.ncip.moments import Moment
from protocols.ncip.vocabulary import FREE, Vocabulary, plain
from protocols.value import value

BLANK = " \t\r\n"  # what XML calls white space
INTEGER = re.compile(r"[+-]?[0-9]{1,1000}", re.ASCII)  # longer ones are no amount and no count


class Privacy(Enum):
    """Who may see a value afterwards, in logs, captures and pages."""

    OPEN = auto()
    PERSONAL = auto()  # tells something about a patron
    SECRET = auto()  # a password or PIN


@value(frozen=True, slots=True)
class Coded:
    """A value and the list it comes from, when the sender names one."""

    value: str
    scheme: str | None = None

    def says(self, *values: str) -> bool:
        """Is it one of these values, blanks and letter case aside?"""
        own = plain(self.value)
        return any(plain(value) == own for value in values)


@dataclass(frozen=True, slots=True)
class Text:
    """Any characters."""

    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> str:
        return text.strip(BLANK)

    def write(self, value: str) -> str:
        return value

    def fault(self, text: str) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the words that the schema itself lists."""

    words: tuple[str, ...]
    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> str:
        return " ".join(text.split())

    def write(self, value: str) -> str:
        return value

    def fault(self, text: str) -> str | None:
        return None if self.read(text) in self.words else f"{text[:40]!r} is not one of {', '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class CodedText:
    """A value of a list; the schema lets any text pass."""

    vocabulary: Vocabulary = FREE
    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> str:
        return text.strip(BLANK)

    def write(self, value: str) -> str:
        return value

    def fault(self, text: str) -> str | None:
        return None


@dataclass(frozen=True, slots=True)
class Date:
    """An instant.  A `last_day` keeps the library's offset when sent; any other goes out in GMT."""

    last_day: bool = False
    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> Moment:
        return moments.parse(text.strip(BLANK))

    def write(self, value: Moment, *, in_gmt: bool = False) -> str:
        return moments.write(value, in_gmt=in_gmt or not self.last_day)

    def fault(self, text: str) -> str | None:
        return None if moments.is_datetime(text.strip(BLANK)) else f"{text[:40]!r} is not a dateTime"


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, from `least` upwards when that is given."""

    least: int | None = None
    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> int:
        """Any whole number: a queue position of 0 is against the schema, and clear.  ValueError when it is none."""
        stripped = text.strip(BLANK)
        if not INTEGER.fullmatch(stripped):
            raise ValueError(f"{text[:40]!r} is not a whole number")
        return int(stripped)

    def write(self, value: int) -> str:
        return str(value)

    def fault(self, text: str) -> str | None:
        stripped = text.strip(BLANK)
        if not INTEGER.fullmatch(stripped):
            return f"{text[:40]!r} is not a whole number"
        if self.least is not None and int(stripped) < self.least:
            return f"{text[:40]!r} is less than {self.least}"
        return None


@dataclass(frozen=True, slots=True)
class Flag:
    """Present or absent; nothing may stand inside, not even white space."""

    privacy: Privacy = Privacy.OPEN

    def read(self, text: str) -> bool:
        return True

    def write(self, value: bool) -> str:
        return ""

    def fault(self, text: str) -> str | None:
        return "must be empty" if text else None


Kind = Text | OneOf | CodedText | Date | Number | Flag
LeafValue = str | Coded | Moment | int | bool
