"""What a decision does to offers of orders between libraries."""

from datetime import datetime

from backend.model import HoldId
from backend.order_facts import Offer
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class MakeOffer:
    """Written down, so that the patron can accept it; `request` is the row of the partner's number for it."""

    offer: Offer
    request: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class CloseOffer:
    """It was accepted or declined: once. With `placed`, the partner's number is the hold's from now on."""

    hold: HoldId
    at: datetime
    placed: bool = False


OrderRecordChange = MakeOffer | CloseOffer
