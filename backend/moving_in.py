"""What a library brings along from another system: loans that are out, reservations, unpaid fees.

Numbers are as presented, days are the library's own. Nothing of it is decided anew: due dates, places in the queue and
amounts stay as they were.
"""

from dataclasses import dataclass
from datetime import date, datetime

from backend.model import AccountId, AskedBy, BranchId, Channel, FeeKind, LibraryId
from backend.money import Money

IMPORT = "import"  # in place of the account, and of the policy row that made a fee


@dataclass(frozen=True, slots=True)
class RowRefused:
    """Nothing of the row was kept; `column` "" is the row as a whole."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLoan:
    """A loan that is out. `reminders` were sent for it already, the last of them on `reminded_on`."""

    library: LibraryId
    patron: str
    barcode: str
    branch: BranchId | None = None  # where it was made; None: where the copy belongs, else the library's first branch
    lent: datetime
    due: date
    renewals: int = 0
    reminders: int = 0
    reminded_on: date | None = None
    billed_on: date | None = None
    claimed_returned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedHold:
    """An open reservation, of a title or with `this_copy` of one copy; with `ready_on` the copy lies ready."""

    library: LibraryId
    patron: str
    barcode: str | None = None
    title: str | None = None  # record number or ISBN, where no copy is named
    this_copy: bool = False
    pickup: BranchId | None = None  # None: the patron's own
    placed: datetime
    expires: date | None = None
    suspended: bool = False
    ready_on: date | None = None
    pickup_by: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFee:
    """An unpaid fee: of `amount`, `owed` is still to be paid. `number` is the other system's."""

    library: LibraryId
    number: str
    patron: str
    kind: FeeKind
    amount: Money
    owed: Money
    raised: datetime
    barcode: str | None = None
    title: str = ""
    note: str = ""
    kid: str | None = None


Moved = MovedLoan | MovedHold | MovedFee


def by_import(moved: Moved, branch: BranchId) -> AskedBy:
    """Who asks: nobody at a desk, but the file."""
    return AskedBy(account=AccountId(IMPORT), library=moved.library, branch=branch, channel=Channel.DESK)
