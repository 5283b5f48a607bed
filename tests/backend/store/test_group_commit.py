"""SQLite: commands that wait together are committed together, fail alone, and are never told of what was not kept."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from backend.commands import CheckOut, RepeatKey
from backend.store import sqlite as sqlite_store
from backend.store.errors import PromiseBroken, StoreBusy, StoreClosed, StoreCorrupt, StoreUnavailable
from backend.store.session import Session
from backend.store.sqlite import SqliteStore
from backend.store.statement import inserts
from backend.store.store import WorkQueue
from backend.store.work import Answered, Delivery, Failed, Job, Pending
from backend.tables import meta
from tests.backend.store.world import KIOSK, PLACES, Desk, found

ADD = inserts(meta)


class Told:
    """Remembers who was told what, batch by batch, and what was on disk by then."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: list[list[object]] = []
        self.kept: list[int] = []
        self._current: list[object] = []

    def on_batch(self, deliveries: Sequence[Delivery]) -> None:
        with sqlite3.connect(self.path) as other:
            self.kept.append(other.execute("select count(*) from meta").fetchone()[0])
        self._current = []
        for deliver in deliveries:
            deliver()
        self.batches.append(self._current)

    def hear(self, answer: object) -> None:
        self._current.append(answer)


def add(key: str, size: int = 1) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        session.change(ADD, {"key": key, "value": "x" * size})
        return key

    return work


@pytest.fixture
def path(prepared_file: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "skranke.db"
    copied.write_bytes(prepared_file.read_bytes())
    return copied


def gathered(
    path: Path, jobs: Sequence[Callable[[Session], Any]], prepare: Callable[[Session], Any] = lambda _: 0
) -> Told:
    """Let the jobs wait together behind one that is held back, then hear what came of each."""
    told = Told(path)
    store = SqliteStore(path, PLACES, on_batch=told.on_batch)
    store.call(prepare, write=True)
    told.batches.clear()
    told.kept.clear()
    gate, started = threading.Event(), threading.Event()
    store.run(lambda _: started.set() or gate.wait(5), told.hear, write=True)
    started.wait(5)
    for job in jobs:
        store.run(job, told.hear, write=True)
    gate.set()
    store.close()
    return told


def outcomes(told: Told, batch: int = 1) -> list[object]:
    return [answer.value if isinstance(answer, Answered) else type(answer.error) for answer in told.batches[batch]]


def test_what_waits_is_committed_once_and_told_at_once(path: Path) -> None:
    told = gathered(path, [add(str(number)) for number in range(50)])
    assert [len(batch) for batch in told.batches] == [1, 50]
    assert told.kept == [0, 50]
    assert outcomes(told) == [str(number) for number in range(50)]


def test_one_that_fails_is_taken_back_alone(path: Path) -> None:
    def bug(session: Session) -> None:
        session.change(ADD, {"key": "bug", "value": ""})
        raise ZeroDivisionError

    told = gathered(path, [add("a"), bug, add("a"), add("b")])
    assert outcomes(told) == ["a", ZeroDivisionError, PromiseBroken, "b"]
    assert told.kept == [0, 2]


def test_when_the_engine_rolls_back_by_itself_everybody_who_was_tried_failed(path: Path) -> None:
    """A full disk ends the transaction and takes the savepoints along; who was not tried yet is tried next."""

    def disk_full(session: Session) -> None:
        session._cursor.connection.rollback()  # what the engine does
        raise sqlite3.OperationalError("database or disk is full")

    told = gathered(path, [add("a"), disk_full, add("b")])
    assert outcomes(told) == [StoreUnavailable, StoreUnavailable]
    assert outcomes(told, 2) == ["b"]
    assert told.kept == [0, 0, 1]


def test_a_rollback_that_the_work_did_not_notice_fails_everybody_too(path: Path) -> None:
    told = gathered(path, [add("a"), lambda session: session._cursor.connection.rollback(), add("b")])
    assert outcomes(told) == [StoreUnavailable, StoreUnavailable]
    assert told.kept == [0, 0, 1]


def test_a_really_full_database(path: Path) -> None:
    def limit(session: Session) -> None:
        cursor = session._cursor
        (pages,) = cursor.execute("pragma page_count").fetchone()
        cursor.execute(f"pragma max_page_count = {pages + 20}").fetchall()

    jobs = [add(str(number), 30_000) for number in range(10)]
    told = gathered(path, jobs, limit)
    heard = [answer for batch in told.batches[1:] for answer in batch]
    kept = [answer for answer in heard if isinstance(answer, Answered)]
    assert len(heard) == 10
    assert 0 < len(kept) < 10
    assert told.kept[-1] == len(kept)
    assert all("full" in str(answer.error) for answer in heard if isinstance(answer, Failed))


def test_a_commit_that_fails_fails_everybody(path: Path) -> None:
    def orphan(session: Session) -> None:
        session._cursor.execute("pragma defer_foreign_keys = on")
        session._cursor.execute("insert into identifiers values ('KAL', 'X', 1, 'KAL', 'card', 'X', 0, 0)")

    told = gathered(path, [add("a"), orphan, add("b")])
    assert outcomes(told) == [PromiseBroken] * 3
    assert told.kept == [0, 0]


def test_a_connection_that_fails_in_a_new_way_does_not_end_its_thread(path: Path) -> None:
    """A rollback that fails, for instance: whoever was tried is told, and the next is tried."""
    store = SqliteStore(path, PLACES)
    writer = store._sides[0]
    do, fails = writer.do, iter([True])

    def fail_once(batch: Sequence[Pending]) -> int:
        if next(fails, False):
            raise sqlite3.OperationalError("disk I/O error")
        return do(batch)

    writer.do = fail_once
    with pytest.raises(StoreUnavailable, match="of no use"):
        store.call(add("a"), write=True)
    assert store.call(add("b"), write=True) == "b"
    store.close()


def test_a_damaged_file_is_said_to_be_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(StoreCorrupt):
        SqliteStore(path, PLACES)


def test_a_store_that_cannot_be_opened_whole_leaves_nothing_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    connect = sqlite_store.connect
    opened: list[sqlite3.Connection] = []

    def only_the_first(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
        if read_only:
            raise StoreUnavailable("no more files")
        opened.append(connect(path))
        return opened[0]

    monkeypatch.setattr(sqlite_store, "connect", only_the_first)
    with pytest.raises(StoreUnavailable, match="no more files"):
        SqliteStore(path, PLACES)
    assert threading.active_count() == before
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("select 1")


def test_a_callback_that_fails_does_not_stop_the_writer(path: Path) -> None:
    store = SqliteStore(path, PLACES)
    store.run(add("a"), lambda answer: 1 / 0, write=True)
    assert store.call(add("b"), write=True) == "b"
    store.close()


def test_a_full_queue_says_so_and_a_closed_store_too(path: Path) -> None:
    store = SqliteStore(path, PLACES, waiting=2)
    gate, started = threading.Event(), threading.Event()
    answers: SimpleQueue[object] = SimpleQueue()
    store.run(lambda _: started.set() or gate.wait(5), answers.put, write=True)
    started.wait(5)
    store.run(add("a"), answers.put, write=True)
    store.run(add("b"), answers.put, write=True)
    assert store.waiting == 2
    with pytest.raises(StoreBusy):
        store.run(add("c"), answers.put, write=True)
    gate.set()
    store.close()
    store.close()
    assert answers.qsize() == 3
    with pytest.raises(StoreClosed):
        store.run(add("d"), answers.put, write=True)


def test_nothing_gets_behind_the_end_of_a_queue() -> None:
    """A caller who was late by a moment would wait for an answer for ever."""
    queue = WorkQueue(limit=10)
    queue.put(Job(add("a"), print))
    queue.end()
    with pytest.raises(StoreClosed):
        queue.put(Job(add("b"), print))
    assert [len(queue.take(10)), len(queue.take(10)), len(queue.take(10))] == [1, 0, 0]


def test_a_reader_writes_nothing(path: Path) -> None:
    store = SqliteStore(path, PLACES)
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.call(add("a"), write=False)
    store.close()


def test_ids_never_come_twice(path: Path) -> None:
    """What a failed command was given may come again: nobody has seen it."""
    kept: list[int] = []

    def take(session: Session) -> None:
        kept.extend(next(session.ids) for _ in range(700))

    def take_and_fail(session: Session) -> None:
        raise ZeroDivisionError([next(session.ids) for _ in range(700)])

    for _ in range(3):
        gathered(path, [take, take_and_fail, take])
    assert len(set(kept)) == len(kept) == 4200
    assert kept == sorted(kept)


CHILD = """
import sys
from backend.commands import CheckOut, CheckIn
from backend.store.sqlite import SqliteStore
from pathlib import Path
from tests.backend.store.world import PLACES, Desk
desk = Desk(SqliteStore(Path(sys.argv[1]), PLACES))
for number in range(100_000):
    out = desk.ask(CheckOut(patron="20001001", item="KB1"))
    print(out.loan, flush=True)
    desk.ask(CheckIn(item="KB1"))
"""


def test_killed_with_9_everything_acknowledged_is_there_once(path: Path) -> None:
    store = SqliteStore(path, PLACES)
    store.call(found, write=True)
    store.close()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(40)]
    os.kill(child.pid, signal.SIGKILL)
    told += [int(line) for line in child.stdout.read().splitlines() if line]
    child.wait()
    store = SqliteStore(path, PLACES)
    desk = Desk(store)
    kept = [loan for (loan,) in desk.rows("select id from loans order by id")]
    assert set(told) <= set(kept)
    assert len(kept) <= len(told) + 1
    journalled = desk.rows("select count(*) from journal where command = 'CheckOut'")
    assert journalled == [(len(kept),)]
    assert desk.rows("pragma integrity_check") == [("ok",)]
    again = desk.ask(CheckOut(patron="20001001", item="KB2"), KIOSK, RepeatKey())
    assert again.loan > max(kept)
    store.close()
