"""The post goes round: every half minute, whatever is due, a message at a time by each channel, on one node at a time.

A server that is away delays and loses nothing: pauses double up to some hours. A message may go out twice when the
daemon dies between sending it and noting so, never not at all; an e-mail then has the same Message-ID.
"""

from collections.abc import Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar, cast

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from backend.clock import Clock
from backend.store import outbox
from backend.store.errors import PromiseBroken, StoreError
from backend.store.store import Store
from backend.store.turns import take_turn
from backend.store.work import Work
from server.bridge import fire
from server.log import logger
from server.post.fates import Away, Carrier, Delayed, Rejected
from server.post.rendering import BadTemplate, Templates
from server.reactor import DelayedCall, Reactor

T = TypeVar("T")
log = logger("post")

EVERY: Final = 30.0  # seconds between rounds
ROUND: Final = 100  # messages of one channel in one round
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LONGEST: Final = 60.0  # seconds that one message may take
GRACE: Final = 3.0  # seconds at the end
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
        """The message that is on its way is waited for a little; one that has not left goes when we are back."""
        self._stopping = True
        if self._next is not None and self._next.active():
            self._next.cancel()
        if self._round is not None:
            leaving = self._reactor.callLater(GRACE, self._round.cancel)
            await self._round
            if leaving.active():
                leaving.cancel()

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
        if not await self._is_our_turn():
            return 0
        rounds = [Deferred.fromCoroutine(self._carry(*one)) for one in self._carriers.items()]
        left = 0
        for _, carried in await DeferredList(rounds, consumeErrors=True):  # each to its end: one does not stop another
            if isinstance(carried, Failure):
                carried.raiseException()
            left += carried
        return left

    async def _carry(self, channel: str, carrier: Carrier) -> int:
        """What is due by one channel, until nobody answers there: the rest would wait as long for the same."""
        left = 0
        look = partial(outbox.waiting, channel=channel, now=self._clock.now(), most=ROUND)
        for one in await self._kept(look):
            if self._stopping or not await self._is_our_turn():
                break
            try:
                left += await self._send(carrier, one)
            except Away:
                break
        return left

    async def _is_our_turn(self) -> bool:
        """Taken anew before each message: a server may let us wait for longer than a turn lasts."""
        mine = partial(take_turn, name=LEASE, who=self._who, now=self._clock.now(), lasts=TURN)
        try:
            return await self._kept(mine)
        except PromiseBroken:  # another node made the first lease a moment ago
            return False

    async def _send(self, carrier: Carrier, one: outbox.Waiting) -> int:
        """Away goes on to whoever asked, when the message's own next time is kept."""
        letter, now = one.letter, self._clock.now()
        try:
            await self._carried(carrier(letter, one.recipient, self._words.words(letter)))
        except CancelledError:  # the house closes: it stays as it was
            raise
        except Delayed as why:
            await self._put_off(one, pause(one.attempts), str(why))
            log.warning("post.delayed", letter=letter.id, channel=letter.channel, attempts=one.attempts + 1)
            if isinstance(why, Away):
                raise
            return 0
        except Rejected as why:
            by_post = letter.template not in CAN_BE_LEFT_OUT
            await self._kept(partial(outbox.rejected, one=one, now=now, why=str(why), by_post=by_post))
            log.warning("post.rejected", letter=letter.id, channel=letter.channel, by_post=by_post)
            return 0
        except BadTemplate as why:
            await self._put_off(one, LONGEST_PAUSE, f"template: {why}")
            log.error("post.bad_template", template=letter.template, language=letter.language, why=str(why))
            return 0
        except Exception as why:
            # A message that we cannot make is a bug of ours, and no reason to keep all the others in the house.
            await self._put_off(one, LONGEST_PAUSE, type(why).__name__)
            log.exception("post.unsendable", letter=letter.id, channel=letter.channel)
            return 0
        await self._kept(partial(outbox.delivered, one=one, now=now))
        return 1

    async def _carried(self, carrying: Coroutine[Any, Any, None]) -> None:
        """Raises Away where it takes longer than anybody has patience for."""
        on_its_way = Deferred.fromCoroutine(carrying)
        on_its_way.addTimeout(LONGEST, cast(IReactorTime, self._reactor))
        try:
            await on_its_way
        except TookTooLong as why:
            raise Away(f"not done within {LONGEST:.0f} seconds") from why

    async def _put_off(self, one: outbox.Waiting, until: timedelta, why: str) -> None:
        await self._kept(partial(outbox.delayed, one=one, next_try=self._clock.now() + until, why=why))

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
    if why.check(CancelledError):
        log.info("post.left")
    elif why.check(StoreError):
        log.warning("post.store_away", why=why.getErrorMessage())
    else:
        log.error("post.failed", error=why.getTraceback())
