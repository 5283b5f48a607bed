"""Branches' days and hours."""

from datetime import datetime, timedelta

import pytest

from backend.policy.calendar import LONGEST_CLOSURE, NeverOpenError
from backend.policy.dates import after_closure, card_from
from backend.policy.hours import Period, parse_hours
from tests.backend.policy.samples import branch_of, day, policy_of, shipped

# text, minutes of the day
HOURS = [
    ("10-18", (Period(600, 1080),)),
    ("8:30-12, 13-16", (Period(510, 720), Period(780, 960))),
    ("6-24", (Period(360, 1440),)),
    ("10.15-11.45", (Period(615, 705),)),
]

# branch, date, kind of day
KINDS = [
    ("ASK-H", "2026-02-08", "self_service"),
    ("ASK-H", "2026-02-09", "staffed"),
    ("ASK-H", "2026-12-25", "closed"),
    ("ASK-H", "2031-12-25", "closed"),
    ("ASK-H", "2026-12-24", "staffed"),
    ("ASK-B", "2026-02-08", "closed"),
    ("ASK-B", "2026-05-01", "closed"),
    ("KAL-B", "2026-06-19", "closed"),  # as at the main branch
    ("KAL-B", "2026-06-17", "staffed"),
    ("KAL-B", "2026-06-13", "closed"),
    ("KAL-BUS", "2026-05-14", "closed"),
    ("LYS-F", "2026-05-18", "staffed"),
    ("LYS-F", "2026-05-15", "closed"),
    ("NYN-1", "2026-03-09", "closed"),
    ("NYN-1", "2026-03-10", "staffed"),
    ("BAR-1", "2026-05-17", "closed"),
    ("BAR-1", "2026-04-02", "closed"),  # Maundy Thursday, a national holiday
]

# at ASK-H: moment, staffed, open
MOMENTS = [
    ("2026-02-08 20:00", False, True),
    ("2026-02-09 09:59", False, True),
    ("2026-02-09 10:00", True, True),
    ("2026-02-09 18:59", True, True),
    ("2026-02-09 19:00", False, True),
    ("2026-02-09 23:00", False, False),
    ("2026-02-09 05:59", False, False),
    ("2026-12-25 12:00", False, False),
]


@pytest.mark.parametrize(("text", "periods"), HOURS)
def test_hours_as_on_the_door(text: str, periods: tuple[Period, ...]) -> None:
    assert parse_hours(text) == periods


@pytest.mark.parametrize(("branch", "date_text", "kind"), KINDS)
def test_kind_of_day(branch: str, date_text: str, kind: str) -> None:
    calendar = branch_of(branch).calendar
    assert calendar.kind(day(date_text)) == kind
    assert calendar.is_open(day(date_text)) is (kind != "closed")


@pytest.mark.parametrize(("moment", "staffed", "is_open"), MOMENTS)
def test_moment(moment: str, staffed: bool, is_open: bool) -> None:
    calendar = branch_of("ASK-H").calendar
    local = datetime.fromisoformat(moment)
    assert (calendar.staffed_at(local), calendar.open_at(local)) == (staffed, is_open)


def test_a_later_closure_moves_what_falls_on_it() -> None:
    policy = policy_of("KAL").closing({"KAL-S": [day("2026-03-16"), day("2026-03-17")]})
    branch = policy.branch("KAL-S")
    assert after_closure(branch, day("2026-03-16")) == day("2026-03-18")
    assert after_closure(branch, day("2026-03-13")) == day("2026-03-13")
    assert policy.hash == policy_of("KAL").hash
    assert policy.branch("KAL-B").calendar.is_open(day("2026-03-16"))
    assert policy_of("KAL").branch("KAL-S").calendar.is_open(day("2026-03-16"))


def test_closures_reach_every_version_of_every_library() -> None:
    closed = shipped().closing({"NYN-1": [day("2026-03-10")], "LYS-S": [day("2026-03-10")]})
    assert closed.in_force("NYN", day("2026-03-01")).branch("NYN-1").calendar.next_open(day("2026-03-10")) == day(
        "2026-03-11"
    )
    assert not closed.in_force("LYS", day("2026-03-01")).branch("LYS-S").calendar.is_open(day("2026-03-10"))


def test_a_bus_keeps_its_dates_whatever_is_closed() -> None:
    branch = policy_of("KAL").closing({"KAL-BUS": [day("2026-03-16")]}).branch("KAL-BUS")
    assert after_closure(branch, day("2026-03-16")) == day("2026-03-16")


def test_a_search_ends() -> None:
    start = day("2026-01-01")
    closed = [start + timedelta(days=n) for n in range(LONGEST_CLOSURE + 1)]
    calendar = branch_of("NYN-1").calendar.closing(closed)
    with pytest.raises(NeverOpenError):
        calendar.next_open(start)


def test_school_children_get_a_card_in_august() -> None:
    assert card_from(policy_of("NYN").access, day("2020-11-30")) == day("2026-08-01")
    assert card_from(policy_of("KAL").access, day("2020-11-30")) == day("2020-11-30")


def test_a_branch_that_is_not_ours() -> None:
    with pytest.raises(KeyError):
        policy_of("KAL").branch("ASK-H")
