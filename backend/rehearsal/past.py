"""What is on record of a loan that is to be replayed, and of a patron at the end of it. Plain values."""

from dataclasses import dataclass
from datetime import datetime

from backend.model import Block, Channel, Charge, Item, Loan, Patron, PatronId

NOBODY = PatronId(0)  # the patron of a loan that was forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A renewal that was granted."""

    at: datetime
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A loan as it stands on record. `waiting` counts those who waited for the title when it was lent.

    `patron` is None when it was forgotten; then a row that asks about patrons is asked about nobody in particular.
    """

    loan: Loan
    item: Item
    patron: Patron | None
    closed_at: datetime | None
    waiting: int = 0
    renewals: tuple[Again, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Every renewal that the loan counts is known; where the journal was cut, it cannot be told again."""
        return len(self.renewals) == self.loan.renewals


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A patron with what is open on the account; charges that were posted stay as they are (C-26)."""

    patron: Patron
    loans: tuple[Past, ...] = ()
    charges: tuple[Charge, ...] = ()
    blocks: tuple[Block, ...] = ()
