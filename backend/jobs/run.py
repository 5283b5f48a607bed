"""A library's jobs of one day, in order, each step in a transaction of its own: safe to stop and to run again.

Nothing is done twice, because each step looks again at what is so: a closed hold is closed, a notice that went out has
its mark, a billed loan is billed. One process at a time works on a library.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog

from backend.clock import Clock
from backend.commands import (
    AdvisePatron,
    AnnounceHold,
    ExpireHold,
    JobStep,
    MoveDueDate,
    MovePickup,
    RemindPatron,
    RenewDue,
    RepeatKey,
)
from backend.facts import Decision
from backend.jobs.advance import advise
from backend.jobs.arrivals import announce
from backend.jobs.closing import announce_closure, move_due_date, move_pickup
from backend.jobs.expiry import expire
from backend.jobs.facts import HoldCase
from backend.jobs.reminders import remind
from backend.jobs.renewing import renew_due
from backend.journal import Entry
from backend.model import AccountId, AskedBy, BranchId, Channel, HoldId, ItemId, LibraryId, LoanId, PatronId
from backend.outcomes import Outcome, Refused
from backend.policy.shelf import PolicyShelf
from backend.staff_commands import CloseDays
from backend.store import jobs as read
from backend.store.errors import StoreClosed, StoreUnavailable
from backend.store.forgetting import BATCH, drop_letters, forget_holds, forget_loans, forget_offers
from backend.store.session import Session
from backend.store.store import Store
from backend.store.turns import finish, give_back, got_turn, latest_day

log = structlog.get_logger()
T = TypeVar("T")

MORNING: Final = time(6)  # local; policies C-22
UNDONE: Final = timedelta(days=1)  # after a loan's end, when no machine can take it back or ask again
LETTERS_KEPT: Final = timedelta(days=90)
OFFERS_KEPT: Final = timedelta(days=30)  # of a copy from afar, in which the patron says nothing
TURN: Final = timedelta(minutes=5)  # a lease; made longer while the work goes on
STEPS_A_TURN: Final = 50
ACCOUNT: Final = AccountId("job:daily")


class NotOurTurn(Exception):
    """Another process runs the library's jobs at this moment."""


class DayIsOver(Exception):
    """Jobs of a later day have run already: an earlier day's come too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many holds, patrons and loans each job was about; `failed` steps are in the log and come again next time."""

    library: LibraryId
    day: date
    done: dict[str, int] = field(default_factory=dict)
    failed: int = 0

    def words(self) -> str:
        """One line for the command line and the log."""
        counted = ", ".join(f"{name} {count}" for name, count in self.done.items())
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.library} {self.day}: {counted}{failed}"


@dataclass(frozen=True, slots=True)
class Jobs:
    """`who` is this process, the same after a restart. Everything here waits for the store: never on the reactor."""

    store: Store
    shelf: PolicyShelf
    clock: Clock
    who: str

    def run(self, library: LibraryId, day: date) -> Report:
        """All jobs of the day. Raises NotOurTurn, DayIsOver and StoreError; KeyError for an unknown library."""
        work = Day(self, library, day, self.morning(library, day))
        latest = self.store.call(partial(latest_day, library=library), write=False)
        if latest is not None and latest > day:
            raise DayIsOver(f"{library}: the jobs of {latest} have run already")
        work.take_turn()
        try:
            for name, job in JOBS.items():
                done = job(work)
                now = self.clock.now()
                kept = partial(finish, library=library, day=day, job=name, done=done, now=now)
                self.store.call(kept, write=True)
                work.report.done[name] = done
        finally:
            self.store.call(partial(give_back, name=turn_of(library), who=self.who), write=True)
        return replace(work.report, failed=work.failed)

    def announce_arrivals(self, library: LibraryId) -> int:
        """Tell whoever has a copy on the pickup shelf and was not told; how many were."""
        now = self.clock.now().replace(microsecond=0)
        return arrivals(Day(self, library, self.today(library), now))

    def close_days(self, library: LibraryId, command: CloseDays, asked_by: AskedBy) -> tuple[int, int] | Refused:
        """The branch is closed on these days from now on: how many loans and pickups moved."""
        work = Day(self, library, self.today(library), self.clock.now().replace(microsecond=0))
        work.asked_by = asked_by
        outcome = self.store.call(partial(keep_closure, work, command), write=True)
        if isinstance(outcome, Refused):
            return outcome
        self.reread_closures()
        return moved_loans(work, command), moved_pickups(work, command)

    def foresee_closure(self, library: LibraryId, command: CloseDays) -> tuple[int, int] | Refused:
        """What `close_days` would answer now; nothing is changed."""
        shelf = self.shelf.foreseeing(command.branch, command.days)
        trial = Jobs(self.store, shelf, self.clock, self.who)
        work = Day(trial, library, self.today(library), self.clock.now().replace(microsecond=0))
        return self.store.call(partial(_foreseen, work, command), write=False)

    def reread_closures(self) -> None:
        """What is announced, by whatever process."""
        self.shelf.close(self.store.call(read.announced, write=False))

    def morning(self, library: LibraryId, day: date) -> datetime:
        """06:00 of the day at the library. Raises KeyError for an unknown library."""
        policy = self.shelf.of(library, self.clock.now())
        return policy.time.at(day, MORNING)

    def today(self, library: LibraryId) -> date:
        """The date on that library's wall now."""
        now = self.clock.now()
        return self.shelf.of(library, now).time.today(now)


class Day:
    """One library's work: counts steps and failures, and keeps the lease."""

    def __init__(self, jobs: Jobs, library: LibraryId, day: date, now: datetime) -> None:
        self.jobs = jobs
        self.library = library
        self.day = day
        self.now = now
        self.failed = 0
        self.report = Report(library=library, day=day)
        self._steps = 0
        self._our_turn = False
        policy = jobs.shelf.of(library, now)
        self.asked_by = AskedBy(
            account=ACCOUNT, library=library, branch=BranchId(next(iter(policy.branches))), channel=Channel.JOB
        )

    def take_turn(self) -> None:
        """Raises NotOurTurn."""
        name, who = turn_of(self.library), self.jobs.who
        if not got_turn(self.jobs.store, name, who, self.jobs.clock.now(), TURN):
            raise NotOurTurn(f"{self.library}: another process runs the jobs")
        self._our_turn = True

    def find(self, candidates: Callable[[Session], T]) -> T:
        return self.jobs.store.call(candidates, write=False)

    def each(self, steps: Iterable[Callable[[Session], int]]) -> int:
        """Every step in a transaction of its own; one that fails is told and passed over, unless all would fail."""
        done = 0
        for step in steps:
            self._steps += 1
            if self._our_turn and self._steps % STEPS_A_TURN == 0:
                self.take_turn()
            try:
                done += self.jobs.store.call(step, write=True)
            except (StoreUnavailable, StoreClosed):
                raise
            except Exception:
                self.failed += 1
                log.exception("jobs.step_failed", library=self.library, day=self.day.isoformat())
        return done

    def reader(self, session: Session, branch: BranchId | None = None) -> read.Reader:
        asked_by = replace(self.asked_by, branch=branch) if branch else self.asked_by
        return read.Reader(session, asked_by, self.jobs.shelf, self.now)

    def keep(
        self,
        session: Session,
        command: JobStep,
        decision: Decision,
        patron: PatronId | None = None,
        item: ItemId | None = None,
    ) -> int:
        """Changes and their journal row; 0 when there was nothing to do."""
        if not decision.changes:
            return 0
        session.apply(decision.changes, self.now)
        policy = self.jobs.shelf.of(self.library, self.now)
        session.record(
            Entry(
                at=self.now,
                asked_by=self.asked_by,
                command=command,
                outcome=decision.outcome,
                key=RepeatKey(),
                policy=policy.hash,
                patron=patron,
                item=item,
            )
        )
        return 1


def turn_of(library: LibraryId) -> str:
    return f"jobs:{library}"


# ---- the jobs, in their order --------------------------------------------------------


def expired(work: Day) -> int:
    found = work.find(partial(read.ending_holds, library=work.library, day=work.day))
    return work.each(partial(expire_one, work, hold) for hold in found)


def arrivals(work: Day) -> int:
    found = work.find(partial(read.arrived_holds, library=work.library))
    return work.each(partial(announce_one, work, hold) for hold in found)


def advised(work: Day) -> int:
    rows = work.jobs.shelf.of(work.library, work.now).rows.notice
    longest = max((row.before_days or 0 for row in rows), default=0)
    if not longest:
        return 0
    found = work.find(partial(read.soon_patrons, library=work.library, day=work.day, days=longest))
    return work.each(partial(advise_one, work, patron) for patron in found)


def renewed(work: Day) -> int:
    if not any(row.automatic for row in work.jobs.shelf.of(work.library, work.now).rows.renewal):
        return 0
    found = work.find(partial(read.soon_patrons, library=work.library, day=work.day, days=0))
    return work.each(partial(renew_one, work, patron) for patron in found)


def reminded(work: Day) -> int:
    found = work.find(partial(read.late_patrons, library=work.library, day=work.day))
    return work.each(partial(remind_one, work, patron) for patron in found)


def forgot(work: Day) -> int:
    """Loans a batch at a time, until none is left."""
    done, before = 0, work.now - UNDONE
    time = work.jobs.shelf.of(work.library, work.now).time
    forget = partial(forget_loans, library=work.library, before=before, time=time)
    while batch := work.jobs.store.call(forget, write=True):
        done += batch
        if batch < BATCH:
            break
    work.jobs.store.call(partial(forget_holds, library=work.library, before=before), write=True)
    stale = partial(forget_offers, library=work.library, closed_before=before, made_before=work.now - OFFERS_KEPT)
    work.jobs.store.call(stale, write=True)
    work.jobs.store.call(partial(drop_letters, before=work.now - LETTERS_KEPT), write=True)
    return done


JOBS: Final[dict[str, Callable[[Day], int]]] = {
    "holds_expired": expired,
    "holds_announced": arrivals,
    "loans_renewed": renewed,
    "advance_notices": advised,
    "reminders": reminded,
    "loans_forgotten": forgot,
}


# ---- one step ---------------------------------------------------------------------------


def expire_one(work: Day, hold: HoldId, session: Session) -> int:
    case = work.reader(session).hold_case(hold, work.day)
    if case is None:
        return 0
    there = standing_where_it_is(case)
    return work.keep(session, ExpireHold(hold=hold, day=work.day), expire(there), case.holder.id, case.hold.trapped)


def announce_one(work: Day, hold: HoldId, session: Session) -> int:
    case = work.reader(session).hold_case(hold, work.day)
    if case is None:
        return 0
    return work.keep(session, AnnounceHold(hold=hold, day=work.day), announce(case), case.holder.id)


def advise_one(work: Day, patron: PatronId, session: Session) -> int:
    case = work.reader(session).patron_case(patron, work.day)
    return work.keep(session, AdvisePatron(of=patron, day=work.day), advise(case), patron) if case else 0


def renew_one(work: Day, patron: PatronId, session: Session) -> int:
    case = work.reader(session).renewal_case(patron, work.day)
    return work.keep(session, RenewDue(of=patron, day=work.day), renew_due(case), patron) if case else 0


def remind_one(work: Day, patron: PatronId, session: Session) -> int:
    case = work.reader(session).patron_case(patron, work.day)
    return work.keep(session, RemindPatron(of=patron, day=work.day), remind(case), patron) if case else 0


def standing_where_it_is(case: HoldCase) -> HoldCase:
    """The copy is judged from where it stands, whoever asks."""
    item = case.facts.item
    if item is None:
        return case
    asked_by = replace(case.facts.asked_by, branch=item.item.present_branch)
    return replace(case, facts=replace(case.facts, asked_by=asked_by))


# ---- closures -----------------------------------------------------------------------------


def keep_closure(work: Day, command: CloseDays, session: Session) -> Outcome:
    decision = announce_closure(work.reader(session).facts(), command)
    work.keep(session, command, decision)
    return decision.outcome


def _foreseen(work: Day, command: CloseDays, session: Session) -> tuple[int, int] | Refused:
    reader, branch = work.reader(session), command.branch
    outcome = announce_closure(reader.facts(), command).outcome
    if isinstance(outcome, Refused):
        return outcome
    loans = (reader.loan_case(loan) for day in command.days for loan in read.loans_due_on(session, branch, day))
    held = (hold for day in command.days for hold in read.pickups_on(session, branch, day))
    pickups = (reader.hold_case(hold, work.day) for hold in held)
    return (
        sum(bool(move_due_date(reader.facts(), loan).changes) for loan in loans if loan),
        sum(bool(move_pickup(case).changes) for case in pickups if case),
    )


def moved_loans(work: Day, command: CloseDays) -> int:
    found = (
        loan for day in command.days for loan in work.find(partial(read.loans_due_on, branch=command.branch, day=day))
    )
    return work.each(partial(move_loan, work, loan) for loan in found)


def moved_pickups(work: Day, command: CloseDays) -> int:
    found = (
        hold for day in command.days for hold in work.find(partial(read.pickups_on, branch=command.branch, day=day))
    )
    return work.each(partial(move_hold, work, hold) for hold in found)


def move_loan(work: Day, loan: LoanId, session: Session) -> int:
    reader = work.reader(session)
    found = reader.loan_case(loan)
    if found is None:
        return 0
    decision = move_due_date(reader.facts(), found)
    return work.keep(session, MoveDueDate(loan=loan), decision, found.loan.patron, found.loan.item)


def move_hold(work: Day, hold: HoldId, session: Session) -> int:
    case = work.reader(session).hold_case(hold, work.day)
    return work.keep(session, MovePickup(hold=hold), move_pickup(case), case.holder.id) if case else 0
