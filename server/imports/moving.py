"""Rows of loans, holds and fees that are open when a library moves in: one column a field, as docs/import.md says."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from backend.model import BranchId, FeeKind, LibraryId
from backend.money import Money
from backend.moving_in import Moved, MovedFee, MovedHold, MovedLoan
from backend.policy.model import Policy
from server.imports.cells import (
    Amount,
    AskedDay,
    Cells,
    Count,
    Flag,
    Isbn,
    Kid,
    MaybeDay,
    MaybeNumber,
    Moment,
    Number,
    Price,
    Text,
    nothing,
)

FeeWord = Annotated[FeeKind, BeforeValidator(lambda cell: cell.casefold() if isinstance(cell, str) else cell)]
Times = Annotated[Count, BeforeValidator(lambda cell: nothing(cell) or 0)]


class LoanCells(Cells):
    """One loan that is out."""

    patron: Number
    barcode: Number
    lent: Moment
    due: AskedDay
    branch: MaybeNumber = ""
    renewals: Times = 0
    reminders: Times = 0
    reminded_on: MaybeDay = None
    billed_on: MaybeDay = None
    claimed_returned: Flag = False

    def moved(self, library: LibraryId, policy: Policy) -> Moved:
        """The loan as circulation takes it, once."""
        return MovedLoan(
            library=library,
            patron=self.patron,
            barcode=self.barcode,
            branch=BranchId(self.branch) if self.branch else None,
            lent=instant(policy, self.lent),
            due=self.due,
            renewals=self.renewals,
            reminders=self.reminders,
            reminded_on=self.reminded_on,
            billed_on=self.billed_on,
            claimed_returned=self.claimed_returned,
        )


class HoldCells(Cells):
    """One reservation, in the order of the queue."""

    patron: Number
    placed: Moment
    barcode: MaybeNumber = ""
    record: MaybeNumber = ""
    isbn: Isbn = ""
    this_copy: Flag = False
    pickup: MaybeNumber = ""
    expires: MaybeDay = None
    suspended: Flag = False
    ready_on: MaybeDay = None
    pickup_by: MaybeDay = None
    reference: MaybeNumber = ""

    @model_validator(mode="after")
    def _names_something(self) -> "HoldCells":
        if not (self.barcode or self.record or self.isbn):
            raise ValueError("barcode, record or isbn must say what is reserved")
        if self.this_copy and not self.barcode:
            raise ValueError("this_copy needs the barcode of the copy")
        return self

    def moved(self, library: LibraryId, policy: Policy) -> Moved:
        """The reservation as circulation takes it, once; the copy's barcode, else the title's number."""
        return MovedHold(
            library=library,
            patron=self.patron,
            barcode=self.barcode or None,
            title=None if self.barcode else self.record or self.isbn,
            this_copy=self.this_copy,
            pickup=BranchId(self.pickup) if self.pickup else None,
            placed=instant(policy, self.placed),
            expires=self.expires,
            suspended=self.suspended,
            ready_on=self.ready_on,
            pickup_by=self.pickup_by,
            reference=self.reference,
        )


class ChargeCells(Cells):
    """One unpaid fee; `number` is what the other system calls it."""

    number: Number
    patron: Number
    kind: FeeWord
    amount: Amount
    raised: Moment
    owed: Price = None
    barcode: MaybeNumber = ""
    title: Text = ""
    note: Text = ""
    kid: Kid = None

    def moved(self, library: LibraryId, policy: Policy) -> Moved:
        """The fee as circulation takes it, once; all of it owed unless the row says how much."""
        amount = Money(self.amount, policy.currency)
        return MovedFee(
            library=library,
            number=self.number,
            patron=self.patron,
            kind=self.kind,
            amount=amount,
            owed=amount if self.owed is None else Money(self.owed, policy.currency),
            raised=instant(policy, self.raised),
            barcode=self.barcode or None,
            title=self.title,
            note=self.note,
            kid=self.kid,
        )


def instant(policy: Policy, moment: datetime) -> datetime:
    """Of the library's wall clock."""
    return policy.time.at(moment.date(), moment.time())
