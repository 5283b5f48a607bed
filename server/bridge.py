"""Where threads meet the reactor: circulation's callbacks become Deferreds, one callFromThread for a whole batch."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from backend.circulation import Circulation
from backend.clock import Clock
from backend.commands import ClearPinFailures, Command, NotePinFailure, RepeatKey
from backend.model import AskedBy, LibraryId
from backend.outcomes import Outcome
from backend.policy.shelf import PolicyShelf
from backend.store.errors import StoreError, StoreUnavailable
from backend.store.people import PinFacts
from backend.store.work import Answer, Delivery, Failed
from server.reactor import Reactor

T = TypeVar("T")
NO_REPEATS = RepeatKey()
NOBODY = "-"  # a number that no card has


class Bridge:
    """Circulation as the reactor sees it. `online` is False from a failure of the database to the next success."""

    def __init__(self, circulation: Circulation, shelf: PolicyShelf, clock: Clock) -> None:
        self._circulation = circulation
        self._shelf = shelf
        self.clock = clock
        self.online = True

    def ask(self, command: Command, asked_by: AskedBy, key: RepeatKey = NO_REPEATS) -> Deferred[Outcome]:
        """Queue a command; fires on the reactor after its commit, or fails with what the store raised."""
        answered: Deferred[Outcome] = Deferred()
        self._circulation.submit(command, asked_by, key, self._into(answered))
        return answered

    def pin_facts(self, identifier: str, library: LibraryId) -> Deferred[PinFacts | None]:
        """See server.pins.PinSource."""
        answered: Deferred[PinFacts | None] = Deferred()
        self._circulation.pin_facts(identifier, library, self._into(answered))
        return answered

    def look(self) -> Deferred[None]:
        """Ask the database for nothing: `online` says afterwards whether it is there, though nobody asks anything."""
        looked: Deferred[PinFacts | None] = Deferred()
        library = self._shelf.libraries()[0]
        try:
            self._circulation.pin_facts(NOBODY, library, self._into(looked))
        except StoreError:  # a queue that is full, or closed: no news
            return succeed(None)
        return looked.addBoth(lambda _: None)

    def note(self, command: NotePinFailure | ClearPinFailures, asked_by: AskedBy) -> Deferred[Outcome]:
        """See server.pins.PinSource."""
        return self.ask(command, asked_by)

    def today(self, library: LibraryId) -> date:
        """The library's local day."""
        now = self.clock.now()
        return self._shelf.of(library, now).time.today(now)

    def attempts(self, library: LibraryId) -> int:
        """How many wrong PINs on one day the library's policy bears."""
        return self._shelf.of(library, self.clock.now()).access.pin_attempts

    def _into(self, answered: Deferred[T]) -> Callable[[Answer[T]], None]:
        """A callback for the store that fires `answered`; it runs on the reactor, see `deliverer`."""

        def done(answer: Answer[T]) -> None:
            if isinstance(answer, Failed):
                self.online = not isinstance(answer.error, StoreUnavailable)
                answered.errback(Failure(answer.error))
            else:
                self.online = True
                answered.callback(answer.value)

        return done


def deliverer(reactor: Reactor) -> Callable[[Sequence[Delivery]], None]:
    """What a store calls with each batch: all its callbacks run in one turn of the reactor."""

    def deliver(batch: Sequence[Delivery]) -> None:
        reactor.callFromThread(run_all, batch)

    return deliver


def run_all(batch: Sequence[Delivery]) -> None:
    for tell in batch:
        tell()
