"""Dates keep the zone that was written; only whoever knows the library gives them one."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from protocols.sip2.stamp import Stamp

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("    ", None),
        ("0000", None),
        ("   J", None),
        ("?+-/", None),
        ("   Z", 0),
        ("Z   ", 0),
        ("   A", 1),
        ("   M", 12),
        ("   N", -1),
        ("   Q", -4),
        ("   Y", -12),
    ],
)
def test_zones(zone: str, hours: int | None) -> None:
    text = f"20261121{zone}101542"
    stamp = Stamp.read(text)
    assert str(stamp) == text
    assert stamp.zone == zone
    assert stamp.offset == (None if hours is None else timedelta(hours=hours))
    expected = OSLO if hours is None else timezone(timedelta(hours=hours))
    assert stamp.at(OSLO) == datetime(2026, 11, 21, 10, 15, 42, tzinfo=expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " " * 18,
        "0" * 18,
        "20261121    10154",
        "20261121    1015420",
        "20261321    101542",
        "20260229    101542",
        "20261121    241542",
        "20261121    101560",
        "18991231    235959",
        "22010101    000000",
        "２０261121    101542",
        "20261121\xa0   101542",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        Stamp.read(text)


def test_our_own_clock_is_written_as_local_time() -> None:
    moment = datetime(2026, 11, 21, 9, 15, 42, 999999, tzinfo=UTC).astimezone(OSLO)
    assert str(Stamp.of(moment)) == "20261121    101542"
    assert Stamp.of(moment) == Stamp(date(2026, 11, 21), time(10, 15, 42))
