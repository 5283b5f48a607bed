"""PINs: argon2id in a small pool of threads, never in the writer and never on the reactor (design decision 7).

A PIN that was proven is remembered for a short while as a keyed digest, so that the next message of the same patron
costs no hash. Too many wrong ones on one local day lock the PIN until midnight (policies 8).
"""

import hashlib
import hmac
import secrets
from datetime import date
from typing import Protocol, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from backend.commands import ClearPinFailures, NotePinFailure, PinProof
from backend.model import AskedBy, LibraryId, PatronId
from backend.numbers import compared
from backend.outcomes import Outcome
from backend.store.people import PinFacts
from server.reactor import Reactor

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # about 12 ms on the machines we know
REMEMBERED = 120.0  # seconds that a proven PIN counts on a silent line (C-18), and that a proof spares the next hash
PROOFS = 20_000  # remembered at most; the oldest go first


def hash_secret(secret: str, salt: bytes | None = None) -> str:
    """The argon2id hash of a PIN or password, in PHC string form. About 12 ms; never call it on the reactor.

    `salt` is 16 bytes that nobody else's secret has; None: fresh ones.
    """
    return HASHER.hash(secret, salt=salt)


def matches(stored: str, secret: str) -> bool:
    """Whether `secret` is what `stored` was made from; False for a hash that cannot be read. About 12 ms."""
    try:
        return HASHER.verify(stored, secret)
    except (VerificationError, InvalidHashError):
        return False


class PinSource(Protocol):
    """Where PIN hashes are read and failures are noted; the bridge to circulation."""

    def pin_facts(self, identifier: str, library: LibraryId) -> Deferred[PinFacts | None]:
        """None when the identifier is not known at the library."""

    def note(self, command: NotePinFailure | ClearPinFailures, asked_by: AskedBy) -> Deferred[Outcome]:
        """Write a failure, or that a right PIN ended them."""

    def today(self, library: LibraryId) -> date:
        """The library's local day."""

    def attempts(self, library: LibraryId) -> int:
        """Wrong PINs on one local day that lock a patron's PIN."""


class Proofs:
    """Remembered proofs: (library, identifier) -> digest of the PIN that was right, and until when."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[tuple[str, str], tuple[bytes, float]] = {}

    def digest(self, pin: str) -> bytes:
        """What stands for a PIN in memory; the key is made anew at each start."""
        return hmac.digest(self._key, pin.encode(), hashlib.sha256)

    def holds(self, whose: tuple[str, str], pin: str, now: float) -> bool:
        """Whether this very PIN was proven for the patron less than REMEMBERED seconds ago."""
        known = self._known.get(whose)
        return known is not None and known[1] > now and hmac.compare_digest(known[0], self.digest(pin))

    def remember(self, whose: tuple[str, str], pin: str, now: float) -> None:
        """This was the right PIN at `now`, in seconds of the steady clock; the oldest proofs make room."""
        self._known.pop(whose, None)
        self._known[whose] = (self.digest(pin), now + REMEMBERED)
        while len(self._known) > PROOFS:
            del self._known[next(iter(self._known))]

    def drop(self, whose: tuple[str, str]) -> None:
        """This patron proves anew."""
        self._known.pop(whose, None)

    def forget(self) -> None:
        """After a PIN was reset by staff: every patron proves anew."""
        self._known.clear()


class PinChecker:
    """Turns a PIN as it came into what the rules need to know of it."""

    def __init__(self, source: PinSource, reactor: Reactor, pool: ThreadPool) -> None:
        self._source = source
        self._reactor = reactor
        self._pool = pool
        self._busy: dict[PatronId, DeferredLock] = {}
        self.proofs = Proofs()

    async def check(self, identifier: str, pin: str, asked_by: AskedBy, now: float) -> PinProof:
        """RIGHT, WRONG or LOCKED for a PIN that was given; `now` in monotonic seconds.

        A patron without a PIN, or an unknown one, gives WRONG: an empty or invented PIN never counts as proof.
        """
        whose = (asked_by.library, compared(identifier))
        if self.proofs.holds(whose, pin, now):
            return PinProof.RIGHT
        facts = await self._source.pin_facts(identifier, asked_by.library)
        if facts is None:
            return PinProof.WRONG
        # One attempt at a time for a patron, by whichever number and however it is spelt, or a hundred connections
        # would guess past the limit together.
        lock = self._busy.setdefault(facts.patron, DeferredLock())
        await lock.acquire()
        try:
            return await self._attempt(whose, pin, asked_by, now)
        finally:
            lock.release()
            if not lock.waiting and not lock.locked:
                self._busy.pop(facts.patron, None)

    async def same_patron(self, one: str, other: str, asked_by: AskedBy) -> bool:
        """Whether two numbers that are not the same are one patron's at the asking library."""
        first = await self._source.pin_facts(one, asked_by.library)
        second = await self._source.pin_facts(other, asked_by.library)
        return first is not None and second is not None and first.patron == second.patron

    async def _attempt(self, whose: tuple[str, str], pin: str, asked_by: AskedBy, now: float) -> PinProof:
        """Read anew: whoever was before in the queue may have used up the day's attempts."""
        facts = await self._source.pin_facts(whose[1], asked_by.library)
        if facts is None or facts.pin_hash is None:
            return PinProof.WRONG
        failures = facts.failures if facts.failed_on == self._source.today(asked_by.library) else 0
        if failures >= self._source.attempts(asked_by.library):
            return PinProof.LOCKED
        return await self._verify(facts.pin_hash, failures, whose, pin, asked_by, now)

    async def _verify(
        self, stored: str, failures: int, whose: tuple[str, str], pin: str, asked_by: AskedBy, now: float
    ) -> PinProof:
        right = await deferToThreadPool(cast(IReactorFromThreads, self._reactor), self._pool, matches, stored, pin)
        if not right:
            self.proofs.drop(whose)  # while somebody guesses, an earlier proof spares nobody the lock
            await self._source.note(NotePinFailure(patron=whose[1]), asked_by)
            return PinProof.WRONG
        if failures:
            await self._source.note(ClearPinFailures(patron=whose[1]), asked_by)
        self.proofs.remember(whose, pin, now)
        return PinProof.RIGHT
