"""Extending loans: one by barcode or title, all of a patron's, or the patron's own at a checkout.

Source: policies C-14, C-15 and C-20; the rules that hold are those of the library and the branch that lent.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from backend.changes import PutLoan
from backend.commands import CheckOut, Renew, RenewAll
from backend.facts import Decision, Facts, LoanFacts, PatronFacts
from backend.model import Channel, Loan, Operation
from backend.money import total
from backend.once import once
from backend.outcomes import CheckedOut, LoanLine, NoneRenewed, Outcome, Reason, Refusal, Refused, Renewed, RenewedAll
from backend.policy.dates import is_too_early, renewal_due
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.policy.rows import LoanRow, RenewalRow
from backend.rules.answers import about, note_for_staff, refused
from backend.rules.circumstances import circumstances, lenders_policy, place
from backend.rules.debt import borrower, fix_fine, is_overdue
from backend.rules.fees import Fee, charge_fees, fees_of, first_charge, kind_of, sum_of, unaccepted
from backend.rules.standing import ends_here, refusals
from backend.rules.waiting import waiting_list
from backend.value import value

Renewing = Renew | RenewAll | CheckOut  # what may extend a loan; each says whether a fee is accepted
NO_RENEWAL = "no_renewal"  # flag of an item whose lender has said so beforehand
STAFF = frozenset({Channel.DESK, Channel.JOB})


@value(frozen=True)
class Extension:
    """One open loan that is to be extended at `at`; what the policy says of it is read once."""

    facts: Facts
    of: LoanFacts
    at: datetime

    @property
    def loan(self) -> Loan:
        return self.of.loan

    @once
    def policy(self) -> Policy:
        """The lending library's version on the day of the renewal (C-26)."""
        return self.facts.policies.of(self.loan.library, self.at)

    @once
    def waiting(self) -> int:
        """How many others wait for the title (C-13)."""
        return waiting_list(self.of.holds, self.loan.patron, self.policy.time.today(self.at))

    @once
    def asked(self) -> Circumstances:
        """What the policy's tables are asked with: the borrower at the branch that lent it (C-14)."""
        return circumstances(
            self.facts,
            self.policy,
            "renewal",
            patron=borrower(self.facts, self.of),
            item=self.of.item,
            branch=self.loan.branch,
            waiting=self.waiting,
            at=self.at,
        )

    @once
    def terms(self) -> Policy:
        """Whose rules say whether and how far it is extended: the owner's, where that is another library of ours."""
        whose = self.policy.ill.rules_from.renewal
        return lenders_policy(self.facts, self.policy, self.of.item.library, whose, self.at)

    @once
    def row(self) -> RenewalRow:
        return self.terms.renewal_row(self.asked)

    @once
    def loan_row(self) -> LoanRow:
        """Says the period, where the renewal row has none of its own (C-14)."""
        return self.policy.loan_row(self.asked)

    @once
    def due(self) -> datetime | None:
        """When the loan would be due, by the calendar of the branch that lent; None when no rule gives a day."""
        branch = place(self.policy, self.loan.branch)
        return renewal_due(self.policy, branch, self.row, self.terms.loan_row(self.asked), self.at, self.loan.due)

    @once
    def fees(self) -> tuple[Fee, ...]:
        """What this renewal costs, before anybody has agreed to it."""
        return fees_of(self.policy, ("renewal",), self.asked)

    @property
    def is_for_lender(self) -> bool:
        """Borrowed in, and the lending library decides on more time."""
        borrowed_in = self.loan.ill_request is not None or self.of.item.loan_type == "ill"
        return borrowed_in and self.policy.ill.rules_from.renewal == "lender"

    @property
    def is_refused_to_all(self) -> bool:
        """Loans of this class are never extended here."""
        by_staff_only = self.row.staff_only and self.facts.asked_by.channel not in STAFF
        return self.row.max == 0 or by_staff_only or self.due is None


def renew(facts: Facts, command: Renew) -> Decision:
    """Extend one loan, or say no with every reason; a denied renewal counts for nothing."""
    found = refusals(facts, command, Operation.RENEWAL)
    if ends_here(found):
        return refused(facts, found)
    loan = loan_asked_for(facts, command)
    if isinstance(loan, Refusal):
        return refused(facts, (*found, loan))
    return attempt(Extension(facts, loan, facts.now), command, found)


def renew_own(facts: Facts, command: CheckOut, loan: LoanFacts) -> Decision:
    """A checkout of what the patron already has, on a machine that may renew."""
    found = refusals(facts, command, Operation.RENEWAL)
    if ends_here(found):
        return refused(facts, found)
    return as_checkout(attempt(Extension(facts, loan, facts.now), command, found), loan.loan)


def renew_all(facts: Facts, command: RenewAll) -> Decision:
    """Extend whatever may be extended; what may not keeps its due date and says why."""
    found = refusals(facts, command, Operation.RENEWAL)
    if facts.patron is None or ends_here(found):
        return refused(facts, found)
    if found:
        return _none_renewed(facts, facts.patron.loans, found)
    tried = [(loan, attempt(Extension(facts, loan, facts.now), command)) for loan in facts.patron.loans]
    lines = [_line(loan, decision.outcome) for loan, decision in tried]
    fees = [one.outcome.fee for _, one in tried if isinstance(one.outcome, Renewed) and one.outcome.fee]
    return Decision(
        outcome=RenewedAll(
            at=facts.now,
            about=about(facts),
            renewed=tuple(line for line in lines if not line.refusals),
            unrenewed=tuple(line for line in lines if line.refusals),
            fee=total(fees, fees[0].currency) if fees else None,
        ),
        changes=tuple(change for _, decision in tried for change in decision.changes),
    )


def attempt(extension: Extension, command: Renewing, found: tuple[Refusal, ...] = ()) -> Decision:
    """Extend the loan unless `found`, or a rule of the loan itself, stands against it."""
    found += broken_rules(extension, command)
    if found or extension.due is None:
        return _refused(extension, found)
    return extend(extension, extension.due, extension.fees)


def loan_asked_for(facts: Facts, command: Renew) -> LoanFacts | Refusal:
    """The loan that the barcode names, or the only one whose title matches."""
    if command.item is None:
        return _loan_by_title(facts.patron, command.title or "")
    if facts.item is None:
        return Refusal(reason=Reason.UNKNOWN_ITEM)
    loan = facts.item.loan
    if loan is None or not _may_renew(facts, command, loan):
        return Refusal(reason=Reason.NOT_ON_LOAN)
    return LoanFacts(loan=loan, item=facts.item.item, holds=facts.item.holds)


def broken_rules(extension: Extension, command: Renewing) -> tuple[Refusal, ...]:
    """What stands against this renewal besides the patron, in the order of C-20."""
    checks = CHECKS_OF_LENDER if extension.is_for_lender else CHECKS
    found = (check(extension, command) for check in checks)
    return tuple(refusal for refusal in found if refusal)


def extend(extension: Extension, due: datetime, fees: tuple[Fee, ...]) -> Decision:
    """The loan with its new due date. A fine up to now is fixed as a charge; the new period starts at zero (C-15)."""
    facts, loan = extension.facts, extension.loan
    longer = replace(
        loan,
        due=due,
        due_on=extension.policy.time.today(due),
        renewals=loan.renewals + 1,
        policy=extension.policy.hash,
        row=extension.loan_row.id,
        group=extension.loan_row.counted_in,
        fine_paid=extension.policy.zero,
    )
    fixed = fix_fine(facts, extension.of, extension.policy.time.today(extension.at))
    charges = charge_fees(facts, fees, loan.patron, extension.of.item, loan.id)
    return Decision(
        outcome=Renewed(
            at=facts.now,
            about=about(facts, extension.of.item),
            loan=loan.id,
            due=due,
            renewals=longer.renewals,
            fee=sum_of(fees),
            fee_kind=kind_of(fees),
            charge=first_charge(charges),
        ),
        changes=(*fixed, PutLoan(loan=longer), *charges),
    )


def as_checkout(decision: Decision, before: Loan) -> Decision:
    """A renewal, told to a machine that asked for a checkout; `before` is the loan as it was."""
    renewed = decision.outcome
    if not isinstance(renewed, Renewed):
        return decision
    outcome = CheckedOut(
        at=renewed.at,
        about=renewed.about,
        notes=renewed.notes,
        loan=renewed.loan,
        due=renewed.due,
        renewed=True,
        fee=renewed.fee,
        fee_kind=renewed.fee_kind,
        charge=renewed.charge,
        before=before,
    )
    return replace(decision, outcome=outcome)


# ---- checks, in the order of C-20 --------------------------------------------------


def refuse_billed(extension: Extension, command: Renewing) -> Refusal | None:
    return Refusal(reason=Reason.BILLED) if extension.loan.billed_on is not None else None


def refuse_class(extension: Extension, command: Renewing) -> Refusal | None:
    if not extension.is_refused_to_all:
        return refuse_as_lent(extension, command)
    return Refusal(reason=Reason.NOT_RENEWABLE, row=extension.row.id)


def refuse_as_lent(extension: Extension, command: Renewing) -> Refusal | None:
    """The lender sent it with the word that it cannot be renewed; it need not be asked again."""
    return Refusal(reason=Reason.NOT_RENEWABLE) if NO_RENEWAL in extension.of.item.flags else None


def refuse_past_due(extension: Extension, command: Renewing) -> Refusal | None:
    if not extension.row.until_due or extension.is_refused_to_all:
        return None
    return _overdue(extension)


def refuse_used_up(extension: Extension, command: Renewing) -> Refusal | None:
    if extension.is_refused_to_all or not extension.row.is_used_up(extension.loan.renewals):
        return None
    return Refusal(reason=Reason.MAX_RENEWALS, count=extension.loan.renewals, row=extension.row.id)


def refuse_while_others_wait(extension: Extension, command: Renewing) -> Refusal | None:
    if extension.row.while_waiting or not extension.waiting:
        return None
    return Refusal(reason=Reason.WAITING_LIST, count=extension.waiting, row=extension.row.id)


def refuse_without_gain(extension: Extension, command: Renewing) -> Refusal | None:
    if extension.is_refused_to_all or extension.due is None:
        return None
    early = is_too_early(extension.policy, extension.row, extension.at, extension.loan.due)
    if not early and extension.due > extension.loan.due:
        return None
    return Refusal(reason=Reason.NO_GAIN, day=extension.loan.due_on, row=extension.row.id)


def refuse_fee_not_accepted(extension: Extension, command: Renewing) -> Refusal | None:
    return unaccepted(extension.fees, command)


def refuse_late_with_lender(extension: Extension, command: Renewing) -> Refusal | None:
    return _overdue(extension)


def leave_to_lender(extension: Extension, command: Renewing) -> Refusal | None:
    """More time is the lender's to give, and only before the loan has run out."""
    if is_overdue(extension.loan, extension.at) or NO_RENEWAL in extension.of.item.flags:
        return None
    return Refusal(reason=Reason.LENDER_DECIDES)


Check = Callable[[Extension, Renewing], Refusal | None]
CHECKS: tuple[Check, ...] = (
    refuse_billed,
    refuse_class,
    refuse_past_due,
    refuse_used_up,
    refuse_while_others_wait,
    refuse_without_gain,
    refuse_fee_not_accepted,
)
CHECKS_OF_LENDER: tuple[Check, ...] = (refuse_billed, refuse_as_lent, refuse_late_with_lender, leave_to_lender)


# ---- parts -----------------------------------------------------------------------------


def _loan_by_title(patron: PatronFacts | None, title: str) -> LoanFacts | Refusal:
    """By the title's words, whatever their case, or by its record number."""
    loans = patron.loans if patron else ()
    wanted = " ".join(title.split()).casefold()
    names = [(" ".join(one.item.title.split()).casefold(), str(one.item.title_id)) for one in loans]
    found = [one for one, name in zip(loans, names, strict=True) if wanted in name]
    if len(found) == 1:
        return found[0]
    return Refusal(reason=Reason.UNKNOWN_ITEM if found else Reason.NOT_ON_LOAN, count=len(found) or None)


def _may_renew(facts: Facts, command: Renew, loan: Loan) -> bool:
    """The borrower, or somebody else where both the machine and its account allow that."""
    own = facts.patron is not None and facts.patron.patron.id == loan.patron
    return own or (command.third_party and facts.asked_by.renews_for_others)


def _refused(extension: Extension, found: tuple[Refusal, ...]) -> Decision:
    """No; the loan keeps its due date. The lender is asked when nothing else stands in the way."""
    facts, item = extension.facts, extension.of.item
    outcome = Refused(at=facts.now, about=about(facts, item), refusals=found, due=extension.loan.due)
    if [refusal.reason for refusal in found] != [Reason.LENDER_DECIDES]:
        return Decision(outcome=outcome)
    asked = note_for_staff(facts, Reason.LENDER_DECIDES, patron=extension.loan.patron, item=item)
    return Decision(outcome=outcome, changes=(asked,))


def _none_renewed(facts: Facts, loans: Iterable[LoanFacts], found: tuple[Refusal, ...]) -> Decision:
    stay = NoneRenewed(at=facts.now, about=about(facts), refusals=found)
    return Decision(outcome=replace(stay, unrenewed=tuple(_line(loan, stay) for loan in loans)))


def _line(loan: LoanFacts, outcome: Outcome) -> LoanLine:
    due = outcome.due if isinstance(outcome, Renewed) else loan.loan.due
    found = outcome.refusals if isinstance(outcome, Refused) else ()
    return LoanLine(barcode=loan.item.barcode, title=loan.item.title, due=due, refusals=found)


def _overdue(extension: Extension) -> Refusal | None:
    if not is_overdue(extension.loan, extension.at):
        return None
    return Refusal(reason=Reason.OVERDUE_NO_RENEWAL, day=extension.loan.due_on, row=extension.row.id)
