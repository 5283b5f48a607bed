"""What can be asked of circulation. Plain frozen values: the same for every protocol.

`patron` is an identifier as presented (card, national number, identity number, user name), `item` a barcode as
presented. `at` is when it happened by the asker's clock, None when it said nothing usable.
"""

from datetime import date, datetime
from enum import StrEnum

from backend.copy_commands import CopyChange
from backend.model import BranchId, FeeKind, HoldId, LoanId, PatronId
from backend.money import Money
from backend.order_commands import OrderChange, OrderLookUp
from backend.partner_commands import PartnerChange, PartnerLookUp, RequestNumber
from backend.people_commands import ExportInvoices
from backend.pins import PinProof as PinProof
from backend.staff_commands import CloseDays, StaffWork
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class Happened:
    """No block: the machine, off line, has already done it at `at`; it may have promised `due`."""

    at: datetime
    due: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class CheckOut:
    """Lend an item; with `renew_if_mine`, an item the patron already has is renewed."""

    patron: str
    item: str
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    renew_if_mine: bool = False
    fee_accepted: bool = False
    fee_limit: Money | None = None  # accepted up to this; None: whatever it is
    happened: Happened | None = None
    properties: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class UndoCheckIn:
    """SIP2 11 with cancel: the machine could not finish a return it had reported."""

    patron: str
    item: str
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """An item is in hand. `returned`: when the patron gave it back, if the machine says so.

    `only_lent`: nothing is done with one that is not on loan, for who asks is not told more than that.
    """

    item: str
    returned: datetime | None = None
    at: datetime | None = None
    happened: Happened | None = None
    properties: str | None = None
    only_lent: bool = False
    branch: BranchId | None = None  # where it stands now, when the machine says a branch of ours


@value(frozen=True, slots=True, kw_only=True)
class UndoCheckOut:
    """SIP2 09 with cancel: the loan did not come about."""

    item: str
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class Renew:
    """Extend one loan, named by barcode or, when only one loan matches, by title."""

    patron: str
    item: str | None = None
    title: str | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    third_party: bool = False
    fee_accepted: bool = False
    fee_limit: Money | None = None  # accepted up to this; None: whatever it is
    happened: Happened | None = None
    properties: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class RenewAll:
    """Extend every loan of the patron that may be extended."""

    patron: str
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    fee_accepted: bool = False


class HoldScope(StrEnum):
    """SIP2 8.7."""

    ANY_COPY = "any_copy"
    THIS_COPY = "this_copy"
    ANY_COPY_AT_BRANCH = "any_copy_at_branch"


@value(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """Wait for a title or a copy. One of `item` (barcode) and `title` (record id, ISBN or exact title) is set."""

    patron: str
    item: str | None = None
    title: str | None = None
    scope: HoldScope | None = None  # None: a copy when only `item` is given, else any copy
    pickup: str | None = None  # branch id or name; None: the patron's home branch
    expires: date | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    fee_accepted: bool = False
    fee_limit: Money | None = None  # accepted up to this; None: whatever it is
    request: RequestNumber | None = None  # the asker's own number, by which it will speak of the hold
    only_if_in: bool = False  # nothing to wait for: a copy that can be fetched now, or none
    for_library: bool = False  # a library asks for a book to lend on: nobody comes to fetch it from the shelf


@value(frozen=True, slots=True, kw_only=True)
class CancelHold:
    """Give up a hold; `item` may be any copy of the title."""

    patron: str
    item: str | None = None
    title: str | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    hold: HoldId | None = None  # this one, where the patron has several that match


@value(frozen=True, slots=True, kw_only=True)
class ChangeHold:
    """New pickup branch or last day for an existing hold."""

    patron: str
    item: str | None = None
    title: str | None = None
    pickup: str | None = None
    expires: date | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None
    hold: HoldId | None = None  # this one, where the patron has several that match
    price: Money | None = None  # of a copy that was ordered: what it costs, as its maker says


@value(frozen=True, slots=True, kw_only=True)
class PayFee:
    """Money was taken by the asker. `fee` is a charge id, a loan's running fine, or an invoice's KID."""

    patron: str
    amount: Money
    fee: str | None = None
    kind: FeeKind | None = None  # None: whatever is oldest
    method: str = "00"
    transaction: str | None = None  # SIP2 BK: unique per account
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class BlockCard:
    """SIP2 01: a card was forgotten, kept or tampered with."""

    patron: str
    retained: bool = False
    message: str = ""
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class EnablePatron:
    """SIP2 25, test systems only: undo 01."""

    patron: str
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class StoreProperties:
    """SIP2 19: free text kept with the item."""

    item: str
    properties: str
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class EnterBuilding:
    """A door asks whether a person may come in (entry terminals); each passage is journalled."""

    patron: str
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class NotePinFailure:
    """A wrong PIN was given; five on one day lock it until midnight (policies 8)."""

    patron: str


@value(frozen=True, slots=True, kw_only=True)
class ClearPinFailures:
    """The right PIN was given after wrong ones."""

    patron: str


@value(frozen=True, slots=True, kw_only=True)
class LookUpPatron:
    """Read everything a patron screen shows; changes nothing."""

    patron: str


@value(frozen=True, slots=True, kw_only=True)
class LookUpItem:
    """Read what an item screen shows; changes nothing."""

    item: str


# ---- what jobs do, one step in one transaction ----------------------------------


@value(frozen=True, slots=True, kw_only=True)
class ExpireHold:
    """Nobody collected it in time, or its last useful day is over."""

    hold: HoldId
    day: date


@value(frozen=True, slots=True, kw_only=True)
class RemindPatron:
    """Whatever reminders and bills are due for a patron on a day."""

    of: PatronId
    day: date


@value(frozen=True, slots=True, kw_only=True)
class AdvisePatron:
    """Loans of a patron that are due soon."""

    of: PatronId
    day: date


@value(frozen=True, slots=True, kw_only=True)
class RenewDue:
    """Loans of a patron that the policy extends without being asked."""

    of: PatronId
    day: date


@value(frozen=True, slots=True, kw_only=True)
class AnnounceHold:
    """A copy waits on the pickup shelf."""

    hold: HoldId
    day: date


@value(frozen=True, slots=True, kw_only=True)
class MoveDueDate:
    """A loan is due on a day on which its branch is closed after all."""

    loan: LoanId


@value(frozen=True, slots=True, kw_only=True)
class MovePickup:
    """A copy would have to be collected on a day on which the branch is closed after all."""

    hold: HoldId


JobStep = (
    ExpireHold
    | RemindPatron
    | AdvisePatron
    | RenewDue
    | AnnounceHold
    | CloseDays
    | MoveDueDate
    | MovePickup
    | ExportInvoices
)
LookUp = LookUpPatron | LookUpItem | PartnerLookUp | OrderLookUp
Change = (
    CheckOut
    | UndoCheckIn
    | CheckIn
    | UndoCheckOut
    | Renew
    | RenewAll
    | PlaceHold
    | CancelHold
    | ChangeHold
    | PayFee
    | BlockCard
    | EnablePatron
    | StoreProperties
    | EnterBuilding
    | NotePinFailure
    | ClearPinFailures
    | StaffWork
    | PartnerChange
    | OrderChange
    | CopyChange
)
Command = Change | LookUp


@value(frozen=True, slots=True, kw_only=True)
class RepeatKey:
    """How a repeat of this command is recognised (design decision 4).

    `frame`: digest of the bytes as they came, None without error detection (layer 1 off).
    `adjacent`: no look-up of the account is known to have come since its newest journalled frame.
    `by_meaning`: layer 2, same account, command, patron and item within `window` seconds.
    `request`: digest of another system's request number and content; its granted answer is given again.
    """

    frame: bytes | None = None
    adjacent: bool = True
    by_meaning: bool = False
    request: bytes | None = None
    window: int = 900  # seconds
