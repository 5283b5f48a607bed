"""The post goes round: every half minute, whatever is due, one message after the other, on one node at a time.

A server that is away delays and loses nothing: pauses double up to some hours. A message may go out twice when the
daemon dies between sending it and noting so, never not at all; an e-mail then has the same Message-ID.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from jinja2 import TemplateError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from backend.clock import Clock
from backend.store import outbox
from backend.store.errors import PromiseBroken, StoreError
from backend.store.store import Store
from backend.store.turns import take_turn
from backend.store.work import Work
from server.bridge import fire
from server.log import logger
from server.post.fates import Carrier, Delayed, Rejected
from server.post.rendering import Templates
from server.reactor import DelayedCall, Reactor

T = TypeVar("T")
log = logger("post")

EVERY: Final = 30.0  # seconds between rounds
ROUND: Final = 100  # messages of one channel in one round
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
TURN: Final = timedelta(minutes=10)
LEASE: Final = "outbox"
CAN_BE_LEFT_OUT: Final = frozenset({"before_due"})  # nothing is charged for not having been warned


class Delivery:
    """`carriers` by channel: what nobody carries stays in the outbox. The store calls back on the reactor."""

    def __init__(
        self, store: Store, reactor: Reactor, clock: Clock, who: str, carriers: Mapping[str, Carrier], words: Templates
    ) -> None:
        self._store = store
        self._reactor = reactor
        self._clock = clock
        self._who = who
        self._carriers = carriers
        self._words = words
        self._next: DelayedCall | None = None
        self._stopping = False
        self._round: Deferred[None] | None = None

    def start(self) -> None:
        """Go round from now on, if there is anything to go with."""
        if self._carriers:
            self._next = self._reactor.callLater(0.0, self._go)

    async def stop(self) -> None:
        """The message that is on its way is waited for."""
        self._stopping = True
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._round is not None:
            await self._round

    def _go(self) -> None:
        self._round = Deferred.fromCoroutine(self._one_round())
        self._round.addErrback(not_sent)
        self._round.addBoth(lambda _: self._go_again())

    async def _one_round(self) -> None:
        await self.deliver()

    def _go_again(self) -> None:
        self._round = None
        if not self._stopping:
            self._next = self._reactor.callLater(EVERY, self._go)

    async def deliver(self) -> int:
        """One round; how many messages left the house. Raises StoreError."""
        try:
            if not await self._kept(partial(take_turn, name=LEASE, who=self._who, now=self._clock.now(), lasts=TURN)):
                return 0
        except PromiseBroken:  # another node made the first lease a moment ago
            return 0
        left = 0
        for channel, carrier in self._carriers.items():
            look = partial(outbox.waiting, channel=channel, now=self._clock.now(), most=ROUND)
            for one in await self._kept(look):
                if self._stopping:
                    return left
                left += await self._send(carrier, one)
        return left

    async def _send(self, carrier: Carrier, one: outbox.Waiting) -> int:
        letter, now = one.letter, self._clock.now()
        try:
            await carrier(letter, one.recipient, self._words.words(letter))
        except Delayed as why:
            until = now + pause(one.attempts)
            await self._kept(partial(outbox.delayed, one=one, next_try=until, why=str(why)))
            log.warning("post.delayed", letter=letter.id, channel=letter.channel, attempts=one.attempts + 1)
            return 0
        except Rejected as why:
            by_post = letter.template not in CAN_BE_LEFT_OUT
            await self._kept(partial(outbox.rejected, one=one, now=now, why=str(why), by_post=by_post))
            log.warning("post.rejected", letter=letter.id, channel=letter.channel, by_post=by_post)
            return 0
        except TemplateError as why:
            until = now + LONGEST_PAUSE
            await self._kept(partial(outbox.delayed, one=one, next_try=until, why=f"template: {why}"))
            log.error("post.bad_template", template=letter.template, language=letter.language, why=str(why))
            return 0
        await self._kept(partial(outbox.delivered, one=one, now=now))
        return 1

    def _kept(self, work: Work[T]) -> "Deferred[T]":
        """Fires on the reactor when the work is kept.

        Not through the bridge: a look at the outbox that succeeds says nothing of whether machines' changes would.
        """
        kept: Deferred[T] = Deferred()
        self._store.run(work, partial(fire, kept), write=True)
        return kept


def pause(attempts: int) -> timedelta:
    """A minute, then twice as long each time, up to six hours."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(attempts, 10))
    return min(doubled, LONGEST_PAUSE)


def not_sent(why: Failure) -> None:
    """The database is away, or a mistake of ours: told, and tried again at the next round."""
    if why.check(StoreError):
        log.warning("post.store_away", why=why.getErrorMessage())
    else:
        log.error("post.failed", error=why.getTraceback())
