"""Branches of the facts statement that partners need: a request by its number, its hold, a title's copies."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, Exists, ScalarSelect, Select, and_, bindparam, exists, func, select

from backend.store.journal_parts import ACT, GRANTED, newest
from backend.store.needs import Part
from backend.store.parts import OPEN_LOAN, ahead, copies
from backend.store.rows import HOLD, ITEM, ONE, readable_card
from backend.store.union import Branch
from backend.tables import holds, items, journal, loans, titles
from backend.tables_copies import ARTICLE, articles
from backend.tables_orders import offers
from backend.tables_partner import requests

OURS: ColumnElement[bool] = and_(
    requests.c.library == bindparam("library"),
    requests.c.account == bindparam("account"),
    requests.c.agency == bindparam("request_agency"),
    requests.c.number == bindparam("request_number"),
)


def request() -> Branch:
    """The number that the partner has used."""
    columns = [requests.c.id, requests.c.service, requests.c.hold, requests.c.item]
    return Branch(Part.REQUEST, columns, lambda rows: rows.where(OURS))


def asked_for(which: ColumnElement[bool]) -> Exists:
    """Has this partner made such a request, under its number or under ours?"""
    return exists().where(requests.c.account == bindparam("account"), which)


def numbered_hold() -> ScalarSelect[int]:
    made = requests.outerjoin(offers, offers.c.request == requests.c.id)  # a hold bears the number of its offer
    return select(func.coalesce(requests.c.hold, offers.c.id)).select_from(made).where(OURS).scalar_subquery()


def requested() -> Branch:
    """The hold that a number stands for, the partner's first and then our own; with title, copies, card and place."""
    some_copy = (
        select(func.min(items.c.barcode)).where(items.c.title_id == holds.c.title_id).correlate(holds).scalar_subquery()
    )
    columns = [
        *HOLD.columns,
        titles.c.title,
        titles.c.record,
        copies.c.barcode,
        some_copy,
        readable_card(holds.c.patron),
        titles.c.library,
        asked_for(requests.c.hold == holds.c.id).correlate(holds),
        ahead(),
    ]

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = holds.join(titles, titles.c.id == holds.c.title_id).outerjoin(
            copies, copies.c.id == func.coalesce(holds.c.trapped, holds.c.item)
        )
        named = holds.c.id == func.coalesce(numbered_hold(), bindparam("hold", type_=holds.c.id.type))
        return rows.select_from(joined).where(named, holds.c.library == bindparam("library"))

    return Branch(Part.REQUESTED, columns, complete)


def article() -> Branch:
    """What the named request is a copy of, and the item that stands for it."""

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = articles.join(items, items.c.title_id == articles.c.title_id).join(
            titles, titles.c.id == items.c.title_id
        )
        named = holds.c.id == func.coalesce(numbered_hold(), bindparam("hold", type_=holds.c.id.type))
        asked = select(holds.c.title_id).where(named, holds.c.library == bindparam("library")).scalar_subquery()
        return rows.select_from(joined).where(articles.c.title_id == asked)

    return Branch(Part.ARTICLE, [*ITEM.columns, *(articles.c[name] for name in ARTICLE)], complete)


def title_copies(what: CTE) -> Branch:
    """Every copy of the title, with its open loan."""
    columns = [
        *ITEM.columns,
        loans.c.due,
        loans.c.claimed_returned,
        loans.c.billed_on,
        titles.c.record,
        titles.c.isbn,
        titles.c.year,
    ]

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = items.join(titles, titles.c.id == items.c.title_id).outerjoin(
            loans, and_(loans.c.item == items.c.id, OPEN_LOAN)
        )
        title = select(what.c.title_id).limit(ONE).scalar_subquery()
        return rows.select_from(joined).where(items.c.title_id == title)

    return Branch(Part.COPIES, columns, complete)


def same_request() -> Branch:
    """The granted answer to the same request with the same content, while it is recent."""
    row = newest(
        journal.c.account == bindparam("account"),
        journal.c.request == bindparam("request"),
        journal.c.at >= bindparam("frames_since"),
        GRANTED,
    )
    return Branch(Part.SAME_REQUEST, ACT, lambda rows: rows.where(journal.c.id == row))


ABOUT_REQUEST: Mapping[Part, Callable[[], Branch]] = {
    Part.REQUEST: request,
    Part.REQUESTED: requested,
    Part.ARTICLE: article,
    Part.SAME_REQUEST: same_request,
}
ABOUT_TITLE: Mapping[Part, Callable[[CTE], Branch]] = {Part.COPIES: title_copies}
