"""Copies and their titles from a catalogue: copies matched by library and barcode, titles by record number or work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, text, union

from backend.model import LibraryId
from backend.numbers import compared
from backend.store.intake import ItemIntake, Result, RowRefused, Taken, Values, put
from backend.store.session import Session
from backend.store.statement import Row, Scalar, Statement, inserts, without
from backend.store.titles import TitleIntake, title_row
from backend.tables import items, titles

DEFAULTS: Final[Mapping[str, Scalar]] = {
    "material": "book",
    "audience": "adult",
    "loan_type": "normal",
    "language": None,
    "flags": "",
    "price": None,
    "currency": None,
    "state": "shelf",
    "destination": None,
    "properties": "",
    "media_type": "001",  # as a book
    "security_marker": "01",
    "magnetic": False,
    "call_number": "",
    "collection": "",
    "acquired": None,
    "lender_due": None,
}
COLUMNS = without(items, "id")
TITLE_COLUMNS = without(titles, "id", "library")
ADD_ITEM = inserts(items)
ADD_TITLE = inserts(titles)
ITEM = Statement(
    select(items.c.id, *(items.c[name] for name in COLUMNS)).where(
        items.c.library == bindparam("library"), items.c.barcode_key == bindparam("barcode_key")
    )
)
TITLE = Statement(
    select(titles.c.id, *(titles.c[name] for name in TITLE_COLUMNS)).where(titles.c.id == bindparam("row"))
)
# Two look-ups, each by its own index: an OR would have every title of the library read for every row.
SEEN = [titles.c.id, *(titles.c[name] for name in TITLE_COLUMNS)]
OURS = titles.c.library == bindparam("library")
TITLES = Statement(
    union(
        select(*SEEN).where(OURS, titles.c.record == bindparam("record")),
        select(*SEEN).where(OURS, titles.c.match_key == bindparam("match_key")),
    ).order_by(text("1"))
)
COPIES = Statement(select(func.count()).select_from(items).where(items.c.title_id == bindparam("title")))


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedTitle:
    """A title that a library's catalogue has, with copies or without."""

    library: LibraryId
    title: TitleIntake


def take_catalogued(session: Session, title: CataloguedTitle, now: datetime) -> Result:
    """Add the title, or change what differs."""
    return take_title(session, title.library, title.title, None)[1]


def take_item(session: Session, item: ItemIntake, now: datetime) -> Result:
    """Add the copy (and its title), or change what differs; where it stands now is not for a catalogue to say."""
    key: dict[str, Scalar] = {"library": item.library, "barcode_key": compared(item.barcode)}
    found = session.rows(ITEM, key)
    if not found and not item.values.get("home_branch"):
        return RowRefused("home_branch", "a new copy needs one")
    kept = dict(zip(("id", *COLUMNS), found[0], strict=True)) if found else None
    title, described = take_title(session, item.library, item.title, kept["title_id"] if kept else None)
    if kept is None:
        session.change(ADD_ITEM, item_row(next(session.ids), title, item))
        return Taken.ADDED
    changed = put(session, items, kept["id"], kept, {**item.values, "barcode": item.barcode, "title_id": title})
    return changed if described is Taken.SAME else Taken.CHANGED


def item_row(number: int, title: int, item: ItemIntake) -> dict[str, Scalar]:
    """A whole row of `items`; a new copy is at home."""
    return {
        **DEFAULTS,
        "present_branch": item.values["home_branch"],
        **item.values,
        "id": number,
        "library": item.library,
        "barcode": item.barcode,
        "barcode_key": compared(item.barcode),
        "title_id": title,
    }


def take_title(session: Session, library: LibraryId, title: TitleIntake, now_under: int | None) -> tuple[int, Taken]:
    """The number of the title, added or brought up to date; `now_under`: the title that the copy has so far."""
    wanted = title_row(title)
    found = same_work(session, library, wanted) or renamed(session, wanted, now_under)
    if found is None:
        number = next(session.ids)
        session.change(ADD_TITLE, {**wanted, "id": number, "library": library})
        return number, Taken.ADDED
    kept = dict(zip(TITLE_COLUMNS, found[1:], strict=True))
    if title.record is None:
        alone = now_under == found[0] and is_only_copy(session, found[0])
        wanted = {**wanted, "record": kept["record"]} if alone else blanks_filled(kept, wanted)
    return found[0], put(session, titles, found[0], kept, wanted)


def blanks_filled(kept: Values, wanted: Values) -> dict[str, Scalar]:
    """Copies that share a title may spell it differently; the first spelling stays, or they would take turns."""
    return {column: value for column, value in wanted.items() if kept[column] in (None, "") and column != "record"}


def is_only_copy(session: Session, title: int) -> bool:
    return bool(session.rows(COPIES, {"title": title})[0][0] == 1)


def same_work(session: Session, library: LibraryId, wanted: Values) -> Row | None:
    """The title with this record number, else the same work under no other number."""
    asked: dict[str, Scalar] = {"library": library, "record": wanted["record"], "match_key": wanted["match_key"]}
    found = session.rows(TITLES, asked)
    record = 1 + TITLE_COLUMNS.index("record")
    if wanted["record"] is None:
        return found[0] if found else None
    numbered = (row for row in found if row[record] == wanted["record"])
    return next(numbered, next((row for row in found if row[record] is None), None))


def renamed(session: Session, wanted: Values, now_under: int | None) -> Row | None:
    """The title that the copy has so far, when nothing but this copy and its spelling holds it: holds stay with it."""
    if now_under is None or not is_only_copy(session, now_under):
        return None
    (row,) = session.rows(TITLE, {"row": now_under})
    kept = dict(zip(TITLE_COLUMNS, row[1:], strict=True))
    same_numbers = all(kept[name] in (None, wanted[name]) for name in ("record", "isbn"))
    other_serial = str(kept["match_key"]).startswith("issn:") and kept["match_key"] != wanted["match_key"]
    return row if same_numbers and not other_serial else None
