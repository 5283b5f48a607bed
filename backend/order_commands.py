"""Orders between libraries: a title that is borrowed from wherever in the network it is free.

Plain frozen values like those of `commands`, which joins them to everything else that can be asked. The library that
is asked is the one where the patron wants to collect the title.  Source: policies NOR-03 to NOR-13, LYS-23, KAL-30.
"""

from datetime import date, datetime

from backend.model import HoldId, LibraryId
from backend.money import Money
from backend.partner_commands import Described, RequestNumber
from backend.pins import PinProof
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class OrderTitle:
    """Order what `item` (barcode) or `title` (record id, ISBN or exact title) names in the catalogue of `found_at`.

    `described` and `material` say what it is, should no catalogue of ours have it.
    """

    patron: str
    found_at: LibraryId
    item: str | None = None
    title: str | None = None
    described: Described | None = None
    material: str = "book"
    pickup: str | None = None  # branch id or name; None: the patron's home branch, else the library's first
    expires: date | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    fee_accepted: bool = False
    fee_limit: Money | None = None  # accepted up to this; None: whatever it is
    request: RequestNumber | None = None  # the asker's own number, by which it will speak of the order
    only_if_in: bool = False  # a copy that is free now, or none: no place in a queue
    may_offer: bool = True  # the asker can come back and accept; a self-check cannot


@value(frozen=True, slots=True, kw_only=True)
class ConfirmOrder:
    """The patron accepts an offer; `hold` is its number, which the hold will bear."""

    patron: str
    hold: HoldId
    pickup: str | None = None
    expires: date | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    fee_accepted: bool = False
    fee_limit: Money | None = None


@value(frozen=True, slots=True, kw_only=True)
class DeclineOffer:
    """The patron does not want what was offered."""

    patron: str
    hold: HoldId
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class LookUpPickupPlaces:
    """Read where a patron may have an order sent; changes nothing."""

    patron: str


OrderChange = OrderTitle | ConfirmOrder | DeclineOffer
OrderLookUp = LookUpPickupPlaces
