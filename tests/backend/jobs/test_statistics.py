"""Figures of lending are the same before and after the people in them are forgotten, on both databases."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import null, update

from backend.commands import CheckIn, CheckOut, Renew, UndoCheckOut
from backend.model import AskedBy, BranchId, IdentifierKind
from backend.statistics import Borrower, borrower_of
from backend.store.session import Session
from backend.store.statement import Statement
from backend.store.statistics import Span, between_libraries, loans_by_month, months_until, most_lent
from backend.store.store import Store
from backend.tables import loans
from tests.backend.jobs.test_run import Town
from tests.backend.store.world import KAL, KIOSK, MAIN, add_patron, patron

NEW_YEARS_EVE = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)  # half an hour before midnight in Kalmar
DESK = AskedBy(account=KIOSK.account, library=KAL, branch=BranchId(MAIN), trusts_patron=True)
CHILD = patron(7_101, KAL, "Liten", birth_date=date(2011, 1, 1))  # fifteen on New Year's Day
LIBRARY = patron(7_102, KAL, "Ölands bibliotek", category="library")

FORGOTTEN_BEFORE = Statement(update(loans).values(borrower=null()))


def people(session: Session) -> None:
    add_patron(session, CHILD, [(IdentifierKind.CARD, "20007101")])
    add_patron(session, LIBRARY, [(IdentifierKind.CARD, "20007102")])


@pytest.fixture
def town(store: Store) -> Town:
    """Loans on both sides of a new year, and one that was undone."""
    made = Town(store, NEW_YEARS_EVE)
    store.call(people, write=True)
    lend(made, "20007101", "KB1")
    lend(made, "20001001", "KB3")
    made.clock.advance(timedelta(hours=1))  # it is 2026
    lend(made, "20007101", "KB2")
    lend(made, "20007102", "KB4")
    lend(made, "20001003", "SAME")
    made.circulation.handle(UndoCheckOut(item="SAME"), DESK)
    made.clock.advance(timedelta(days=1))
    made.circulation.handle(Renew(patron="20001001", item="KB3"), DESK)
    made.circulation.handle(CheckIn(item="KB1"), DESK)
    lend(made, "20001003", "KB1")
    for barcode in ("KB1", "KB2", "KB3", "KB4"):
        made.circulation.handle(CheckIn(item=barcode), DESK)
    lend(made, "20001001", "KB1")
    made.clock.advance(timedelta(days=3))
    return made


def lend(town: Town, card: str, barcode: str) -> None:
    town.circulation.handle(CheckOut(patron=card, item=barcode), DESK)


def figures(town: Town) -> list[object]:
    time = town.shelf.of(KAL, town.clock.now()).time
    span = Span(KAL, time, months_until(date(2026, 1, 15), 2))

    def read(session: Session) -> list[object]:
        return [*loans_by_month(session, span), *most_lent(session, span, 2), *between_libraries(session, span)]

    return town.store.call(read, write=False)


def test_what_was_lent_to_whom(town: Town) -> None:
    december, january, first, second, _, between = (vars_of(one) for one in figures(town))
    assert december == {
        "library": "KAL",
        "month": "2025-12",
        "children": 1,
        "adults": 1,
        "libraries": 0,
        "unknown": 0,
    } | {
        "loans": 2,
        "renewals": 1,
    }
    assert (january["month"], january["loans"], january["children"]) == ("2026-01", 4, 0)
    assert (january["adults"], january["libraries"], january["renewals"]) == (3, 1, 0)
    assert (first["title"], first["loans"], first["record"]) == ("Sult", 4, "b1")
    assert (second["place"], second["loans"]) == (2, 1)
    assert (between["month"], between["lent"], between["borrowed"]) == ("2026-01", 1, 0)


def vars_of(line: Any) -> dict[str, Any]:
    return asdict(line)


def test_the_figures_survive_the_people(town: Town) -> None:
    before = figures(town)
    assert town.jobs.run(KAL, date(2026, 1, 5)).done["loans_forgotten"] == 6
    assert town.rows("select count(*) from loans where patron is not null") == [(1,)]
    assert figures(town) == before
    assert town.rows("select borrower, count(*) from loans group by borrower order by borrower") in (
        [(None, 1), ("adult", 4), ("child", 1), ("library", 1)],
        [("adult", 4), ("child", 1), ("library", 1), (None, 1)],
    )


def test_nobody_knows_to_whom_before_this_was_kept(town: Town) -> None:
    town.jobs.run(KAL, date(2026, 1, 5))
    town.store.call(lambda session: session.change(FORGOTTEN_BEFORE, {}), write=True)
    december, *_ = (vars_of(one) for one in figures(town))
    assert (december["unknown"], december["loans"]) == (2, 2)


# category, born, the day of the loan, the group
GROUPS = [
    ("adult", date(2011, 2, 12), date(2026, 2, 11), Borrower.CHILD),
    ("adult", date(2011, 2, 12), date(2026, 2, 12), Borrower.ADULT),
    ("child", date(1985, 2, 12), date(2026, 2, 12), Borrower.ADULT),
    ("child", None, date(2026, 2, 12), Borrower.CHILD),
    ("adult", None, date(2026, 2, 12), Borrower.ADULT),
    ("library", date(2020, 1, 1), date(2026, 2, 12), Borrower.LIBRARY),
]


@pytest.mark.parametrize(("category", "born", "day", "group"), GROUPS)
def test_groups(category: str, born: date | None, day: date, group: Borrower) -> None:
    assert borrower_of(category, born, day) is group


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 120))
def test_months_follow_one_another(last: date, count: int) -> None:
    months = months_until(last, count)
    assert len(months) == count
    assert months[-1] == (last.year, last.month)
    assert all((b[0] - a[0]) * 12 + b[1] - a[1] == 1 for a, b in pairwise(months))
