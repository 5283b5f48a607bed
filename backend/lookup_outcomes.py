"""What a look-up answers: patrons and items as they are now, and their loans, holds and fees as a screen shows them."""

from dataclasses import field
from datetime import date, datetime

from backend.model import Block, BranchId, FeeKind, HoldId, Item, ItemState, LibraryId, LoanId, Patron
from backend.money import Money
from backend.outcomes import Outcome, Standing
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class LoanView:
    """A loan as a patron screen shows it."""

    loan: LoanId
    barcode: str
    title: str
    author: str
    lent: datetime
    due: datetime
    renewals: int
    overdue: bool
    recalled: bool = False
    fine: Money | None = None  # running, unpaid
    owner: LibraryId | None = None  # of the copy


@value(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold as a patron screen shows it."""

    hold: HoldId
    title: str
    barcode: str | None  # trapped or wanted copy
    ready: bool
    pickup: BranchId
    pickup_by: date | None = None
    position: int | None = None
    placed: datetime | None = None
    owner: LibraryId | None = None  # of the copies that are waited for


@value(frozen=True, slots=True, kw_only=True)
class FeeView:
    """An open fee; `id` is what PayFee.fee takes."""

    id: str
    kind: FeeKind
    owed: Money
    title: str = ""
    barcode: str = ""
    raised: date


@value(frozen=True, slots=True, kw_only=True)
class PatronFound(Outcome):
    """A patron with everything a screen may ask for; lists in stable order (due or placed, then id)."""

    patron: Patron
    standing: Standing
    owed: Money
    limit: Money | None = None  # debt limit, if the library has one
    loans: tuple[LoanView, ...] = ()
    holds: tuple[HoldView, ...] = ()
    fees: tuple[FeeView, ...] = ()
    blocks: tuple[Block, ...] = ()
    items_limit: int | None = None
    holds_limit: int | None = None
    may_enter: bool = False  # unstaffed hours, at the asking branch, now
    pin_asked: bool = False  # the library asks for a PIN for some operation
    pin_locked: bool = False


@value(frozen=True, slots=True, kw_only=True)
class ItemFound(Outcome):
    """An item, its loan and its queue."""

    item: Item
    state: ItemState
    on_loan: bool = False
    claimed_returned: bool = False
    billed: bool = False
    recalled_on: date | None = None
    due: datetime | None = None
    queue: int = 0
    pickup_by: date | None = None
    destination: BranchId | None = None
    hold_patron_card: str | None = field(default=None, repr=False, metadata={"personal": True})
    borrower_card: str | None = field(default=None, repr=False, metadata={"personal": True})
    fee: Money | None = None  # a loan of it would cost this
    fee_kind: FeeKind | None = None
