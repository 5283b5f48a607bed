"""An item in hand: where it is, since when, and whom to believe about that.

Source: policies C-19.
"""

from datetime import date, datetime

from backend.commands import CheckIn
from backend.facts import Facts, ItemFacts, LoanFacts
from backend.model import BranchId
from backend.once import once
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.rules.circumstances import circumstances
from backend.rules.debt import is_overdue
from backend.rules.whose_clock import believed_at, uploaded
from backend.value import value


@value(frozen=True)
class Returned:
    """An item in hand: where it is, when the patron gave it back, and what its library's policy says."""

    facts: Facts
    command: CheckIn
    item: ItemFacts

    @property
    def here(self) -> BranchId:
        return self.command.branch or self.facts.asked_by.branch

    @property
    def loan(self) -> LoanFacts | None:
        """The open loan that this return ends, if there is one."""
        return LoanFacts(loan=self.item.loan, item=self.item.item) if self.item.loan else None

    @once
    def policy(self) -> Policy:
        """The owner's, in force today: who waits for it and where it goes is the owner's matter."""
        return self.facts.policies.of(self.item.item.library, self.facts.now)

    @once
    def today(self) -> date:
        return self.policy.time.today(self.facts.now)

    @once
    def at(self) -> datetime:
        """When the patron gave it back, as far as the asker is believed; otherwise now."""
        said = self._said
        lent = self.item.loan.lent if self.item.loan else None
        if said is None or said > self.facts.now or (lent is not None and said < lent):
            return self.facts.now
        return said

    @property
    def _said(self) -> datetime | None:
        if self.facts.asked_by.may_backdate:
            return self.command.returned or (self.command.happened.at if self.command.happened else None)
        return None if self.is_doubtful else self.uploaded

    @property
    def uploaded(self) -> datetime | None:
        """When a machine that was alone took the item, if its account may say so at all."""
        return uploaded(self.facts, self.command)

    @property
    def is_doubtful(self) -> bool:
        """An upload by a clock that is wrong: it counts from now, and staff are told (C-19)."""
        said = self.uploaded
        return said is not None and believed_at(self.facts, said) is None

    @property
    def is_overtaken(self) -> bool:
        """An upload that comes late: the item has been lent again since, and a return never ends a later loan."""
        said, loan = self.uploaded, self.item.loan
        return said is not None and loan is not None and not self.is_doubtful and said < loan.lent

    @property
    def is_in_time(self) -> bool:
        """Most returns: it comes now and is not late, and nothing was paid towards a fine. No rule need be asked."""
        loan = self.item.loan
        return loan is not None and self.at == self.facts.now and not (is_overdue(loan, self.at) or loan.fine_paid)

    @once
    def asked(self) -> Circumstances:
        """The item's side alone: whoever brings it, it goes the same way."""
        return circumstances(self.facts, self.policy, "return", item=self.item.item, branch=self.here)
