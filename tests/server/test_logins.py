"""Logins that go wrong: how often an address may guess, one after the other or all at once, and how it is forgiven."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from server import logins
from server.logins import ADDRESSES, BAD_LOGINS, PENANCE, BadLogins, Locked, Shut

HERE, THERE = "192.0.2.7", "192.0.2.8"


def begun(bad: BadLogins, address: str = HERE) -> list[Shut | None]:
    """What an attempt was told, once it is."""
    told: list[Shut | None] = []
    Deferred.fromCoroutine(bad.begin(address)).addCallback(told.append)
    return told


def fail(bad: BadLogins, times: int, address: str = HERE) -> list[Shut | None]:
    found = []
    for _ in range(times):
        assert begun(bad, address) == [None]
        found.append(bad.end(address, good=False))
    return found


def test_an_address_is_shut_out_and_forgiven_after_a_while() -> None:
    clock = Clock()
    bad = BadLogins(clock.seconds)
    assert fail(bad, BAD_LOGINS) == [Shut.WRONG] * (BAD_LOGINS - 1) + [Shut.LOCKING]
    assert (begun(bad), begun(bad, THERE)) == ([Shut.LOCKED], [None])
    clock.advance(PENANCE - 1)
    assert bad.locked() == (Locked(HERE, 1.0),)
    clock.advance(1)
    assert (begun(bad), bad.locked()) == ([None], ())


def test_staff_forgive_sooner() -> None:
    bad = BadLogins(Clock().seconds)
    fail(bad, BAD_LOGINS)
    assert (bad.lift(HERE), bad.lift(HERE), bad.lift(THERE)) == (True, False, False)
    assert begun(bad) == [None]


def test_guesses_that_come_together_are_no_more_than_guesses_one_by_one() -> None:
    bad = BadLogins(Clock().seconds)
    fail(bad, 5)
    tries = [begun(bad) for _ in range(100)]
    running = [told for told in tries if told == [None]]
    assert len(running) == BAD_LOGINS - 5
    assert {bad.end(HERE, good=False) for _ in running} == {Shut.WRONG, Shut.LOCKING}
    assert [told for told in tries if told not in running] == [[Shut.LOCKED]] * (100 - len(running))


def test_good_ones_that_come_together_are_all_let_in() -> None:
    bad = BadLogins(Clock().seconds)
    tries = [begun(bad) for _ in range(100)]
    for _ in tries:
        assert bad.end(HERE, good=True) is None
    assert tries == [[None]] * 100


def test_a_flood_from_everywhere_is_refused_at_once() -> None:
    bad = BadLogins(Clock().seconds)
    tries = [begun(bad, f"host{number % 100}") for number in range(logins.MOST_AT_ONCE + 50)]
    assert tries[-50:] == [[Shut.BUSY]] * 50
    assert [Shut.BUSY] not in tries[:-50]
    bad.end("host0", good=True)
    assert begun(bad, THERE) == [None]


@pytest.mark.parametrize("shut", [True, False])
def test_no_more_addresses_are_remembered_than_fit(shut: bool) -> None:
    bad = BadLogins(Clock().seconds)
    for number in range(ADDRESSES + 5):
        fail(bad, BAD_LOGINS if shut else 1, f"host{number}")
    assert len(bad._seen) == ADDRESSES
    assert bad.is_locked(f"host{ADDRESSES + 4}") is shut
    assert not bad.is_locked("host0")
