"""The tables that migrations make are the tables that the code knows, on both databases."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from backend.store.errors import SchemaOutdated, StoreCorrupt, StoreUnavailable
from backend.store.opening import open_store
from backend.store.schema import SchemaState, configuration, connected, schema_state, upgrade
from backend.tables_jobs import outbox
from tests.backend.store.world import PLACES

pytestmark = pytest.mark.slow
metadata = outbox.metadata  # of every table


def test_migrations_make_exactly_our_tables(empty_url: str) -> None:
    upgrade(empty_url)
    with connected(empty_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_migrated_checks_and_partial_indexes_are_ours(empty_url: str) -> None:
    """Alembic does not compare these: the text that the database kept is compared instead."""
    upgrade(empty_url)
    with connected(empty_url) as connection:
        migrated = constraints(connection)
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"drop table {table.name}"))
        metadata.create_all(connection)
        assert constraints(connection) == migrated


def constraints(connection: Connection) -> dict[str, object]:
    found = inspect(connection)
    return {
        table: (
            sorted((check["name"], check["sqltext"]) for check in found.get_check_constraints(table)),
            sorted(described(index) for index in found.get_indexes(table)),
        )
        for table in metadata.tables
    }


def described(index: Mapping[str, Any]) -> tuple[object, ...]:
    conditions = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return index["name"], tuple(index["column_names"]), bool(index["unique"]), tuple(sorted(conditions.items()))


def test_an_empty_database_is_told_from_a_current_one(empty_url: str) -> None:
    assert schema_state(empty_url) is SchemaState.EMPTY
    with pytest.raises(SchemaOutdated, match="database upgrade"):
        open_store(empty_url, PLACES)
    upgrade(empty_url)
    upgrade(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT
    open_store(empty_url, PLACES).close()


def test_a_migration_can_be_taken_back(empty_url: str) -> None:
    upgrade(empty_url)
    with connected(empty_url) as connection:
        command.downgrade(configuration(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(empty_url)
    assert schema_state(empty_url) is SchemaState.CURRENT


def test_a_later_version_is_not_touched(empty_url: str) -> None:
    upgrade(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert schema_state(empty_url) is SchemaState.UNKNOWN
    with pytest.raises(SchemaOutdated, match="later version"):
        open_store(empty_url, PLACES)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear library, " * 100)
    with pytest.raises(StoreCorrupt, match="not a database"):
        open_store(f"sqlite:///{path}", PLACES)


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        upgrade(f"sqlite:///{tmp_path}/nowhere/skranke.db")


def test_a_server_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        open_store(f"postgresql:///skranke?host={tmp_path}", PLACES)


def test_another_kind_of_database() -> None:
    with pytest.raises(ValueError, match="sqlite:////"):
        open_store("mysql://host/name", PLACES)


def test_the_file_is_written_ahead_and_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/skranke.db"
    upgrade(url)
    open_store(url, PLACES).close()
    assert sqlite3.connect(tmp_path / "skranke.db").execute("pragma journal_mode").fetchone() == ("wal",)
