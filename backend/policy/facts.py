"""What a policy row may look at: the names of the facts. Where they come from is not known here."""

from datetime import date
from typing import Literal, NamedTuple

from backend.money import Money
from backend.value import value

DayKind = Literal["staffed", "self_service", "closed"]
BranchKind = Literal["main", "branch", "bus"]
Channel = Literal["selfcheck", "desk", "web", "partner", "drop", "entry"]
Operation = Literal["checkout", "renewal", "hold", "collect", "return", "web", "patron_info", "entry"]


class Facts(NamedTuple):
    """One question's circumstances; a fact that is not known is None and passes no test on it.

    `branch` is where the loan was or is being made; `waiting` is the length of the title's waiting list (C-13).
    A named tuple, because every message asks several questions, and it is made in a quarter of a dataclass's time.
    """

    category: str = "adult"
    age: int | None = None  # completed years on the local date
    home_branch: str | None = None  # the patron's
    linked: bool = True

    material: str = "book"  # dotted: film.feature is also film
    audience: str | None = None
    loan_type: str = "normal"
    language: str | None = None
    flags: frozenset[str] = frozenset()
    item_home_branch: str | None = None
    price: Money | None = None
    item_age_days: int | None = None

    branch: str | None = None
    branch_kind: BranchKind | None = None
    channel: Channel = "selfcheck"
    op: Operation = "checkout"
    waiting: int = 0
    day: date | None = None  # the local date
    day_kind: DayKind | None = None


@value(frozen=True, slots=True, kw_only=True)
class Account:
    """A patron's standing at one library; only the block table reads it."""

    debt: Money
    overdue_items: int = 0
    items_out: int = 0
    billed_items: int = 0


def is_under(material: str, wanted: str) -> bool:
    """`film.feature` is under `film` and under itself, and not under `fil`."""
    return material == wanted or material.startswith(wanted + ".")
