"""Branches of the facts statement for orders between libraries: one work at every library, and an offer by its number.

`what` of an order is the work itself, `what(match_key)`: of the title that was found, or of the offer's.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, and_, bindparam, case, exists, func, select, text

from backend.order_commands import ConfirmOrder, DeclineOffer, OrderTitle
from backend.store.needs import Part
from backend.store.partner_parts import OURS, asked_for
from backend.store.parts import OPEN_HOLD, OPEN_LOAN, who_id
from backend.store.rows import HOLD, ITEM, ONE, readable_card
from backend.store.union import Branch
from backend.tables import holds, identifiers, items, loans, patrons, titles
from backend.tables_orders import offers
from backend.tables_partner import requests

OF_WORKS = (OrderTitle, ConfirmOrder, DeclineOffer)


# ---- the work -----------------------------------------------------------------------


def ordered_work(command: type[Any], *, by_title: bool) -> CTE:
    """`what(match_key)` of what is ordered."""
    if not issubclass(command, OrderTitle):
        return select(titles.c.match_key).where(titles.c.id == offered_title()).cte("what")
    found = func.coalesce(*titled_work()) if by_title else shelved_work()
    return select(found.label("match_key")).cte("what")


def offered_title() -> ScalarSelect[int]:
    return select(offers.c.title_id).where(offers.c.id == bindparam("hold")).scalar_subquery()


def shelved_work() -> ScalarSelect[str]:
    """Of the copy with the barcode, where it was found."""
    found = titles.join(items, items.c.title_id == titles.c.id)
    there = [items.c.barcode_key == bindparam("barcode"), items.c.library == bindparam("origin")]
    return select(titles.c.match_key).select_from(found).where(*there).limit(ONE).scalar_subquery()


def titled_work() -> tuple[ColumnElement[str | None], ...]:
    """By record number, ISBN or exact title where it was found; an ISBN or ISSN is one everywhere."""
    there = titles.c.library == bindparam("origin")
    exact = select(func.min(titles.c.match_key)).where(there, titles.c.title_key == bindparam("title_key"))
    return (
        select(titles.c.match_key).where(there, titles.c.record == bindparam("record")).scalar_subquery(),
        select(func.min(titles.c.match_key)).where(there, titles.c.isbn == bindparam("isbn")).scalar_subquery(),
        exact.having(func.count() == ONE).scalar_subquery(),
        bindparam("number_key", type_=titles.c.match_key.type),
    )


def titles_of(what: CTE) -> Select[int]:
    """Every library's record of the work."""
    return select(titles.c.id).where(titles.c.match_key == select(what.c.match_key).scalar_subquery())


def work_copies(what: CTE) -> Branch:
    columns = [*ITEM.columns, loans.c.id, titles.c.isbn, titles.c.year]

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = titles.join(items, items.c.title_id == titles.c.id).outerjoin(
            loans, and_(loans.c.item == items.c.id, OPEN_LOAN)
        )
        key = select(what.c.match_key).scalar_subquery()
        return rows.select_from(joined).where(titles.c.match_key == key)

    return Branch(Part.WORK, columns, complete)


def work_queue(what: CTE) -> Branch:
    return Branch(
        Part.WORK_QUEUE, HOLD.columns, lambda rows: rows.where(holds.c.title_id.in_(titles_of(what)), OPEN_HOLD)
    )


# ---- the patron ---------------------------------------------------------------------


def national_cards(who: CTE) -> Branch:
    """Every row that bears one of the patron's national numbers, his own among them; lost ones are no cards."""
    mine = identifiers.alias("mine")
    cards = select(mine.c.value).where(
        mine.c.patron == who_id(who), text("mine.kind = 'national'"), text("not mine.lost")
    )
    columns = [identifiers.c.shown, identifiers.c.library, identifiers.c.patron]
    good = and_(text("identifiers.kind = 'national'"), text("not identifiers.lost"))
    return Branch(Part.NATIONAL, columns, lambda rows: rows.where(identifiers.c.value.in_(cards), good))


# ---- an offer -----------------------------------------------------------------------


def numbered_offer() -> ScalarSelect[int]:
    """The offer, or the hold that came of it, that a partner's number stands for."""
    made = requests.join(offers, offers.c.request == requests.c.id)
    return select(offers.c.id).select_from(made).where(OURS).scalar_subquery()


def national_number(patron: ColumnElement[int]) -> ScalarSelect[str]:
    """By which the patron is found at every library of the network."""
    cards = identifiers.alias("cards")
    mine = and_(cards.c.patron == patron, text("cards.kind = 'national'"), text("not cards.lost"))
    return select(func.min(cards.c.shown)).select_from(cards).where(mine).correlate_except(cards).scalar_subquery()


def offer(*, numbered: bool) -> Branch:
    """With title, a copy of it, and the patron's number; by our own number, or by the partner's."""
    some_copy = (
        select(func.min(items.c.barcode))
        .where(items.c.title_id == offers.c.title_id)
        .correlate(offers)
        .scalar_subquery()
    )
    # A patron of another library is found here by the national number alone; our own needs no other than our card.
    is_ours = exists().where(patrons.c.id == offers.c.patron, patrons.c.library == offers.c.library)
    card = case((is_ours.correlate(offers), readable_card(offers.c.patron)), else_=national_number(offers.c.patron))
    ours = bindparam("hold", type_=offers.c.id.type)
    named = offers.c.id == (func.coalesce(numbered_offer(), ours) if numbered else ours)

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = offers.join(titles, titles.c.id == offers.c.title_id)
        return rows.select_from(joined).where(named, offers.c.library == bindparam("library"))

    mine = asked_for(requests.c.id == offers.c.request).correlate(offers)
    return Branch(Part.OFFER, [*offers.columns, titles.c.title, some_copy, card, mine], complete)


ABOUT_WORK: Mapping[Part, Callable[[CTE], Branch]] = {Part.WORK: work_copies, Part.WORK_QUEUE: work_queue}
