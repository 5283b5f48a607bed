"""From rows to what rules may look at when a title is ordered between libraries."""

from collections.abc import Mapping
from datetime import date

from backend.clock import from_epoch
from backend.model import HoldId, LibraryId, PatronId, TitleId
from backend.order_facts import NOTHING_ORDERED, Offer, OfferFacts, OrderFacts, WorkCopy
from backend.store.needs import Part
from backend.store.rows import HOLD, ITEM
from backend.store.statement import Row

Rows = Mapping[str, list[Row]]
NONE: list[Row] = []
ORDERS = frozenset({Part.WORK, Part.NATIONAL, Part.OFFER})
ITEM_WIDTH = len(ITEM.columns)


def order_facts(rows: Rows) -> OrderFacts:
    """What was read for an order from another library; nothing where the command needs none of it."""
    if ORDERS.isdisjoint(rows):
        return NOTHING_ORDERED
    holds = map(HOLD.read, rows.get(Part.WORK_QUEUE, NONE))
    cards = rows.get(Part.NATIONAL, NONE)
    return OrderFacts(
        copies=tuple(sorted(map(_copy, rows.get(Part.WORK, NONE)), key=lambda copy: copy.item.id)),
        holds=tuple(sorted(holds, key=lambda hold: (hold.placed, hold.id))),
        cards=tuple(sorted({row[0] for row in cards})),
        offer=next(map(_offer, rows.get(Part.OFFER, NONE)), None),
        linked=tuple(sorted({LibraryId(row[1]) for row in cards})),
    )


def _copy(row: Row) -> WorkCopy:
    loan, isbn, year = row[ITEM_WIDTH:]
    return WorkCopy(item=ITEM.read(row), is_lent=loan is not None, isbn=isbn, year=year)


def _offer(row: Row) -> OfferFacts:
    number, library, patron, title_id, supplier, pickup, expires, queue, _, made, closed = row[:11]
    title, barcode, card, mine = row[11:15]
    offer = Offer(
        id=HoldId(number),
        library=LibraryId(library),
        patron=PatronId(patron),
        title_id=TitleId(title_id),
        supplier=LibraryId(supplier),
        pickup=pickup or None,
        expires=date.fromisoformat(expires) if expires else None,
        queue=bool(queue),
        made_at=from_epoch(made),
        closed_at=None if closed is None else from_epoch(closed),
    )
    return OfferFacts(offer=offer, title=title, barcode=barcode, card=card or "", made_by_asker=bool(mine))
