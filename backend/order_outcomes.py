"""What circulation answers to orders between libraries; see `outcomes` for the shape that all answers share."""

from dataclasses import field
from datetime import date

from backend.model import BranchId, HoldId, LibraryId
from backend.outcomes import HoldPlaced, Outcome
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class Ordered(HoldPlaced):
    """The supplier has a hold for the patron; `supplier` is the library itself where it owns a free copy, and where it
    takes part in no network: then its staff find a lender.
    """

    supplier: LibraryId
    patron_card: str = field(default="", repr=False, metadata={"personal": True})


@value(frozen=True, slots=True, kw_only=True)
class Offered(Outcome):
    """Nothing is placed until the patron accepts: a copy from afar, or, with `queue`, a place in the queue there."""

    hold: HoldId
    supplier: LibraryId
    pickup: BranchId
    expires: date | None = None
    queue: bool = False


@value(frozen=True, slots=True, kw_only=True)
class PickupPlace:
    """A library where an order can be collected; `region` is None where the patron's card is linked already."""

    library: LibraryId
    name: str
    region: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class PickupPlaces(Outcome):
    """All of them, in the order in which a patron is to see them."""

    places: tuple[PickupPlace, ...] = ()
