"""PostgreSQL: any number of processes share it. Each worker thread has a connection and does one command at a time.

A command locks its rows, reads its facts in a second statement, changes, journals and commits; a deadlock, a row that
moved or a lost connection starts it again. When the connection is lost in the very commit, the server is asked later
what became of the transaction: a command is never done twice, and never called done when it is not.
"""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from backend.store.errors import PromiseBroken, StoreCorrupt, StoreError, StoreUnavailable, TryAgain
from backend.store.ids import RowIds, book
from backend.store.lock import Locks
from backend.store.places import Places
from backend.store.session import Session
from backend.store.statement import Engine
from backend.store.store import WAITING, Side, Store
from backend.store.work import OnBatch, Pending, deliver_each
from backend.tables import BLOCKS

WRITERS = 4  # connections that change things
READERS = 2  # connections that answer look-ups
GROUP = 50  # look-ups answered from one snapshot
PAUSES = (0.0, 0.01, 0.05, 0.2, 0.5)  # seconds before each attempt of one command
REST = 1.0  # seconds before a server that is away is called again
PATIENCE = 5.0  # seconds to ask what became of a transaction
SETTINGS = ("jit = off", "plan_cache_mode = force_generic_plan", "lock_timeout = '10s'")
TRY_AGAIN = (
    TryAgain,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.ReadOnlySqlTransaction,
)


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection to whichever host takes writes; raises StoreUnavailable."""
    given = conninfo_to_dict(url)
    hosts = {"target_session_attrs": "read-write", "connect_timeout": "5"} | given
    try:
        connection = psycopg.connect(make_conninfo("", **hosts), autocommit=True, prepare_threshold=0)
        for setting in SETTINGS:
            connection.execute(f"set {setting}".encode())
    except psycopg.OperationalError as error:
        raise StoreUnavailable(str(error).strip()) from error
    return connection


def failure(error: Exception) -> Exception:
    """What a driver's error means to callers; other errors are what they are."""
    if isinstance(error, psycopg.IntegrityError):
        return PromiseBroken(in_short(error))
    if isinstance(error, errors.DataCorrupted | errors.IndexCorrupted):
        return StoreCorrupt(in_short(error))
    if isinstance(error, psycopg.OperationalError | errors.ReadOnlySqlTransaction):
        return StoreUnavailable(in_short(error))
    return StoreError(in_short(error)) if isinstance(error, psycopg.Error) else error


def in_short(error: psycopg.Error) -> str:
    """The server's first line only: its DETAIL quotes the row, with card numbers and names, and this goes to logs."""
    return error.diag.message_primary or str(error)


class PostgresqlStore(Store):
    """The shared database."""

    engine = Engine.POSTGRESQL

    def __init__(
        self,
        url: str,
        places: Places,
        *,
        on_batch: OnBatch = deliver_each,
        waiting: int = WAITING,
        writers: int = WRITERS,
        readers: int = READERS,
    ) -> None:
        super().__init__(on_batch, waiting)
        writing = [Writer(url, places) for _ in range(writers)]
        reading = [Reader(url, places) for _ in range(readers)]
        connect_all([*writing, *reading])
        for writer in writing:
            self.serve("store-writer", writer, self._writes, 1)
        for reader in reading:
            self.serve("store-reader", reader, self._reads, GROUP)


class Connected(Side):
    """A connection that is made again when it is lost, and its session."""

    def __init__(self, url: str, places: Places) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None
        self._away: tuple[float, StoreUnavailable] | None = None  # until when, and why
        self.ids = RowIds(lambda: book(self.session), BLOCKS[Engine.POSTGRESQL])
        self.session = Session(Engine.POSTGRESQL, places, self.ids)

    def connect(self) -> psycopg.Connection[Any]:
        """The connection, a new one if need be. Raises StoreUnavailable."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if self._away is not None and time.monotonic() < self._away[0]:
            raise self._away[1]
        try:
            self._connection = connect(self._url)
        except StoreUnavailable as error:
            self._away = (time.monotonic() + REST, error)
            raise
        self.session.attach(self._connection.cursor())
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def roll_back(self) -> None:
        """Forget what was begun; a connection that cannot even do that is given up."""
        self.ids.forget()
        if self._connection is None or self._connection.closed:
            return
        try:
            self._connection.execute(b"rollback")
        except psycopg.Error:
            self._connection.close()

    @property
    def is_lost(self) -> bool:
        return self._connection is None or self._connection.closed


def connect_all(sides: Sequence[Connected]) -> None:
    """Every one of them, or none. Raises StoreUnavailable."""
    try:
        for side in sides:
            side.connect()
    except StoreUnavailable:
        for side in sides:
            side.close()
        raise


class Writer(Connected):
    """One command in one transaction."""

    def __init__(self, url: str, places: Places) -> None:
        super().__init__(url, places)
        self._locks = Locks()
        self.session.locks = self._locks

    def do(self, batch: Sequence[Pending]) -> int:
        """Do the first of these, trying again where that can help."""
        job = batch[0]
        error: Exception = StoreUnavailable("never attempted")
        for pause in PAUSES:
            time.sleep(pause)
            try:
                self._transact(job)
                return 1
            except Exception as failed:
                self.roll_back()
                if isinstance(failed, errors.ReadOnlySqlTransaction):
                    self.close()  # a standby now; of the hosts in the address, the next call takes the one that writes
                error = failed
                if not self._may_help(failed, first=not pause):
                    break
        job.fail(failure(error))
        return 1

    def _may_help(self, failed: Exception, *, first: bool) -> bool:
        """Whether to start again: the rows moved, the server went away, or somebody was quicker (facts will say so)."""
        lost = isinstance(failed, psycopg.Error) and self.is_lost
        return lost or isinstance(failed, TRY_AGAIN) or (first and isinstance(failed, errors.UniqueViolation))

    def _transact(self, job: Pending) -> None:
        connection = self.connect()
        self._locks.transaction = None
        connection.execute(b"begin")
        job.attempt(self.session)
        try:
            connection.execute(b"commit")
        except psycopg.OperationalError as lost:
            if not self.is_lost:
                raise
            if not self._was_kept(lost):
                raise TryAgain("the connection was lost while committing, and nothing was kept") from lost

    def _was_kept(self, lost: Exception) -> bool:
        """What became of the transaction whose commit was not answered. Raises StoreUnavailable when nobody knows."""
        if self._locks.transaction is None:
            raise StoreUnavailable("the connection was lost while committing") from lost
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            fate = self._fate()
            if fate is not None and fate != "in progress":
                return fate == "committed"
            time.sleep(0.05)
        raise StoreUnavailable("nobody knows whether the last commit was kept") from lost

    def _fate(self) -> str | None:
        """What the server says of the transaction; None while it cannot be asked.

        A connection that is lost here, too, must not look like one that was lost before the commit: that is done again.
        """
        try:
            asked = self.connect().execute(b"select pg_xact_status(%s::xid8)", (self._locks.transaction,)).fetchone()
        except (psycopg.OperationalError, StoreUnavailable):
            return None
        return asked[0] if asked else None


class Reader(Connected):
    """A group of look-ups from one snapshot."""

    def do(self, batch: Sequence[Pending]) -> int:
        """Do these until one fails; a lost connection is made again once."""
        tried = 0
        error: Exception = StoreUnavailable("never attempted")
        for _ in range(2):
            try:
                self.connect().execute(b"begin isolation level repeatable read read only")
                for job in batch[tried:]:
                    job.attempt(self.session)
                    tried += 1
                self.roll_back()
                return len(batch)
            except Exception as failed:
                error = failed
                was_lost = self.is_lost
                self.roll_back()
                if not was_lost:
                    break
        last = len(batch) if isinstance(error, StoreUnavailable) else tried + 1
        for job in batch[tried:last]:
            job.fail(failure(error))
        return last
