"""Two libraries that nobody has thought of: their files use every answer that a row can give."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from backend.money import Money
from backend.policy.dates import (
    fine,
    is_old_enough,
    is_too_early,
    loan_due,
    pickup_deadline,
    renewal_due,
    suspend_until,
)
from backend.policy.draft import TABLES
from backend.policy.facts import Account, Facts
from backend.policy.loader import load_policy
from backend.policy.model import Policy
from backend.policy.rows import Row
from tests.backend.policy.samples import at, day, kroner

HERE = Path(__file__).parent


@cache
def harbour() -> Policy:
    return load_policy(HERE / "harbour.toml")


@cache
def mountain() -> Policy:
    return load_policy(HERE / "mountain.toml")


def tables(policy: Policy) -> Iterator[tuple[str, Row]]:
    """Every row with the name of its table."""
    for table in TABLES:
        for row in getattr(policy.rows, "returns" if table == "return" else table):
            yield table, row


def choices(hint: object) -> set[object]:
    """What a key may be set to where that is one of a few words, or yes and no."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    if hint is bool:
        return {True, False}
    return {choice for part in get_args(hint) for choice in choices(part)}


KEYS = [(table, name) for table, cls in TABLES.items() for name in cls.model_fields if name not in Row.model_fields]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_answer_is_used(table: str, key: str) -> None:
    """Each key of each table is written in one of the two files, and set to each of its words."""
    rows = [row for policy in (harbour(), mountain()) for name, row in tables(policy) if name == table]
    assert any(key in row.model_fields_set for row in rows)
    values = [getattr(row, key) for row in rows]
    used = {one for value in values for one in (value if isinstance(value, tuple) else (value,))}
    assert choices(get_type_hints(TABLES[table], include_extras=True)[key]) <= used


# facts, lent on, at, waiting, due (None: not for loan)
LOANS = [
    (Facts(flags=frozenset({"reading_room"})), "2026-02-10", "11:00", 0, "2026-02-10 14:00"),
    (Facts(flags=frozenset({"reading_room"})), "2026-02-10", "16:30", 0, "2026-02-10 17:59"),  # back to closing time
    (Facts(flags=frozenset({"reading_room"})), "2026-02-09", "11:30", 0, "2026-02-09 14:30"),  # over the lunch break
    (Facts(loan_type="term"), "2026-02-10", "11:00", 0, "2026-06-30 20:00"),
    (Facts(loan_type="term"), "2026-07-01", "11:00", 0, "2026-12-19 20:00"),  # the 20th is a Sunday
    (Facts(loan_type="term"), "2026-12-21", "11:00", 0, None),
    (Facts(loan_type="exhibition"), "2026-02-02", "11:00", 0, "2026-03-04 20:00"),
    (Facts(loan_type="exhibition"), "2026-03-02", "11:00", 0, "2026-03-14 20:00"),
    (Facts(loan_type="exhibition"), "2026-03-16", "11:00", 0, None),
    (Facts(item_age_days=89), "2026-02-09", "11:00", 0, "2026-02-20 20:00"),  # ten open days, Saturday among them
    (Facts(item_age_days=90), "2026-02-02", "11:00", 0, "2026-03-04 20:00"),
    (Facts(), "2026-02-02", "11:00", 1, "2026-02-09 20:00"),
    (Facts(), "2026-01-30", "11:00", 0, "2026-02-28 20:00"),  # 1 March is a Sunday: back to the Saturday
]


@pytest.mark.parametrize(("facts", "lent", "moment", "waiting", "due"), LOANS)
def test_how_long(facts: Facts, lent: str, moment: str, waiting: int, due: str | None) -> None:
    policy = harbour()
    found = loan_due(policy, policy.branch("HAR-1"), policy.loan_row(facts), at(policy, lent, moment), waiting)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == due


def test_previous_open_never_reaches_the_loan_day() -> None:
    branch = harbour().branch("HAR-1")
    row = harbour().loan_row(Facts(material="toy")).model_copy(update={"days": 1})
    saturday = at(harbour(), "2026-02-07")
    assert loan_due(harbour(), branch, row, saturday) == at(harbour(), "2026-02-09", "20:00")


def test_limits_count_in_groups() -> None:
    policy = harbour()
    assert policy.loan_row(Facts(material="toy")).counted_in == "H-toys"
    assert policy.loan_row(Facts()).counted_in == policy.loan_row(Facts(item_age_days=1)).counted_in == "all"
    assert policy.loan_row(Facts(loan_type="term")).counted_in is None
    assert not policy.counts_everything("all")
    assert not mountain().counts_everything("all")


def test_renewals() -> None:
    policy = harbour()
    branch, loan = policy.branch("HAR-1"), policy.loan_row(Facts())
    web, desk = policy.renewal_row(Facts(channel="web")), policy.renewal_row(Facts(channel="selfcheck"))
    due = at(policy, "2026-03-04", "20:00")
    assert (web.automatic, desk.staff_only, desk.until_due, desk.while_waiting) == (True, True, True, False)
    assert renewal_due(policy, branch, web, loan, at(policy, "2026-03-03"), due) == at(policy, "2026-03-10", "20:00")
    assert renewal_due(policy, branch, desk, loan, at(policy, "2026-02-20"), due) == at(policy, "2026-04-03", "20:00")
    assert is_too_early(policy, web, at(policy, "2026-02-28"), due)
    assert not is_too_early(policy, web, at(policy, "2026-03-01"), due)
    assert not is_too_early(policy, desk, at(policy, "2026-01-01"), due)
    assert web.is_used_up(2)
    assert not web.is_used_up(1)
    assert not desk.is_used_up(10_000)


def test_renewal_of_hours() -> None:
    policy = harbour()
    loan = policy.loan_row(Facts(flags=frozenset({"reading_room"})))
    renewed = renewal_due(
        policy,
        policy.branch("HAR-1"),
        policy.renewal_row(Facts()),
        loan,
        at(policy, "2026-02-10", "11:00"),
        at(policy, "2026-02-10", "13:00"),
    )
    assert renewed == at(policy, "2026-02-10", "16:00")


def test_holds() -> None:
    policy = harbour()
    row = policy.hold_row(Facts())
    assert (row.max_holds, row.min_age, row.recall_days) == (10, 12, 14)
    assert pickup_deadline(policy.branch("HAR-1"), row, day("2026-02-06")) == day("2026-02-10")
    assert not policy.hold_row(Facts(price=kroner("1000.00", "DKK"))).allowed
    assert policy.hold_row(Facts(price=kroner("999.99", "DKK"))).allowed
    assert is_old_enough(12, row.min_age)
    assert not is_old_enough(11, row.min_age)
    assert not is_old_enough(None, row.min_age)
    assert is_old_enough(None, None)


# facts, price, due, returned, owed
FINES = [
    (Facts(flags=frozenset({"reading_room"})), None, "2026-02-10 14:00", "2026-02-10 14:00", "0.00"),
    (Facts(flags=frozenset({"reading_room"})), None, "2026-02-10 14:00", "2026-02-10 14:01", "10.00"),
    (Facts(flags=frozenset({"reading_room"})), None, "2026-02-10 14:00", "2026-02-10 16:00", "20.00"),
    (
        Facts(flags=frozenset({"reading_room"})),
        None,
        "2026-03-28 23:00",
        "2026-03-29 05:00",
        "50.00",
    ),  # spring: 5 hours
    (Facts(flags=frozenset({"reading_room_soft"})), None, "2026-02-09 11:00", "2026-02-09 15:30", "30.00"),  # 3.5 open
    (Facts(flags=frozenset({"reading_room_soft"})), None, "2026-02-06 17:00", "2026-02-09 08:30", "190.00"),  # 1 + 18
    (Facts(material="toy"), None, "2026-02-02 20:00", "2026-02-04 12:00", "0.00"),  # two days of grace
    (Facts(material="toy"), None, "2026-02-02 20:00", "2026-02-05 12:00", "4.00"),  # only the third is charged
    (Facts(material="toy"), None, "2026-02-06 20:00", "2026-02-09 12:00", "0.00"),  # the Sunday does not count
    (Facts(material="toy"), None, "2026-02-02 20:00", "2026-04-02 12:00", "40.00"),
    (Facts(material="toy"), "25.00", "2026-02-02 20:00", "2026-04-02 12:00", "25.00"),
    (Facts(), None, "2026-02-02 20:00", "2026-02-09 12:00", "0.00"),  # six open days: no full week
    (Facts(), None, "2026-02-02 20:00", "2026-02-10 12:00", "7.00"),
    (Facts(), None, "2026-02-02 20:00", "2026-02-20 12:00", "14.00"),
]


@pytest.mark.parametrize(("facts", "price", "due", "returned", "owed"), FINES)
def test_lateness_that_costs(facts: Facts, price: str | None, due: str, returned: str, owed: str) -> None:
    policy = harbour()
    recorded = kroner(price, "DKK") if price else None
    found = fine(
        policy,
        policy.branch("HAR-1"),
        policy.overdue_row(facts),
        at(policy, *due.split()),
        at(policy, *returned.split()),
        recorded,
    )
    assert found.text() == owed


# days late, the first day on which the patron may borrow again
BARRED = [(0, None), (1, None), (2, 4), (10, 20)]


@pytest.mark.parametrize(("late", "days"), BARRED)
def test_lateness_that_bars(late: int, days: int | None) -> None:
    policy = mountain()
    row, branch = policy.overdue_row(Facts(audience="adult")), policy.branch("MTN-1")
    due = at(policy, "2026-02-02", "23:59:59")
    returned = due.replace(hour=12) + timedelta(days=late)
    expected = None if days is None else returned.date() + timedelta(days=days)
    assert suspend_until(policy, branch, row, due, returned) == expected
    assert fine(policy, branch, row, due, returned) == policy.zero


def test_grace_that_is_lost() -> None:
    policy = mountain()
    row, branch, due = policy.overdue_row(Facts()), policy.branch("MTN-1"), at(policy, "2026-02-02", "23:59:59")
    assert fine(policy, branch, row, due, at(policy, "2026-02-06")).text() == "0.00"
    assert fine(policy, branch, row, due, at(policy, "2026-02-07")).text() == "5.00"
    assert suspend_until(policy, branch, row, due, at(policy, "2026-02-07")) is None


def test_notices() -> None:
    policy = harbour()
    assert [row.id for row in policy.advance_notices(Facts())] == ["H-early", "H-early-again"]
    assert [row.id for row in policy.ladder(Facts(age=40))] == ["H-first", "H-bill"]
    assert [row.id for row in policy.ladder(Facts(age=9))] == ["H-first-child", "H-bill"]
    first = policy.ladder(Facts())[0]
    assert (first.mode, first.per, first.fee) == ("additive", "item", kroner("25.00", "DKK"))
    assert policy.arrival_notice(Facts()) is None


def test_loss() -> None:
    row = harbour().replacement_row(Facts(material="map"))
    assert row.amount(None) == kroner("800.00", "DKK")
    assert (row.processing_fee, row.refund_days, row.cancel_on_return) == (kroner("50.00", "DKK"), 90, False)
    assert harbour().replacement_row(Facts()).amount(None) is None
    lent_in = mountain().replacement_row(Facts(loan_type="ill"))
    assert lent_in.amount(kroner("90.00", "NOK"), kroner("120.00", "NOK")) == kroner("120.00", "NOK")
    assert mountain().replacement_row(Facts()).amount(None) == kroner("200.00", "NOK")


def test_fees() -> None:
    reserve, hire = (
        harbour().fee_row("hold_placed", Facts(age=18)),
        harbour().fee_row("checkout", Facts(material="toy")),
    )
    assert reserve is not None
    assert (reserve.amount, reserve.kind, reserve.is_unset) == (kroner("5.00", "DKK"), "hold", False)
    assert hire is not None
    assert (hire.is_unset, hire.ask_first) == (True, True)
    assert harbour().fee_row("hold_placed", Facts(age=17)) is None
    assert harbour().fee_row("hold_placed", Facts(age=None)) is None
    assert harbour().exempt_row("copy", Facts(category="child")) is not None


# category, debt, late, out, billed, standing before, what stands
BLOCKS = [
    ("adult", "99.99", 0, 0, 0, set(), {}),
    ("adult", "100.00", 0, 0, 0, set(), {"H-debt": {"checkout", "web"}}),
    ("adult", "0.01", 0, 0, 0, {"H-debt"}, {"H-debt": {"checkout", "web"}}),
    ("adult", "0.00", 0, 0, 0, {"H-debt"}, {}),
    ("child", "100.00", 0, 0, 0, set(), {"H-debt": {"web"}}),
    ("child", "500.00", 0, 0, 0, set(), {"H-child-debt": {"checkout"}, "H-debt": {"web"}}),
    ("adult", "0.00", 2, 59, 0, set(), {}),
    ("adult", "0.00", 3, 60, 0, set(), {"H-late-items": {"hold", "capture"}, "H-pile": {"checkout"}}),
    ("adult", "0.00", 0, 0, 1, set(), {"H-billed": {"checkout", "renewal", "hold", "collect"}}),
]


@pytest.mark.parametrize(("category", "debt", "late", "out", "billed", "standing", "blocks"), BLOCKS)
def test_blocks(
    category: str, debt: str, late: int, out: int, billed: int, standing: set[str], blocks: dict[str, set[str]]
) -> None:
    account = Account(debt=kroner(debt, "DKK"), overdue_items=late, items_out=out, billed_items=billed)
    found = harbour().blocks(Facts(category=category), account, frozenset(standing))
    assert {block.row.id: set(block.stops) for block in found} == blocks


def test_returns() -> None:
    policy = harbour()
    toy = policy.return_row(Facts(material="toy"))
    assert (toy.to, toy.accepted_at) == ("float", ("HAR-1",))
    assert policy.return_row(Facts(branch_kind="bus")).to == "stay"
    assert policy.return_row(Facts()).to == "home"


def test_a_ship_has_stops() -> None:
    ship = harbour().branch("HAR-SHIP")
    monday, saturday = day("2026-02-09"), day("2026-06-06")
    assert [stop.name for stop in ship.stops_on(monday)] == ["North pier", "South pier"]
    assert [stop.name for stop in ship.stops_on(saturday)] == ["The island"]
    assert ship.stops_on(monday + timedelta(days=1)) == ()
    assert ship.calendar.next_open(date(2026, 6, 2)) == saturday
    assert ship.calendar.staffed_at(at(harbour(), "2026-02-09", "14:00"))
    assert not ship.calendar.staffed_at(at(harbour(), "2026-02-09", "12:00"))


# facts, the row
MOUNTAIN_LOANS = [
    (Facts(material="film", language="en"), "M-parents-only"),
    (Facts(material="film", language="nn"), "M-all"),
    (Facts(material="film", language=None), "M-all"),
    (Facts(day=date(2026, 6, 1)), "M-summer"),
    (Facts(day=date(2026, 6, 30)), "M-summer"),
    (Facts(day=date(2026, 7, 1)), "M-all"),
    (Facts(day_kind="self_service", op="checkout"), "M-weekend"),
    (Facts(day_kind="self_service", op="renewal"), "M-all"),
    (Facts(home_branch="MTN-1", linked=False), "M-far"),
    (Facts(home_branch="MTN-1", linked=True), "M-all"),
]


@pytest.mark.parametrize(("facts", "row"), MOUNTAIN_LOANS)
def test_rows_by_circumstance(facts: Facts, row: str) -> None:
    assert mountain().loan_row(facts).id == row


# date, open
MOUNTAIN_DAYS = [
    ("2026-05-17", True),  # the national day, a Sunday with hours of its own
    ("2026-05-01", False),  # a national holiday
    ("2026-05-14", False),  # Ascension Day
    ("2026-04-05", False),  # Easter Sunday
    ("2026-04-12", True),  # an ordinary Sunday is no holiday
    ("2026-07-14", False),
    ("2026-07-15", True),
    ("2026-08-03", True),
    ("2026-08-08", False),
]


@pytest.mark.parametrize(("date_text", "is_open"), MOUNTAIN_DAYS)
def test_holidays_and_exceptions(date_text: str, is_open: bool) -> None:
    assert mountain().branch("MTN-1").calendar.is_open(day(date_text)) is is_open


def test_conventions_are_read() -> None:
    harbours, usual = harbour().conventions, mountain().conventions
    assert (harbours.running_fines_count, usual.running_fines_count) == (False, True)
    assert (harbours.rounding, usual.rounding) == ("completed", "started")
    assert harbour().access.national_card == "any"
    assert harbour().zero == Money(0, "DKK")
