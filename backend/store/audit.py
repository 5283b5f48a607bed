"""The journal as people ask it: why did this machine say no, what happened to this item, to this patron."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from backend.journal import Recorded
from backend.model import LibraryId
from backend.numbers import compared
from backend.store.journal_rows import RECORDED
from backend.store.people import patron_with
from backend.store.session import Session
from backend.tables import items, journal


class NobodyKnown(LookupError):
    """The item or patron that was asked for is not on record; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows; each part that is given must hold. `account` is a terminal, with all its locations, or staff."""

    library: LibraryId
    account: str | None = None
    item: str | None = None  # barcode
    patron: str | None = None  # any number
    refused_only: bool = False
    most: int = 20


def recorded(session: Session, wanted: Wanted, now: datetime) -> Sequence[Recorded]:
    """The newest rows first. Raises NobodyKnown."""
    rows = select(*RECORDED.columns).where(journal.c.library == wanted.library)
    if wanted.account is not None:
        places = journal.c.account.startswith(f"{wanted.account}@", autoescape=True)
        rows = rows.where(or_(journal.c.account == wanted.account, places))
    if wanted.item is not None:
        copies = select(items.c.id).where(items.c.barcode_key == compared(wanted.item))
        if not session.query(copies):
            raise NobodyKnown(f"no library here has an item {wanted.item}")
        rows = rows.where(journal.c.item.in_(copies))
    if wanted.patron is not None:
        patron = patron_with(session, wanted.library, wanted.patron, now)
        if patron is None:
            raise NobodyKnown(f"{wanted.library} has no patron with this number")
        rows = rows.where(journal.c.patron == patron)
    if wanted.refused_only:
        rows = rows.where(journal.c.granted.is_(False))
    newest = rows.order_by(journal.c.id.desc()).limit(wanted.most)
    return [RECORDED.read(row) for row in session.query(newest)]
