"""Staff's list: off-line conflicts, fees nobody set, claims. Rules put entries on it, people take them off."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update

from backend.clock import from_epoch, to_epoch
from backend.model import IdentifierKind, LibraryId
from backend.store.session import Session
from backend.store.statement import Scalar, Statement
from backend.tables import identifiers, items, staff_notes, titles

MARK = Statement(
    update(staff_notes)
    .where(
        staff_notes.c.id == bindparam("of"),
        staff_notes.c.library == bindparam("at_library"),
        staff_notes.c.done_at.is_(None),
    )
    .values(done_at=bindparam("at"), done_by=bindparam("by"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffNote:
    """One thing to look into; `reason` is a Reason's value, `card` a readable number of the patron."""

    id: int
    library: str
    reason: str
    at: datetime
    text: str = ""
    card: str | None = field(default=None, repr=False, metadata={"personal": True})
    barcode: str | None = None
    title: str | None = None


def open_notes(session: Session, library: LibraryId, most: int) -> Sequence[StaffNote]:
    """What is not done yet, oldest first."""
    card = (
        select(func.min(identifiers.c.shown))
        .where(
            identifiers.c.patron == staff_notes.c.patron,
            or_(identifiers.c.kind == IdentifierKind.CARD.value, identifiers.c.kind == IdentifierKind.NATIONAL.value),
        )
        .scalar_subquery()
    )
    note = staff_notes.c
    wanted = (
        select(note.id, note.library, note.reason, note.at, note.text, card, items.c.barcode, titles.c.title)
        .select_from(staff_notes)
        .outerjoin(items, items.c.id == note.item)
        .outerjoin(titles, titles.c.id == items.c.title_id)
        .where(note.library == library, note.done_at.is_(None))
        .order_by(note.id)
        .limit(most)
    )
    return [
        StaffNote(
            id=number, library=where, reason=why, at=from_epoch(at), text=said, card=of, barcode=barcode, title=title
        )
        for number, where, why, at, said, of, barcode, title in session.query(wanted)
    ]


def mark_done(session: Session, library: LibraryId, numbers: Sequence[int], who: str, now: datetime) -> int:
    """How many of these were open; the others are left as they are."""
    said: dict[str, Scalar] = {"at": to_epoch(now), "by": who, "at_library": library}
    counts = [session.change(MARK, {**said, "of": number}) for number in numbers]
    return sum(counts)
