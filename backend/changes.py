"""What a decision does to the records: the only thing the store writes. Each value is one SQL statement."""

from dataclasses import field
from datetime import date, datetime

from backend.model import (
    Block,
    BranchId,
    Charge,
    ChargeId,
    Hold,
    IdentifierKind,
    Invoice,
    ItemId,
    ItemState,
    Letter,
    LibraryId,
    Loan,
    LoanId,
    Patron,
    PatronId,
    Payment,
    Sent,
)
from backend.money import Money
from backend.order_changes import OrderRecordChange
from backend.partner_changes import PartnerChange
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class OpenLoan:
    """A new loan; the unique index on open loans keeps the promise of one an item."""

    loan: Loan


@value(frozen=True, slots=True, kw_only=True)
class PutLoan:
    """A loan's terms as they are from now on (renewal, claim, bill, payment of a running fine)."""

    loan: Loan


@value(frozen=True, slots=True, kw_only=True)
class CloseLoan:
    """The item came back at `at`. `undone`: the loan never was; it leaves no trace in statistics."""

    loan: LoanId
    at: datetime
    undone: bool = False


@value(frozen=True, slots=True, kw_only=True)
class ReopenLoan:
    """A return is taken back: the loan as it was before it."""

    loan: Loan


@value(frozen=True, slots=True, kw_only=True)
class PutItem:
    """Where an item stands; `properties` and `home` None leave them."""

    item: ItemId
    state: ItemState
    branch: BranchId
    destination: BranchId | None = None
    properties: str | None = None
    home: BranchId | None = None


@value(frozen=True, slots=True, kw_only=True)
class AddHold:
    """A new hold; one open hold for a patron and title (or copy) is a unique index."""

    hold: Hold


@value(frozen=True, slots=True, kw_only=True)
class PutHold:
    """A hold as it is from now on; closed states end it."""

    hold: Hold
    closed_at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class AddCharge:
    """A new charge."""

    charge: Charge


@value(frozen=True, slots=True, kw_only=True)
class SettleCharge:
    """`amount` of a charge is paid by `payment`, or let off (`payment` None) for `why`. Never below zero."""

    charge: ChargeId
    amount: Money
    at: datetime
    payment: int | None = None
    why: str = ""


@value(frozen=True, slots=True, kw_only=True)
class UnsettleCharge:
    """A credit is taken back (undo of a return after billing)."""

    charge: ChargeId
    amount: Money
    at: datetime
    why: str


@value(frozen=True, slots=True, kw_only=True)
class AddPayment:
    """Money received; its transaction id is unique per account."""

    payment: Payment


@value(frozen=True, slots=True, kw_only=True)
class AddBlock:
    """A block by hand."""

    block: Block


@value(frozen=True, slots=True, kw_only=True)
class LiftBlocks:
    """Every block of the patron ends; `blocks` names some only."""

    patron: PatronId
    at: datetime
    blocks: tuple[int, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class MarkCards:
    """The patron's cards (card and national number, and `also`) are lost, or valid again; replaced ones stay lost."""

    patron: PatronId
    lost: bool
    also: str = ""  # identifier as presented


@value(frozen=True, slots=True, kw_only=True)
class AddIdentifier:
    """A further number of the patron."""

    patron: PatronId
    library: LibraryId
    kind: IdentifierKind
    value: str


@value(frozen=True, slots=True, kw_only=True)
class LoseIdentifier:
    """One number is refused as lost from now on."""

    patron: PatronId
    value: str


@value(frozen=True, slots=True, kw_only=True)
class PutPin:
    """A new PIN hash (None: no PIN); failures start again from zero."""

    patron: PatronId
    pin_hash: str | None = field(repr=False, metadata={"secret": True})


@value(frozen=True, slots=True, kw_only=True)
class PutPinFailures:
    """Wrong PINs on one local day."""

    patron: PatronId
    count: int
    on: date | None


@value(frozen=True, slots=True, kw_only=True)
class LinkPatron:
    """A national card's holder becomes a patron of `library`, as a new row that shares the identifier."""

    patron: PatronId  # fresh id
    library: LibraryId
    like: PatronId  # the row it is copied from, at another library
    home_branch: BranchId


@value(frozen=True, slots=True, kw_only=True)
class MergeInto:
    """All that is patron `of`'s is `patron`'s, who is so from now on; `of` is gone."""

    patron: Patron
    of: PatronId


@value(frozen=True, slots=True, kw_only=True)
class PutConsent:
    """Guardian, consent and agreements as the record has them."""

    patron: Patron


@value(frozen=True, slots=True, kw_only=True)
class NoteForStaff:
    """Work for people: an off-line conflict, a fee not set, a claim. `reason` is a Reason's value."""

    library: LibraryId
    reason: str
    at: datetime
    patron: PatronId | None = None
    item: ItemId | None = None
    text: str = ""  # what the machine said, without secrets


@value(frozen=True, slots=True, kw_only=True)
class MarkSent:
    """A notice went out; the same notice cannot go out twice, for that is a unique index."""

    sent: Sent


@value(frozen=True, slots=True, kw_only=True)
class NameReminderFee:
    """The last reminder of a loan brought this charge; a loan without reminders stays without."""

    loan: LoanId
    charge: ChargeId


@value(frozen=True, slots=True, kw_only=True)
class Post:
    """A message into the outbox."""

    letter: Letter


@value(frozen=True, slots=True, kw_only=True)
class AddInvoice:
    """A new invoice; its number is unique."""

    invoice: Invoice


@value(frozen=True, slots=True, kw_only=True)
class PutOnInvoice:
    """A charge that was posted before stands on an invoice from now on."""

    charge: ChargeId
    kid: str


@value(frozen=True, slots=True, kw_only=True)
class AnnounceClosure:
    """A branch is closed on a day that was open; announced twice, it stays announced once."""

    branch: BranchId
    day: date
    note: str
    at: datetime


Change = (
    OpenLoan
    | PutLoan
    | CloseLoan
    | ReopenLoan
    | PutItem
    | AddHold
    | PutHold
    | AddCharge
    | SettleCharge
    | UnsettleCharge
    | AddPayment
    | AddBlock
    | LiftBlocks
    | MarkCards
    | AddIdentifier
    | LoseIdentifier
    | PutPin
    | PutPinFailures
    | LinkPatron
    | MergeInto
    | PutConsent
    | NoteForStaff
    | PartnerChange
    | OrderRecordChange
    | MarkSent
    | NameReminderFee
    | Post
    | AddInvoice
    | PutOnInvoice
    | AnnounceClosure
)
