"""One loan told again under one version of a policy, by the rules' own functions.

Told: the checkout by its row and age limit, each renewal that was granted by the rules of that moment, lateness,
reminders and bills as if every morning's work had been done, until the return or now. Not told, because records do not
say: who waited when a loan was renewed, and what a lender decided; those days stay as they are on record.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from backend.changes import AddCharge
from backend.commands import Renew
from backend.facts import Facts, LoanFacts, PatronFacts
from backend.model import AskedBy, BranchId, Channel, FeeKind, LibraryId, Loan
from backend.money import Money, total
from backend.outcomes import Reason
from backend.policy.dates import age_on, due_instant, is_old_enough, loan_due, overdue_days
from backend.policy.model import Policy
from backend.policy.network import Network
from backend.policy.rows import LoanRow, NoticeRow
from backend.rehearsal.past import Past
from backend.rules.circumstances import circumstances, circumstances_of_loan, place
from backend.rules.debt import lateness
from backend.rules.fees import fees_of, sum_of
from backend.rules.losses import replacement
from backend.rules.renewal import Extension, broken_rules

LENT_IN = "ill"  # loan type of what is here from another library


@dataclass(frozen=True)
class Always:
    """One library's policy as if it had always been in force."""

    policy: Policy

    def of(self, library: LibraryId, at: datetime) -> Policy:
        """Raises KeyError for another library."""
        if library != self.policy.library.id:
            raise KeyError(library)
        return self.policy

    def version(self, policy_hash: str) -> Policy | None:
        """Whichever it was."""
        return self.policy

    def library_of(self, branch: BranchId) -> LibraryId:
        """Raises KeyError for another library's branch."""
        if branch not in self.policy.branches:
            raise KeyError(branch)
        return LibraryId(self.policy.library.id)

    def network_of(self, library: LibraryId) -> Network | None:
        """Whom others lend to is no question of one policy."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A renewal that was granted and would not be."""

    at: datetime
    reason: Reason
    row: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What one thing comes to, and the row that says so. `amount` None: staff set it."""

    amount: Money | None
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A step of the ladder that was reached: its fee in all so far, or its own."""

    number: int
    row: NoticeRow
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a loan. `refused`: it would not have been made, and nothing came of it."""

    loan: Loan
    row: str
    refused: Reason | None = None
    denied: tuple[Denied, ...] = ()
    overdue: Fee | None = None
    replacement: Fee | None = None
    lending: Money | None = None  # fees for checkout and renewals
    reminders: tuple[Reminder, ...] = ()
    barred_until: date | None = None

    def comes_to(self, kinds: Collection[str]) -> bool:
        """Whether there is something of these kinds: fees by their names, or `due`."""
        fees = {
            "overdue": self.overdue is not None,
            "replacement": self.replacement is not None,
            "lending": bool(self.lending),
            "reminder": any(step.amount for step in self.reminders),
            "due": True,
        }
        return any(fees[kind] for kind in kinds)


def tell(past: Past, policy: Policy, now: datetime) -> Course:
    """The loan's course under `policy`, until its return or `now`."""
    facts = facts_at(past, policy, past.loan.lent)
    asked = circumstances(
        facts, policy, "checkout", patron=past.patron, item=past.item, branch=past.loan.branch, waiting=past.waiting
    )
    row = policy.loan_row(asked)
    due = _first_due(past, policy, row)
    refused = _refused(past, policy, row, due)
    if refused or due is None:
        return Course(loan=past.loan, row=row.id, refused=refused)
    begun = replace(past.loan, due=due, due_on=policy.time.today(due), renewals=0, billed_on=None)
    loan, denied, paid = _renewed(past, policy, begun) if past.is_whole else (_as_recorded(past), (), [])
    lending = [fee for fee in (sum_of(fees_of(policy, ("checkout",), asked)), *paid) if fee]
    begun_and_renewed = Course(loan=loan, row=row.id, denied=denied, lending=total(lending, policy.currency))
    return _ended(past, policy, begun_and_renewed, past.closed_at or now)


def facts_at(past: Past, policy: Policy, at: datetime, channel: Channel = Channel.SELFCHECK) -> Facts:
    """What a rule may look at that is asked about this loan alone."""
    loan = past.loan
    return Facts(
        now=at,
        asked_by=AskedBy(account=loan.account, library=loan.library, branch=loan.branch, channel=channel),
        policies=Always(policy),
        patron=PatronFacts(patron=past.patron) if past.patron else None,
        ids=count(1),
    )


# ---- how it begins and goes on ------------------------------------------------------------


def _as_recorded(past: Past) -> Loan:
    return replace(past.loan, billed_on=None)


def _first_due(past: Past, policy: Policy, row: LoanRow) -> datetime | None:
    if not row.loanable:
        return None
    if past.item.loan_type == LENT_IN or past.loan.ill_request is not None:
        return past.loan.due
    if past.item.lender_due and policy.ill.rules_from.period == "lender":
        return due_instant(policy, past.item.lender_due)
    return loan_due(policy, place(policy, past.loan.branch), row, past.loan.lent, past.waiting)


def _refused(past: Past, policy: Policy, row: LoanRow, due: datetime | None) -> Reason | None:
    if due is None:
        return Reason.NOT_FOR_LOAN
    lent_on = policy.time.today(past.loan.lent)
    if past.patron and not is_old_enough(age_on(past.patron.birth_date, lent_on), row.min_age):
        return Reason.AGE_LIMIT
    return None


def _renewed(past: Past, policy: Policy, loan: Loan) -> tuple[Loan, tuple[Denied, ...], list[Money]]:
    """The loan after its renewals, those that would be denied, and what the others cost, fixed fines included."""
    denied, paid = list[Denied](), list[Money]()
    for again in past.renewals:
        facts = facts_at(past, policy, again.at, again.channel)
        extension = Extension(facts, LoanFacts(loan=loan, item=past.item), again.at)
        found = () if extension.is_for_lender else broken_rules(extension, Renew(patron="", fee_accepted=True))
        if found or extension.due is None:
            reason = found[0] if found else None
            denied.append(
                Denied(
                    at=again.at,
                    reason=reason.reason if reason else Reason.NOT_RENEWABLE,
                    row=reason.row if reason else None,
                )
            )
            continue
        costs = (lateness(facts, extension.of, again.at).amount, sum_of(extension.fees))
        paid += [cost for cost in costs if cost]
        due = past.loan.due if extension.is_for_lender else extension.due
        loan = replace(loan, due=due, due_on=policy.time.today(due), renewals=loan.renewals + 1)
    return loan, tuple(denied), paid


# ---- how it ends ---------------------------------------------------------------------------


def _ended(past: Past, policy: Policy, course: Course, ended: datetime) -> Course:
    """Lateness, reminders and the bill, as they are on the day of the return, or today."""
    loan, last = course.loan, policy.time.today(ended)
    of = LoanFacts(loan=loan, item=past.item)
    reached = tuple(_reached(past, policy, loan, last))
    bill = next((step for step in reached if step.row.bill), None)
    stopped = min(ended, _day_of(policy, loan, bill.row)) if bill else ended
    late = lateness(facts_at(past, policy, ended), of, stopped)
    return replace(
        course,
        overdue=Fee(amount=late.amount, row=late.row.id) if late.days else None,
        replacement=_replacement(past, policy, of, stopped) if bill else None,
        reminders=reached,
        barred_until=late.free_from,
    )


def _day_of(policy: Policy, loan: Loan, step: NoticeRow) -> datetime:
    return policy.time.end_of(loan.due_on + timedelta(days=step.after_days or 0))


def _reached(past: Past, policy: Policy, loan: Loan, last: date) -> Iterator[Reminder]:
    """The steps up to `last`, or to the first that bills; none while a return is claimed."""
    asked = circumstances_of_loan(policy, loan, past.item, past.patron, last)
    let_off = policy.exempt_row("reminder", asked) is not None
    late = 0 if loan.claimed_returned else overdue_days(loan.due_on, last)
    for number, row in enumerate(policy.ladder(asked)):
        if late < (row.after_days or 0):
            return
        fee = row.fee if isinstance(row.fee, Money) and not let_off else policy.zero
        yield Reminder(number=number, row=row, amount=fee)
        if row.bill:
            return


def _replacement(past: Past, policy: Policy, of: LoanFacts, billed: datetime) -> Fee | None:
    """None when it was returned and the row lets the bill go then (C-24)."""
    asked = circumstances_of_loan(policy, of.loan, of.item, past.patron, policy.time.today(billed))
    row = policy.replacement_row(asked)
    if past.closed_at is not None and row.cancel_on_return:
        return None
    found = replacement(facts_at(past, policy, billed), of, FeeKind.REPLACEMENT)
    charges = [change.charge.amount for change in found.changes if isinstance(change, AddCharge)]
    return Fee(amount=None if found.price_by_staff else total(charges, policy.currency), row=row.id)
