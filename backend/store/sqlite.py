"""SQLite: one writer that commits in groups, one reader beside it, one file.

The writer takes whatever has gathered in the queue, gives each command its own savepoint, commits once for all, and
only then are the callers told. When the engine has rolled back by itself (a full disk takes the savepoints along), the
whole group failed. The reader answers a group of look-ups from one snapshot.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from backend.store.errors import PromiseBroken, StoreCorrupt, StoreError, StoreUnavailable
from backend.store.ids import RowIds, book
from backend.store.places import Places
from backend.store.session import Session
from backend.store.statement import Engine
from backend.store.store import WAITING, Side, Store
from backend.store.work import OnBatch, Pending, deliver_each
from backend.tables import BLOCKS

GROUP = 200  # commands in one transaction, at most
PATIENCE = 5.0  # seconds to wait for another process that writes
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that commits when told to; raises StoreUnavailable or StoreCorrupt."""
    try:
        connection = sqlite3.connect(
            path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for setting in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "cache_size = -65536"):
            connection.execute(f"pragma {setting}")
        if read_only:
            connection.execute("pragma query_only = on")
    except sqlite3.Error as error:
        raise failure(error) from error
    return connection


def failure(error: Exception) -> Exception:
    """What a driver's error means to callers; other errors are what they are."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    if code in CORRUPT:
        return StoreCorrupt(str(error))
    if isinstance(error, sqlite3.IntegrityError):
        return PromiseBroken(str(error))
    if isinstance(error, sqlite3.OperationalError):
        return StoreUnavailable(str(error))
    return StoreCorrupt(str(error)) if type(error) is sqlite3.DatabaseError else StoreError(str(error))


class SqliteStore(Store):
    """The embedded database."""

    engine = Engine.SQLITE

    def __init__(self, path: Path, places: Places, *, on_batch: OnBatch = deliver_each, waiting: int = WAITING) -> None:
        super().__init__(on_batch, waiting)
        writer = Writer(connect(path), places)
        try:
            reader = Reader(connect(path, read_only=True), places)
        except StoreError:
            writer.close()
            raise
        self.serve("store-writer", writer, self._writes, GROUP)
        self.serve("store-reader", reader, self._reads, GROUP)


class Connected(Side):
    """A connection and its session."""

    def __init__(self, connection: sqlite3.Connection, places: Places) -> None:
        self.connection = connection
        self.control = connection.cursor()  # transactions and savepoints
        self.ids = RowIds(lambda: book(self.session), BLOCKS[Engine.SQLITE])
        self.session = Session(Engine.SQLITE, places, self.ids, connection.cursor())

    def close(self) -> None:
        self.connection.close()


class Writer(Connected):
    """Groups of commands in one transaction, each in its own savepoint."""

    def do(self, batch: Sequence[Pending]) -> int:
        """Do these, unless the transaction is lost on the way: then those that were tried have failed."""
        tried = 0
        try:
            self.control.execute("begin immediate")
            self.ids.top_up()
            for job in batch:
                tried += 1
                self._attempt(job)
            self.control.execute("commit")
        except Exception as error:
            self._give_up()
            tried = tried or len(batch)
            for job in batch[:tried]:
                job.fail(failure(error))
        return tried

    def _attempt(self, job: Pending) -> None:
        """One command; its own failure is its own, unless the transaction is gone (raises the driver's error)."""
        self.control.execute("savepoint command")
        try:
            job.attempt(self.session)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and not self.connection.in_transaction:
                raise
            self.control.execute("rollback to command")
            self.ids.forget()
            job.fail(failure(error))
        self.control.execute("release command")

    def _give_up(self) -> None:
        self.ids.forget()
        if self.connection.in_transaction:
            self.connection.rollback()


class Reader(Connected):
    """Groups of look-ups from one snapshot."""

    def do(self, batch: Sequence[Pending]) -> int:
        """Do all of these."""
        self.control.execute("begin")  # reads nothing yet, so that it cannot fail
        for job in batch:
            try:
                job.attempt(self.session)
            except Exception as error:
                job.fail(failure(error))
        if self.connection.in_transaction:
            self.connection.rollback()
        return len(batch)
