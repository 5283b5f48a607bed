"""Two at once: one copy has one borrower, one renewal meets one hold, money is never lost, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from backend.commands import CheckIn, CheckOut, Command, PayFee, PlaceHold, Renew, RepeatKey
from backend.model import AccountId, AskedBy
from backend.money import Money
from backend.outcomes import Outcome
from backend.store.work import Answer, Answered
from tests.backend.store.conftest import opened
from tests.backend.store.world import KIOSK, NOON, Desk

KIOSKS = [replace(KIOSK, account=AccountId(f"kasse{number}")) for number in range(8)]


def at_once(desks: Sequence[Desk], asked: Sequence[tuple[Command, AskedBy]], key: RepeatKey) -> list[Outcome]:
    """All of these together, spread over the desks; every answer is an outcome."""
    answers: list[Answer[Outcome]] = []
    done = threading.Semaphore(0)

    def hear(answer: Answer[Outcome]) -> None:
        answers.append(answer)
        done.release()

    for number, (command, by) in enumerate(asked):
        desks[number % len(desks)].circulation.submit(command, by, key, hear)
    for _ in asked:
        assert done.acquire(timeout=30)
    assert [answer for answer in answers if not isinstance(answer, Answered)] == []
    return [answer.value for answer in answers if isinstance(answer, Answered)]


def two_processes(desk: Desk, url: str, run: Callable[[list[Desk]], None]) -> None:
    """On PostgreSQL a second gateway shares the database; SQLite has one writer."""
    if url.startswith("sqlite"):
        run([desk])
        return
    second = opened(url)
    try:
        run([desk, Desk(second)])
    finally:
        second.close()


def test_one_copy_has_one_winner_every_time(desk: Desk, url: str) -> None:
    def run(desks: list[Desk]) -> None:
        for _ in range(15):
            asked = [(CheckOut(patron=f"2000100{1 + 2 * (n % 2)}", item="KB1"), KIOSKS[n]) for n in range(8)]
            names = Counter(type(outcome).__name__ for outcome in at_once(desks, asked, RepeatKey()))
            assert names == {"CheckedOut": 1, "Refused": 7}
            desk.ask(CheckIn(item="KB1"))

    two_processes(desk, url, run)
    assert desk.rows("select count(*) from loans where closed_at is null") == [(0,)]
    assert desk.rows("select count(*) from journal where granted and command = 'CheckOut'") == [(15,)]


def test_a_repeat_in_the_other_gateway_while_the_first_is_in_work(desk: Desk, url: str) -> None:
    def run(desks: list[Desk]) -> None:
        for number in range(10):
            key = RepeatKey(frame=number.to_bytes(16, "big"))
            lend = CheckOut(patron="20001001", item="KB1", at=NOON)
            first, *others = at_once(desks, [(lend, KIOSK)] * 4, key)
            assert others == [first] * 3
            desk.ask(CheckIn(item="KB1"))

    two_processes(desk, url, run)
    assert desk.rows("select count(*) from loans") == [(10,)]


def test_crosswise_commands_do_not_wait_for_each_other_for_ever(desk: Desk, url: str) -> None:
    """Titles, items and people are always locked in the same order."""

    def run(desks: list[Desk]) -> None:
        desk.ask(CheckOut(patron="20001001", item="KB1"))
        desk.ask(CheckOut(patron="20001003", item="KB3"))
        for _ in range(5):
            asked: list[tuple[Command, AskedBy]] = []
            for number in range(4):
                mine, theirs = ("KB1", "KB3") if number % 2 else ("KB3", "KB1")
                asked += [(Renew(patron="20001001", item=mine), KIOSKS[number])]
                asked += [(PlaceHold(patron="20001003", item=theirs), KIOSKS[number + 4])]
            at_once(desks, asked, RepeatKey())

    two_processes(desk, url, run)


def test_one_transaction_number_in_two_gateways_is_one_payment(desk: Desk, url: str) -> None:
    def run(desks: list[Desk]) -> None:
        for number in range(10):
            pay = PayFee(patron="20001001", amount=Money(100, "SEK"), transaction=f"B{number}")
            other = replace(pay, patron="20001003")
            outcomes = at_once(desks, [(pay, KIOSK), (pay, KIOSK), (other, KIOSK), (other, KIOSK)], RepeatKey())
            assert Counter(type(outcome).__name__ for outcome in outcomes) == {"FeePaid": 2, "Refused": 2}

    two_processes(desk, url, run)
    assert desk.rows("select count(*) from payments") == [(10,)]
