"""Records of circulation: frozen values and their id types.

Knows no protocol, no SQL, no clock. Instants are aware datetimes; days are local dates of the library concerned;
amounts are Money in whole øre.
"""

from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType

from backend.money import Money
from backend.value import value

LibraryId = NewType("LibraryId", str)
BranchId = NewType("BranchId", str)
AccountId = NewType("AccountId", str)  # a terminal's account, a partner agency, a member of staff, a job
PatronId = NewType("PatronId", int)
ItemId = NewType("ItemId", int)
TitleId = NewType("TitleId", int)
LoanId = NewType("LoanId", int)
HoldId = NewType("HoldId", int)
ChargeId = NewType("ChargeId", int)
PaymentId = NewType("PaymentId", int)
BlockId = NewType("BlockId", int)
InvoiceId = NewType("InvoiceId", int)
LetterId = NewType("LetterId", int)

TEMPORARY: Final = "temporary"  # flag of items that a partner put on record


class Channel(StrEnum):
    """Where a request comes from; policy rows may match on it (policies 6.2)."""

    SELFCHECK = "selfcheck"
    DESK = "desk"
    WEB = "web"
    PARTNER = "partner"
    DROP = "drop"
    ENTRY = "entry"
    JOB = "job"


class Operation(StrEnum):
    """What a block can stop (policies 6.3, table `block`)."""

    CHECKOUT = "checkout"
    RENEWAL = "renewal"
    HOLD = "hold"
    COLLECT = "collect"
    WEB = "web"
    CAPTURE = "capture"  # a copy is not set aside for the patron


@value(frozen=True, slots=True, kw_only=True)
class AskedBy:
    """Who asks, from where, and what the account allows; the same for every message of one login."""

    account: AccountId
    library: LibraryId
    branch: BranchId
    channel: Channel = Channel.SELFCHECK
    offline: bool = False  # may upload what already happened (no block = Y)
    may_backdate: bool = False  # its return dates are believed (C-19)
    free_return_ok: bool = False  # a return of an item that is not on loan is answered ok
    may_block_cards: bool = True  # message 01
    may_enable_patrons: bool = False  # message 25, test systems only
    renews_for_others: bool = False  # third party renewals, when the machine asks for them
    may_overpay: bool = False
    trusts_patron: bool = False  # the asker vouches for its user: no PIN (C-18)
    pin_always: bool = False  # an account may only tighten the library's PIN rule


class IdentifierKind(StrEnum):
    """What a number is; `identity` values are keyed hashes, never readable."""

    CARD = "card"
    NATIONAL = "national"
    IDENTITY = "identity"
    USER_NAME = "user_name"


class CardState(StrEnum):
    """Of the identifier that was presented."""

    VALID = "valid"
    LOST = "lost"
    UNLINKED = "unlinked"  # national card, not linked to this library


@value(frozen=True, slots=True, kw_only=True)
class Patron:
    """One person at one library."""

    id: PatronId
    library: LibraryId
    card: str  # a readable card number of the patron, for answers that must name one; "" if there is none
    card_state: CardState = CardState.VALID  # of the identifier that was presented
    national: bool = False  # has a national card
    family_name: str = field(default="", repr=False, metadata={"personal": True})
    given_name: str = field(default="", repr=False, metadata={"personal": True})
    birth_date: date | None = field(default=None, repr=False, metadata={"personal": True})
    category: str = "adult"
    language: str | None = None  # of messages: "nb", "nn", "sv", "en", ...
    home_branch: BranchId
    expires: date | None = None  # last valid day
    rules_accepted: bool = True
    guardian_consent: bool = False
    unstaffed_agreement: bool = False
    guardian: PatronId | None = None
    pin_hash: str | None = field(default=None, repr=False, metadata={"secret": True})
    pin_failures: int = 0
    pin_failed_on: date | None = None
    address: str = field(default="", repr=False, metadata={"personal": True})
    email: str = field(default="", repr=False, metadata={"personal": True})
    phone: str = field(default="", repr=False, metadata={"personal": True})
    wants_notices: bool = False


class ItemState(StrEnum):
    """Where an item stands when it is not on loan (policies 3.3). On loan is a Loan, not a state."""

    SHELF = "shelf"
    HOLD_SHELF = "hold_shelf"
    TRANSIT = "transit"
    MISSING = "missing"
    LOST = "lost"
    DAMAGED = "damaged"
    WITHDRAWN = "withdrawn"
    ON_ORDER = "on_order"
    IN_PROCESS = "in_process"


@value(frozen=True, slots=True, kw_only=True)
class Item:
    """One copy. Owner, home branch and present branch are three facts."""

    id: ItemId
    library: LibraryId  # owner
    barcode: str
    title_id: TitleId
    title: str
    author: str = ""
    material: str = "book"  # dotted: film.feature
    audience: str = "adult"
    loan_type: str = "normal"
    language: str | None = None
    flags: frozenset[str] = frozenset()
    price: Money | None = None
    home_branch: BranchId
    present_branch: BranchId
    state: ItemState = ItemState.SHELF
    destination: BranchId | None = None  # while in transit
    properties: str = ""  # SIP2 CH, kept and given back
    media_type: str = "000"  # SIP2 8.5
    security_marker: str = "01"  # SIP2 8.4
    magnetic: bool = False
    call_number: str = ""
    collection: str = ""
    acquired: date | None = None
    lender_due: date | None = None  # of an item borrowed from elsewhere: the last day the lender gave

    @property
    def is_gone(self) -> bool:
        """Was it here only for a while, and taken off record again?"""
        return TEMPORARY in self.flags and self.state is ItemState.WITHDRAWN


@value(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan keeps its lending branch and the policy it was made under apart from the item's owner."""

    id: LoanId
    library: LibraryId  # lending library: whose rules and ledger
    branch: BranchId  # where the loan was made
    patron: PatronId
    item: ItemId
    account: AccountId  # terminal that made it
    lent: datetime
    due: datetime  # instant: 23:59:59 local of `due_on`
    due_on: date
    renewals: int = 0
    policy: str  # hash of the policy version
    row: str  # id of the deciding `loan` row
    group: str | None = None  # the row's `group`, for max_items
    fine_paid: Money  # paid towards the running fine
    claimed_returned: bool = False
    billed_on: date | None = None  # fines stop growing here
    suspended_until: date | None = None
    ill_request: int | None = None  # interlibrary: the lender decides renewals
    recalled_on: date | None = None  # it was called back and had to come sooner


REPORTED: Final = frozenset({ItemState.LOST, ItemState.MISSING})  # also of an item on loan, by who has it


class HoldState(StrEnum):
    """Open holds only; a closed hold is `satisfied`, `cancelled` or `expired`."""

    WAITING = "waiting"
    TRANSIT = "transit"  # trapped, on its way to the pickup branch
    READY = "ready"  # on the pickup shelf
    SATISFIED = "satisfied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@value(frozen=True, slots=True, kw_only=True)
class Hold:
    """A patron waits for a title, or for one copy of it."""

    id: HoldId
    library: LibraryId
    patron: PatronId
    title_id: TitleId
    item: ItemId | None = None  # wanted copy; None: any copy
    trapped: ItemId | None = None  # the copy set aside for this hold
    state: HoldState = HoldState.WAITING
    pickup: BranchId
    placed: datetime
    expires: date | None = None  # the hold lapses after this day (SIP2 BW)
    ready_on: date | None = None
    pickup_by: date | None = None  # last pickup day, inclusive
    suspended: bool = False
    reference: str = ""  # stands on the shelf slip in place of the name
    ill_request: int | None = None


class FeeKind(StrEnum):
    """Policies 3.2."""

    OVERDUE = "overdue"
    REMINDER = "reminder"
    REPLACEMENT = "replacement"
    DAMAGE = "damage"
    ILL = "ill"
    CARD = "card"
    MISC = "misc"
    HOLD = "hold"
    CHECKOUT = "checkout"


@value(frozen=True, slots=True, kw_only=True)
class Charge:
    """One posted fee. `owed` is what is left of `amount` after payments and credits."""

    id: ChargeId
    library: LibraryId
    patron: PatronId
    kind: FeeKind
    amount: Money
    owed: Money
    raised: datetime
    row: str  # policy row that made it; "staff" when a person did
    policy: str
    loan: LoanId | None = None
    item: ItemId | None = None
    title: str = ""
    barcode: str = ""
    note: str = ""
    kid: str | None = None  # invoice number it stands on


@value(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money received. `transaction` is unique per account (SIP2 BK)."""

    id: PaymentId
    library: LibraryId
    patron: PatronId
    account: AccountId
    amount: Money
    method: str  # SIP2 payment type, two digits
    received: datetime
    transaction: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Block:
    """A block that staff or a job set by hand; derived blocks are never stored."""

    id: BlockId
    library: LibraryId
    patron: PatronId
    stops: frozenset[Operation]
    note: str
    since: datetime
    until: date | None = None  # suspension: barred up to and including this day
    reason: str = "manual_block"  # or "suspended"


@value(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Charges of one patron put together under one number; `kid` ends in its own check digit."""

    id: InvoiceId
    library: LibraryId
    patron: PatronId
    addressed_to: PatronId  # the guardian of a child, else the patron
    kid: str
    amount: Money
    issued: datetime


class NoticeKind(StrEnum):
    """What a notice is about; the values of a policy row's `kind`."""

    BEFORE_DUE = "before_due"
    AFTER_DUE = "after_due"
    HOLD_READY = "hold_ready"


@value(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notice that went out. `for_day` is the due date, or the day on which the copy reached the pickup shelf.

    `step` counts from 0 for reminders; for notices before the due date it is their number of days.
    """

    library: LibraryId
    kind: NoticeKind
    loan: LoanId | None = None
    hold: HoldId | None = None
    for_day: date
    step: int
    sent_on: date
    row: str  # policy row
    policy: str
    charge: ChargeId | None = None  # the reminder fee that this notice brought


@value(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one person, on its way out. `data` is JSON: what the template fills in."""

    id: LetterId
    library: LibraryId
    addressee: PatronId
    channel: str  # email, sms or post
    recipient: str = field(default="", repr=False, metadata={"personal": True})  # "": looked up when it is sent
    language: str
    template: str
    data: str = field(repr=False, metadata={"personal": True})
    created: datetime
