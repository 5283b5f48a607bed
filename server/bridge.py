"""Where threads meet the reactor: circulation's callbacks become Deferreds, one callFromThread for a whole batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure

from backend.circulation import Circulation, is_change
from backend.clock import Clock
from backend.commands import ClearPinFailures, Command, NotePinFailure, RepeatKey
from backend.model import AskedBy, LibraryId
from backend.outcomes import Outcome
from backend.policy.shelf import PolicyShelf
from backend.store.errors import StoreCorrupt, StoreError, StoreUnavailable
from backend.store.people import PinFacts
from backend.store.session import Session
from backend.store.store import Store
from backend.store.turns import give_back, take_turn
from backend.store.work import Answer, Delivery, Failed, Work
from server.reactor import Reactor

T = TypeVar("T")
Done = Callable[[Answer[T]], None]
NO_REPEATS = RepeatKey()
NOBODY = "-"  # a number that no card has
AWAY = (StoreUnavailable, StoreCorrupt)  # other failures are the command's own, or say that the queue is full
TRIAL = "trial"  # the lease that is taken to see whether anything can be written
NO_TIME = timedelta(0)


@dataclass(slots=True)
class Side:
    """Look-ups or changes: whether the last of them found the database in order."""

    well: bool = True

    def note(self, answer: Answer[T]) -> None:
        """What came of one more."""
        if not isinstance(answer, Failed):
            self.well = True
        elif isinstance(answer.error, AWAY):
            self.well = False


class Bridge:
    """Circulation as the reactor sees it."""

    def __init__(self, circulation: Circulation, store: Store, shelf: PolicyShelf, clock: Clock) -> None:
        self._circulation = circulation
        self._store = store
        self._shelf = shelf
        self.clock = clock
        self._reads, self._writes = Side(), Side()

    @property
    def online(self) -> bool:
        """Whether the database can be read and written.

        A full disk can be read all day: look-ups that succeed say nothing of changes.
        """
        return self._reads.well and self._writes.well

    def ask(self, command: Command, asked_by: AskedBy, key: RepeatKey = NO_REPEATS) -> Deferred[Outcome]:
        """Queue a command; fires on the reactor after its commit, or fails with what the store raised."""
        answered: Deferred[Outcome] = Deferred()
        self.put(command, asked_by, key, partial(fire, answered))
        return answered

    def put(self, command: Command, asked_by: AskedBy, key: RepeatKey, done: Done[Outcome]) -> None:
        """The same without a Deferred, which would cost as much as reading the message; raises StoreError."""
        side = self._writes if is_change(command) else self._reads
        self._circulation.submit(command, asked_by, key, partial(tell, side, done))

    def pin_facts(self, identifier: str, library: LibraryId) -> Deferred[PinFacts | None]:
        """See server.pins.PinSource."""
        answered: Deferred[PinFacts | None] = Deferred()
        self._circulation.pin_facts(identifier, library, partial(tell, self._reads, partial(fire, answered)))
        return answered

    def work(self, work: Work[T], *, write: bool) -> Deferred[T]:
        """Any other work on the records; fires on the reactor when what it changed is kept."""
        done: Deferred[T] = Deferred()
        side = self._writes if write else self._reads
        self._store.run(work, partial(tell, side, partial(fire, done)), write=write)
        return done

    def look(self) -> Deferred[None]:
        """Ask the database for nothing: `online` says afterwards whether it is there, though nobody asks anything.

        Once a change has failed something is written, too: machines that went off line would never try.
        """
        looks: list[Deferred[None]] = []
        try:
            looks.append(settled(self.pin_facts(NOBODY, self._shelf.libraries()[0])))
            if not self._writes.well:
                looks.append(settled(self.work(self._try_to_write, write=True)))
        except StoreError:  # a queue that is full, or closed: no news
            pass
        return settled(gatherResults(looks))

    def _try_to_write(self, session: Session) -> None:
        take_turn(session, TRIAL, TRIAL, self.clock.now(), NO_TIME)
        give_back(session, TRIAL, TRIAL)  # SQLite writes nothing where nothing differs from before

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


def settled(deferred: Deferred[T]) -> Deferred[None]:
    """Fires when it is over, whatever came of it."""
    return deferred.addBoth(lambda _: None)


def tell(side: Side, done: Done[T], answer: Answer[T]) -> None:
    """What the store calls back, on the reactor: see `deliverer`."""
    side.note(answer)
    done(answer)


def fire(answered: Deferred[T], answer: Answer[T]) -> None:
    """What became of a piece of work, told to whoever awaits it; on the reactor."""
    if isinstance(answer, Failed):
        answered.errback(Failure(answer.error))
    else:
        answered.callback(answer.value)


def deliverer(reactor: Reactor) -> Callable[[Sequence[Delivery]], None]:
    """What a store calls with each batch: all its callbacks run in one turn of the reactor."""

    def deliver(batch: Sequence[Delivery]) -> None:
        reactor.callFromThread(run_all, batch)

    return deliver


def run_all(batch: Sequence[Delivery]) -> None:
    for deliver in batch:
        deliver()
