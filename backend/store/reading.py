"""One snapshot of a database, for whoever only reads: reports, explanations, rehearsals.

It takes no part in the store's queues and cannot write; it may read beside a running daemon, or from a standby.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Never

import psycopg

from backend.store import postgresql, sqlite
from backend.store.errors import StoreUnavailable
from backend.store.ids import RowIds
from backend.store.opening import engine_in_order
from backend.store.places import Places
from backend.store.schema import sqlite_path
from backend.store.session import Session
from backend.store.statement import Engine


@contextmanager
def snapshot(url: str, places: Places) -> Iterator[Session]:
    """The database as it is now, until the end. Raises SchemaOutdated, StoreError, ValueError."""
    if engine_in_order(url) is Engine.SQLITE:
        with embedded(sqlite_path(url), places) as session:
            yield session
    else:
        with shared(url, places) as session:
            yield session


@contextmanager
def embedded(path: Path, places: Places) -> Iterator[Session]:
    """Of a file. Raises StoreError."""
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=sqlite.PATIENCE, isolation_level=None
        )
        try:
            connection.execute("begin")
            yield Session(Engine.SQLITE, places, RowIds(no_numbers, 1), connection.cursor())
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise sqlite.failure(error) from error


@contextmanager
def shared(url: str, places: Places) -> Iterator[Session]:
    """Of a server; any of its hosts will do. Raises StoreError."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(b"begin isolation level repeatable read read only")
            yield Session(Engine.POSTGRESQL, places, RowIds(no_numbers, 1), connection.cursor())
    except psycopg.Error as error:
        raise postgresql.failure(error) from error


def no_numbers() -> Never:
    """Whoever only reads makes no rows."""
    raise StoreUnavailable("opened for reading only")
