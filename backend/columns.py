"""How columns are written down: numbers, instants, days, amounts, words and flags; and the promises of an index."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, false, text

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite keeps only INTEGER keys as the row's own number
Instant = BigInteger  # seconds since 1970 UTC
Day = Text  # 2026-09-14
Minor = BigInteger  # whole øre


def key() -> Column[int]:
    """A row's own number, handed out by `ids`."""
    return Column("id", Id, primary_key=True, autoincrement=False)


def refers(name: str, table: str, *, nullable: bool = False) -> Column[int]:
    """The number of a row in another table."""
    return Column(name, Id, ForeignKey(f"{table}.id"), nullable=nullable)


def words(name: str, *, default: str | None = "") -> Column[str]:
    """Text that is never NULL."""
    return Column(name, Text, nullable=False, server_default=default)


def flag(name: str) -> Column[bool]:
    """Yes or no, no by default."""
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=false())


def only(name: str, table: Table, *columns: Column[int] | Column[str], where: str) -> Index:
    """A promise: among the rows `where` holds, no two have the same columns."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


def some(name: str, *columns: Column[int] | Column[str], where: str) -> Index:
    """A look-up among the few rows `where` holds."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
