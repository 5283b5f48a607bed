"""What a piece of work may do with the database: read facts, make changes, write the journal, inside one transaction.

The same for both databases; it works on the driver's cursor and counts what it executes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.sql.elements import ClauseElement

from backend.changes import Change
from backend.journal import Entry
from backend.model import LibraryId
from backend.store.account_facts import with_accounts
from backend.store.apply import apply
from backend.store.asking import Asked, Given, facts_union, shape_of
from backend.store.assemble import Gathered, assemble
from backend.store.errors import StoreUnavailable
from backend.store.identifiers import IdentityHash
from backend.store.ids import RowIds
from backend.store.journal_rows import ADD_ENTRY, entry_row
from backend.store.lock import Locks
from backend.store.places import Places
from backend.store.statement import Engine, Row, Scalar, Statement


class Cursor(Protocol):
    """As much of the drivers' cursors as we use."""

    @property
    def rowcount(self) -> int: ...

    def execute(self, query: Any, parameters: Any = (), /) -> Any: ...

    def executemany(self, query: Any, parameters: Any, /) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...


class Nowhere:
    """The cursor of a session that is not connected."""

    rowcount = 0

    def execute(self, query: Any, parameters: Any = (), /) -> Any:
        raise StoreUnavailable("not connected")

    def executemany(self, query: Any, parameters: Any, /) -> Any:
        raise StoreUnavailable("not connected")

    def fetchall(self) -> Sequence[Any]:
        raise StoreUnavailable("not connected")


class Session:
    """One connection's work; `statements` counts what was executed, transactions and savepoints apart."""

    def __init__(self, engine: Engine, places: Places, ids: RowIds, cursor: Cursor | None = None) -> None:
        self.engine = engine
        self.identity: IdentityHash = places.identity
        self.statements = 0
        self.ids = ids
        self.locks: Locks | None = None
        self._cursor: Cursor = cursor or Nowhere()
        self._places = places

    def attach(self, cursor: Cursor) -> None:
        """Work on this connection from now on."""
        self._cursor = cursor

    def rows(self, statement: Statement, parameters: Mapping[str, Scalar]) -> Sequence[Row]:
        """Executes and reads."""
        compiled = statement.on(self.engine)
        self.statements += 1
        self._cursor.execute(compiled.sql, compiled.order(parameters))
        return self._cursor.fetchall()

    def change(self, statement: Statement, parameters: Mapping[str, Scalar]) -> int:
        """Executes; the number of rows concerned."""
        compiled = statement.on(self.engine)
        self.statements += 1
        self._cursor.execute(compiled.sql, compiled.order(parameters))
        return self._cursor.rowcount

    def change_each(self, statement: Statement, rows: Sequence[Mapping[str, Scalar]]) -> None:
        """Executes once for every row, in order."""
        if rows:
            compiled = statement.on(self.engine)
            self.statements += len(rows)
            self._cursor.executemany(compiled.sql, [compiled.order(row) for row in rows])

    def query(self, construct: ClauseElement, **parameters: Scalar) -> Sequence[Row]:
        """A statement that is not worth keeping compiled: reports, imports, settings."""
        return self.rows(Statement(construct), parameters)

    def gather(self, asked: Asked) -> Gathered:
        """Everything the rule may look at; on a shared database after locking what the command touches."""
        given = Given(asked, self.identity, self.network_of(asked.asked_by.library))
        shape = shape_of(asked)
        locked = self.locks.take(self, shape, given) if self.locks else None
        union = facts_union(shape)
        gathered = assemble(asked, union.read(self.rows(union.statement, given)), self.ids)
        if locked is not None:
            locked.hold_good(asked, gathered.facts)
        return replace(gathered, facts=with_accounts(self, asked.command, gathered.facts))

    def apply(self, changes: Sequence[Change], now: datetime) -> None:
        """Make the changes of a decision, in order; raises PromiseBroken."""
        for change in changes:
            apply(self, change, now)

    def record(self, entry: Entry) -> None:
        """Write one journal row."""
        self.change(ADD_ENTRY, entry_row(entry))

    def network_of(self, library: LibraryId) -> str | None:
        """The network that a library shares cards with; None outside any."""
        return self._places.network_of(library)
