"""Every exchange is kept: what came, what the schema says of it, what it did, how long it took; persons are masked.

They wait here for a moment, masked already, and are written together, after the answers have gone out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from twisted.internet.defer import Deferred

from backend.clock import Clock
from backend.store.errors import StoreError
from backend.store.exchanges import Kept, forget, keep
from backend.store.session import Session
from backend.store.store import Store
from backend.store.work import Answer, Failed
from server.log import logger
from server.reactor import DelayedCall, Reactor

log = logger("ncip")

SOON: Final = 1.0  # seconds that an exchange waits for others
MOST: Final = 5_000  # waiting; more are dropped and counted, rather than filling the memory
HOUR: Final = 3600.0  # between two looks for old ones


class ExchangeLog:
    """Collects and writes; never makes anybody wait."""

    def __init__(self, store: Store, clock: Clock, reactor: Reactor, keep_days: int) -> None:
        self._store = store
        self._clock = clock
        self._reactor = reactor
        self._days = timedelta(days=keep_days)
        self._waiting: list[Kept] = []
        self._soon: DelayedCall | None = None
        self._looked = -HOUR
        self.dropped = 0

    def note(self, exchange: Kept) -> None:
        """Keep this one, soon.  It comes masked: a thread that masked a second's worth kept the reactor waiting."""
        if len(self._waiting) >= MOST:
            self.dropped += 1
            return
        self._waiting.append(exchange)
        if self._soon is None:
            self._soon = self._reactor.callLater(SOON, self._begin)

    def _begin(self) -> None:
        self._soon = None
        Deferred.fromCoroutine(self.write()).addErrback(
            lambda failure: log.error("ncip.exchanges_lost", why=str(failure.value))
        )

    async def write(self) -> None:
        """Write what waits now."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        before = self._old()
        work: Callable[[Session], None] = partial(_keep_and_forget, rows=rows, before=before)
        written: Deferred[None] = Deferred()

        def done(answer: Answer[None]) -> None:
            if isinstance(answer, Failed):
                log.error("ncip.exchanges_lost", count=len(rows), why=str(answer.error))
            written.callback(None)

        try:
            self._store.run(work, done, write=True)
        except StoreError as why:
            log.error("ncip.exchanges_lost", count=len(rows), why=str(why))
            return
        await written

    def _old(self) -> datetime | None:
        """Before when exchanges are forgotten, once an hour."""
        now = self._reactor.seconds()
        if now - self._looked < HOUR:
            return None
        self._looked = now
        return self._clock.now() - self._days


def _keep_and_forget(session: Session, rows: list[Kept], before: datetime | None) -> None:
    keep(session, rows)
    if before is not None:
        forget(session, before)
