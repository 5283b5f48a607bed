"""Putting patrons, titles and items on record: imports, demonstrations and staff use it, circulation only reads.

Everything is found again by what people know it by: a patron by any of the numbers, an item by its barcode, a title by
its record number, its ISBN, or author, title and year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, select

from backend.changes import AddIdentifier
from backend.clock import to_epoch
from backend.model import IdentifierKind, Item, ItemId, LibraryId, Patron, PatronId, TitleId
from backend.store.apply import PRESENTED, add_identifier
from backend.store.identifiers import compared, compared_title, isbn13
from backend.store.rows import ITEM, PATRON
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, inserts, updates, without
from backend.tables import identifiers, items, patrons, titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """One title of one library."""

    id: TitleId
    library: LibraryId
    title: str
    author: str = ""
    year: int | None = None
    isbn: str | None = None
    record: str | None = None  # the catalogue's own number

    @property
    def match_key(self) -> str:
        """The same for the same work wherever it is: the ISBN, else author, title and year."""
        number = isbn13(self.isbn or "")
        return number or "|".join((compared_title(self.author), compared_title(self.title), str(self.year or "")))


KEPT_OF_PATRONS = without(patrons, "id", "library", "created")  # an import may change the rest
KEPT_OF_ITEMS = without(items, "id", "library", "barcode", "barcode_key", "state", "present_branch", "destination")
ADD_PATRON = inserts(patrons)
PUT_PATRON = updates(patrons, KEPT_OF_PATRONS)
ADD_TITLE = inserts(titles)
PUT_TITLE = updates(titles, without(titles, "id", "library"))
ADD_ITEM = inserts(items)
PUT_ITEM = updates(items, KEPT_OF_ITEMS)

PATRON_WITH = Statement(
    select(identifiers.c.patron)
    .where(identifiers.c.library == bindparam("library"), PRESENTED)
    .order_by(identifiers.c.kind)
)
ITEM_WITH = Statement(
    select(items.c.id).where(items.c.library == bindparam("library"), items.c.barcode_key == bindparam("barcode"))
)
TITLE_WITH = Statement(
    select(titles.c.id).where(titles.c.library == bindparam("library"), titles.c.record == bindparam("record"))
)
TITLE_LIKE = Statement(
    select(titles.c.id)
    .where(titles.c.library == bindparam("library"), titles.c.match_key == bindparam("match_key"))
    .order_by(titles.c.id)
)


def patron_with(session: Session, library: LibraryId, number: str, now: datetime) -> PatronId | None:
    """The library's own patron with this number, of whatever kind."""
    plain, identity = session.identity.looked_up(number, now.astimezone(UTC).date())
    rows = session.rows(PATRON_WITH, {"library": library, "number": plain, "identity": identity})
    return PatronId(rows[0][0]) if rows else None


def item_with(session: Session, library: LibraryId, barcode: str) -> ItemId | None:
    rows = session.rows(ITEM_WITH, {"library": library, "barcode": compared(barcode)})
    return ItemId(rows[0][0]) if rows else None


def title_like(session: Session, title: Title) -> TitleId | None:
    """The title that this one is: the same record number, else the same work."""
    if title.record is not None:
        rows = session.rows(TITLE_WITH, {"library": title.library, "record": title.record})
    else:
        rows = session.rows(TITLE_LIKE, {"library": title.library, "match_key": title.match_key})
    return TitleId(rows[0][0]) if rows else None


def add_patron(session: Session, patron: Patron, numbers: Iterable[tuple[IdentifierKind, str]], now: datetime) -> None:
    """A new patron and all numbers. Raises PromiseBroken when one is taken, ValueError for no identity number."""
    session.change(ADD_PATRON, {**PATRON.write(patron), "created": to_epoch(now)})
    for kind, value in numbers:
        add_number(session, patron, kind, value, now)


def add_number(session: Session, patron: Patron, kind: IdentifierKind, value: str, now: datetime) -> None:
    add_identifier(session, AddIdentifier(patron=patron.id, library=patron.library, kind=kind, value=value), now)


def put_patron(session: Session, patron: Patron) -> None:
    """What is known of the patron from now on; numbers stay."""
    session.change(PUT_PATRON, {**PATRON.write(patron), "row": patron.id})


def title_row(title: Title) -> dict[str, Scalar]:
    return {
        "id": title.id,
        "library": title.library,
        "record": title.record,
        "isbn": isbn13(title.isbn or ""),
        "title": title.title,
        "title_key": compared_title(title.title),
        "author": title.author,
        "year": title.year,
        "match_key": title.match_key,
    }


def add_title(session: Session, title: Title) -> None:
    session.change(ADD_TITLE, title_row(title))


def put_title(session: Session, title: Title) -> None:
    session.change(PUT_TITLE, {**title_row(title), "row": title.id})


def item_row(item: Item) -> dict[str, Scalar]:
    return {**ITEM.write(item), "barcode_key": compared(item.barcode)}


def add_item(session: Session, item: Item) -> None:
    """Raises PromiseBroken when the library has another item with this barcode."""
    session.change(ADD_ITEM, item_row(item))


def put_item(session: Session, item: Item) -> None:
    """What the item is from now on; where it stands is circulation's."""
    session.change(PUT_ITEM, {**item_row(item), "row": item.id})
