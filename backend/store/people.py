"""Patrons outside of any command: who has a number, and the PIN's hash for the pool that verifies PINs."""

from dataclasses import field
from datetime import UTC, date, datetime

from sqlalchemy import bindparam, select

from backend.model import LibraryId, PatronId
from backend.store.apply import PRESENTED
from backend.store.parts import presented_patron
from backend.store.session import Session
from backend.store.statement import Statement
from backend.tables import identifiers, patrons
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class PinFacts:
    """`pin_hash` None: no PIN was ever set. `failures` count on the local day `failed_on` only."""

    patron: PatronId
    pin_hash: str | None = field(repr=False)
    failures: int
    failed_on: date | None


_WHO = presented_patron()
PIN = Statement(
    select(patrons.c.id, patrons.c.pin_hash, patrons.c.pin_failures, patrons.c.pin_failed_on).join_from(
        patrons, _WHO, patrons.c.id == _WHO.c.id
    )
)
PATRON_WITH = Statement(
    select(identifiers.c.patron)
    .where(identifiers.c.library == bindparam("library"), PRESENTED)
    .order_by(identifiers.c.kind)
)


def patron_with(session: Session, library: LibraryId, number: str, now: datetime) -> PatronId | None:
    """The library's own patron with this number, of whatever kind."""
    plain, identity = session.identity.looked_up(number, now.astimezone(UTC).date())
    rows = session.rows(PATRON_WITH, {"library": library, "number": plain, "identity": identity})
    return PatronId(rows[0][0]) if rows else None


def pin_facts(session: Session, presented: str, library: LibraryId, now: datetime) -> PinFacts | None:
    """Of the patron with the presented number, None when there is none."""
    number, identity = session.identity.looked_up(presented, now.astimezone(UTC).date())
    asked = {
        "number": number,
        "identity": identity,
        "library": library,
        "network": session.network_of(library) or "",
    }
    for patron, pin_hash, failures, failed_on in session.rows(PIN, asked):
        return PinFacts(
            patron=PatronId(patron),
            pin_hash=pin_hash,
            failures=failures,
            failed_on=date.fromisoformat(failed_on) if failed_on else None,
        )
    return None
