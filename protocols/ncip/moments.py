"""Instants as partners write them.

A zone may be missing, and so may the time of day; who knows the zone decides later.
"""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, datetime, time, timedelta, tzinfo

from protocols.value import value

XS_DATETIME = re.compile(
    r"-?([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,60}))?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?",
    re.ASCII,
)
SEEN = re.compile(  # beside full instants: minutes only (Denmark), a date alone (Norwegian Koha), a blank for the T
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)
LAST_MONTH = 12
YEARS = 400  # after which the calendar repeats itself
END_OF_DAY = time(23, 59, 59)  # the last second of a loan day, policies C-03


@value(frozen=True, slots=True)
class Moment:
    """One date of a message: aware when the sender named a zone, a `whole_day` when it gave no time of day."""

    value: datetime
    whole_day: bool = False

    def at(self, zone: tzinfo, *, last: bool = False) -> datetime:
        """This instant, aware.  Without a zone it is in `zone`; a date alone is its start, or its end for `last`."""
        value = _reckonable(self.value if self.value.tzinfo else self.value.replace(tzinfo=zone))
        return datetime.combine(value.date(), END_OF_DAY, value.tzinfo) if self.whole_day and last else value

    def last_day(self, zone: tzinfo) -> datetime:
        """The end, in `zone`, of the day the sender wrote, whatever zone it wrote it in.

        NNCIPP's sample explains 2015-01-31T23:59:59Z as including 31 January, which as an instant is 1 February here.
        """
        return datetime.combine(_reckonable(self.value).date(), END_OF_DAY, zone)


def _reckonable(value: datetime) -> datetime:
    """The instant, a year from either end of the calendar: `9999-12-31` says never, and who adds a day to it falls off.

    Neither the first nor the last year has a leap day, nor have those beside them.
    """
    return value.replace(year=min(max(value.year, MINYEAR + 1), MAXYEAR - 1))


def parse(text: str) -> Moment:
    """The moment written in `text`, any form seen on the wire; ValueError when it is none."""
    found = SEEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    midnight = datetime(int(year), int(month), int(day), tzinfo=_zone(zone))
    if hour is None:
        return Moment(midnight, whole_day=True)
    if (hour, minute, second or "00", (fraction or "0").strip("0")) == ("24", "00", "00", ""):
        return Moment(_next_day(midnight))
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    return Moment(
        midnight.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=microsecond)
    )


def _next_day(midnight: datetime) -> datetime:
    try:
        return midnight + timedelta(days=1)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def _zone(text: str | None) -> tzinfo | None:
    """The zone that `text` writes; None when nothing is written."""
    if text is None:
        return None
    if text in "Zz":
        return UTC
    return datetime.strptime(text, "%z").tzinfo


def is_datetime(text: str) -> bool:
    """Is `text` a dateTime by XML Schema: seconds always, the zone may be left out."""
    found = XS_DATETIME.fullmatch(text)
    if found is None:
        return False
    year, month, day, hour, minute, second, fraction = (int(part or 0) for part in found.groups())
    if not year or not 1 <= month <= LAST_MONTH or not 1 <= day <= monthrange(YEARS + year % YEARS, month)[1]:
        return False
    end_of_day = (hour, minute, second, fraction) == (24, 0, 0, 0)
    return end_of_day or (hour < 24 and minute < 60 and second < 60)


def write(moment: Moment, *, in_gmt: bool) -> str:
    """The moment as a full dateTime; in GMT with `Z` when asked for, else with the offset it has."""
    value = moment.value
    if in_gmt and value.tzinfo:
        value = _gmt(value)
    return value.isoformat().removesuffix("+00:00") + ("Z" if value.utcoffset() == timedelta(0) else "")


def _gmt(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar have no place for another zone
        return value
