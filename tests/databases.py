"""An embedded database with all tables, made once and copied for each test."""

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Table

from backend.store.identifiers import IdentityHash
from backend.store.opening import open_store
from backend.store.places import Places
from backend.store.schema import upgrade
from backend.store.session import Session
from backend.store.statement import Row
from backend.store.store import Store
from backend.tables import metadata

IDENTITY = IdentityHash(b"a key for tests only")


@cache
def template() -> Path:
    path = Path(mkdtemp(prefix="skranke-")) / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


def fresh_store(folder: Path) -> Store:
    """A store on a new database in `folder`."""
    path = folder / "skranke.db"
    shutil.copy(template(), path)
    return open_store(f"sqlite:///{path}", Places(IDENTITY))


def rows_of(store: Store, table: Table) -> Sequence[Row]:
    """The table's rows, by number."""

    def read(session: Session) -> Sequence[Row]:
        return session.query(table.select().order_by(*table.primary_key.columns))

    return store.call(read, write=False)


def everything(store: Store) -> dict[str, Sequence[Row]]:
    """Every table's rows, except the store's own count of numbers."""
    return {table.name: rows_of(store, table) for table in metadata.sorted_tables if table.name != "ids"}
