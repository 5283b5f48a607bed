"""When a branch is open: by date, and by the moment on its wall clock. It knows no zone and no loan."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from backend.policy.facts import DayKind
from backend.policy.hours import MINUTES_IN_DAY, Period, Periods

LONGEST_CLOSURE = 1500  # days; whoever is closed for four years is not a branch that lends
MOST_REMEMBERED = 20_000  # days; a bound for the memory, far above the dates that loans ask for

ONE_DAY = timedelta(days=1)
NO_WEEK: tuple[Periods, ...] = ((),) * 7


class NeverOpenError(Exception):
    """No open day within reach: the closures on the list leave nothing."""


@dataclass(frozen=True, slots=True)
class Day:
    """One date's hours; a day with both kinds is a staffed day."""

    staffed: Periods = ()
    self_service: Periods = ()

    @property
    def kind(self) -> DayKind:
        """Staffed if anybody is there at any hour of it."""
        if self.staffed:
            return "staffed"
        return "self_service" if self.self_service else "closed"

    @property
    def is_open(self) -> bool:
        return bool(self.staffed or self.self_service)

    @property
    def open_periods(self) -> Periods:
        """All hours of either kind, in order, those that touch joined."""
        joined: list[Period] = []
        for period in sorted(self.staffed + self.self_service, key=lambda each: each.opens):
            if joined and period.opens <= joined[-1].closes:
                joined[-1] = Period(joined[-1].opens, max(joined[-1].closes, period.closes))
            else:
                joined.append(period)
        return tuple(joined)


CLOSED = Day()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What a calendar is made of; the later in this list, the stronger."""

    staffed: tuple[Periods, ...] = NO_WEEK
    self_service: tuple[Periods, ...] = NO_WEEK
    is_holiday: Callable[[date], bool] = lambda day: False
    closed_every_year: frozenset[str] = frozenset()  # as "12-25"
    closed: frozenset[date] = frozenset()
    exceptions: Mapping[date, Day] | None = None  # dated hours, such as a Christmas market
    announced: frozenset[date] = frozenset()  # closed later on, by staff; C-27

    def day(self, day: date) -> Day:
        """Hours of that date: closures first, then exceptions, then holidays, then the week."""
        if day in self.announced:
            return CLOSED
        if self.exceptions and day in self.exceptions:
            return self.exceptions[day]
        if day in self.closed or day.strftime("%m-%d") in self.closed_every_year or self.is_holiday(day):
            return CLOSED
        weekday = day.weekday()
        return Day(self.staffed[weekday], self.self_service[weekday])

    @property
    def ever_opens(self) -> bool:
        """Whether any day of an ordinary week has hours."""
        return any(self.staffed) or any(self.self_service)


class Calendar:
    """A branch's days. Every search is bounded; raises NeverOpenError when it finds nothing."""

    __slots__ = ("_days", "pattern")

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self._days: dict[date, Day] = {}

    def closing(self, days: Iterable[date]) -> "Calendar":
        """The same branch with these days closed as well; C-27."""
        return Calendar(replace(self.pattern, announced=self.pattern.announced | frozenset(days)))

    def day(self, day: date) -> Day:
        """Hours of that date, worked out once."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= MOST_REMEMBERED:
                self._days.clear()
            known = self._days[day] = self.pattern.day(day)
        return known

    def kind(self, day: date) -> DayKind:
        return self.day(day).kind

    def is_open(self, day: date) -> bool:
        """Open in any way, staffed or not."""
        return self.day(day).is_open

    def next_open(self, day: date) -> date:
        """`day` itself when it is open, otherwise the first open day after it."""
        return next(self._open_days(day, ONE_DAY))

    def previous_open(self, day: date) -> date:
        """`day` itself when it is open, otherwise the last open day before it."""
        return next(self._open_days(day, -ONE_DAY))

    def nth_open_after(self, day: date, count: int) -> date:
        """The `count`-th open day after `day`; `day` itself for a count of 0."""
        for _ in range(count):
            day = self.next_open(day + ONE_DAY)
        return day

    def closed_around(self, day: date) -> int:
        """How many days on end the branch is closed about `day`, itself counted; no more than the search reaches."""
        try:
            return max(0, (self.next_open(day) - self.previous_open(day)).days - 1)
        except NeverOpenError:
            return LONGEST_CLOSURE

    def open_days_between(self, after: date, until: date) -> int:
        """How many days are open from the day after `after` to `until` inclusive."""
        return sum(self.is_open(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))

    def staffed_at(self, local: datetime) -> bool:
        """A member of staff is there at this moment on the branch's wall clock."""
        return _covers(self.day(local.date()).staffed, local.time())

    def open_at(self, local: datetime) -> bool:
        """Somebody can come in at this moment on the branch's wall clock, staff or no staff."""
        return _covers(self.day(local.date()).open_periods, local.time())

    def next_opening(self, local: datetime) -> tuple[date, time]:
        """`local` itself when the branch is open then, otherwise when it next opens."""
        if self.open_at(local):
            return local.date(), local.time()
        minute = local.hour * 60 + local.minute
        for period in self.day(local.date()).open_periods:
            if period.opens > minute:
                return local.date(), _time_of(period.opens)
        opens = self.next_open(local.date() + ONE_DAY)
        return opens, _time_of(self.day(opens).open_periods[0].opens)

    def previous_closing(self, local: datetime) -> tuple[date, time]:
        """`local` itself when the branch is open then, otherwise the last minute before it closed."""
        if self.open_at(local):
            return local.date(), local.time()
        minute = local.hour * 60 + local.minute
        for period in reversed(self.day(local.date()).open_periods):
            if period.closes <= minute:
                return local.date(), _time_of(period.closes - 1)
        closes = self.previous_open(local.date() - ONE_DAY)
        return closes, _time_of(self.day(closes).open_periods[-1].closes - 1)

    def open_minutes_between(self, start: datetime, end: datetime) -> int:
        """Opening minutes from `start` up to `end`, both on the branch's wall clock."""
        first, last = start.date(), end.date()
        minutes = 0
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            begin = start.hour * 60 + start.minute if day == first else 0
            stop = end.hour * 60 + end.minute if day == last else MINUTES_IN_DAY
            for period in self.day(day).open_periods:
                minutes += max(0, min(stop, period.closes) - max(begin, period.opens))
        return minutes

    def _open_days(self, day: date, step: timedelta) -> Iterator[date]:
        for n in range(LONGEST_CLOSURE):
            if self.is_open(day + n * step):
                yield day + n * step
        raise NeverOpenError(f"no open day within {LONGEST_CLOSURE} days of {day}")


def _covers(periods: Periods, moment: time) -> bool:
    return any(moment in period for period in periods)


def _time_of(minute: int) -> time:
    return time(minute // 60, minute % 60)
