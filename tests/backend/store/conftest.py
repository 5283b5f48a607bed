"""Each test that asks for a `url`, a `store` or a `desk` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.store.postgresql import PostgresqlStore
from backend.store.schema import sqlite_path, upgrade
from backend.store.sqlite import SqliteStore
from backend.store.store import Store
from backend.tables_jobs import outbox
from tests.backend.store.world import PLACES, Desk, found
from tests.postgres import Cluster, cluster

__all__ = ["cluster"]

metadata = outbox.metadata  # of every table


ENGINES = ("sqlite", "postgresql")
REPLICA = "set session_replication_role = replica"  # no triggers, so no order of tables to keep; truncate costs 100 ms


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/skranke.db"
    running: Cluster = request.getfixturevalue("cluster")
    return running.database()


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("prepared") / "skranke.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def prepared_database(cluster: Cluster) -> str:
    """Tables, to be emptied."""
    url = cluster.database()
    upgrade(url)
    return url


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with empty tables."""
    if request.param == "sqlite":
        copied = shutil.copy(request.getfixturevalue("prepared_file"), tmp_path / "skranke.db")
        return f"sqlite:///{copied}"
    prepared: str = request.getfixturevalue("prepared_database")
    emptied = [f"delete from {table}" for table in metadata.tables if table != "ids"]
    with psycopg.connect(prepared) as connection:
        connection.execute("; ".join((REPLICA, *emptied)).encode())
    return prepared


def opened(url: str, **settings: Any) -> Store:
    """A store with few connections."""
    if url.startswith("sqlite"):
        return SqliteStore(sqlite_path(url), PLACES, **settings)
    return PostgresqlStore(url, PLACES, writers=2, readers=1, **settings)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = opened(url)
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    """A library with patrons and items, and rules made by hand."""
    store.call(found, write=True)
    return Desk(store)
