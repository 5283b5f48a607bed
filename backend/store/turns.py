"""Whose turn it is, and what is done: leases that one process holds at a time, and the days whose jobs are finished."""

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, insert, or_, select, update

from backend.clock import to_epoch
from backend.model import LibraryId
from backend.store.errors import PromiseBroken
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, inserts
from backend.store.store import Store
from backend.tables_jobs import job_runs, leases

TAKE = Statement(
    update(leases)
    .where(
        leases.c.name == bindparam("of"),
        or_(leases.c.holder == bindparam("who"), leases.c.until < bindparam("now")),
    )
    .values(holder=bindparam("who", type_=leases.c.holder.type), until=bindparam("end", type_=leases.c.until.type))
)
FIRST = Statement(insert(leases).inline(), ("name", "holder", "until"))
GIVE_BACK = Statement(
    update(leases).where(leases.c.name == bindparam("of"), leases.c.holder == bindparam("who")).values(until=0)
)
FINISHED = Statement(
    select(job_runs.c.done).where(
        job_runs.c.library == bindparam("library"),
        job_runs.c.day == bindparam("day"),
        job_runs.c.job == bindparam("job"),
    )
)
FINISH = inserts(job_runs)
AGAIN = Statement(
    update(job_runs)
    .where(
        job_runs.c.library == bindparam("of_library"),
        job_runs.c.day == bindparam("of_day"),
        job_runs.c.job == bindparam("of_job"),
    )
    .values(
        finished_at=bindparam("at", type_=job_runs.c.finished_at.type),
        done=job_runs.c.done + bindparam("more", type_=job_runs.c.done.type),
    )
)
LATEST = Statement(select(func.max(job_runs.c.day)).where(job_runs.c.library == bindparam("library")))


def take_turn(session: Session, name: str, who: str, now: datetime, lasts: timedelta) -> bool:
    """Whether `who` has the lease from now on; a lease of one's own is made longer."""
    end = to_epoch(now + lasts)
    if session.change(TAKE, {"of": name, "who": who, "now": to_epoch(now), "end": end}):
        return True
    if session.query(select(leases.c.name).where(leases.c.name == name)):
        return False
    session.change(FIRST, {"name": name, "holder": who, "until": end})
    return True


def give_back(session: Session, name: str, who: str) -> None:
    """Somebody else may take the turn at once; nothing happens when it is not `who`'s any more."""
    session.change(GIVE_BACK, {"of": name, "who": who})


def got_turn(store: Store, name: str, who: str, now: datetime, lasts: timedelta) -> bool:
    """The same in a transaction of its own; False when somebody was quicker. Raises StoreError."""
    try:
        return store.call(lambda session: take_turn(session, name, who, now, lasts), write=True)
    except PromiseBroken:  # two made the first lease of this name at the same moment
        return False


def finish(session: Session, library: LibraryId, day: date, job: str, done: int, now: datetime) -> None:
    """The job is done for the day; a further run adds to it."""
    row: dict[str, Scalar] = {
        "of_library": library,
        "of_day": day.isoformat(),
        "of_job": job,
        "at": to_epoch(now),
        "more": done,
    }
    if not session.change(AGAIN, row):
        session.change(
            FINISH,
            {"library": library, "day": day.isoformat(), "job": job, "finished_at": to_epoch(now), "done": done},
        )


def is_finished(session: Session, library: LibraryId, day: date, job: str) -> bool:
    """Whether that day's job has run to its end."""
    return bool(session.rows(FINISHED, {"library": library, "day": day.isoformat(), "job": job}))


def latest_day(session: Session, library: LibraryId) -> date | None:
    """The last day of which any job is finished."""
    day = session.rows(LATEST, {"library": library})[0][0]
    return date.fromisoformat(day) if day else None
