"""A statement written once with SQLAlchemy Core, compiled once for each database, executed on the driver's cursor.

SQLAlchemy's own execution costs five times the driver's (see the README's architecture): what it compiles is kept as
text and the order of its parameters. Rows therefore come back as the driver has them: integers, text, booleans.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, insert, update
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.sql.elements import ClauseElement

Scalar = int | str | bool | None
Row = tuple[Any, ...]  # as the driver has it


class Engine(StrEnum):
    """The databases we speak to."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


_DIALECTS: dict[Engine, Any] = {Engine.SQLITE: pysqlite.dialect, Engine.POSTGRESQL: psycopg.dialect}
_PARAMETERS = {Engine.SQLITE: "qmark", Engine.POSTGRESQL: "format"}  # how each driver marks them


class Compiled:
    """SQL text for one database, and how its parameters are put in order."""

    __slots__ = ("_pick", "sql")

    def __init__(self, construct: ClauseElement, engine: Engine, columns: Sequence[str] | None) -> None:
        dialect = _DIALECTS[engine](paramstyle=_PARAMETERS[engine])
        compiled: Any = construct.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        fixed = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
        self._pick = picker(tuple(compiled.positiontup or ()), fixed)

    def order(self, parameters: Mapping[str, Scalar]) -> tuple[Scalar, ...]:
        """The values in the order of the text; raises KeyError when one is missing."""
        return self._pick(parameters)


def picker(names: tuple[str, ...], fixed: Mapping[str, Scalar]) -> Callable[[Mapping[str, Scalar]], tuple[Scalar, ...]]:
    """A function that reads `names` from a mapping, except those to which the construct itself gave a value."""
    given = {name: value for name, value in fixed.items() if value is not None}
    if given.keys().isdisjoint(names):
        return getter(names)
    asked = [name for name in dict.fromkeys(names) if name not in given]
    pick, values = getter(asked), tuple(given.values())
    together = [*asked, *given]
    order = getter([together.index(name) for name in names])
    return lambda parameters: order(pick(parameters) + values)


def getter(keys: Sequence[str] | Sequence[int]) -> Callable[[Any], tuple[Scalar, ...]]:
    """Like `itemgetter`, with a tuple for one key and for none."""
    if not keys:
        return lambda values: ()
    get = itemgetter(*keys)
    return get if len(keys) > 1 else lambda values: (get(values),)


def inserts(table: Table, columns: Sequence[str] | None = None) -> "Statement":
    """One new row; the parameters are its columns (all of them unless some are named)."""
    return Statement(insert(table).inline(), columns or without(table))


def without(table: Table, *left_out: str) -> list[str]:
    """The names of the other columns."""
    return [column.name for column in table.columns if column.name not in left_out]


def updates(table: Table, columns: Sequence[str], *where: ColumnElement[bool]) -> "Statement":
    """New values for `columns` of the row whose number is the parameter `row`, if `where` holds."""
    return Statement(update(table).where(table.c.id == bindparam("row"), *where), columns)


class Statement:
    """One statement; its named parameters are SQLAlchemy's bindparams, and the `columns` that it writes."""

    __slots__ = ("_columns", "_compiled", "_construct")

    def __init__(self, construct: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._construct = construct
        self._columns = columns
        self._compiled: dict[Engine, Compiled] = {}

    def on(self, engine: Engine) -> Compiled:
        """The statement as `engine` wants it."""
        compiled = self._compiled.get(engine)
        if compiled is None:
            compiled = self._compiled[engine] = Compiled(self._construct, engine, self._columns)
        return compiled
