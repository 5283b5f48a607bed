"""What circulation answers to what only another system asks; see `outcomes` for the shape that all answers share."""

from dataclasses import field
from datetime import date, datetime

from backend.copy_commands import Article
from backend.model import BranchId, ChargeId, HoldId, HoldState, Item, ItemState, LibraryId, PatronId
from backend.money import Money
from backend.outcomes import Outcome
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class CopyView:
    """A copy as a list of copies shows it."""

    item: Item
    state: ItemState
    due: datetime | None = None
    claimed_returned: bool = False
    billed: bool = False


@value(frozen=True, slots=True, kw_only=True)
class TitleFound(Outcome):
    """A title with its copies, by branch and barcode."""

    title: str
    author: str = ""
    record: str | None = None
    isbn: str | None = None
    year: int | None = None
    queue: int = 0
    copies: tuple[CopyView, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class RequestFound(Outcome):
    """A request as it stands.  `title_wanted` is what a command may name the title by."""

    hold: HoldId | None = None
    service: str = ""  # that made it, empty when it was none of a partner's
    state: HoldState | None = None
    patron: PatronId | None = None
    patron_card: str = field(default="", repr=False, metadata={"personal": True})
    title: str = ""
    title_wanted: str | None = None
    barcode: str | None = None  # trapped or wanted copy
    this_copy: bool = False
    any_barcode: str | None = None  # some copy of the title, where none is wanted in particular
    pickup: BranchId | None = None
    placed: datetime | None = None
    expires: date | None = None
    pickup_by: date | None = None
    ready_on: date | None = None
    position: int | None = None
    owner: LibraryId | None = None  # whose copies they are
    offered: bool = False  # nothing is placed yet: the patron must accept it first
    was_offered: bool = False  # at first, whatever came of it
    article: Article | None = None  # of a copy that was ordered
    copy_state: ItemState | None = None
    price: Money | None = None


@value(frozen=True, slots=True, kw_only=True)
class CopyOrdered(Outcome):
    """A copy will be made for the patron; `barcode` is what it will bear."""

    hold: HoldId
    barcode: str
    expires: date | None = None


@value(frozen=True, slots=True, kw_only=True)
class Recalled(Outcome):
    """The borrower has been given a shorter loan, or had a short one already."""

    due: datetime
    patron_card: str = field(default="", repr=False, metadata={"personal": True})


@value(frozen=True, slots=True, kw_only=True)
class Accepted(Outcome):
    """The item is on record, and lent or set aside."""

    barcode: str
    hold: HoldId | None = None
    due: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class ItemRecorded(Outcome):
    """The item is on record as said, or is taken off."""

    barcode: str


@value(frozen=True, slots=True, kw_only=True)
class PatronRecorded(Outcome):
    """The patron is on record as said."""

    card: str = field(repr=False, metadata={"personal": True})


@value(frozen=True, slots=True, kw_only=True)
class Reported(Outcome):
    """What the borrower says is written down."""

    charge: ChargeId | None = None
    fee: Money | None = None
