"""Lending an item on line: the order of checks of C-20, the due date, the fee, the hold that is collected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from backend.changes import Change, OpenLoan, PutHold, PutItem
from backend.commands import CheckOut
from backend.facts import Decision, Facts, ItemFacts, LoanFacts, PatronFacts
from backend.model import Hold, HoldState, Item, ItemState, Loan, LoanId, Operation
from backend.once import once
from backend.outcomes import CheckedOut, HandedOut, Reason, Refusal, Refused
from backend.partner_changes import PutItemRecord
from backend.policy.dates import due_instant, is_old_enough, loan_due
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.policy.rows import LoanRow
from backend.rules import renewal
from backend.rules.answers import about
from backend.rules.circumstances import circumstances, lenders_policy, place
from backend.rules.fees import (
    Fee,
    charge_fees,
    first_charge,
    is_borrowed_in,
    is_copy,
    kind_of,
    loan_fees,
    remember_fee,
    sum_of,
    unaccepted,
)
from backend.rules.standing import ends_here, refusals
from backend.rules.waiting import own_waiting_hold, set_aside, waiting_list
from backend.value import value

# An item that is missing has turned up, one in transit is simply here; these stay until staff have seen to them.
NOT_LENT = frozenset({ItemState.LOST, ItemState.DAMAGED, ItemState.WITHDRAWN, ItemState.ON_ORDER, ItemState.IN_PROCESS})


@value(frozen=True)
class Lending:
    """A known patron, a known item and when the loan begins; what the policy says of them is read once."""

    facts: Facts
    patron: PatronFacts
    item: ItemFacts
    at: datetime

    @property
    def own_loan(self) -> Loan | None:
        """The patron's open loan of this very item."""
        loan = self.item.loan
        return loan if loan and loan.patron == self.patron.patron.id else None

    @property
    def is_borrowed_in(self) -> bool:
        return is_borrowed_in(self.item)

    @property
    def is_copy(self) -> bool:
        """An ordered copy is handed out and not lent."""
        return is_copy(self.item)

    @once
    def policy(self) -> Policy:
        """The version in force on the day of the checkout (C-26)."""
        return self.facts.policies.of(self.facts.asked_by.library, self.at)

    @once
    def waiting(self) -> int:
        """How many others wait for the title (C-13)."""
        return waiting_list(self.item.holds, self.patron.patron.id, self.policy.time.today(self.at))

    @once
    def asked(self) -> Circumstances:
        """What the policy's tables are asked with."""
        found = circumstances(
            self.facts,
            self.policy,
            "checkout",
            patron=self.patron.patron,
            item=self.item.item,
            waiting=self.waiting,
            at=self.at,
        )
        request = self.item.borrowed_in
        return found._replace(flags=found.flags | {"course"}) if request and request.course else found

    @once
    def row(self) -> LoanRow:
        return self.policy.loan_row(self.asked)

    @once
    def due(self) -> datetime | None:
        """When the loan would be due, or None when the row, its last day or the lender rules it out."""
        if not self.row.loanable:
            return None
        last = self.lenders_last_day
        if last and self.policy.ill.rules_from.period == "lender":
            return due_instant(self.policy, last) if last >= self.policy.time.today(self.at) else None
        branch = place(self.policy, self.facts.asked_by.branch)
        return loan_due(self.policy, branch, self.period_row, self.at, self.waiting)

    @property
    def period_row(self) -> LoanRow:
        """How long it is lent: as its owner lends it, where that is another library of ours."""
        whose, owner = self.policy.ill.rules_from.period, self.item.item.library
        row = lenders_policy(self.facts, self.policy, owner, whose, self.at).loan_row(self.asked)
        return row if row.loanable else self.row

    @once
    def lenders_last_day(self) -> date | None:
        """As the request has it, else as the item says."""
        request = self.item.borrowed_in
        return self.policy.time.today(request.due) if request and request.due else self.item.item.lender_due

    @once
    def fees(self) -> tuple[Fee, ...]:
        """What this loan costs, before anybody has agreed to it."""
        return loan_fees(self.policy, self.item, self.asked)

    @once
    def set_aside(self) -> Hold | None:
        """The hold that this copy lies ready for, or travels to."""
        return set_aside(self.item.holds, self.item.item)

    @property
    def is_set_aside_for_patron(self) -> bool:
        """Whether it stands on the hold shelf for the very patron who takes it."""
        return self.set_aside is not None and self.set_aside.patron == self.patron.patron.id

    @property
    def operation(self) -> Operation:
        """What blocks are asked about: to collect what was reserved may be allowed where borrowing is not."""
        return Operation.COLLECT if self.is_set_aside_for_patron else Operation.CHECKOUT


def check_out(facts: Facts, command: CheckOut) -> Decision:
    """Lend, renew what the patron already has when the machine asks for that, or say no with every reason."""
    if facts.patron is None or facts.item is None:
        return _unknown(facts, command)
    lending = Lending(facts, facts.patron, facts.item, facts.now)
    if lending.own_loan and command.renew_if_mine:
        return renewal.renew_own(facts, command, as_loan_facts(lending.own_loan, facts.item))
    found = refusals(facts, command, lending.operation)
    if not ends_here(found):
        found += broken_rules(lending, command)
    if lending.is_copy and not found:
        return hand_out(lending, lending.fees)
    if found or lending.due is None:
        due = lending.own_loan.due if lending.own_loan and not ends_here(found) else None
        return Decision(outcome=Refused(at=facts.now, about=about(facts), refusals=found, due=due))
    return lend(lending, lending.due, lending.fees, command)


def broken_rules(lending: Lending, command: CheckOut) -> tuple[Refusal, ...]:
    """What stands against this loan besides the patron, in the order of C-20; what is out already is not judged on."""
    if lending.own_loan:
        return (Refusal(reason=Reason.ALREADY_YOURS),)
    found = (check(lending, command) for check in CHECKS)
    return tuple(refusal for refusal in found if refusal)


def lend(lending: Lending, due: datetime, fees: tuple[Fee, ...], command: CheckOut) -> Decision:
    """The loan, with everything that it changes."""
    facts, item = lending.facts, lending.item.item
    loan = new_loan(lending, due)
    charges = charge_fees(facts, fees, loan.patron, item, loan.id)
    moved = _item_now(lending, command)
    collected = collected_hold(lending)
    satisfied = (_satisfied(lending, collected),) if collected else ()
    return Decision(
        outcome=CheckedOut(
            at=facts.now,
            about=about(facts),
            loan=loan.id,
            due=due,
            fee=sum_of(fees),
            fee_kind=kind_of(fees),
            charge=first_charge(charges),
            collected=collected,
        ),
        changes=(OpenLoan(loan=loan), *moved, *satisfied, *charges, *remember_fee(_lent_out(lending, command), fees)),
    )


def hand_out(lending: Lending, fees: tuple[Fee, ...]) -> Decision:
    """An ordered copy with what it costs: it is gone from the library, and the order is done."""
    facts, item = lending.facts, lending.item.item
    charges = charge_fees(facts, fees, lending.patron.patron.id, item)
    collected = collected_hold(lending)
    gone = replace(item, state=ItemState.WITHDRAWN, present_branch=facts.asked_by.branch, destination=None)
    return Decision(
        outcome=HandedOut(
            at=facts.now,
            about=about(facts),
            fee=sum_of(fees),
            fee_kind=kind_of(fees),
            charge=first_charge(charges),
        ),
        changes=(
            PutItemRecord(item=gone),
            *((_satisfied(lending, collected),) if collected else ()),
            *charges,
        ),
    )


def new_loan(lending: Lending, due: datetime) -> Loan:
    """The loan as it begins, under today's policy version and its deciding row."""
    by = lending.facts.asked_by
    request = lending.item.borrowed_in
    return Loan(
        id=LoanId(next(lending.facts.ids)),
        library=by.library,
        branch=by.branch,
        patron=lending.patron.patron.id,
        item=lending.item.item.id,
        account=by.account,
        lent=lending.at,
        due=due,
        due_on=lending.policy.time.today(due),
        policy=lending.policy.hash,
        row=lending.row.id,
        group=lending.row.counted_in,
        fine_paid=lending.policy.zero,
        ill_request=request.request if request else None,
    )


# ---- checks, in the order of C-20 --------------------------------------------------


def refuse_not_for_loan(lending: Lending, command: CheckOut) -> Refusal | None:
    item = lending.item.item
    foreign = item.library != lending.facts.asked_by.library
    stranded = foreign and not lending.is_borrowed_in and not lending.is_set_aside_for_patron
    if item.state in NOT_LENT or stranded or (lending.due is None and not lending.is_copy):
        return Refusal(reason=Reason.NOT_FOR_LOAN, row=lending.row.id)
    return None


def refuse_on_loan_to_another(lending: Lending, command: CheckOut) -> Refusal | None:
    return Refusal(reason=Reason.ON_LOAN_OTHER) if lending.item.loan else None


def refuse_below_age(lending: Lending, command: CheckOut) -> Refusal | None:
    if is_old_enough(lending.asked.age, lending.row.min_age):
        return None
    return Refusal(reason=Reason.AGE_LIMIT, age=lending.row.min_age, row=lending.row.id)


def refuse_held_for_another(lending: Lending, command: CheckOut) -> Refusal | None:
    if lending.set_aside is None or lending.is_set_aside_for_patron:
        return None
    return Refusal(reason=Reason.HELD_FOR_OTHER)


def refuse_over_item_limit(lending: Lending, command: CheckOut) -> Refusal | None:
    row = lending.row
    if row.max_items is None or row.counted_in is None or lending.is_copy:
        return None
    out = sum(one.loan.group == row.counted_in for one in lending.patron.loans)
    return Refusal(reason=Reason.TOO_MANY_ITEMS, count=row.max_items, row=row.id) if out >= row.max_items else None


def refuse_fee_not_accepted(lending: Lending, command: CheckOut) -> Refusal | None:
    return unaccepted(lending.fees, command)


CHECKS: tuple[Callable[[Lending, CheckOut], Refusal | None], ...] = (
    refuse_not_for_loan,
    refuse_on_loan_to_another,
    refuse_below_age,
    refuse_held_for_another,
    refuse_over_item_limit,
    refuse_fee_not_accepted,
)


# ---- parts of a loan -----------------------------------------------------------------


def _unknown(facts: Facts, command: CheckOut) -> Decision:
    found = refusals(facts, command, Operation.CHECKOUT)
    if facts.item is None and not ends_here(found):
        found += (Refusal(reason=Reason.UNKNOWN_ITEM),)
    return Decision(outcome=Refused(at=facts.now, about=about(facts), refusals=found))


def _item_now(lending: Lending, command: CheckOut) -> tuple[Change, ...]:
    """The item left the branch that lends it; no statement when the record says so already."""
    item: Item = lending.item.item
    branch = lending.facts.asked_by.branch
    properties = command.properties if command.properties != item.properties else None
    here = item.state is ItemState.SHELF and item.present_branch == branch and item.destination is None
    if here and properties is None:
        return ()
    return (PutItem(item=item.id, state=ItemState.SHELF, branch=branch, properties=properties),)


def _lent_out(lending: Lending, command: CheckOut) -> Item:
    """The item's record from now on."""
    item = lending.item.item
    properties = item.properties if command.properties is None else command.properties
    here = lending.facts.asked_by.branch
    return replace(item, state=ItemState.SHELF, present_branch=here, destination=None, properties=properties)


def collected_hold(lending: Lending) -> Hold | None:
    """The patron's own hold that this copy fills; an item that takes no holds fills none."""
    if lending.is_set_aside_for_patron:
        return lending.set_aside
    if not lending.item.holds or not lending.policy.hold_row(lending.asked).allowed:
        return None
    return own_waiting_hold(lending.item.holds, lending.patron.patron.id, lending.item.item)


def _satisfied(lending: Lending, hold: Hold) -> Change:
    return PutHold(hold=replace(hold, state=HoldState.SATISFIED), closed_at=lending.facts.now)


def as_loan_facts(loan: Loan, item: ItemFacts) -> LoanFacts:
    """An item's open loan, as rules about loans take it."""
    return LoanFacts(loan=loan, item=item.item, holds=item.holds)
