"""Partners in the database. The store keeps what it is given: `settings` is JSON that only the server can read."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from backend.clock import to_epoch
from backend.store.records import Record
from backend.store.session import Session
from backend.store.statement import Statement, without
from backend.tables_agencies import agencies
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class StoredAgency:
    """One row; a disabled partner is a stranger."""

    name: str
    settings: str = field(default="{}", repr=False)
    disabled: bool = False


AGENCY = Record(StoredAgency, agencies)
ADD = Statement(insert(agencies).inline(), without(agencies))
PUT = Statement(update(agencies).where(agencies.c.name == bindparam("of")), without(agencies, "name"))


def stored_agencies(session: Session) -> Sequence[StoredAgency]:
    """All of them, by name."""
    return [AGENCY.read(row) for row in session.query(select(*AGENCY.columns).order_by(agencies.c.name))]


def put_agency(session: Session, agency: StoredAgency, now: datetime) -> bool:
    """A new partner, or new settings for the one of this name; whether it is new."""
    row = {**AGENCY.write(agency), "changed": to_epoch(now)}
    if session.change(PUT, {**row, "of": agency.name}):
        return False
    session.change(ADD, row)
    return True


DISABLE = Statement(
    update(agencies)
    .where(agencies.c.name == bindparam("of"))
    .values(disabled=bindparam("off"), changed=bindparam("at"))
)
REMOVE = Statement(delete(agencies).where(agencies.c.name == bindparam("of")))


def disable_agency(session: Session, name: str, now: datetime, *, disabled: bool) -> bool:
    """Whether there is such a partner here."""
    return session.change(DISABLE, {"of": name, "off": disabled, "at": to_epoch(now)}) == 1


def remove_agency(session: Session, name: str) -> bool:
    """Whether there was such a partner here; what it did stays on record under its name."""
    return session.change(REMOVE, {"of": name}) == 1
