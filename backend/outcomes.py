"""What circulation can answer: data, never words. The desk chooses words, in the patron's language.

Every outcome says `at`, the instant of the decision; a journalled outcome is rendered again with the same instant.
The answers to look-ups are in `lookup_outcomes`, those for partners alone in `partner_outcomes`.
"""

from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from backend.model import (
    BranchId,
    ChargeId,
    FeeKind,
    Hold,
    HoldId,
    LibraryId,
    Loan,
    LoanId,
    Operation,
    Patron,
)
from backend.money import Money
from backend.value import value


class Reason(StrEnum):
    """Why something was refused or noted (policies 3.1). The value is the code of ProblemDetail and of the log."""

    UNKNOWN_PATRON = "unknown_patron"
    PIN_REQUIRED = "pin_required"
    PIN_WRONG = "pin_wrong"
    CARD_LOST = "card_lost"
    CARD_EXPIRED = "card_expired"
    CARD_UNLINKED = "card_unlinked"
    GUARDIAN_MISSING = "guardian_missing"
    MANUAL_BLOCK = "manual_block"
    DEBT_LIMIT = "debt_limit"
    TOO_MANY_OVERDUE = "too_many_overdue"
    TOO_MANY_BILLED = "too_many_billed"
    SUSPENDED = "suspended"
    AGE_LIMIT = "age_limit"
    UNKNOWN_ITEM = "unknown_item"
    NOT_FOR_LOAN = "not_for_loan"
    ON_LOAN_OTHER = "on_loan_other"
    ALREADY_YOURS = "already_yours"
    HELD_FOR_OTHER = "held_for_other"
    TOO_MANY_ITEMS = "too_many_items"
    FEE_ACK = "fee_ack"
    NOT_RENEWABLE = "not_renewable"
    MAX_RENEWALS = "max_renewals"
    WAITING_LIST = "waiting_list"
    OVERDUE_NO_RENEWAL = "overdue_no_renewal"
    NO_GAIN = "no_gain"
    LENDER_DECIDES = "lender_decides"
    BILLED = "billed"
    NOT_ON_LOAN = "not_on_loan"
    NOT_HOLDABLE = "not_holdable"
    ON_SHELF = "on_shelf"
    DUPLICATE_HOLD = "duplicate_hold"
    TOO_MANY_HOLDS = "too_many_holds"
    NO_SUCH_HOLD = "no_such_hold"
    UNKNOWN_TITLE = "unknown_title"
    UNKNOWN_BRANCH = "unknown_branch"
    NEED_BEFORE = "need_before"
    NO_NATIONAL_CARD = "no_national_card"
    ILL_EXCLUDED = "ill_excluded"
    OWNED_LOCALLY = "owned_locally"
    NO_SUPPLIER = "no_supplier"
    NO_UNSTAFFED_ACCESS = "no_unstaffed_access"
    AMOUNT_TOO_HIGH = "amount_too_high"
    CHARGE_TOO_HIGH = "charge_too_high"  # for any fee
    AMOUNT_INVALID = "amount_invalid"
    PAYMENT_NUMBER_TAKEN = "payment_number_taken"  # other money was booked under it
    WRONG_CURRENCY = "wrong_currency"
    UNKNOWN_FEE = "unknown_fee"
    NOT_ALLOWED = "not_allowed"  # the account may not ask this
    NOTHING_TO_UNDO = "nothing_to_undo"
    IDENTIFIER_TAKEN = "identifier_taken"
    NUMBER_EMPTY = "number_empty"  # of a new card: neither digits nor letters
    NUMBER_UNSENDABLE = "number_unsendable"  # of a new card or item: a machine could not say it
    IDENTITY_NUMBER = "identity_number"  # of a new card: it would be somebody's identity number, readable
    BIRTH_TO_COME = "birth_to_come"  # nobody is born after today
    SAME_PATRON = "same_patron"  # two records were named, and they are one
    DAY_PASSED = "day_passed"  # what was to begin on it can no longer be announced
    CLOSED_TOO_LONG = "closed_too_long"  # a branch would have no open day for more than a year
    NOTHING_TO_INVOICE = "nothing_to_invoice"
    REQUEST_TAKEN = "request_taken"  # another request bears this number
    NOT_YOUR_LOAN = "not_your_loan"
    NOT_TEMPORARY = "not_temporary"  # only items that a partner put on record may be taken off by one
    # notes that accompany a granted command
    FINE_ON_RETURN = "fine_on_return"
    FOUND_AFTER_BILL = "found_after_bill"
    FOUND_AFTER_PAYMENT = "found_after_payment"
    FEE_NOT_SET = "fee_not_set"
    PRICE_BY_STAFF = "price_by_staff"
    COURSE_ADVICE = "course_advice"
    DATE_NOT_BELIEVED = "date_not_believed"
    LOAN_CLOSED_FOR_OTHER = "loan_closed_for_other"  # an off-line checkout closed somebody else's loan
    DUE_WOULD_SHORTEN = "due_would_shorten"
    COPY_ORDERED = "copy_ordered"  # from another library, for a patron: somebody must see to it
    PAID_ALIKE = "paid_alike"  # booked, and looks like the payment before it asked again


@value(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason with the facts its wording fills in; also used for notes on granted commands."""

    reason: Reason
    amount: Money | None = None  # owed, or the fee to accept
    limit: Money | None = None
    count: int | None = None  # {n}, {days}, or a limit in items
    age: int | None = None
    day: date | None = None
    branch: BranchId | None = None
    fee: FeeKind | None = None  # with FEE_ACK
    row: str | None = None  # deciding policy row


@value(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stops a patron now, and why: the source of SIP2's patron status and of NCIP's blocks."""

    stops: frozenset[Operation] = frozenset()
    reasons: tuple[Refusal, ...] = ()  # gravest first
    card_lost: bool = False
    fines_over: bool = False  # debt limit reached, and fines or reminder fees are owed
    fees_over: bool = False  # debt limit reached, and other fees are owed
    too_many_items: bool = False
    too_many_overdue: bool = False
    too_many_billed: bool = False


@value(frozen=True, slots=True, kw_only=True)
class About:
    """What an answer needs to know of patron and item, granted or refused; None where unknown."""

    patron_known: bool = False
    language: str | None = None  # the patron's own
    title: str | None = None
    barcode: str | None = None
    material: str | None = None
    media_type: str | None = None
    magnetic: bool | None = None
    properties: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Shape all answers share."""

    at: datetime
    about: About = field(default_factory=About)
    notes: tuple[Refusal, ...] = ()  # for the patron's eyes, gravest first


@value(frozen=True, slots=True, kw_only=True)
class Refused(Outcome):
    """The rules said no: every reason found, gravest first (C-20). Nothing was changed."""

    refusals: tuple[Refusal, ...]
    due: datetime | None = None  # of the loan that stays as it is


@value(frozen=True, slots=True, kw_only=True)
class CheckedOut(Outcome):
    """The item is lent to the patron; `renewed` when the patron already had it."""

    loan: LoanId
    due: datetime
    renewed: bool = False
    fee: Money | None = None  # charged for this loan
    fee_kind: FeeKind | None = None
    charge: ChargeId | None = None
    collected: Hold | None = None  # the hold it satisfied, as it was before; an undo puts it back
    before: Loan | None = None  # of a renewal: the loan as it was; an undo puts it back


@value(frozen=True, slots=True, kw_only=True)
class HandedOut(Outcome):
    """An ordered copy is the patron's to keep: nothing is lent, and nothing comes back."""

    fee: Money | None = None
    fee_kind: FeeKind | None = None
    charge: ChargeId | None = None


@value(frozen=True, slots=True, kw_only=True)
class Renewed(Outcome):
    """The loan was extended."""

    loan: LoanId
    due: datetime
    renewals: int
    fee: Money | None = None
    fee_kind: FeeKind | None = None
    charge: ChargeId | None = None


class Route(StrEnum):
    """Where a returned item goes (policies 3.4)."""

    SHELF = "shelf"
    HOLD_HERE = "hold_here"
    HOLD_ELSEWHERE = "hold_elsewhere"
    OTHER_LIBRARY = "other_library"
    HOME = "home"
    STAFF = "staff"


@value(frozen=True, slots=True, kw_only=True)
class CheckedIn(Outcome):
    """The item is back. `loan` is None when it was not on loan."""

    loan: LoanId | None = None
    patron_card: str | None = field(default=None, repr=False, metadata={"personal": True})  # who had it
    home_branch: BranchId
    owner: LibraryId
    route: Route = Route.SHELF
    destination: BranchId | None = None  # None: stays here
    destination_library: LibraryId | None = None
    hold: HoldId | None = None
    hold_reference: str = ""
    hold_patron_card: str | None = field(default=None, repr=False, metadata={"personal": True})
    hold_patron_name: str | None = field(default=None, repr=False, metadata={"personal": True})
    call_number: str = ""
    collection: str = ""
    fine: Money | None = None
    days_late: int = 0
    let_off: Money | None = None  # of an unpaid replacement; an undo charges it again
    floated_from: BranchId | None = None  # its home until now; an undo brings it back


@value(frozen=True, slots=True, kw_only=True)
class CheckOutUndone(Outcome):
    """The loan was taken back as if it had not been; False: there was none, the item is simply in."""

    was_lent: bool
    home_branch: BranchId


@value(frozen=True, slots=True, kw_only=True)
class CheckInUndone(Outcome):
    """The loan goes on as before the return."""

    loan: LoanId
    due: datetime


@value(frozen=True, slots=True, kw_only=True)
class LoanLine:
    """One loan of a renew-all, by barcode."""

    barcode: str
    title: str
    due: datetime
    refusals: tuple[Refusal, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class NoneRenewed(Refused):
    """Something about the patron stands against every renewal; the loans stay as they are."""

    unrenewed: tuple[LoanLine, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class RenewedAll(Outcome):
    """Each loan of the patron, renewed or with its reasons."""

    renewed: tuple[LoanLine, ...] = ()
    unrenewed: tuple[LoanLine, ...] = ()
    fee: Money | None = None


@value(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Outcome):
    """The patron is in the queue; `position` counts from 1. Also answers a change."""

    hold: HoldId
    position: int
    pickup: BranchId
    expires: date | None = None
    available: bool = False  # a copy is in, and nobody else waits
    fee: Money | None = None


@value(frozen=True, slots=True, kw_only=True)
class HoldCancelled(Outcome):
    """The hold is gone."""

    hold: HoldId
    fee: Money | None = None


@value(frozen=True, slots=True, kw_only=True)
class FeePaid(Outcome):
    """Money was booked."""

    payment: int
    amount: Money
    owed: Money  # what the patron still owes at this library
    transaction: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class PatronChanged(Outcome):
    """A card was blocked or enabled: the new standing."""

    patron: Patron
    standing: Standing
    owed: Money


@value(frozen=True, slots=True, kw_only=True)
class Done(Outcome):
    """Granted, and there is nothing more to say."""

    charge: ChargeId | None = None
    fee: Money | None = None
    waived: Money | None = None
    count: int | None = None  # wrong PINs today, after NotePinFailure; loans or items that a job's step was about
    kid: str | None = None  # of a new invoice


@value(frozen=True, slots=True, kw_only=True)
class PatronsMerged(Outcome):
    """Two records are one: how much of the other's became the patron's."""

    loans: int = 0
    holds: int = 0
    fees: int = 0
    blocks: int = 0


@value(frozen=True, slots=True, kw_only=True)
class Entered(Outcome):
    """A door may open."""
