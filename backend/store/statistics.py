"""Lending statistics: whole tables read for a person's figures, with or without the patrons of closed loans.

Loans whose patron is forgotten carry the group that he or she counted in; of the others, who are few, it is worked out.
An undone loan never was.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from backend.clock import LibraryTime, from_epoch, to_epoch
from backend.model import LibraryId
from backend.statistics import Borrower, borrower_of
from backend.store.session import Session
from backend.tables import items, loans, patrons, titles
from backend.tables_partner import requests

Month = tuple[int, int]  # year and month
LENT_IN = "ill"  # loan type of what is here from another library


@dataclass(frozen=True, slots=True, kw_only=True)
class LoansOfMonth:
    """How many loans were made, and how often loans that began then were renewed. `unknown`: nobody knows to whom."""

    library: LibraryId
    month: str
    children: int = 0
    adults: int = 0
    libraries: int = 0
    unknown: int = 0
    loans: int = 0
    renewals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LentTitle:
    """A title and how often its copies went out."""

    library: LibraryId
    place: int
    loans: int
    title: str
    author: str
    record: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenLibraries:
    """`borrowed`: other libraries' items lent to our patrons. `lent`: our items lent to libraries, or by them.
    `requests`: what partners' systems asked us for.
    """

    library: LibraryId
    month: str
    borrowed: int = 0
    lent: int = 0
    requests: int = 0


@dataclass(frozen=True)
class Span:
    """Whole months of one library, and the instants at which they begin; the last is where the last month ends."""

    library: LibraryId
    time: LibraryTime
    months: tuple[Month, ...]

    @property
    def starts(self) -> list[int]:
        after = following(self.months[-1])
        return [to_epoch(begin_of(self.time, *month)) for month in (*self.months, after)]

    @property
    def names(self) -> list[str]:
        """Each month as `2026-02`."""
        return [f"{year:04}-{month:02}" for year, month in self.months]

    def within(self, instant: ColumnElement[int]) -> ColumnElement[bool]:
        starts = self.starts
        return and_(instant >= starts[0], instant < starts[-1])

    def place(self, instant: ColumnElement[int]) -> ColumnElement[int]:
        """The number of the month, from 0."""
        ends = self.starts[1:]
        return case(*((instant < end, number) for number, end in enumerate(ends)), else_=len(ends))


def following(month: Month) -> Month:
    return (month[0] + month[1] // 12, month[1] % 12 + 1)


def months_until(last: date, count: int) -> tuple[Month, ...]:
    """So many months, that of `last` the last one."""
    number = last.year * 12 + last.month - 1
    return tuple((one // 12, one % 12 + 1) for one in range(number - count + 1, number + 1))


def begin_of(time: LibraryTime, year: int, month: int) -> datetime:
    return time.at(date(year, month, 1), datetime.min.time())


def loans_by_month(session: Session, span: Span) -> list[LoansOfMonth]:
    """One row for each month, nothing lent included."""
    counted: Counter[tuple[int, str]] = Counter()
    renewals: Counter[int] = Counter()
    for month, group, made, renewed in (*_forgotten(session, span), *_remembered(session, span)):
        counted[month, group] += made
        renewals[month] += renewed
    return [
        LoansOfMonth(
            library=span.library,
            month=name,
            children=counted[number, Borrower.CHILD],
            adults=counted[number, Borrower.ADULT],
            libraries=counted[number, Borrower.LIBRARY],
            unknown=counted[number, ""],
            loans=sum(made for (month, _), made in counted.items() if month == number),
            renewals=renewals[number],
        )
        for number, name in enumerate(span.names)
    ]


Counted = tuple[int, str, int, int]  # month, group, loans, renewals


def _made(span: Span) -> ColumnElement[bool]:
    return and_(loans.c.library == span.library, span.within(loans.c.lent), ~loans.c.undone)


def _forgotten(session: Session, span: Span) -> Iterable[Counted]:
    month = span.place(loans.c.lent).label("month")
    group = func.coalesce(loans.c.borrower, "").label("who")
    counted = (
        select(month, group, func.count(), func.coalesce(func.sum(loans.c.renewals), 0))
        .where(_made(span), loans.c.patron.is_(None))
        .group_by("month", "who")
    )
    return [(number, who, int(made), int(renewed)) for number, who, made, renewed in session.query(counted)]


def _remembered(session: Session, span: Span) -> Iterable[Counted]:
    each = (
        select(span.place(loans.c.lent), loans.c.lent, loans.c.renewals, patrons.c.category, patrons.c.birth_date)
        .select_from(loans.join(patrons, patrons.c.id == loans.c.patron))
        .where(_made(span))
    )
    for month, lent, renewals, category, birth_date in session.query(each):
        born = date.fromisoformat(birth_date) if birth_date else None
        yield month, borrower_of(category, born, span.time.today(from_epoch(lent))), 1, renewals


def most_lent(session: Session, span: Span, most: int) -> list[LentTitle]:
    """The titles that went out most, the first first; equal ones by title."""
    made = func.count().label("made")
    wanted = (
        select(made, titles.c.title, titles.c.author, titles.c.record)
        .select_from(loans.join(items, items.c.id == loans.c.item).join(titles, titles.c.id == items.c.title_id))
        .where(_made(span))
        .group_by(titles.c.id, titles.c.title, titles.c.author, titles.c.record)
        .order_by(made.desc(), titles.c.title, titles.c.id)
        .limit(most)
    )
    return [
        LentTitle(library=span.library, place=place, loans=int(count), title=title, author=author, record=record)
        for place, (count, title, author, record) in enumerate(session.query(wanted), start=1)
    ]


def between_libraries(session: Session, span: Span) -> list[BetweenLibraries]:
    """One row for each month."""
    ours, here = items.c.library == span.library, loans.c.library == span.library
    to_library = or_(loans.c.borrower == Borrower.LIBRARY.value, patrons.c.category == Borrower.LIBRARY.value)
    borrowed = _by_month(session, span, and_(here, or_(items.c.loan_type == LENT_IN, ~ours)))
    lent = _by_month(session, span, and_(ours, or_(~here, to_library)))
    asked = _requests(session, span)
    return [
        BetweenLibraries(
            library=span.library, month=name, borrowed=borrowed[number], lent=lent[number], requests=asked[number]
        )
        for number, name in enumerate(span.names)
    ]


def _by_month(session: Session, span: Span, which: ColumnElement[bool]) -> Counter[int]:
    month = span.place(loans.c.lent).label("month")
    counted = (
        select(month, func.count())
        .select_from(loans.join(items, items.c.id == loans.c.item).outerjoin(patrons, patrons.c.id == loans.c.patron))
        .where(span.within(loans.c.lent), ~loans.c.undone, which)
        .group_by("month")
    )
    return _counter(session.query(counted))


def _requests(session: Session, span: Span) -> Counter[int]:
    month = span.place(requests.c.made_at).label("month")
    counted = (
        select(month, func.count())
        .where(requests.c.library == span.library, span.within(requests.c.made_at))
        .group_by("month")
    )
    return _counter(session.query(counted))


def _counter(rows: Iterable[Sequence[int]]) -> Counter[int]:
    return Counter({int(month): int(count) for month, count in rows})
