"""What rules may look at when a title is ordered between libraries: the same work at every library, and an offer."""

from datetime import date, datetime

from backend.model import Hold, HoldId, Item, LibraryId, PatronId, TitleId
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class WorkCopy:
    """A copy of the work at some library of the installation, with what its catalogue says of the title."""

    item: Item
    is_lent: bool = False
    isbn: str | None = None
    year: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class Offer:
    """A copy from afar, or a place in a queue, that the patron has not accepted yet; nothing is placed."""

    id: HoldId  # the hold will bear it
    library: LibraryId  # where it will be collected
    patron: PatronId
    title_id: TitleId
    supplier: LibraryId
    pickup: str | None = None  # as it was wished
    expires: date | None = None
    queue: bool = False  # no copy is free: a place in the supplier's queue
    made_at: datetime
    closed_at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """An offer that was named, with its title, a copy of it and the number by which the patron is found."""

    offer: Offer
    title: str
    barcode: str | None = None
    card: str = ""
    made_by_asker: bool = False  # the same partner asked for it


@value(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """All of it; empty for every other command. `cards` are the patron's national numbers that are not lost."""

    copies: tuple[WorkCopy, ...] = ()
    holds: tuple[Hold, ...] = ()  # open ones on any of these titles, first come first
    cards: tuple[str, ...] = ()
    offer: OfferFacts | None = None
    linked: tuple[LibraryId, ...] = ()  # libraries where the patron's national card is good


NOTHING_ORDERED = OrderFacts()
