"""Date and time as SIP2 writes them; knows no time zone database and never guesses a zone."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from protocols.value import value

LOCAL: Final = "    "  # four blanks: the local time of whoever wrote it, which the text prefers
EARLIEST_YEAR: Final = 1900  # older or later years are noise, and would overflow when a zone is applied
LATEST_YEAR: Final = 2200

_FORM = re.compile(r"[0-9]{8}[ -~]{4}[0-9]{6}")
_EAST = {letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", start=1)}
_WEST = {letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", start=1)}
_OFFSETS = {"Z": 0} | _EAST | _WEST


@value(frozen=True, slots=True)
class Stamp:
    """`YYYYMMDD`, four characters of zone, `HHMMSS`: a wall clock, with the zone characters exactly as they came."""

    day: date
    time: time
    zone: str = LOCAL

    def __str__(self) -> str:
        return f"{self.day.isoformat().replace('-', '')}{self.zone}{self.time.isoformat('seconds').replace(':', '')}"

    @classmethod
    def read(cls, text: str) -> "Stamp":
        """The stamp in eighteen characters; raises ValueError when there is none."""
        if _FORM.fullmatch(text) is None:
            raise ValueError("not YYYYMMDDZZZZHHMMSS")
        day = date.fromisoformat(text[:8])
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise ValueError("a year nobody lends books in")
        return cls(day, time.fromisoformat(text[12:]), text[8:12])

    @classmethod
    def of(cls, moment: datetime) -> "Stamp":
        """The wall clock of the aware `moment`, marked as local time."""
        return cls(moment.date(), moment.time().replace(microsecond=0, fold=0))

    @property
    def offset(self) -> timedelta | None:
        """How far east of UTC the zone lies; None when it is local time or a zone nobody knows (`0000` is both)."""
        hours = _OFFSETS.get(self.zone.strip())
        return None if hours is None else timedelta(hours=hours)

    def at(self, local: tzinfo) -> datetime:
        """The aware moment, in UTC or at the stamp's own offset; a stamp in local time is given the zone `local`."""
        offset = self.offset
        zone = local if offset is None else UTC if not offset else timezone(offset)
        return datetime.combine(self.day, self.time, tzinfo=zone)
