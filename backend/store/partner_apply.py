"""What the changes to partners' records do to the tables."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert

from backend import partner_changes as changes
from backend.changes import AddIdentifier
from backend.clock import to_epoch
from backend.model import Item
from backend.numbers import compared
from backend.partner_commands import Described
from backend.store.rows import ITEM, PATRON
from backend.store.seams import Writes, must
from backend.store.statement import Scalar, Statement, inserts, updates, without
from backend.store.titles import TitleIntake, title_row
from backend.tables import items, patrons, titles
from backend.tables_copies import ARTICLE, articles
from backend.tables_partner import requests

ADD_TITLE = inserts(titles)
PUT_TITLE = updates(titles, without(titles, "id", "library", "record"))
ADD_ITEM = inserts(items)
PUT_ITEM = updates(items, without(items, "id", "library", "barcode", "barcode_key"))
ADD_PATRON = inserts(patrons)
PUT_PATRON = updates(patrons, ("family_name", "given_name", "birth_date", "language", "address", "email", "phone"))
ADD_ARTICLE = inserts(articles)
NUMBER = Statement(insert(requests).inline(), without(requests))


class NumbersRows(Writes, Protocol):
    """What of a session is needed here."""

    ids: Any


def words_of(described: Described) -> dict[str, Scalar]:
    """The columns of a title, without its number and library."""
    intake = TitleIntake(
        title=described.title or "?", author=described.author, year=described.year, isbn=described.isbn or ""
    )
    return title_row(intake)


def add_title(session: Writes, change: changes.AddTitle, now: datetime) -> None:
    session.change(ADD_TITLE, {**words_of(change.described), "id": change.title, "library": change.library})


def put_title(session: Writes, change: changes.PutTitle, now: datetime) -> None:
    must(session, PUT_TITLE, {**words_of(change.described), "row": change.title}, change)


def item_row(item: Item) -> dict[str, Scalar]:
    return {**ITEM.write(item), "barcode_key": compared(item.barcode)}


def add_item(session: Writes, change: changes.AddItem, now: datetime) -> None:
    session.change(ADD_ITEM, item_row(change.item))


def put_item_record(session: Writes, change: changes.PutItemRecord, now: datetime) -> None:
    must(session, PUT_ITEM, {**item_row(change.item), "row": change.item.id}, change)


def add_patron(session: Any, change: changes.AddPatron, now: datetime) -> None:
    from backend.store.apply import add_identifier  # which knows this module

    patron = change.patron
    session.change(ADD_PATRON, {**PATRON.write(patron), "created": to_epoch(now)})
    number = AddIdentifier(patron=patron.id, library=patron.library, kind=change.kind, value=change.number)
    add_identifier(session, number, now)


def put_patron(session: Writes, change: changes.PutPatron, now: datetime) -> None:
    must(session, PUT_PATRON, {**PATRON.write(change.patron), "row": change.patron.id}, change)


def number_request(session: NumbersRows, change: changes.NumberRequest, now: datetime) -> None:
    row: dict[str, Scalar] = {
        "id": next(session.ids) if change.row is None else change.row,
        "library": change.library,
        "account": change.account,
        "agency": change.request.agency,
        "number": change.request.value,
        "service": change.service,
        "hold": change.hold,
        "item": change.item,
        "patron": change.patron,
        "due": to_epoch(change.due) if change.due else None,
        "renewable": change.renewable,
        "made_at": to_epoch(change.at),
    }
    session.change(NUMBER, row)


def add_article(session: Writes, change: changes.AddArticle, now: datetime) -> None:
    session.change(ADD_ARTICLE, {**{name: getattr(change.article, name) for name in ARTICLE}, "title_id": change.title})


CARRY_OUT_FOR_PARTNERS: Mapping[type[Any], Callable[[Any, Any, datetime], None]] = {
    changes.AddTitle: add_title,
    changes.PutTitle: put_title,
    changes.AddItem: add_item,
    changes.PutItemRecord: put_item_record,
    changes.AddPatron: add_patron,
    changes.PutPatron: put_patron,
    changes.NumberRequest: number_request,
    changes.AddArticle: add_article,
}
