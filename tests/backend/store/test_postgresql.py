"""PostgreSQL: a backend that is killed, a commit whose answer is lost, a row that moves under the lock."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from backend.commands import CheckIn, CheckOut, LookUpPatron
from backend.outcomes import CheckedOut
from backend.store import postgresql
from backend.store.errors import StoreUnavailable
from backend.store.postgresql import PostgresqlStore
from backend.store.schema import upgrade
from backend.store.session import Session
from tests.backend.store.world import PLACES, Desk, found
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

KILL = (
    b"select pg_terminate_backend(pid) from pg_stat_activity"
    b" where pid <> pg_backend_pid() and datname = current_database()"
)
CHILDREN = text("update patrons set category = 'child' returning 1")
LEND = CheckOut(patron="20001001", item="KB1")


@pytest.fixture
def address(cluster: Cluster) -> str:
    url = cluster.database()
    upgrade(url)
    return url


@pytest.fixture
def desk(address: str) -> Iterator[Desk]:
    store = PostgresqlStore(address, PLACES, writers=1, readers=1)
    store.call(found, write=True)
    yield Desk(store)
    store.close()


def kill_all(address: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute(KILL)


def test_a_store_that_cannot_have_all_its_connections_keeps_none(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = postgresql.connect
    made: list[psycopg.Connection[Any]] = []

    def only_two(url: str) -> psycopg.Connection[Any]:
        if len(made) == 2:
            raise StoreUnavailable("sorry, too many clients already")
        made.append(connect(url))
        return made[-1]

    monkeypatch.setattr(postgresql, "connect", only_two)
    with pytest.raises(StoreUnavailable, match="too many clients"):
        PostgresqlStore(address, PLACES)
    assert [connection.closed for connection in made] == [True, True]


def test_killed_between_commands_nobody_notices(desk: Desk, address: str) -> None:
    kill_all(address)
    assert isinstance(desk.ask(LEND), CheckedOut)
    kill_all(address)
    assert len(desk.look(LookUpPatron(patron="20001001")).patron.loans) == 1


def test_killed_in_the_middle_of_a_command_it_is_done_again_once(desk: Desk, address: str) -> None:
    kills = iter([True, False])

    def decide(facts: Any, command: Any) -> Any:
        if next(kills):
            kill_all(address)
        return rule(facts, command)

    rule, desk._rule = desk._rule, decide
    assert isinstance(desk.ask(LEND), CheckedOut)
    assert desk.rows("select count(*) from journal") == [(1,)]


def test_a_server_that_became_a_standby_is_left_for_the_one_that_writes(desk: Desk) -> None:
    desk.store._sides[0]._connection.execute("set default_transaction_read_only = on")
    assert isinstance(desk.ask(LEND), CheckedOut)


class LosesAnswers:
    """A connection whose next commit is lost, before or after the server has done it."""

    def __init__(self, connection: Any, address: str, kept: bool) -> None:
        self._connection = connection
        self._address = address
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: bytes, *parameters: Any) -> Any:
        if query != b"commit":
            return self._connection.execute(query, *parameters)
        if self._kept:
            self._connection.execute(query)
        kill_all(self._address)
        return self._connection.execute(b"select 1")


@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_whose_answer_is_lost_is_asked_for(desk: Desk, address: str, kept: bool) -> None:
    writer = desk.store._sides[0]
    writer._connection = LosesAnswers(writer._connection, address, kept)
    assert isinstance(desk.ask(LEND), CheckedOut)
    assert desk.rows("select count(*) from journal") == [(1,)]
    assert desk.rows("select count(*) from loans") == [(1,)]


def test_a_line_that_is_lost_again_while_asking_does_not_do_it_twice(
    desk: Desk, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = desk.store._sides[0]
    writer._connection = LosesAnswers(writer._connection, address, kept=True)
    connect, kills = writer.connect, iter([True])

    def connect_and_lose() -> Any:
        connection = connect()
        if writer._locks.transaction is not None and next(kills, False):
            kill_all(address)
        return connection

    monkeypatch.setattr(writer, "connect", connect_and_lose)
    assert isinstance(desk.ask(LEND), CheckedOut)
    assert desk.rows("select count(*) from journal") == [(1,)]


def test_a_lost_commit_that_took_no_locks_is_not_called_done(desk: Desk, address: str) -> None:
    writer = desk.store._sides[0]
    writer._connection = LosesAnswers(writer._connection, address, kept=True)
    with pytest.raises(StoreUnavailable, match="lost while committing"):
        desk.store.call(lambda session: session.query(CHILDREN), write=True)


def test_a_server_that_is_stopped_and_started(cluster: Cluster) -> None:
    own = Cluster(cluster.programs)
    try:
        url = own.database()
        upgrade(url)
        store = PostgresqlStore(url, PLACES, writers=1, readers=1)
        store.call(found, write=True)
        desk = Desk(store)
        own.halt()
        for command in (LEND, LookUpPatron(patron="20001001")):
            with pytest.raises(StoreUnavailable):
                desk.ask(command)
        own.start()
        rested(store)
        assert isinstance(desk.ask(LEND), CheckedOut)
        store.close()
    finally:
        own.stop()


def rested(store: PostgresqlStore) -> None:
    """The second of rest after a failed call is over."""
    for side in store._sides:
        side._away = None


def test_when_the_borrower_changes_under_the_lock_the_command_starts_again(desk: Desk) -> None:
    desk.ask(LEND)
    tried = 0

    class Locks:
        """Takes the real locks, but the first time says that nobody was locked."""

        def __init__(self, real: Any) -> None:
            self.real = real
            self.transaction = None

        def take(self, session: Session, asked: Any, given: Any) -> Any:
            nonlocal tried
            tried += 1
            locked = self.real.take(session, asked, given)
            return type(locked)(locked.titles, locked.items, frozenset()) if tried == 1 else locked

    session = desk.store._sides[0].session
    session.locks = Locks(session.locks)
    desk.ask(CheckIn(item="KB1"))
    assert tried == 2
    assert desk.rows("select count(*) from journal where command = 'CheckIn'") == [(1,)]


def test_readers_write_nothing(desk: Desk) -> None:
    with pytest.raises(StoreUnavailable, match="read-only"):
        desk.store.call(lambda session: session.query(CHILDREN), write=False)
