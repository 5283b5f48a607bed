"""What the changes to offers do to their table."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from backend import order_changes as changes
from backend.clock import to_epoch
from backend.store.seams import Writes, must
from backend.store.statement import Scalar, Statement, inserts, updates
from backend.tables_orders import offers
from backend.tables_partner import requests

MAKE_OFFER = inserts(offers)
CLOSE_OFFER = updates(offers, ("closed_at",), offers.c.closed_at.is_(None))
NUMBER_HOLD = Statement(
    update(requests)
    .where(requests.c.id == select(offers.c.request).where(offers.c.id == bindparam("row")).scalar_subquery())
    .values(hold=bindparam("row", type_=requests.c.hold.type))
)


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
    if change.placed:
        session.change(NUMBER_HOLD, {"row": change.hold})


OF_ORDERS: Mapping[type[Any], Callable[[Any, Any, datetime], None]] = {
    changes.MakeOffer: make_offer,
    changes.CloseOffer: close_offer,
}
