"""Instants and a library's days. Nothing here reads the system's clock: whoever needs to know the time is handed it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import floor
from typing import Protocol
from zoneinfo import ZoneInfo

LAST_SECOND = time(23, 59, 59)  # a due date lasts to its last second; policies C-03
MOST_REMEMBERED = 4096  # instants; one message asks for the same few many times over


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class FixedClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, instant: datetime) -> None:
        self._instant = as_utc(instant)

    def now(self) -> datetime:
        return self._instant

    def set(self, instant: datetime) -> None:
        """From now on it is this; aware, in any zone."""
        self._instant = as_utc(instant)

    def advance(self, by: timedelta) -> None:
        """Let time pass, all at once; a negative one sets the clock back."""
        self._instant += by


@dataclass(frozen=True, slots=True)
class LibraryTime:
    """The wall clock of a library: which date an instant falls on, and which instants a date has."""

    zone: ZoneInfo

    def local(self, instant: datetime) -> datetime:
        """The same instant on the library's wall clock; raises ValueError when `instant` has no zone."""
        return _on_the_wall(self.zone, as_utc(instant))

    def today(self, instant: datetime) -> date:
        """The date on the library's wall at an aware instant (C-01)."""
        return _day_on_the_wall(self.zone, as_utc(instant))

    def at(self, day: date, moment: time) -> datetime:
        """`moment` on `day` here; an hour that the clocks skip becomes the one after it."""
        return datetime.combine(day, moment, self.zone).astimezone(UTC).astimezone(self.zone)

    def end_of(self, day: date) -> datetime:
        """23:59:59 local on `day`."""
        return self.at(day, LAST_SECOND)


# What is remembered here is true for ever. It is asked in UTC only: on a wall clock, the hour that comes twice in
# autumn equals itself, and the second would be given the first one's answer.
@lru_cache(maxsize=MOST_REMEMBERED)
def _on_the_wall(zone: ZoneInfo, utc: datetime) -> datetime:
    return utc.astimezone(zone)


@lru_cache(maxsize=MOST_REMEMBERED)
def _day_on_the_wall(zone: ZoneInfo, utc: datetime) -> date:
    return utc.astimezone(zone).date()


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC; raises ValueError when it has no zone."""
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone")
    return instant.astimezone(UTC)


def to_epoch(instant: datetime) -> int:
    """Whole seconds since 1970 UTC, as instants are stored; raises ValueError when `instant` has no zone."""
    return floor(as_utc(instant).timestamp())


def from_epoch(seconds: int) -> datetime:
    """The aware UTC instant that `to_epoch` stored."""
    return datetime.fromtimestamp(seconds, UTC)
