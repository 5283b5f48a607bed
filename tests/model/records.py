"""What the naive reference keeps in mind: people, copies, loans, holds, fees and days, as plain objects that change."""

from dataclasses import dataclass, field
from datetime import date, timedelta

MAIN, SIDE = "REF-M", "REF-S"
NOON, MORNING, MIDNIGHT = 12, 6, 24
ON_SHELF, SET_ASIDE, MOVING, LOST, DAMAGED = "shelf", "hold_shelf", "transit", "lost", "damaged"


@dataclass(eq=False)
class Person:
    card: str
    lost: bool = False
    blocks: int = 0
    old_cards: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Loan:
    who: Person
    branch: str
    due: date
    renewals: int = 0
    paid: int = 0  # towards the running fine
    reminded: list[tuple[date, date]] = field(default_factory=list)  # (due date, sent on)
    claimed: bool = False
    billed: bool = False


@dataclass(eq=False)
class Copy:
    barcode: str
    title: str
    material: str
    home: str
    price: int | None
    place: str = ""
    state: str = ON_SHELF
    goes_to: str | None = None
    loan: Loan | None = None
    last: tuple[Loan, date] | None = None  # the newest closed loan, and when it ended


@dataclass(eq=False)
class Hold:
    who: Person
    title: str
    pickup: str
    state: str = "waiting"  # waiting, transit, ready
    copy: Copy | None = None
    last_day: date | None = None


@dataclass(eq=False)
class Fee:
    who: Person
    kind: str
    amount: int
    owed: int
    since: tuple[date, int]
    loan: Loan | None = None


@dataclass(eq=False)
class Calendar:
    """Six days a week, or two; and what is closed besides."""

    closed: set[tuple[str, date]] = field(default_factory=set)

    def is_open(self, branch: str, day: date) -> bool:
        weekdays = range(6) if branch == MAIN else (0, 3)
        return day.weekday() in weekdays and (branch, day) not in self.closed

    def next_open(self, branch: str, day: date) -> date:
        while not self.is_open(branch, day):
            day += timedelta(days=1)
        return day
