"""The arithmetic of dates, deadlines and lateness that the rules share. Whole local dates, never hours times 24.

Every `branch` is the branch of the loan, every instant is aware; results are on the library's own wall clock.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from backend.clock import as_utc
from backend.money import Money
from backend.policy.calendar import Calendar
from backend.policy.model import Policy
from backend.policy.places import Branch
from backend.policy.rows import Counting, HoldRow, LoanRow, OverdueRow, RenewalRow
from backend.policy.sections import Access

DAYS_IN_WEEK = 7
SECONDS_IN_HOUR = 3600
SECONDS_IN_MINUTE = 60


def age_on(birth: date | None, day: date) -> int | None:
    """Completed years; who is born on 29 February has other years' birthdays on 1 March.  Source: policies C-17."""
    if birth is None:
        return None
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def is_old_enough(age: int | None, least: int | None) -> bool:
    """An unknown age passes only where there is no limit.  Source: policies C-17."""
    return not least or (age is not None and age >= least)


def card_from(access: Access, birth: date) -> date:
    """The first day on which a child may have a card.  Source: policies NYN-01."""
    if access.card_from_age_year is None:
        return birth
    month, day = access.card_from_day.split("-")
    return date(birth.year + access.card_from_age_year, int(month), int(day))


def due_date(branch: Branch, loan_day: date, days: int, count: Counting = "calendar") -> date:
    """The last day of a loan of `days`, moved off closed days as the branch does.  Source: policies C-02, C-04."""
    if count == "open":
        return branch.calendar.nth_open_after(loan_day, days)
    return moved_to_open(branch, loan_day + timedelta(days=days), loan_day)


def moved_to_open(branch: Branch, day: date, loan_day: date) -> date:
    """`day`, or where `due_on_closed` moves it; never back to the loan day itself.  Source: policies 6.3.1."""
    if branch.due_on_closed == "keep" or branch.calendar.is_open(day):
        return day
    if branch.due_on_closed == "previous_open":
        earlier = branch.calendar.previous_open(day)
        if earlier > loan_day:
            return earlier
    return branch.calendar.next_open(day)


def due_instant(policy: Policy, day: date) -> datetime:
    """The last moment of the due date.  Source: policies C-03."""
    return policy.time.at(day, policy.conventions.due_time)


def loan_due(policy: Policy, branch: Branch, row: LoanRow, lent: datetime, waiting: int = 0) -> datetime | None:
    """When a loan made at `lent` is due, or None when its `until` has passed: then it is not for loan.

    `waiting` is the length of the title's waiting list at checkout; a list only ever shortens a loan.
    """
    if row.hours is not None:
        return _due_after_hours(policy, branch, lent, row.hours)
    days = row.days
    if waiting and row.waiting_days is not None:
        days = min(days or row.waiting_days, row.waiting_days)
    return _due_after_days(policy, branch, row, policy.time.today(lent), days)


def renewal_due(
    policy: Policy, branch: Branch, row: RenewalRow, loan_row: LoanRow, now: datetime, due: datetime
) -> datetime | None:
    """When a loan due at `due` would be due if renewed now, or None when `until` has passed.

    `branch` is where the loan was made. Whether anything is gained is for the rule to see.  Source: policies C-14.
    """
    counted_from = row.counted_from or policy.conventions.renewal_from
    start = now if counted_from == "today" else due
    if row.days is None and loan_row.hours is not None:
        return _due_after_hours(policy, branch, start, loan_row.hours)
    return _due_after_days(policy, branch, loan_row, policy.time.today(start), row.days or loan_row.days)


def is_too_early(policy: Policy, row: RenewalRow, now: datetime, due: datetime) -> bool:
    """More than `not_before_days` remain before the due date."""
    if row.not_before_days is None:
        return False
    return (policy.time.today(due) - policy.time.today(now)).days > row.not_before_days


def pickup_deadline(branch: Branch, row: HoldRow, shelved: date) -> date:
    """The last day on which an item may be collected at `branch`.  Source: policies C-16."""
    days = row.pickup_days or 0
    if row.pickup_count == "open":
        return branch.calendar.nth_open_after(shelved, days)
    return branch.calendar.next_open(shelved + timedelta(days=days))


def after_closure(branch: Branch, due: date) -> date:
    """Where a due date falls once the branch's calendar has the closure: later or unmoved.  Source: policies C-27."""
    return due if branch.due_on_closed == "keep" else branch.calendar.next_open(due)


def overdue_days(due: date, day: date) -> int:
    """Calendar days after the due date; 0 on it and before.  Source: policies C-05."""
    return max(0, (day - due).days)


def fine(
    policy: Policy, branch: Branch, row: OverdueRow, due: datetime, returned: datetime, price: Money | None = None
) -> Money:
    """What being late costs; nothing while `row.is_unset`. `price` is the item's, when recorded."""
    if not isinstance(row.amount, Money):
        return policy.zero
    owed = row.amount.times(_charged_units(policy, branch, row, due, returned))
    caps = [row.cap] if row.cap is not None else []
    if row.cap_to_price and price is not None:
        caps.append(price)
    return min([owed, *caps])


def suspend_until(policy: Policy, branch: Branch, row: OverdueRow, due: datetime, returned: datetime) -> date | None:
    """The first day on which the patron may borrow again, or None when lateness bars nobody."""
    if row.suspend_days is None:
        return None
    late = _chargeable(row, _late_days(policy, branch.calendar, row, due, returned), 1)
    return policy.time.today(returned) + timedelta(days=late * row.suspend_days) if late else None


def _due_after_days(policy: Policy, branch: Branch, row: LoanRow, start: date, days: int | None) -> datetime | None:
    """The earlier of so many days and the row's `until`."""
    ends = [] if days is None else [due_date(branch, start, days, row.count)]
    if row.until is not None:
        last = min((end for end in row.until if end >= start), default=None)
        if last is None:
            return None
        ends.append(moved_to_open(branch, last, start))
    return due_instant(policy, min(ends)) if ends else None


def _due_after_hours(policy: Policy, branch: Branch, start: datetime, hours: int) -> datetime:
    """Exactly so long after `start`, then moved into opening hours as the branch does."""
    begins = as_utc(start)
    due = policy.time.local(begins + timedelta(hours=hours))
    if branch.due_on_closed == "keep" or branch.calendar.open_at(due):
        return due
    if branch.due_on_closed == "previous_open":
        earlier = policy.time.at(*branch.calendar.previous_closing(due))
        if as_utc(earlier) > begins:
            return earlier
    return policy.time.at(*branch.calendar.next_opening(due))


def _charged_units(policy: Policy, branch: Branch, row: OverdueRow, due: datetime, returned: datetime) -> int:
    """How many hours, days or weeks are charged."""
    started = (row.rounding or policy.conventions.rounding) == "started"
    divide: Callable[[int, int], int] = _divided_up if started else _divided_down
    if row.per == "hour":
        seconds = _late_seconds(policy, branch.calendar, row, due, returned)
        return divide(_chargeable(row, seconds, 24 * SECONDS_IN_HOUR), SECONDS_IN_HOUR)
    days = _chargeable(row, _late_days(policy, branch.calendar, row, due, returned), 1)
    return days if row.per == "day" else divide(days, DAYS_IN_WEEK)


def _chargeable(row: OverdueRow, late: int, a_day: int) -> int:
    """Lateness after grace, in units of which `a_day` make a day."""
    grace = row.grace_days * a_day
    if late <= grace:
        return 0
    return late - grace if row.grace_is_free else late


def _late_days(policy: Policy, calendar: Calendar, row: OverdueRow, due: datetime, returned: datetime) -> int:
    last, day = policy.time.today(due), policy.time.today(returned)
    if _counts_closed(policy, row):
        return overdue_days(last, day)
    return calendar.open_days_between(last, day)


def _late_seconds(policy: Policy, calendar: Calendar, row: OverdueRow, due: datetime, returned: datetime) -> int:
    if _counts_closed(policy, row):
        return max(0, int((as_utc(returned) - as_utc(due)).total_seconds()))
    minutes = calendar.open_minutes_between(policy.time.local(due), policy.time.local(returned))
    return minutes * SECONDS_IN_MINUTE


def _counts_closed(policy: Policy, row: OverdueRow) -> bool:
    return policy.conventions.count_closed if row.count_closed is None else row.count_closed


def _divided_up(amount: int, unit: int) -> int:
    return -(-amount // unit)


def _divided_down(amount: int, unit: int) -> int:
    return amount // unit
