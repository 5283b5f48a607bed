"""Six o'clock in the morning: when a library's jobs are due, and that they run beside the reactor."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor, task

from backend.clock import FixedClock
from backend.jobs.run import Jobs
from backend.policy.shelf import PolicyShelf
from backend.store.schema import upgrade
from backend.store.sqlite import SqliteStore
from backend.store.turns import is_finished
from server.almanac import LAST_JOB, Almanac, is_due
from tests.backend.rules.make import policy_set
from tests.backend.store.world import KAL, PLACES, found


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    upgrade(f"sqlite:///{tmp_path}/skranke.db")
    store = SqliteStore(tmp_path / "skranke.db", PLACES)
    store.call(found, write=True)
    yield Jobs(store, PolicyShelf(policy_set()), FixedClock(datetime(2026, 3, 29, 3, 59, tzinfo=UTC)), "node")
    store.close()


def test_six_is_six_on_the_morning_of_summer_time(jobs: Jobs) -> None:
    assert not is_due(jobs, KAL, datetime(2026, 3, 29, 3, 59, 59, tzinfo=UTC))
    assert is_due(jobs, KAL, datetime(2026, 3, 29, 4, 0, tzinfo=UTC))


def test_a_day_that_is_done_is_not_due(jobs: Jobs) -> None:
    clock = jobs.clock
    assert isinstance(clock, FixedClock)
    clock.set(datetime(2026, 3, 29, 9, 0, tzinfo=UTC))
    assert is_due(jobs, KAL, clock.now())
    jobs.run(KAL, date(2026, 3, 29))
    assert not is_due(jobs, KAL, clock.now())
    clock.set(datetime(2026, 3, 30, 9, 0, tzinfo=UTC))
    assert is_due(jobs, KAL, clock.now())


async def test_a_daemon_that_was_away_at_six_does_the_days_jobs_when_it_comes_back(jobs: Jobs) -> None:
    clock = jobs.clock
    real: Any = reactor
    assert isinstance(clock, FixedClock)
    clock.set(datetime(2026, 3, 29, 9, 0, tzinfo=UTC))
    almanac = Almanac(jobs, real)
    almanac.start()
    for _ in range(100):
        if is_done(jobs):
            break
        await task.deferLater(real, 0.05)
    await almanac.stop()
    assert is_done(jobs)


async def test_a_day_by_hand_says_what_was_done(jobs: Jobs) -> None:
    real: Any = reactor
    almanac = Almanac(jobs, real)
    almanac.start(by_itself=False)
    assert await almanac.run_day(date(2026, 3, 29)) == "2026-03-29: nothing was due"
    await almanac.stop()


def is_done(jobs: Jobs) -> Any:
    return jobs.store.call(lambda session: is_finished(session, KAL, date(2026, 3, 29), LAST_JOB), write=False)
