"""Whom a loan was made to, as statistics count: kept with the loan when its patron is forgotten."""

from datetime import date
from enum import StrEnum

from backend.policy.dates import age_on

CHILD_BELOW = 15  # years; ISO 2789 counts users of up to fourteen as children
CHILD = "child"  # a patron's category, for those whose birthday nobody knows
LIBRARIES = frozenset({"library"})  # categories of patrons that are libraries


class Borrower(StrEnum):
    """The groups that are told apart."""

    CHILD = "child"
    ADULT = "adult"
    LIBRARY = "library"  # an interlibrary loan that we give


def borrower_of(category: str, birth_date: date | None, lent_on: date) -> Borrower:
    """By category, then by age on the day of the loan; a patron of unknown age is an adult unless called a child."""
    if category in LIBRARIES:
        return Borrower.LIBRARY
    age = age_on(birth_date, lent_on)
    is_child = category == CHILD if age is None else age < CHILD_BELOW
    return Borrower.CHILD if is_child else Borrower.ADULT
