"""The list of keys of a policy file, read off the model that reads the file.

`python -m backend.policy.reference docs/policy.md` writes it into the page between its two marks.
"""

import sys
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from backend.policy.draft import SECTIONS, TABLES
from backend.policy.fields import (
    Age,
    Amount,
    AmountOrUnset,
    ClockTime,
    Count,
    DayOfYear,
    Days,
    FeeAmount,
    Id,
    LanguageCode,
    Materials,
    Price,
    SomeDays,
    Word,
    Written,
)
from backend.policy.hours import Hours, WeekHours
from backend.policy.places import BusStop, DatedHours, WrittenBranch
from backend.policy.rows import BlockWhen, Row
from backend.policy.sections import RulesFrom
from backend.policy.when import When

BEGIN: Final = "<!-- keys: written by backend/policy/reference.py -->"
END: Final = "<!-- end of keys -->"

SPELLED: Final = (
    (Amount, 'amount, as `"2.00"`'),
    (AmountOrUnset, 'amount, as `"2.00"`; or `"unset"`'),
    (FeeAmount, 'amount, as `"2.00"`; `"order"` or `"unset"`'),
    (Price, 'amount, as `"450.00"`; `"item"`, `"staff"`, `"lender"` or `"unset"`'),
    (Days, "days"),
    (SomeDays, "days, at least 1"),
    (Count, "whole number"),
    (Age, "years"),
    (Word, "word"),
    (Materials, "dotted words"),
    (LanguageCode, 'language, as `"sv"`'),
    (Id, "id"),
    (ClockTime, 'time, as `"23:59:59"`'),
    (DayOfYear, 'day of every year, as `"12-25"`'),
    (Hours, 'hours, as `"10-18"` or `"8:30-12, 13-16"`'),
    (WeekHours, 'hours by weekday, as `{ mon = "10-18" }`'),
    (DatedHours, "exceptions, see below"),
    (BusStop, "stops, see below"),
    (RulesFrom, "table, see below"),
    (When, "conditions, see below"),
    (BlockWhen, "conditions and one threshold, see below"),
    (ZoneInfo, 'time zone, as `"Europe/Oslo"`'),
    (bool, "`true` or `false`"),
    (date, "date, as `2026-05-17`"),
    (time, 'time, as `"23:59"`'),
    (int, "whole number"),
    (str, "text"),
)


def page_with_keys(page: str) -> str:
    """The page with the list anew. Raises ValueError when it has not both marks."""
    before, opened, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (opened and closed):
        raise ValueError(f"the page has no {END if opened else BEGIN}")
    return f"{before}{BEGIN}\n\n{keys()}\n{END}{after}"


def keys() -> str:
    """Every table with its keys, as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for name, section in SECTIONS.items():
        yield from _table(f"`[{name}]`", section)
    yield from _table("`rules_from` of `[ill]`", RulesFrom)
    yield from _table("`[[branch]]`", WrittenBranch)
    yield from _table("`exceptions` of a branch", DatedHours)
    yield from _table("`stops` of a branch", BusStop)
    for name, row in TABLES.items():
        yield from _table(f"`[[{name}]]`", row, without=frozenset(Row.model_fields))
    yield from _table("`when` of every row: conditions", When)
    yield from _table(
        "`when` of `[[block]]`: one threshold, beside the conditions", BlockWhen, frozenset(When.model_fields)
    )


def _table(title: str, cls: type[Written], without: frozenset[str] = frozenset()) -> Iterator[str]:
    yield f"**{title}**\n"
    yield "| key | written as | else |\n| --- | --- | --- |"
    hints = get_type_hints(cls, include_extras=True)
    for name, field in cls.model_fields.items():
        if name not in without:
            yield f"| `{field.alias or name}` | {written_as(hints[name])} | {otherwise(field)} |"
    yield ""


def written_as(hint: Any) -> str:
    """How a value is spelled in the file."""
    for known, words in SPELLED:
        if hint == known:
            return words
    if hint is not None and (origin := get_origin(hint)) is not None:
        return _of_parts(hint, origin)
    raise TypeError(f"nobody says how {hint} is written")


def _of_parts(hint: Any, origin: Any) -> str:
    parts = [part for part in get_args(hint) if part is not type(None)]
    if origin is Annotated:
        return written_as(parts[0])
    if origin is Literal:
        return _any_of([f'`"{part}"`' for part in parts])
    if origin is tuple:
        return f"{written_as(parts[0])}; one or a list"
    return _any_of(list(dict.fromkeys(written_as(part) for part in parts)))


def _any_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def otherwise(field: FieldInfo) -> str:
    """What holds when the key is not written."""
    if field.is_required():
        return "must be written"
    value = field.get_default(call_default_factory=True)
    if value is None or value == () or isinstance(value, Written) or value is PydanticUndefined:
        return ""
    return _spelled(value)


def _spelled(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_spelled(one) for one in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str | time) else f"`{value}`"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(page_with_keys(target.read_text("utf-8")), "utf-8")
