"""PINs: how often somebody may guess, by however many numbers and connections at once."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from backend.commands import ClearPinFailures, NotePinFailure, PinProof
from backend.model import AccountId, AskedBy, BranchId, LibraryId, PatronId
from backend.store.people import PinFacts
from server import pins
from server.pins import PinChecker

DAY = date(2026, 2, 12)
KIOSK = AskedBy(account=AccountId("kasse1"), library=LibraryId("KAL"), branch=BranchId("KAL-S"))
LIMIT = 3


class Register:
    """One patron with a card and a national number; answers at once, and counts what is noted."""

    def __init__(self) -> None:
        self.failures = 0

    def pin_facts(self, identifier: str, library: LibraryId) -> Deferred[PinFacts | None]:
        plain = identifier.replace(" ", "").replace("-", "").upper()
        known = PinFacts(patron=PatronId(1), pin_hash="1234", failures=self.failures, failed_on=DAY)
        return succeed(known if plain in ("20001001", "N000111222") else None)

    def note(self, command: NotePinFailure | ClearPinFailures, asked_by: AskedBy) -> Deferred[Any]:
        self.failures = self.failures + 1 if isinstance(command, NotePinFailure) else 0
        return succeed(None)

    def today(self, library: LibraryId) -> date:
        return DAY

    def attempts(self, library: LibraryId) -> int:
        return LIMIT


class Hashing:
    """Verifies when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Deferred[bool], bool]] = []
        self.done = 0

    def start(self, reactor: Any, pool: Any, matches: Callable[..., bool], stored: str, pin: str) -> Deferred[bool]:
        begun: Deferred[bool] = Deferred()
        self.waiting.append((begun, stored == pin))
        return begun

    def finish(self) -> None:
        while self.waiting:
            begun, right = self.waiting.pop(0)
            self.done += 1
            begun.callback(right)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    made = Hashing()
    monkeypatch.setattr(pins, "deferToThreadPool", made.start)
    return made


def checks(checker: PinChecker, *tries: tuple[str, str]) -> list[PinProof]:
    """All of them begun at once; filled as they are answered."""
    told: list[PinProof] = []
    for number, pin in tries:
        begun = Deferred.fromCoroutine(checker.check(number, pin, KIOSK, 0.0))
        begun.addCallback(told.append)
    return told


@pytest.mark.parametrize(
    "numbers",
    [
        ["20001001"] * 6,
        ["20001001", "2000 1001", "2-0001001", "200010-01", "2000-1001", "20 001001"],
        ["20001001", "N000111222"] * 3,
    ],
    ids=["one spelling", "many spellings", "two numbers"],
)
def test_guesses_that_come_together_do_not_get_past_the_limit(hashing: Hashing, numbers: list[str]) -> None:
    told = checks(PinChecker(Register(), Any, Any), *((number, str(guess)) for guess, number in enumerate(numbers)))
    hashing.finish()
    assert Counter(told) == {PinProof.WRONG: LIMIT, PinProof.LOCKED: LIMIT}
    assert hashing.done == LIMIT


def test_a_right_pin_spares_the_next_hash_however_the_number_is_spelt(hashing: Hashing) -> None:
    checker = PinChecker(Register(), Any, Any)
    told = checks(checker, ("2000 1001", "1234"))
    hashing.finish()
    assert told + checks(checker, ("20001001", "1234")) == [PinProof.RIGHT, PinProof.RIGHT]
    assert hashing.done == 1


def test_nobody_is_kept_in_memory_after_the_answer(hashing: Hashing) -> None:
    checker = PinChecker(Register(), Any, Any)
    told = checks(checker, ("20001001", "1"), ("20001001", "2"), ("nobody", "3"))
    hashing.finish()
    assert len(told) == 3
    assert not checker._busy
