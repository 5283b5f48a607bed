"""Logins that go wrong: after too many from one network address, it is shut out for a while.

An attempt takes its place before its password is looked at, so that many at once guess no more often than one after
the other; those for which there is no place yet wait for the ones before them.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from twisted.internet.defer import Deferred

BAD_LOGINS: Final = 20  # of one address in PENANCE seconds; then its logins are refused without a look at the password
PENANCE: Final = 60.0  # seconds
ADDRESSES: Final = 10_000  # whose failures are remembered at most; the oldest go first
MOST_AT_ONCE: Final = 1_000  # attempts under way, of all addresses: some six seconds of two threads' work


class Shut(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"  # no such account, another password, or not from there
    LOCKING = "locking"  # likewise, and once too often: the address is shut out from now on
    LOCKED = "locked"  # the address is shut out
    BUSY = "busy"  # too many are trying at once


@dataclass(frozen=True, slots=True)
class Locked:
    """An address that is shut out, and for how many seconds more."""

    address: str
    seconds: float


@dataclass(slots=True)
class Tries:
    """Of one address: when it failed, how many attempts are under way, and who waits for a place."""

    failed: deque[float] = field(default_factory=deque)
    running: int = 0
    waiting: deque[Deferred[None]] = field(default_factory=deque)

    def forget(self, before: float) -> None:
        while self.failed and self.failed[0] <= before:
            self.failed.popleft()

    @property
    def locked(self) -> bool:
        return len(self.failed) >= BAD_LOGINS

    @property
    def full(self) -> bool:
        """Would be locked if all that are under way failed."""
        return len(self.failed) + self.running >= BAD_LOGINS

    def wake(self) -> None:
        """Whoever has a place now; everybody, when there is none any more."""
        while self.waiting and (self.locked or not self.full):
            self.waiting.popleft().callback(None)
            if not self.locked:
                return


class BadLogins:
    """Attempts and failures by network address; `seconds` is any steady clock."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._seen: dict[str, Tries] = {}
        self._under_way = 0

    async def begin(self, address: str) -> Shut | None:
        """None when the password may be looked at: then `end` must be called. Else why not."""
        if self._under_way >= MOST_AT_ONCE:
            return Shut.BUSY
        self._under_way += 1
        tries = self._of(address)
        while tries.full and not tries.locked:
            turn: Deferred[None] = Deferred()
            tries.waiting.append(turn)
            await turn
        if tries.locked:
            self._under_way -= 1
            return Shut.LOCKED
        tries.running += 1
        return None

    def end(self, address: str, *, good: bool) -> Shut | None:
        """What came of an attempt that was begun; None when it was good."""
        tries = self._of(address)
        self._under_way -= 1
        tries.running -= 1
        was_locked = tries.locked
        if not good:
            tries.failed.append(self._seconds())
        tries.wake()
        if good:
            return None
        return Shut.LOCKING if tries.locked and not was_locked else Shut.WRONG

    def is_locked(self, address: str) -> bool:
        """Whether the address is shut out at present."""
        return address in self._seen and self._of(address).locked

    def locked(self) -> tuple[Locked, ...]:
        """Every address that is shut out at present."""
        now = self._seconds()
        shut = [(address, tries) for address in tuple(self._seen) if (tries := self._of(address)).locked]
        return tuple(Locked(address, tries.failed[-BAD_LOGINS] + PENANCE - now) for address, tries in shut)

    def lift(self, address: str) -> bool:
        """Forget what it did wrong; whether it was shut out."""
        tries = self._of(address)
        was_locked = tries.locked
        tries.failed.clear()
        return was_locked

    def _of(self, address: str) -> Tries:
        tries = self._seen.get(address)
        if tries is None:
            tries = self._seen[address] = Tries()
            self._make_room()
        tries.forget(self._seconds() - PENANCE)
        return tries

    def _make_room(self) -> None:
        """The oldest go first; those that are trying at this moment stay."""
        for address in tuple(self._seen)[:-1] if len(self._seen) > ADDRESSES else ():
            if not self._seen[address].running and not self._seen[address].waiting:
                del self._seen[address]
                return
