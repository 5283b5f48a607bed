"""The arithmetic of the scenarios, on the shipped policies."""

from datetime import timedelta

import pytest

from backend.money import Money, total
from backend.policy.dates import age_on, due_date, due_instant, fine, overdue_days, pickup_deadline
from backend.policy.rows import HoldRow, OverdueRow
from tests.backend.policy import worked
from tests.backend.policy.samples import branch_of, day, kroner, policy_of


@pytest.mark.parametrize(("scenario", "branch", "lent", "days", "due"), worked.DUE)
def test_due_date(scenario: str, branch: str, lent: str, days: int, due: str) -> None:
    assert due_date(branch_of(branch), day(lent), days) == day(due)


@pytest.mark.parametrize(("scenario", "branch", "shelved", "days", "last"), worked.PICKUP)
def test_pickup_deadline(scenario: str, branch: str, shelved: str, days: int, last: str) -> None:
    assert pickup_deadline(branch_of(branch), HoldRow(id="any", pickup_days=days), day(shelved)) == day(last)


@pytest.mark.parametrize(("scenario", "due", "returned", "days"), worked.OVERDUE_DAYS)
def test_overdue_days(scenario: str, due: str, returned: str, days: int) -> None:
    assert overdue_days(day(due), day(returned)) == days


@pytest.mark.parametrize(("scenario", "start", "days", "end"), worked.PLUS)
def test_plain_dates_on_the_bus(scenario: str, start: str, days: int, end: str) -> None:
    assert due_date(branch_of("KAL-BUS"), day(start), days) == day(end)


@pytest.mark.parametrize(("scenario", "born", "on", "years"), worked.AGE)
def test_age(scenario: str, born: str, on: str, years: int) -> None:
    assert age_on(day(born), day(on)) == years


@pytest.mark.parametrize(("scenario", "date", "weekday"), worked.WEEKDAY)
def test_weekday(scenario: str, date: str, weekday: str) -> None:
    assert day(date).strftime("%a") == weekday


@pytest.mark.parametrize(("scenario", "rate", "days", "owed"), worked.PER_DAY)
def test_fine_per_day(scenario: str, rate: int, days: int, owed: str) -> None:
    assert _fine(OverdueRow(id="any", amount=Money(rate * 100, "SEK")), days) == kroner(owed)


@pytest.mark.parametrize(("scenario", "rate", "days", "owed"), worked.PER_WEEK)
def test_fine_per_started_week(scenario: str, rate: int, days: int, owed: str) -> None:
    row = OverdueRow(id="any", amount=Money(rate * 100, "SEK"), per="week", rounding="started")
    assert _fine(row, days) == kroner(owed)


@pytest.mark.parametrize(("scenario", "rate", "cap", "owed"), worked.CAPPED)
def test_cap_is_reached_exactly(scenario: str, rate: int, cap: int, owed: str) -> None:
    row = OverdueRow(id="any", amount=Money(rate * 100, "SEK"), cap=Money(cap * 100, "SEK"))
    assert _fine(row, 1) == kroner(owed)


@pytest.mark.parametrize(("scenario", "amounts", "owed"), worked.SUMS)
def test_sums(scenario: str, amounts: list[str], owed: str) -> None:
    assert total([kroner(amount) for amount in amounts], "SEK").text() == owed


def _fine(row: OverdueRow, days: int) -> Money:
    """Of a loan at Kalmar's main branch, due on a Monday."""
    policy = policy_of("KAL")
    due = due_instant(policy, day("2026-03-02"))
    return fine(policy, policy.branch("KAL-S"), row, due, due + timedelta(days=days))
