"""Killed without warning in the middle of lending: what was acknowledged is there once, what was not is asked again."""

import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance.control import WORLD
from tests.daemon import Daemon, Terminal

pytestmark = pytest.mark.slow

DESKS = (  # terminal, patron of its library
    ("T-KAL-S", "K1"),
    ("T-KAL-B", "K3"),
    ("T-LYS-S", "L1"),
    ("T-LYS-F", "L3"),
    ("T-NYN-1", "N1"),
)
BOOKS = 80  # at each terminal: more than are lent before the kill
BEFORE_THE_KILL = 25  # acknowledged checkouts altogether, at least; then the daemon dies in the midst of the next
QUIET = 0.3  # seconds without a second answer
DAY = "20260212    "


def barcode(terminal: str, number: int) -> str:
    return f"X-{terminal[2:]}-{number:03}"


def world() -> str:
    """The fixtures and a pile of ordinary books at each terminal, as TOML."""
    rows = [
        f'[[item]]\nbarcode = "{barcode(terminal, number)}"\ntitle = "{barcode(terminal, number)}"\n'
        f'name = "Book {number} of {terminal}"\nmaterial = "book"\nhome = "{terminal[2:]}"\n'
        for terminal, _ in DESKS
        for number in range(BOOKS)
    ]
    return 'extends = "fixtures"\n\n' + "\n".join(rows)


@dataclass
class Desk:
    """One terminal that lends book after book; `acknowledged` are barcodes, `unanswered` the last frame sent."""

    login: str
    card: str
    pin: str
    acknowledged: list[str] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    unanswered: tuple[str, bytes] | None = None

    def lend_until_the_line_breaks(self, line: Terminal) -> None:
        for number in range(BOOKS):
            code = barcode(self.login, number)
            frame = line.frame(self.checkout(code, number))
            self.unanswered = (code, frame)
            try:
                line.send(frame)
                answer = line.hear()
            except OSError:
                return
            self.unanswered = None
            if answer.startswith(b"121"):
                self.acknowledged.append(code)
            else:
                self.refused.append(answer)

    def checkout(self, code: str, number: int) -> str:
        now = f"{DAY}12{number // 60:02}{number % 60:02}"
        return f"11NN{now}{' ' * 18}AO{self.login[2:5]}|AA{self.card}|AB{code}|AC|AD{self.pin}|"


def desks(town: Daemon) -> list[Desk]:
    told = town.secrets
    return [Desk(login, told[f"patron.{patron}.card"], told[f"patron.{patron}.pin"]) for login, patron in DESKS]


def lend_and_kill(town: Daemon, at_work: list[Desk]) -> None:
    """All terminals lend at the same time; the daemon is killed when some of it is done."""
    lines = [town.terminal(desk.login) for desk in at_work]
    threads = [
        threading.Thread(target=desk.lend_until_the_line_breaks, args=(line,))
        for desk, line in zip(at_work, lines, strict=True)
    ]
    for thread in threads:
        thread.start()
    while sum(len(desk.acknowledged) for desk in at_work) < BEFORE_THE_KILL and any(
        map(threading.Thread.is_alive, threads)
    ):
        time.sleep(0.001)
    town.kill()
    for thread in threads:
        thread.join()


def ask_again(town: Daemon, desk: Desk) -> None:
    """The frame whose answer was lost, byte for byte: one answer, yes, and nothing after it."""
    assert desk.unanswered is not None
    code, frame = desk.unanswered
    with town.terminal(desk.login) as line:
        line.send(frame)
        answer = line.hear()
        assert answer.startswith(b"121"), answer
        assert f"|AB{code}|".encode() in answer
        with pytest.raises(TimeoutError):
            line.hear(QUIET)
    desk.acknowledged.append(code)


def counted(database: Path, statement: str) -> Counter[str]:
    """Rows by barcode."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return Counter(dict(connection.execute(statement).fetchall()))


LOANS = "select barcode, count(*) from loans join items on items.id = loans.item group by barcode"
TOLD = """
    select barcode, count(*) from journal join items on items.id = journal.item
    where command = 'CheckOut' and granted group by barcode
"""


def test_what_was_acknowledged_before_a_kill_is_there_once(tmp_path: Path) -> None:
    with Daemon(tmp_path) as town:
        town.control(WORLD, world())
        at_work = desks(town)
        lend_and_kill(town, at_work)
        assert not any(desk.refused for desk in at_work)
        interrupted = [desk for desk in at_work if desk.unanswered]
        assert interrupted, "the daemon was killed when nobody was waiting"
        town.start()
        for desk in interrupted:
            ask_again(town, desk)
        lent = Counter(code for desk in at_work for code in desk.acknowledged)
        assert set(lent.values()) == {1}
        [database] = town.data.glob("*.db")
        assert counted(database, LOANS) == lent
        assert counted(database, TOLD) == lent
        for desk in at_work:
            charged = len(desk.acknowledged)
            with town.terminal(desk.login) as line:
                answer = line.ask(f"63001{DAY}130000{' ' * 10}AO{desk.login[2:5]}|AA{desk.card}|AC|AD{desk.pin}|")
            assert answer[45:49] == b"%04d" % charged
