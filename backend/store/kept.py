"""What the records hold the policies to: libraries and branches that are on record, and the currency of their money."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, literal, select, union

from backend.model import LibraryId
from backend.store.schema import SchemaState, connected, schema_state
from backend.store.session import Session
from backend.store.statement import Statement
from backend.tables import charges, holds, items, loans, patrons, payments
from backend.tables_jobs import invoices

NO_MONEY = ""
KEPT = union(
    *(select(table.c.library, literal(NO_MONEY)) for table in (patrons, items)),
    *(select(table.c.library, table.c.currency) for table in (loans, charges, payments, invoices)),
)

_HERE: BindParameter[str] = bindparam("branch")
AT_BRANCH = Statement(
    select(items.c.id)
    .where((items.c.home_branch == _HERE) | (items.c.present_branch == _HERE), items.c.state != "withdrawn")
    .limit(1)
)
FETCHED_AT = Statement(select(holds.c.id).where(holds.c.pickup == _HERE, holds.c.closed_at.is_(None)).limit(1))

Kept = Mapping[LibraryId, frozenset[str]]  # currencies, none where a library has patrons and copies only


def kept(session: Session) -> Kept:
    """Of a store that is open."""
    return by_library(session.query(KEPT))


def kept_in(url: str) -> Kept:
    """The same of a database that nothing else is wanted of; nothing where there are no tables of this version.

    Raises StoreUnavailable and StoreCorrupt.
    """
    if schema_state(url) is not SchemaState.CURRENT:
        return {}
    with connected(url) as connection:
        return by_library([tuple(row) for row in connection.execute(KEPT)])


def by_library(rows: Iterable[Sequence[Any]]) -> Kept:
    found: dict[LibraryId, set[str]] = {}
    for library, currency in rows:
        found.setdefault(LibraryId(library), set()).add(currency)
    return {library: frozenset(currencies - {NO_MONEY}) for library, currencies in found.items()}


def needed(session: Session, branches: Collection[str]) -> list[str]:
    """Those of the branches to which copies belong, at which they lie, or where holds are to be fetched."""
    return [
        branch
        for branch in sorted(branches)
        if any(session.rows(statement, {"branch": branch}) for statement in (AT_BRANCH, FETCHED_AT))
    ]
