"""The stores of the store's own tests: SQLite and PostgreSQL."""

from tests.backend.store.conftest import cluster, prepared_database, prepared_file, store, url

__all__ = ["cluster", "prepared_database", "prepared_file", "store", "url"]
