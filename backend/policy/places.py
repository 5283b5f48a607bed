"""A library's branches: how they are written, what they inherit from one another, and the calendar that results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

import holidays
from pydantic import AfterValidator, Field

from backend.policy.calendar import NO_WEEK, Calendar, Day, Pattern
from backend.policy.facts import BranchKind
from backend.policy.fields import Agreement, DayOfYear, Id, Tuple, Written
from backend.policy.hours import Hours, Periods, WeekHours
from backend.policy.rows import OnClosed

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_EXCEPTION = 366  # days that one exception may span

Dates = Annotated[tuple[date, ...], Tuple]


def known_country(code: str) -> str:
    """`"NO"` or `"DE-BY"`; raises ValueError when the holidays of no such place are known."""
    _holidays_of(code)
    return code


def _holidays_of(code: str) -> holidays.HolidayBase:
    country, _, region = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError as unknown:
        raise ValueError(f'the national holidays of "{code}" are not known') from unknown


class DatedHours(Written):
    """One date, or every day from one to another, with hours of its own; no hours is closed."""

    on: Annotated[date | None, Field(alias="date")] = None
    first: Annotated[date | None, Field(alias="from")] = None
    last: Annotated[date | None, Field(alias="to")] = None
    open: Hours = ()
    self_service: Hours = ()
    source: str | None = None

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._has_its_days, self._ends_after_it_begins)

    def _has_its_days(self) -> str | None:
        alone = self.on is not None and self.first is None and self.last is None
        span = self.on is None and self.first is not None and self.last is not None
        if not alone and not span:
            return "an exception has either date, or from and to"
        return None

    def _ends_after_it_begins(self) -> str | None:
        if self.first and self.last and not 0 <= (self.last - self.first).days < LONGEST_EXCEPTION:
            return "an exception ends on or after the day it begins, within a year"
        return None

    def days(self) -> tuple[date, ...]:
        """Every date that it speaks of; none where it names neither a date nor both ends."""
        first, last = self.on or self.first, self.on or self.last
        if first is None or last is None:
            return ()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


class BusStop(Written):
    """Where a bus stands, on which weekday or dates, and when."""

    name: str
    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    dates: Dates = ()
    hours: Hours

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._has_a_day,)

    def _has_a_day(self) -> str | None:
        if (self.day is None) == (not self.dates):
            return "a stop has either a weekday or dates"
        return None

    def is_made_on(self, day: date) -> bool:
        return day in self.dates or self.day == WEEKDAYS[day.weekday()]


class WrittenBranch(Written):
    """A branch as the file has it. What is not written comes from the branch it is `like`; closed days add up."""

    id: Id
    name: str | None = None
    kind: BranchKind = "branch"
    like: Id | None = None
    open: WeekHours | None = None
    self_service: WeekHours | None = None
    closed: Dates = ()
    closed_every_year: Annotated[tuple[DayOfYear, ...], Tuple] = ()  # 12-25 for Christmas Day
    national_holidays: Annotated[str, AfterValidator(known_country)] | None = None
    exceptions: Annotated[tuple[DatedHours, ...], Tuple] = ()
    stops: Annotated[tuple[BusStop, ...], Tuple] = ()
    due_on_closed: OnClosed | None = None

    @property
    def has_hours(self) -> bool:
        """Whether it has a calendar of its own, rather than being like another."""
        return self.open is not None or self.self_service is not None or bool(self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place of the library as rules see it; `due_on_closed` is settled."""

    id: str
    name: str
    kind: BranchKind
    calendar: Calendar
    due_on_closed: OnClosed
    stops: tuple[BusStop, ...] = ()

    def stops_on(self, day: date) -> tuple[BusStop, ...]:
        """Where a bus stands that day, in the order of the file; nowhere when it does not run."""
        if not self.calendar.is_open(day):
            return ()
        return tuple(stop for stop in self.stops if stop.is_made_on(day))


def lineage(branch: WrittenBranch, by_id: Mapping[str, WrittenBranch]) -> tuple[WrittenBranch, ...]:
    """The branch, the one it is like, and so on; stops at an unknown name or where the chain bites its tail."""
    chain = [branch]
    while (parent := by_id.get(chain[-1].like or "")) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain)


def settled(branch: WrittenBranch, chain: tuple[WrittenBranch, ...], due_on_closed: OnClosed) -> Branch:
    """The branch with everything that it inherits along `chain`, itself first."""
    return Branch(
        id=branch.id,
        name=branch.name or branch.id,
        kind=branch.kind,
        calendar=Calendar(pattern_of(chain)),
        due_on_closed=branch.due_on_closed or due_on_closed,
        stops=branch.stops,
    )


def pattern_of(chain: tuple[WrittenBranch, ...]) -> Pattern:
    """The calendar of the first of `chain`, who inherits hours from the next that has any, closed days from all."""
    source = next((each for each in chain if each.has_hours), chain[0])
    country = next((each.national_holidays for each in chain if each.national_holidays), None)
    exceptions = _hours_at_stops(source.stops)
    for each in reversed(chain):
        for dated in each.exceptions:
            exceptions |= dict.fromkeys(dated.days(), Day(dated.open, dated.self_service))
    return Pattern(
        staffed=source.open.by_weekday if source.open else _week_of_stops(source.stops),
        self_service=source.self_service.by_weekday if source.self_service else NO_WEEK,
        is_holiday=_holidays_of(country).__contains__ if country else _no_holiday,
        closed_every_year=frozenset(day for each in chain for day in each.closed_every_year),
        closed=frozenset(day for each in chain for day in each.closed),
        exceptions=exceptions,
    )


def _week_of_stops(stops: Iterable[BusStop]) -> tuple[Periods, ...]:
    return tuple(_merged(stop.hours for stop in stops if stop.day == weekday) for weekday in WEEKDAYS)


def _hours_at_stops(stops: Iterable[BusStop]) -> dict[date, Day]:
    """The dates on which a bus runs besides its week."""
    dates = {day for stop in stops for day in stop.dates}
    return {day: Day(_merged(stop.hours for stop in stops if stop.is_made_on(day))) for day in dates}


def _merged(hours: Iterable[Periods]) -> Periods:
    return tuple(sorted({period for periods in hours for period in periods}, key=lambda each: each.opens))


def _no_holiday(day: date) -> bool:
    return False
