"""Two policies, all loans on record: what differs, one thing after the other, and the sums of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from backend.facts import Facts, LoanFacts, PatronFacts
from backend.model import AccountId, AskedBy, BranchId, LibraryId
from backend.outcomes import Standing
from backend.policy.model import Policy
from backend.rehearsal.differences import Comparison, Difference, Side, of_patron
from backend.rehearsal.forgotten import unknown
from backend.rehearsal.past import Account, Past
from backend.rehearsal.replay import Always, Course, tell
from backend.rules.standing import PatronNow


@dataclass(slots=True, kw_only=True)
class Summary:
    """`untold`: loans of which not every renewal is on record; their due dates were taken as they are.

    `forgotten`: loans that came to something that hangs on who the patron was, which is not on record any more.
    """

    library: LibraryId
    old: str  # hashes of the policies
    new: str
    loans: int = 0
    open: int = 0
    untold: int = 0
    forgotten: int = 0
    patrons: int = 0
    earlier: int = 0
    later: int = 0
    differences: dict[str, int] = field(default_factory=dict)  # by kind
    old_fees: dict[str, int] = field(default_factory=dict)  # by kind of fee, in minor units of the currency
    new_fees: dict[str, int] = field(default_factory=dict)
    currency: str = ""


@dataclass(slots=True)
class Rehearsal:
    """`now` is when open loans are looked at."""

    old: Policy
    new: Policy
    now: datetime
    summary: Summary = field(init=False)

    def __post_init__(self) -> None:
        self.summary = Summary(
            library=LibraryId(self.old.library.id),
            old=self.old.hash,
            new=self.new.hash,
            currency=self.new.currency,
        )

    def of_loans(self, batches: Iterable[Iterable[Past]]) -> Iterator[Difference]:
        """Loan by loan."""
        comparison = Comparison(Side(self.old), Side(self.new))
        for past in (one for batch in batches for one in batch):
            before, after = tell(past, self.old, self.now), tell(past, self.new, self.now)
            leave_out = self._unknown(past, before, after)
            self._count(past, before, after, leave_out)
            yield from self._noted(comparison.of_loan(past, before, after, leave_out))
        self.summary.old_fees, self.summary.new_fees = comparison.old.charged, comparison.new.charged

    def of_patrons(self, batches: Iterable[Iterable[Account]]) -> Iterator[Difference]:
        """Patron by patron, as they stand now."""
        for account in (one for batch in batches for one in batch):
            self.summary.patrons += 1
            before, after = (self.standing(account, policy) for policy in (self.old, self.new))
            yield from self._noted(of_patron(account.patron.library, account.patron.card, before, after))

    def standing(self, account: Account, policy: Policy) -> Standing:
        """What stops the patron under `policy`."""
        loans = tuple(self._still_out(account, policy))
        who = PatronFacts(patron=account.patron, loans=loans, charges=account.charges, blocks=account.blocks)
        asked_by = AskedBy(
            account=AccountId("rehearsal"),
            library=account.patron.library,
            branch=BranchId(next(iter(policy.branches))),
        )
        facts = Facts(now=self.now, asked_by=asked_by, policies=Always(policy), patron=who, ids=count(1))
        return PatronNow(facts, who).standing

    def _still_out(self, account: Account, policy: Policy) -> Iterator[LoanFacts]:
        """Open loans as they would be; what is billed already stays so, with its fees posted."""
        for past in account.loans:
            if past.loan.billed_on is not None:
                yield LoanFacts(loan=past.loan, item=past.item)
                continue
            course = tell(past, policy, self.now)
            if not course.refused:
                yield LoanFacts(loan=course.loan, item=past.item)

    def _unknown(self, past: Past, before: Course, after: Course) -> frozenset[str]:
        """Under either policy."""
        return unknown(past, self.old, before, self.now) | unknown(past, self.new, after, self.now)

    def _count(self, past: Past, before: Course, after: Course, leave_out: frozenset[str]) -> None:
        summary = self.summary
        summary.forgotten += any(one.comes_to(leave_out) for one in (before, after))
        summary.loans += 1
        summary.open += past.closed_at is None
        summary.untold += not past.is_whole
        if not (before.refused or after.refused or "due" in leave_out):
            summary.earlier += after.loan.due < before.loan.due
            summary.later += after.loan.due > before.loan.due

    def _noted(self, found: Iterable[Difference]) -> Iterator[Difference]:
        kinds = self.summary.differences
        for one in found:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
            yield one
