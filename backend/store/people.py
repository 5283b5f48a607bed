"""What is read of a patron before a command is queued: the PIN's hash, for the pool that verifies PINs."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select

from backend.model import LibraryId, PatronId
from backend.store.parts import presented_patron
from backend.store.session import Session
from backend.store.statement import Statement
from backend.tables import patrons


@dataclass(frozen=True, slots=True, kw_only=True)
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
