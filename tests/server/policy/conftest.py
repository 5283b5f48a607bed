"""Installations with records to read: the office's own, and one on either database in which somebody has lent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, update

from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.commands import CheckIn, CheckOut, Command, Renew
from backend.jobs.run import Jobs
from backend.model import AccountId, AskedBy, BranchId
from backend.outcomes import Outcome, Refused
from backend.policy.shelf import PolicyShelf
from backend.store.statement import Statement
from backend.tables import titles
from tests.backend.rules.make import policy_set
from tests.backend.store.conftest import cluster, prepared_database, prepared_file, url
from tests.backend.store.world import KAL
from tests.server.office.installation import CONFIG, Installation

__all__ = ["cluster", "prepared_database", "prepared_file", "url"]

DESK = AskedBy(account=AccountId("kasse1"), library=KAL, branch=BranchId("KAL-S"), trusts_patron=True)


@dataclass(frozen=True)
class Lending:
    """Kalmar at a desk, with a clock that a test sets."""

    at: Installation
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime(2026, 2, 12, 11, tzinfo=UTC)))

    def do(self, *commands: Command) -> list[Outcome]:
        """Each granted. Raises AssertionError."""
        with self.open() as (circulation, _):
            outcomes = [circulation.handle(command, DESK) for command in commands]
        assert not [one for one in outcomes if isinstance(one, Refused)]
        return outcomes

    def jobs(self) -> None:
        """Those of the day on which the clock stands."""
        with self.open() as (_, jobs):
            jobs.run(KAL, self.clock.now().date())

    @contextmanager
    def open(self) -> Iterator[tuple[Circulation, Jobs]]:
        store, shelf = self.at.store(), PolicyShelf(policy_set())
        try:
            yield Circulation(store, shelf, self.clock), Jobs(store, shelf, self.clock, "node")
        finally:
            store.close()

    def on(self, day: str) -> None:
        """Noon of that day, UTC."""
        self.clock.set(datetime.fromisoformat(f"{day}T12:00:00+00:00"))


def lend(barcode: str, card: str = "20001001") -> CheckOut:
    return CheckOut(patron=card, item=barcode)


def renew(barcode: str, card: str = "20001001") -> Renew:
    return Renew(patron=card, item=barcode)


def take(barcode: str) -> CheckIn:
    return CheckIn(item=barcode)


@pytest.fixture
def lending(url: str, tmp_path: Path) -> Lending:
    """On SQLite, and on PostgreSQL."""
    made = Installation(tmp_path)
    made.configure(CONFIG.replace("[[sip2]]", f'database = "{url}"\n[[sip2]]'))
    made.populate()
    return Lending(made)


def rename(at: Installation, title: str, new: str) -> None:
    """As a catalogue that was brought along may have it."""
    store = at.store()
    try:
        named = update(titles).where(titles.c.title == bindparam("former")).values(title=bindparam("new"))
        store.call(lambda session: session.change(Statement(named), {"former": title, "new": new}), write=True)
    finally:
        store.close()
