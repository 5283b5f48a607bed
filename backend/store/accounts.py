"""Terminal accounts that staff add while the daemon runs; those of the configuration file are not here.

The store keeps what it is given: `settings` is JSON that only the server can read.
"""

from collections.abc import Sequence
from dataclasses import field

from sqlalchemy import bindparam, insert, select, update

from backend.model import BranchId, LibraryId
from backend.store.records import Record
from backend.store.schema import SchemaState, connected, schema_state
from backend.store.session import Session
from backend.store.statement import Statement, without
from backend.tables import terminals
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """One row. `password_hash` None: nobody logs in to it by password."""

    login: str
    library: LibraryId
    branch: BranchId
    profile: str
    password_hash: str | None = field(default=None, repr=False)
    settings: str = "{}"
    disabled: bool = False


ACCOUNT = Record(StoredAccount, terminals)
ALL = select(*ACCOUNT.columns).order_by(terminals.c.login)
ADD = Statement(insert(terminals).inline(), without(terminals))
_ONE = terminals.c.login == bindparam("of")
PUT = Statement(update(terminals).where(_ONE), without(terminals, "login"))
PASSWORD = Statement(update(terminals).where(_ONE), ["password_hash"])
DISABLED = Statement(update(terminals).where(_ONE), ["disabled"])


def stored_accounts(session: Session) -> Sequence[StoredAccount]:
    """All of them, by login."""
    return [ACCOUNT.read(row) for row in session.query(ALL)]


def accounts_of(url: str) -> Sequence[StoredAccount]:
    """The same of a database that nothing else is wanted of; none where there are no tables of this version.

    Raises StoreUnavailable and StoreCorrupt.
    """
    if schema_state(url) is not SchemaState.CURRENT:
        return ()
    with connected(url) as connection:
        return [ACCOUNT.read(tuple(row)) for row in connection.execute(ALL)]


def put_account(session: Session, account: StoredAccount) -> bool:
    """A new account, or new values for the one with this login; whether it is new."""
    row = ACCOUNT.write(account)
    if session.change(PUT, {**row, "of": account.login}):
        return False
    session.change(ADD, row)
    return True


def set_password(session: Session, login: str, password_hash: str | None) -> bool:
    """False when there is no such account."""
    return session.change(PASSWORD, {"of": login, "password_hash": password_hash}) > 0


def set_disabled(session: Session, login: str, disabled: bool) -> bool:
    """False when there is no such account."""
    return session.change(DISABLED, {"of": login, "disabled": disabled}) > 0
