"""Two machines want the same at the same moment, a thousand times, over real sockets: one has it, one hears why not."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon, Terminal

pytestmark = pytest.mark.slow

ROUNDS = 1000
HOLDS = 250
NOW = "20260212    120000"
NEVER = " " * 18
SECOND_COPY = '[[item]]\nbarcode = "LB9"\ntitle = "LT1B"\nhome = "LYS-S"'
ALERT = slice(5, 6)  # of message 10


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        daemon.control("world", f'extends = "fixtures"\n{SECOND_COPY}\n')
        yield daemon


@pytest.fixture(scope="module")
def machines(town: Daemon) -> Iterator[tuple[Terminal, Terminal]]:
    """Two self-checks, at two branches of one library."""
    with town.terminal("T-LYS-S") as one, town.terminal("T-LYS-F") as two:
        yield one, two


@pytest.fixture(scope="module")
def bins(town: Daemon, machines: tuple[Terminal, Terminal]) -> Iterator[tuple[Terminal, Terminal]]:
    """A self-check and a sorter side by side."""
    with town.terminal("T-LYS-SORT") as sorter:
        yield machines[0], sorter


def together(machines: tuple[Terminal, Terminal], texts: tuple[str, str], turn: int) -> tuple[bytes, bytes]:
    """Both messages are on their way before either answer is read; in every second round the other one goes first."""
    frames = [machine.frame(text) for machine, text in zip(machines, texts, strict=True)]
    for place in (0, 1) if turn % 2 else (1, 0):
        machines[place].send(frames[place])
    return machines[0].hear(), machines[1].hear()


def lend(card: str, item: str) -> str:
    return f"11NN{NOW}{NEVER}AOLYS|AA{card}|AB{item}|AC|"


def take_back(item: str) -> str:
    return f"09N{NOW}{NOW}APLYS-S|AOLYS|AB{item}|AC|"


def open_loans(data: Path) -> int:
    with sqlite3.connect(f"file:{data / 'skranke.db'}?mode=ro", uri=True) as records:
        found: int = records.execute("select count(*) from loans where closed_at is null").fetchone()[0]
    return found


def test_one_copy_has_one_borrower_a_thousand_times(town: Daemon, machines: tuple[Terminal, Terminal]) -> None:
    texts = lend("30001001", "LB1"), lend("30001005", "LB1")
    denied = "AFRedan utlånad|".encode("cp850")
    winners: Counter[int] = Counter()
    for turn in range(ROUNDS):
        answers = together(machines, texts, turn)
        codes = [answer[:3] for answer in answers]
        assert sorted(codes) == [b"120", b"121"], answers
        loser = codes.index(b"120")
        assert denied in answers[loser]
        winners[1 - loser] += 1
        if turn % 100 == 0:
            assert open_loans(town.data) == 1
        assert machines[0].ask(take_back("LB1")).startswith(b"101")
    assert open_loans(town.data) == 0
    assert set(winners) == {0, 1}


def test_one_hold_gets_one_copy_of_two_that_come_back(town: Daemon, bins: tuple[Terminal, Terminal]) -> None:
    """C-28: hold capture."""
    texts = take_back("LB1"), take_back("LB9")
    machine = bins[0]
    for turn in range(HOLDS):
        assert machine.ask(lend("30001001", "LB1")).startswith(b"121")
        assert machine.ask(lend("30001005", "LB9")).startswith(b"121")
        placed = machine.ask(f"15+{NOW}BSLYS-S|BY2|AOLYS|AA30001004|AC|ABLB1|")
        assert placed.startswith(b"161"), placed
        answers = together(bins, texts, turn)
        assert sorted(answer[ALERT] for answer in answers) == [b"N", b"Y"], answers
        caught, free = ("LB1", "LB9") if answers[0][ALERT] == b"Y" else ("LB9", "LB1")
        assert machine.ask(f"17{NOW}AOLYS|AB{caught}|AC|").startswith(b"1808")
        assert machine.ask(f"17{NOW}AOLYS|AB{free}|AC|").startswith(b"1803")
        assert machine.ask(lend("30001004", caught)).startswith(b"121")
        assert machine.ask(take_back(caught)).startswith(b"101")
    assert open_loans(town.data) == 0


def test_a_copy_that_two_machines_report_at_once_is_caught_once(town: Daemon, bins: tuple[Terminal, Terminal]) -> None:
    machine = bins[0]
    for turn in range(HOLDS):
        assert machine.ask(lend("30001001", "LB1")).startswith(b"121")
        assert machine.ask(f"15+{NOW}BSLYS-S|BY2|AOLYS|AA30001004|AC|ABLB1|").startswith(b"161")
        together(bins, (take_back("LB1"), take_back("LB1")), turn)
        assert machine.ask(f"17{NOW}AOLYS|ABLB1|AC|").startswith(b"1808")
        assert machine.ask(lend("30001005", "LB1")).startswith(b"120")
        assert machine.ask(lend("30001004", "LB1")).startswith(b"121")
        assert machine.ask(take_back("LB1")).startswith(b"101")
    assert open_loans(town.data) == 0
