"""Opening hours as they are written on a door: `10-18`, `8:30-12, 13-16`. It knows minutes of a day, not dates."""

import re
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, InstanceOf

from backend.policy.fields import Written

MINUTES_IN_DAY = 24 * 60

_PERIOD = re.compile(r"\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*-\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*")


@dataclass(frozen=True, slots=True)
class Period:
    """From one minute of the day up to, and not including, another; 1440 is midnight at the day's end."""

    opens: int
    closes: int

    def __contains__(self, moment: time) -> bool:
        return self.opens <= moment.hour * 60 + moment.minute < self.closes


Periods = tuple[Period, ...]


def parse_hours(text: str) -> Periods:
    """`"10-13, 14-18"` -> two periods in order; raises ValueError for anything that no door could say."""
    periods = tuple(_parse_period(part) for part in text.split(","))
    for earlier, later in pairwise(periods):
        if later.opens < earlier.closes:
            raise ValueError(f'the hours "{text}" overlap or stand in the wrong order')
    return periods


def _parse_period(text: str) -> Period:
    written = _PERIOD.fullmatch(text)
    if written is None:
        raise ValueError(f'hours are written as "10-18" or "8:30-12, 13-16", not "{text.strip()}"')
    opens = _minutes(written[1], written[2])
    closes = _minutes(written[3], written[4])
    if not opens < closes <= MINUTES_IN_DAY:
        raise ValueError(f'"{text.strip()}" does not end after it begins, within one day')
    return Period(opens, closes)


def _minutes(hour: str, minute: str | None) -> int:
    if int(minute or 0) > 59:
        raise ValueError(f"an hour has no minute {minute}")
    return int(hour) * 60 + int(minute or 0)


def as_hours(value: object) -> object:
    return parse_hours(value) if isinstance(value, str) else value


Hours = Annotated[tuple[InstanceOf[Period], ...], BeforeValidator(as_hours)]


class WeekHours(Written):
    """The hours of each weekday; a day that is not written has none."""

    mon: Hours = ()
    tue: Hours = ()
    wed: Hours = ()
    thu: Hours = ()
    fri: Hours = ()
    sat: Hours = ()
    sun: Hours = ()

    @property
    def by_weekday(self) -> tuple[Periods, ...]:
        """Monday first, as `date.weekday` counts."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
