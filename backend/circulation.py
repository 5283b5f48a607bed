"""The one door: a command goes in, an outcome comes back, and what was decided is kept and journalled.

Changes run one at a time where it matters, each in one transaction with its journal row; look-ups are only read. The
same request, asked again, gets the first answer again and changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import get_args

from backend.changes import Change, PutLoan
from backend.clock import Clock
from backend.commands import Command, LookUp, RepeatKey
from backend.facts import Decision, Facts, Policies
from backend.journal import Entry
from backend.model import AskedBy, LibraryId
from backend.outcomes import Outcome, Refused, Renewed, RenewedAll
from backend.rules.decide import decide
from backend.rules.order import as_order
from backend.store.asking import Asked
from backend.store.people import PinFacts, pin_facts
from backend.store.session import Session
from backend.store.store import Store
from backend.store.work import Answer

Decide = Callable[[Facts, Command], Decision]
LOOK_UPS = get_args(LookUp)
ONCE = RepeatKey()


class Circulation:
    """`decide` is the rules' own unless a test brings another."""

    def __init__(self, store: Store, policies: Policies, clock: Clock, decide: Decide = decide) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._decide = decide

    def handle(self, command: Command, asked_by: AskedBy, key: RepeatKey = ONCE) -> Outcome:
        """Decide and wait for the answer, which is kept by then. Raises StoreError."""
        return self._store.call(partial(self._settle, command, asked_by, key), write=is_change(command))

    def submit(
        self, command: Command, asked_by: AskedBy, key: RepeatKey, done: Callable[[Answer[Outcome]], None]
    ) -> None:
        """Queue the command; `done` gets the outcome, or what failed. Raises StoreBusy and StoreClosed."""
        self._store.run(partial(self._settle, command, asked_by, key), done, write=is_change(command))

    def rehearse(self, command: Command, asked_by: AskedBy) -> Outcome:
        """What `handle` would answer now; nothing is changed, and nothing journalled. Raises StoreError."""
        return self._store.call(partial(self._foresee, command, asked_by), write=False)

    def pin_facts(self, presented: str, library: LibraryId, done: Callable[[Answer[PinFacts | None]], None]) -> None:
        """Read what the PIN pool needs of whoever has the presented number, None for nobody."""
        now = self._clock.now()
        self._store.run(lambda session: pin_facts(session, presented, library, now), done, write=False)

    def _settle(self, command: Command, asked_by: AskedBy, key: RepeatKey, session: Session) -> Outcome:
        """One command in one transaction."""
        asked = self._asked(command, asked_by, key)
        gathered = session.gather(asked)
        if gathered.repeat is not None:
            return gathered.repeat
        if gathered.refused is not None:
            decision = Decision(outcome=gathered.refused)
        else:
            decision = self._decided(session, asked, gathered.facts)
        if is_change(command):
            session.apply(decision.changes, asked.now)
            entry = self._entry(asked, gathered.facts, decision.outcome)
            for part in (*parts_of(entry, decision.changes), entry):
                session.record(part)
        return decision.outcome

    def _decided(self, session: Session, asked: Asked, facts: Facts) -> Decision:
        """A hold on another library's copy turns out to be an order: what that hangs on is read then."""
        order = as_order(facts, asked.command)
        if order is None:
            return self._decide(facts, asked.command)
        return self._decide(session.gather(replace(asked, command=order, key=ONCE)).facts, order)

    def _foresee(self, command: Command, asked_by: AskedBy, session: Session) -> Outcome:
        gathered = session.gather(self._asked(command, asked_by, ONCE))
        if gathered.refused is not None:
            return gathered.refused
        # Row ids that nobody will ever write: a reader reserves none.
        return self._decide(replace(gathered.facts, ids=count(1)), command).outcome

    def _asked(self, command: Command, asked_by: AskedBy, key: RepeatKey) -> Asked:
        now = self._clock.now().replace(microsecond=0)  # as it is stored: an outcome reads the same from the journal
        return Asked(command=command, asked_by=asked_by, key=key, now=now, policies=self._policies)

    def _entry(self, asked: Asked, facts: Facts, outcome: Outcome) -> Entry:
        """The journal row; a return is kept under the patron who had the item."""
        patron = facts.patron.patron if facts.patron else facts.item.borrower if facts.item else None
        return Entry(
            at=asked.now,
            asked_by=asked.asked_by,
            command=asked.command,
            outcome=outcome,
            key=asked.key,
            policy=self._policy_hash(asked),
            patron=patron.id if patron else None,
            item=facts.item.item.id if facts.item else None,
            transaction=None if isinstance(outcome, Refused) else asked.transaction,
        )

    def _policy_hash(self, asked: Asked) -> str | None:
        try:
            return self._policies.of(asked.asked_by.library, asked.now).hash
        except KeyError:  # a library without rules of its own: the outcome said so already
            return None


def parts_of(entry: Entry, changes: Iterable[Change]) -> Iterator[Entry]:
    """A row for each copy whose loan was extended with others: what is done with the copy next is judged by it.

    The row of the whole comes last, for a repeat of the wish is answered by the newest of the patron's rows.
    """
    if not isinstance(entry.outcome, RenewedAll):
        return
    for change in changes:
        if isinstance(change, PutLoan):
            loan = change.loan
            outcome = Renewed(at=entry.at, loan=loan.id, due=loan.due, renewals=loan.renewals)
            yield replace(entry, outcome=outcome, key=ONCE, item=loan.item)


def is_change(command: Command) -> bool:
    """Whether it is journalled, and recognised when it comes again: all but look-ups."""
    return not isinstance(command, LOOK_UPS)
