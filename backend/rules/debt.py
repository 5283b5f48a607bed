"""What a patron owes: posted charges, and the fines that still run. It knows amounts and whose they are, no blocks.

A running fine is never stored: it is read off the dates each time (C-09) until a return, a renewal or a bill fixes it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from backend.changes import AddBlock, AddCharge, Change
from backend.facts import Facts, LoanFacts, PatronFacts
from backend.model import Block, BlockId, Charge, ChargeId, FeeKind, Item, Loan, LoanId, Patron
from backend.money import Money, total
from backend.outcomes import Reason
from backend.policy.dates import fine, overdue_days, suspend_until
from backend.policy.model import Policy
from backend.policy.rows import FeeKind as PolicyFeeKind
from backend.policy.rows import OverdueRow
from backend.rules.answers import note_for_staff
from backend.rules.circumstances import circumstances, circumstances_of_loan, place, policy_on, price_in
from backend.rules.stops import operations
from backend.value import value

Fines = Mapping[LoanId, Money]  # what is owed of each running fine
ONE_SECOND = timedelta(seconds=1)
FINES = frozenset({FeeKind.OVERDUE, FeeKind.REMINDER})  # the fees of position 10, all others of position 11


@value(frozen=True, slots=True, kw_only=True)
class Lateness:
    """One loan at one moment: how late, by which row, at what price."""

    days: int
    row: OverdueRow
    policy: Policy
    amount: Money  # gross: nothing that is paid is taken off
    free_from: date | None = None  # where lateness costs days: the first on which the patron may borrow again

    @property
    def is_unset(self) -> bool:
        """Late, and the library has not said what it costs."""
        return self.row.is_unset and self.days > 0


@value(frozen=True, slots=True, kw_only=True)
class Owed:
    """A debt by what it came from. `running` is part of `fines`."""

    fines: Money
    fees: Money
    running: Money

    @property
    def total(self) -> Money:
        """All of it (C-11)."""
        return self.fines + self.fees


def is_overdue(loan: Loan, at: datetime) -> bool:
    """The last second of the due date has passed, whole."""
    return at - loan.due >= ONE_SECOND


def lateness(facts: Facts, loan: LoanFacts, at: datetime) -> Lateness:
    """What `loan` would cost if it ended at `at`, by the version in force on that day (C-26), exemptions heeded.

    The row is chosen by the branch that lent, whoever asks. A billed loan's fine is fixed and costs nothing more.
    """
    policy = facts.policies.of(loan.loan.library, at)
    on = policy.time.today(at)
    asked = circumstances_of_loan(policy, loan.loan, loan.item, borrower(facts, loan), on)
    row = policy.overdue_row(asked)
    if loan.loan.billed_on is not None or not is_overdue(loan.loan, at) or policy.exempt_row("overdue", asked):
        return Lateness(days=0, row=row, policy=policy, amount=policy.zero)
    branch = place(policy, loan.loan.branch)
    return Lateness(
        days=overdue_days(loan.loan.due_on, on),
        row=row,
        policy=policy,
        amount=fine(policy, branch, row, loan.loan.due, at, price_in(policy.currency, loan.item)),
        free_from=suspend_until(policy, branch, row, loan.loan.due, at),
    )


def fine_owed(facts: Facts, loan: LoanFacts) -> Money:
    """The running fine less what is paid towards it, never below zero."""
    if not is_overdue(loan.loan, facts.now):
        return Money.zero(loan.loan.fine_paid.currency)
    late = lateness(facts, loan, facts.now)
    return max(late.amount - loan.loan.fine_paid, late.policy.zero)


def fines_owed(facts: Facts, patron: PatronFacts) -> Fines:
    """The same of every loan that the patron has."""
    return {one.loan.id: fine_owed(facts, one) for one in patron.loans}


def owed(facts: Facts, patron: PatronFacts, fines: Fines | None = None) -> Owed:
    """Every unpaid charge at this library, running fines included (C-11); `fines` if they are known already."""
    library = patron.patron.library
    policy = facts.policies.of(library, facts.now)
    currency = policy.currency
    if not patron.loans and not patron.charges:  # most patrons, most days
        return Owed(fines=policy.zero, fees=policy.zero, running=policy.zero)
    if policy.conventions.running_fines_count:
        running = total((fines_owed(facts, patron) if fines is None else fines).values(), currency)
    else:
        running = policy.zero
    charges = [charge for charge in patron.charges if charge.library == library]
    posted = total((charge.owed for charge in charges if charge.kind in FINES), currency)
    fees = total((charge.owed for charge in charges if charge.kind not in FINES), currency)
    return Owed(fines=posted + running, fees=fees, running=running)


def debt(facts: Facts, patron: PatronFacts) -> Money:
    """The sum that every screen and message shows at this instant."""
    return owed(facts, patron).total


def fix_fine(facts: Facts, loan: LoanFacts, on: date) -> tuple[Change, ...]:
    """The fine of a loan that ends, or begins anew, on `on`, as changes; none when lateness cost nothing.

    A charge with what is already paid deducted from `owed`; or the days without borrowing; or work for staff, when
    the library has not set the amount or more was paid than is due.
    """
    moment = _moment(facts, loan, on)
    if not is_overdue(loan.loan, moment) and not loan.loan.fine_paid:
        return ()  # most returns
    late = lateness(facts, loan, moment)
    if late.is_unset:
        return (_note(facts, loan, Reason.FEE_NOT_SET, late.row.id),)
    if late.free_from is not None:
        return (AddBlock(block=_suspension(facts, loan, late, late.free_from)),)
    paid = loan.loan.fine_paid
    surplus = (_note(facts, loan, Reason.AMOUNT_TOO_HIGH, (paid - late.amount).text()),) if paid > late.amount else ()
    charged = (AddCharge(charge=_charge(facts, loan, late)),) if late.amount else ()
    return charged + surplus


def exempt(facts: Facts, kind: PolicyFeeKind, patron: Patron | None, item: Item | None) -> bool:
    """Whether this patron or this item is let off fees of `kind`, where the asker stands."""
    policy = facts.policy
    return policy.exempt_row(kind, circumstances(facts, policy, "return", patron=patron, item=item)) is not None


def borrower(facts: Facts, loan: LoanFacts) -> Patron | None:
    """Whose loan it is, where the facts know: rows may look at category and age."""
    known = (facts.patron.patron if facts.patron else None, facts.item.borrower if facts.item else None)
    return next((patron for patron in known if patron and patron.id == loan.loan.patron), None)


def _moment(facts: Facts, loan: LoanFacts, on: date) -> datetime:
    """Now, or the end of an earlier day: only fines by the hour look at the time of day."""
    today = facts.policies.of(loan.loan.library, facts.now)
    if on == today.time.today(facts.now):
        return facts.now
    return policy_on(facts, loan.loan.library, on).time.end_of(on)


def _charge(facts: Facts, loan: LoanFacts, late: Lateness) -> Charge:
    return Charge(
        id=ChargeId(next(facts.ids)),
        library=loan.loan.library,
        patron=loan.loan.patron,
        kind=FeeKind.OVERDUE,
        amount=late.amount,
        owed=max(late.amount - loan.loan.fine_paid, late.policy.zero),
        raised=facts.now,
        row=late.row.id,
        policy=late.policy.hash,
        loan=loan.loan.id,
        item=loan.item.id,
        title=loan.item.title,
        barcode=loan.item.barcode,
    )


def _suspension(facts: Facts, loan: LoanFacts, late: Lateness, free_from: date) -> Block:
    return Block(
        id=BlockId(next(facts.ids)),
        library=loan.loan.library,
        patron=loan.loan.patron,
        stops=operations(late.row.suspend_stops),
        note=late.row.id,
        since=facts.now,
        until=free_from - timedelta(days=1),
        reason=Reason.SUSPENDED.value,
    )


def _note(facts: Facts, loan: LoanFacts, reason: Reason, text: str) -> Change:
    return note_for_staff(facts, reason, patron=loan.loan.patron, item=loan.item, text=text)
