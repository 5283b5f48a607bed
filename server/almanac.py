"""When daily jobs run: at 06:00 of each library's own day, on a thread of their own, the reactor never waiting.

A daemon that was away at six does the day's jobs when it comes back; a day that was missed whole is not made up for,
because the next day's jobs find whatever is due.
"""

import platform
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from backend.jobs.run import JOBS, DayIsOver, Jobs, NotOurTurn, Report
from backend.model import LibraryId
from backend.store.errors import StoreError
from backend.store.turns import is_finished
from server.log import logger
from server.reactor import DelayedCall, Reactor

T = TypeVar("T")
log = logger("almanac")

LOOK_AGAIN: Final = 60.0  # seconds between two looks at the clock: it may be set, and summer time begins
LAST_JOB: Final = list(JOBS)[-1]


def this_process(data: Path) -> str:
    """The same after a restart, another for each process: no two share a data directory."""
    return f"{platform.node()}:{data}"


class Almanac:
    """`start` once the store answers; `run_day` at any time."""

    def __init__(self, jobs: Jobs, reactor: Reactor) -> None:
        self.jobs = jobs
        self._reactor = reactor
        self._thread = ThreadPool(0, 1, "jobs")
        self._next: DelayedCall | None = None
        self._stopping = False

    def start(self, *, by_itself: bool = True) -> None:
        """Look at the clock from now on; not `by_itself`, jobs run only when somebody says so."""
        self._thread.start()
        if by_itself:
            self._next = self._reactor.callLater(0.0, self._look)

    async def stop(self) -> None:
        """No new job; the library that is in work is finished first."""
        self._stopping = True
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._thread.started:
            await self._on_thread(lambda: None)
            self._thread.stop()

    async def run_day(self, day: date) -> str:
        """The jobs of that day at every library, whatever the clock says. Raises DayIsOver, NotOurTurn, StoreError."""
        reports = await self._on_thread(partial(self._every_library, day))
        return "; ".join(report.words() for report in reports if report.failed or any(report.done.values())) or (
            f"{day}: nothing was due"
        )

    def _every_library(self, day: date) -> list[Report]:
        return [self.jobs.run(library, day) for library in self.jobs.shelf.libraries()]

    def _look(self) -> None:
        done = self._on_thread(self._due_jobs)
        done.addErrback(not_done)
        done.addBoth(lambda _: self._look_again())

    def _look_again(self) -> None:
        if not self._stopping:
            self._next = self._reactor.callLater(LOOK_AGAIN, self._look)

    def _due_jobs(self) -> None:
        """Every library whose six o'clock has passed and whose jobs of today have not run; and who can collect."""
        self.jobs.reread_closures()
        for library in self.jobs.shelf.libraries():
            if self._stopping:
                return
            if is_due(self.jobs, library, self.jobs.clock.now()):
                try:
                    report = self.jobs.run(library, self.jobs.today(library))
                    log.info("almanac.done", library=library, day=report.day.isoformat(), failed=report.failed)
                except (DayIsOver, NotOurTurn) as why:
                    log.info("almanac.not_now", library=library, why=str(why))
            self.jobs.announce_arrivals(library)

    def _on_thread(self, work: Callable[[], T]) -> "Deferred[T]":
        return deferToThreadPool(cast(IReactorFromThreads, self._reactor), self._thread, work)


def is_due(jobs: Jobs, library: LibraryId, now: datetime) -> bool:
    """Whether it is past six and today's jobs are not finished."""
    today = jobs.today(library)
    if now < jobs.morning(library, today):
        return False
    return not jobs.store.call(partial(is_finished, library=library, day=today, job=LAST_JOB), write=False)


def not_done(why: Failure) -> None:
    """The database is away, or a mistake of ours: told, and tried again at the next look."""
    if why.check(StoreError):
        log.warning("almanac.store_away", why=why.getErrorMessage())
    else:
        log.error("almanac.failed", error=why.getTraceback())
