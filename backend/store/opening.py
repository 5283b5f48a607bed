"""Opening a store by its address."""

from backend.store.errors import SchemaOutdated
from backend.store.places import Places
from backend.store.postgresql import PostgresqlStore
from backend.store.schema import SchemaState, engine_of, schema_state, sqlite_path
from backend.store.sqlite import SqliteStore
from backend.store.statement import Engine
from backend.store.store import Store
from backend.store.work import OnBatch, deliver_each

WHY_NOT = {
    SchemaState.EMPTY: "the database has no tables yet: run `skranke database upgrade`",
    SchemaState.OLDER: "the database is older than this program: run `skranke database upgrade`",
    SchemaState.UNKNOWN: "the database was made by a later version of this program",
}


def open_store(url: str, places: Places, *, on_batch: OnBatch = deliver_each) -> Store:
    """`sqlite:////path` or `postgresql://...`. Raises SchemaOutdated, StoreUnavailable, StoreCorrupt, ValueError."""
    if engine_in_order(url) is Engine.SQLITE:
        return SqliteStore(sqlite_path(url), places, on_batch=on_batch)
    return PostgresqlStore(url, places, on_batch=on_batch)


def engine_in_order(url: str) -> Engine:
    """Which database it is, once its tables are known to be ours of this version. Raises as `open_store`."""
    engine = engine_of(url)
    state = schema_state(url)
    if state is not SchemaState.CURRENT:
        raise SchemaOutdated(WHY_NOT[state])
    return engine
