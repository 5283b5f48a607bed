"""Where threads meet the reactor: circulation's callbacks become Deferreds, one callFromThread for a whole batch."""

from collections.abc import Callable, Sequence
from datetime import date

from backend.circulation import Circulation
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from backend.clock import Clock
from backend.commands import ClearPinFailures, Command, NotePinFailure, RepeatKey
from backend.facts import Policies
from backend.model import AskedBy, LibraryId
from backend.outcomes import Outcome
from server.pins import PinFacts
from server.reactor import Reactor

NO_REPEATS = RepeatKey()


class Bridge:
    """Circulation as the reactor sees it."""

    def __init__(self, circulation: Circulation, policies: Policies, clock: Clock, reactor: Reactor) -> None:
        self.circulation = circulation
        self.policies = policies
        self.clock = clock
        self._reactor = reactor

    def ask(self, command: Command, asked_by: AskedBy, key: RepeatKey = NO_REPEATS) -> Deferred[Outcome]:
        """Queue a command; fires on the reactor after its commit, or fails with what the store raised."""
        answered: Deferred[Outcome] = Deferred()
        self.circulation.submit(command, asked_by, key, into(answered))
        return answered

    def pin_facts(self, identifier: str, library: LibraryId) -> Deferred[PinFacts | None]:
        """See server.pins.PinSource."""
        answered: Deferred[PinFacts | None] = Deferred()
        self.circulation.submit_pin_facts(identifier, library, into(answered))
        return answered

    def note(self, command: NotePinFailure | ClearPinFailures, asked_by: AskedBy) -> Deferred[Outcome]:
        """See server.pins.PinSource."""
        return self.ask(command, asked_by)

    def today(self, library: LibraryId) -> date:
        """The library's local day."""
        return self.policies.of(library, self.clock.now()).time.today(self.clock.now())

    def deliver(self, batch: Sequence[tuple[Callable[[object], None], object]]) -> None:
        """Called by a store thread when a batch is committed: all its callbacks run in one reactor turn."""
        self._reactor.callFromThread(run_all, batch)


def into(answered: Deferred[object]) -> Callable[[object], None]:
    """A callback for a store that fires `answered` with a result, or fails it with an exception."""

    def done(result: object) -> None:
        if isinstance(result, BaseException):
            answered.errback(Failure(result))
        else:
            answered.callback(result)

    return done


def run_all(batch: Sequence[tuple[Callable[[object], None], object]]) -> None:
    for done, result in batch:
        done(result)
