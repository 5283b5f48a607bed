"""What staff ask: blocks, fees, cards, PINs, what became of a copy, closed days.

Plain frozen values like those of `commands`, which joins them to everything else that can be asked.
"""

from dataclasses import field
from datetime import date, datetime

from backend.model import BranchId, FeeKind, IdentifierKind, Operation
from backend.money import Money
from backend.people_commands import PeopleChange
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class BlockPatron:
    """Staff stop a patron; `stops` empty means the default: checkout, renewal and hold."""

    patron: str
    note: str
    stops: frozenset[Operation] = frozenset()
    until: date | None = None


@value(frozen=True, slots=True, kw_only=True)
class UnblockPatron:
    """Lift every block by hand and every suspension, and the presented card's report as lost."""

    patron: str
    note: str = ""


@value(frozen=True, slots=True, kw_only=True)
class ChargePatron:
    """Staff post a fee by hand, or a partner does; its number of it, `transaction`, is good once per account."""

    patron: str
    amount: Money
    kind: FeeKind = FeeKind.MISC
    note: str = ""
    item: str | None = None
    transaction: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class WaiveFee:
    """Staff let a fee go, whole (`amount` None) or in part; a partner's number of it is good once per account."""

    patron: str
    fee: str
    amount: Money | None = None
    note: str = ""
    at: datetime | None = None
    transaction: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class ReplaceCard:
    """A new card; the old one, if `old_is_lost`, is refused as lost from now on."""

    patron: str
    new_card: str
    old_is_lost: bool = True
    free: bool = False  # a first card costs nothing
    kind: IdentifierKind = IdentifierKind.CARD  # of the new card: the library's own, or a national one


@value(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """A national card's holder becomes a patron of this library."""

    patron: str


@value(frozen=True, slots=True, kw_only=True)
class ResetPin:
    """A new PIN, already hashed with argon2id outside the writer."""

    patron: str
    pin_hash: str | None = field(repr=False, metadata={"secret": True})


@value(frozen=True, slots=True, kw_only=True)
class ReportLost:
    """An item will not come back: whoever has it on loan is billed."""

    item: str
    note: str = ""


@value(frozen=True, slots=True, kw_only=True)
class ReportDamaged:
    """An item came back spoiled: who has it, `patron`, or else who had it last, pays for it."""

    item: str
    patron: str | None = None
    note: str = ""


@value(frozen=True, slots=True, kw_only=True)
class ClaimReturned:
    """The borrower is sure to have returned it: reminders and billing pause."""

    item: str


@value(frozen=True, slots=True, kw_only=True)
class WithdrawClaim:
    """It was not returned after all: reminders go on where they stood."""

    item: str


@value(frozen=True, slots=True, kw_only=True)
class Found:
    """A missing, lost, damaged or claimed item is there again."""

    item: str


@value(frozen=True, slots=True, kw_only=True)
class IssueInvoice:
    """Every posted fee of the patron that stands on no invoice is put on a new one."""

    patron: str


@value(frozen=True, slots=True, kw_only=True)
class CloseDays:
    """A branch will be closed on these days (C-27)."""

    branch: BranchId
    days: tuple[date, ...]
    note: str = ""


StaffWork = (
    BlockPatron
    | UnblockPatron
    | ChargePatron
    | WaiveFee
    | ReplaceCard
    | LinkCard
    | ResetPin
    | ReportLost
    | ReportDamaged
    | ClaimReturned
    | WithdrawClaim
    | Found
    | IssueInvoice
    | PeopleChange
)
