"""What the changes to offers do to their table."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from backend import order_changes as changes
from backend.clock import to_epoch
from backend.store.seams import Writes, must
from backend.store.statement import Scalar, inserts, updates
from backend.tables_orders import offers

MAKE_OFFER = inserts(offers)
CLOSE_OFFER = updates(offers, ("closed_at",), offers.c.closed_at.is_(None))


def make_offer(session: Writes, change: changes.MakeOffer, now: datetime) -> None:
    offer = change.offer
    row: dict[str, Scalar] = {
        "id": offer.id,
        "library": offer.library,
        "patron": offer.patron,
        "title_id": offer.title_id,
        "supplier": offer.supplier,
        "pickup": offer.pickup or "",
        "expires": offer.expires.isoformat() if offer.expires else None,
        "queue": offer.queue,
        "request": change.request,
        "made_at": to_epoch(offer.made_at),
        "closed_at": None,
    }
    session.change(MAKE_OFFER, row)


def close_offer(session: Writes, change: changes.CloseOffer, now: datetime) -> None:
    must(session, CLOSE_OFFER, {"row": change.hold, "closed_at": to_epoch(change.at)}, change)


OF_ORDERS: Mapping[type[Any], Callable[[Any, Any, datetime], None]] = {
    changes.MakeOffer: make_offer,
    changes.CloseOffer: close_offer,
}
