"""What holds for every date, across clock changes, leap days and year ends, and for every set of facts."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.clock import from_epoch, to_epoch
from backend.money import Money
from backend.policy.dates import age_on, due_date, due_instant, fine, loan_due, overdue_days, pickup_deadline
from backend.policy.facts import Facts
from backend.policy.model import NOT_LENT
from backend.policy.rows import HoldRow, OverdueRow
from backend.policy.table import DecisionTable
from backend.policy.when import TESTS, When
from tests.backend.policy.samples import policy_of, shipped

LIBRARIES = ("ASK", "LYS", "KAL", "NYN", "BAR")
POLICIES = st.sampled_from(LIBRARIES).map(policy_of)
BRANCHES = st.sampled_from([branch for each in LIBRARIES for branch in policy_of(each).branches.values()])
DATES = st.dates(date(2020, 1, 1), date(2040, 12, 31))
PERIODS = st.integers(1, 400)  # days
SECONDS = st.integers(0, 86_399)
MATERIALS = ("book", "film.dvd", "film.feature", "game", "magazine", "equipment.ebike", "talking_book", "map")
FACTS = st.builds(
    Facts,
    category=st.sampled_from(("adult", "child", "home_service", "institution")),
    age=st.none() | st.integers(0, 110),
    material=st.sampled_from(MATERIALS),
    audience=st.sampled_from((None, "adult", "child")),
    loan_type=st.sampled_from(("normal", "express", "7-day", "14-day", "ill", "equipment")),
    language=st.sampled_from((None, "sv", "en")),
    flags=st.frozensets(st.sampled_from(("course", "special_value", "single_disc"))),
    branch_kind=st.sampled_from((None, "main", "bus")),
    waiting=st.integers(0, 3),
)


@given(BRANCHES, DATES, PERIODS)
def test_a_due_date_is_open_and_never_early(branch, lent, days):
    due = due_date(branch, lent, days)
    assert due >= lent + timedelta(days=days)
    assert branch.due_on_closed == "keep" or branch.calendar.is_open(due)
    passed = (lent + timedelta(days=n) for n in range(days, (due - lent).days))
    assert not any(branch.calendar.is_open(each) for each in passed)


@given(BRANCHES, DATES, st.integers(1, 30))
def test_open_days_are_counted_as_they_are_waited_for(branch, lent, days):
    due = due_date(branch, lent, days, "open")
    assert branch.calendar.is_open(due)
    assert branch.calendar.open_days_between(lent, due) == days


@given(POLICIES, DATES, SECONDS, st.integers(0, 3))
def test_a_loan_ends_in_its_last_second_whenever_it_began(policy, lent, second, waiting):
    branch, row = next(iter(policy.branches.values())), policy.loan_row(Facts())
    midnight = policy.time.at(lent, datetime.min.time())
    instant = (midnight.astimezone(UTC) + timedelta(seconds=second)).astimezone(UTC)
    due = loan_due(policy, branch, row, instant, waiting)
    assert due is not None
    assert due.strftime("%H:%M:%S") == "23:59:59"
    longest = row.days if not waiting else min(row.days, row.waiting_days or row.days)
    assert due.date() == due_date(branch, policy.time.today(instant), longest)


@given(BRANCHES, DATES, st.integers(1, 30), st.sampled_from(("calendar", "open")))
def test_a_hold_can_be_collected_on_its_last_day(branch, shelved, days, count):
    last = pickup_deadline(branch, HoldRow(id="any", pickup_days=days, pickup_count=count), shelved)
    assert branch.calendar.is_open(last)
    assert last >= shelved + timedelta(days=days)


@given(BRANCHES, DATES)
def test_the_nearest_open_days_stand_around_a_day(branch, day):
    before, after = branch.calendar.previous_open(day), branch.calendar.next_open(day)
    assert before <= day <= after
    assert branch.calendar.is_open(before)
    assert branch.calendar.is_open(after)
    assert (before == after == day) is branch.calendar.is_open(day)


@given(BRANCHES, DATES, st.integers(1, 20))
def test_an_announced_closure_moves_dates_forward_only(branch, day, length):
    closed = [day + timedelta(days=n) for n in range(length)]
    calendar = branch.calendar.closing(closed)
    assert not any(calendar.is_open(each) for each in closed)
    assert calendar.next_open(day) >= branch.calendar.next_open(day)


@given(DATES, DATES)
def test_age_grows_by_one_on_the_birthday(born, day):
    age = age_on(born, day)
    assert age is not None
    assert age_on(born, day + timedelta(days=1)) - age in (0, 1)
    birthday = (
        date(day.year, 3, 1) if (born.month, born.day) == (2, 29) else day.replace(month=born.month, day=born.day)
    )
    if birthday.month == born.month:
        assert age_on(born, birthday) == day.year - born.year


@given(
    st.integers(1, 2000),
    st.sampled_from(("day", "week")),
    st.sampled_from(("started", "completed")),
    st.integers(0, 5),
    st.booleans(),
    st.none() | st.integers(0, 5000),
    st.booleans(),
)
def test_a_fine_never_falls_and_never_passes_its_cap(rate, per, rounding, grace, grace_is_free, cap, count_closed):
    policy = policy_of("LYS")
    branch = policy.branch("LYS-F")
    row = OverdueRow(
        id="any",
        amount=Money(rate, "SEK"),
        per=per,
        rounding=rounding,
        grace_days=grace,
        grace_is_free=grace_is_free,
        cap=None if cap is None else Money(cap, "SEK"),
        count_closed=count_closed,
    )
    due = due_instant(policy, date(2026, 12, 20))
    owed = [fine(policy, branch, row, due, due + timedelta(days=n)) for n in range(-2, 60)]
    assert owed[:3] == [policy.zero] * 3
    assert all(earlier <= later for earlier, later in pairwise(owed))
    assert cap is None or all(each.minor <= cap for each in owed)


@given(POLICIES, DATES, SECONDS)
def test_days_late_are_dates_and_not_hours(policy, due, second):
    returned = policy.time.at(due, datetime.min.time()) + timedelta(days=1, seconds=second)
    assert overdue_days(due, policy.time.today(returned)) == (policy.time.today(returned) - due).days


@given(st.sampled_from(sorted(shipped().libraries)).map(policy_of), FACTS)
def test_every_question_has_an_answer(policy, facts):
    assert policy.loan_row(facts) in (*policy.rows.loan, NOT_LENT)
    assert policy.renewal_row(facts) in policy.rows.renewal
    assert policy.hold_row(facts) in policy.rows.hold
    assert policy.overdue_row(facts) in policy.rows.overdue
    assert policy.replacement_row(facts) in policy.rows.replacement
    steps = [row.after_days for row in policy.ladder(facts)]
    assert steps == sorted(set(steps))


@given(st.integers(-(2**31), 2**35))
def test_instants_survive_storage(seconds):
    assert to_epoch(from_epoch(seconds)) == seconds


@given(st.integers(-(10**12), 10**12))
def test_amounts_survive_writing(minor):
    assert Money.parse(Money(minor, "NOK").text(), "NOK") == Money(minor, "NOK")


@given(st.sampled_from(LIBRARIES).map(policy_of), FACTS)
def test_what_is_remembered_is_what_is_decided(policy, facts):
    for rows in (policy.rows.loan, policy.rows.overdue, policy.rows.replacement):
        table = DecisionTable(rows)
        assert table.first(facts) is table.first(facts) is table.every(facts)[0]


def test_every_condition_reads_a_fact_that_there_is():
    assert {test.fact for test in TESTS.values()} <= set(Facts._fields)
    assert set(TESTS) == set(When.model_fields)
