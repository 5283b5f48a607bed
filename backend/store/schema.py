"""Which version of the tables a database has, and bringing it up to ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import Engine as CoreEngine
from sqlalchemy.exc import DatabaseError, OperationalError

from backend.store.errors import StoreCorrupt, StoreUnavailable
from backend.store.statement import Engine

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class SchemaState(StrEnum):
    """How a database's tables stand to ours."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    UNKNOWN = "unknown"  # made by a later version of the program, or by another program


def engine_of(url: str) -> Engine:
    """Raises ValueError for a database that we do not speak to."""
    if url.startswith("sqlite:///"):
        return Engine.SQLITE
    if url.startswith(("postgresql://", "postgres://")):
        return Engine.POSTGRESQL
    raise ValueError('a database is written as "sqlite:////var/lib/skranke/skranke.db" or "postgresql://host/name"')


def sqlite_path(url: str) -> Path:
    """The file of an embedded database."""
    return Path(url.removeprefix("sqlite:///"))


def core_engine(url: str) -> CoreEngine:
    """SQLAlchemy's own engine, for migrations; PostgreSQL addresses are the driver's, with several hosts if need be."""
    if engine_of(url) is Engine.SQLITE:
        return create_engine(url)
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One connection, in a transaction; raises StoreUnavailable or StoreCorrupt."""
    engine = core_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, psycopg.OperationalError) as error:
        raise StoreUnavailable(in_one_line(url, getattr(error, "orig", None) or error)) from error
    except DatabaseError as error:
        raise StoreCorrupt(in_one_line(url, error.orig)) from error
    finally:
        engine.dispose()


def in_one_line(url: str, error: object) -> str:
    """What the driver said, and of which file; a server's address may hold a password, and drivers name the host."""
    said = " ".join(str(error).split())
    return f"{sqlite_path(url)}: {said}" if engine_of(url) is Engine.SQLITE else said


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> None:
    """Make the tables as they are now, keeping what is in them. Raises StoreUnavailable or StoreCorrupt."""
    with connected(url) as connection:
        command.upgrade(configuration(connection), "head")


def schema_state(url: str) -> SchemaState:
    """How the database's tables stand to ours. Raises StoreUnavailable or StoreCorrupt."""
    if engine_of(url) is Engine.SQLITE and not sqlite_path(url).exists():
        return SchemaState.EMPTY
    with connected(url) as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision is None:
            return SchemaState.EMPTY
        if revision == scripts.get_current_head():
            return SchemaState.CURRENT
        try:
            scripts.get_revision(revision)
        except CommandError:
            return SchemaState.UNKNOWN
        return SchemaState.OLDER
