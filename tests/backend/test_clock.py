"""Instants, and the days that a library has."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.clock import FixedClock, LibraryTime, from_epoch, to_epoch

OSLO = LibraryTime(ZoneInfo("Europe/Oslo"))

# instant, the local date
TODAY = [
    ("2026-02-10T22:59:59+00:00", "2026-02-10"),
    ("2026-02-10T23:00:00+00:00", "2026-02-11"),
    ("2026-07-10T22:00:00+00:00", "2026-07-11"),  # summer time
    ("2026-12-31T23:30:00+00:00", "2027-01-01"),
]

# date, the last instant of it
ENDS = [
    ("2026-03-02", "2026-03-02T22:59:59+00:00"),
    ("2026-03-29", "2026-03-29T21:59:59+00:00"),  # the day of 23 hours
    ("2026-10-25", "2026-10-25T22:59:59+00:00"),  # the day of 25
    ("2028-02-29", "2028-02-29T22:59:59+00:00"),
]


@pytest.mark.parametrize(("instant", "day"), TODAY)
def test_today(instant: str, day: str) -> None:
    assert OSLO.today(datetime.fromisoformat(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize(("day", "instant"), ENDS)
def test_end_of_a_day(day: str, instant: str) -> None:
    end = OSLO.end_of(date.fromisoformat(day))
    assert end == datetime.fromisoformat(instant)
    assert (end + timedelta(seconds=1)).date() == date.fromisoformat(day) + timedelta(days=1)


def test_an_hour_that_does_not_exist() -> None:
    assert OSLO.at(date(2026, 3, 29), time(2, 30)).isoformat() == "2026-03-29T03:30:00+02:00"


def test_the_hour_that_comes_twice_is_two_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=OSLO.zone)
    for instant, offset in ((first, "+02:00"), (first.replace(fold=1), "+01:00")):
        assert OSLO.local(instant).isoformat() == f"2026-10-25T02:30:00{offset}"


def test_a_fixed_clock_stands_still() -> None:
    clock = FixedClock(datetime(2026, 2, 12, 12, tzinfo=ZoneInfo("Europe/Oslo")))
    assert clock.now() == clock.now() == datetime(2026, 2, 12, 11, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(hours=1))
    assert clock.now().hour == 12
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2027


def test_an_instant_has_a_zone() -> None:
    naive = datetime(2026, 2, 12, 12)
    for use in (OSLO.today, to_epoch, FixedClock):
        with pytest.raises(ValueError, match="has no zone"):
            use(naive)


def test_storage_counts_whole_seconds() -> None:
    assert to_epoch(datetime(1970, 1, 1, 1, tzinfo=ZoneInfo("Europe/Oslo"))) == 0
    assert to_epoch(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1
    assert from_epoch(1_770_894_000) == datetime(2026, 2, 12, 11, tzinfo=UTC)
