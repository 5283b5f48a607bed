"""The town that is measured: which terminal stands where, with which patron and which books. Numbers only, no I/O.

Every connection is a terminal account of its own with a patron and books of its own, so that no two of them wait for
each other's loans and no answer can come out of a memory of frames.
"""

from dataclasses import dataclass
from typing import Final

LIBRARY: Final = "BEN"
BRANCH: Final = "BEN-1"
PASSWORD: Final = "measured"
AGENCY: Final = "MEASURING"  # the partner that posts NCIP
TERMINALS: Final = 500
BOOKS_A_TERMINAL: Final = 8
OTHER_PATRONS: Final = 20_000  # who never come, but fill the indexes
OTHER_BOOKS: Final = 50_000

POLICY: Final = f"""\
# A library for measuring: no PIN, no fees, and renewals without end, each from the due date on.
schema = "skranke-policy/1"
like = "generic.toml"
effective_from = 2020-01-01

[library]
id = "{LIBRARY}"
name = "Measured library"

[[branch]]
id = "{BRANCH}"
name = "Measured branch"
kind = "main"
open = {{ mon = "06-22", tue = "06-22", wed = "06-22", thu = "06-22", fri = "06-22", sat = "06-22", sun = "06-22" }}

[[renewal]]
id = "BEN-renewal"
max = "unlimited"
from = "due"
"""


@dataclass(frozen=True, slots=True)
class Stand:
    """One terminal: its login, the card at it and the books beside it."""

    login: str
    card: str
    books: tuple[str, ...]

    @classmethod
    def number(cls, number: int) -> "Stand":
        return cls(f"bench-{number:03}", f"2{number:07}", tuple(book(number, i) for i in range(BOOKS_A_TERMINAL)))


def book(terminal: int, place: int) -> str:
    """The barcode of the `place`-th book of a terminal."""
    return f"3{terminal:05}{place:02}"
