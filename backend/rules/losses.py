"""Items that do not come back whole: what is charged for them, claims that they were returned, and their return.

Source: policies ASK-19 to ASK-25, LYS-14, LYS-15, KAL-28, NYN-14 to NYN-18, C-24.
"""

from dataclasses import replace

from backend.changes import AddCharge, Change, CloseLoan, PutHold, PutItem, PutLoan
from backend.commands import CheckIn
from backend.facts import Decision, Facts, ItemFacts, LoanFacts
from backend.model import Charge, ChargeId, FeeKind, Item, ItemState, Loan, LoanId, PatronId
from backend.money import Money
from backend.outcomes import Done, Reason, Refusal
from backend.policy.model import Policy
from backend.rules.answers import about, note_for_staff, refuse_stranger, refused
from backend.rules.checkin import check_in
from backend.rules.circumstances import circumstances_of_loan, lenders_policy, price_in
from backend.rules.debt import borrower, fix_fine
from backend.rules.waiting import set_aside, waiting_again
from backend.staff_commands import ClaimReturned, Found, ReportDamaged, ReportLost, WithdrawClaim
from backend.value import value

PROCESSING = "processing"  # note of the charge for the work that a new copy makes


@value(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a loan costs that is given up: its changes, its new charges, and whether staff must set the price."""

    changes: tuple[Change, ...]
    charges: tuple[Charge, ...]
    price_by_staff: bool = False


def report_lost(facts: Facts, command: ReportLost) -> Decision:
    """A loan is billed today; an item that nobody has is only lost."""
    if facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    loan = loan_of(facts.item)
    if loan is None:
        return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=taken_away(facts.item, ItemState.LOST))
    if loan.loan.billed_on is not None:
        return refused(facts, (Refusal(reason=Reason.BILLED),))
    return answered(facts, bill(facts, loan))


def report_damaged(facts: Facts, command: ReportDamaged) -> Decision:
    """The item is set aside, its loan ends, and whoever spoiled it pays what a lost one costs: once.

    What was charged for the item already, as lost or as damaged, stands for this too.
    """
    item = facts.item
    strangers = refuse_stranger(facts) if command.patron is not None else ()
    if item is None or strangers:
        return refused(facts, strangers or (Refusal(reason=Reason.UNKNOWN_ITEM),))
    aside = taken_away(item, ItemState.DAMAGED)
    loan = spoiled_by(facts, item)
    if loan is None:
        return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=aside)
    ended: tuple[Change, ...] = ()
    if item.loan is not None and item.loan.id == loan.loan.id:
        today = facts.policies.of(item.loan.library, facts.now).time.today(facts.now)
        fixed = fix_fine(facts, loan, today) if item.loan.billed_on is None else ()
        ended = (CloseLoan(loan=loan.loan.id, at=facts.now), *fixed)
    if _is_charged(item, loan.loan):
        told = Done(at=facts.now, about=about(facts), notes=(Refusal(reason=Reason.BILLED),))
        return Decision(outcome=told, changes=(*ended, *aside))
    price = replacement(facts, loan, FeeKind.DAMAGE)
    return answered(facts, replace(price, changes=(*ended, *price.changes, *aside)))


def _is_charged(item: ItemFacts, loan: Loan) -> bool:
    """Is the copy itself charged for, with this loan?  A bill that a return has taken back is owed no more."""
    is_out = item.loan is not None and item.loan.id == loan.id
    return any(
        charge.kind is FeeKind.DAMAGE or (charge.kind is FeeKind.REPLACEMENT and (is_out or charge.owed))
        for charge in (item.charges if is_out else item.last_charges)
    )


def claim(facts: Facts, command: ClaimReturned | WithdrawClaim) -> Decision:
    """While a claim stands, reminders and bills wait; nothing is waived."""
    if facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    if facts.item.loan is None:
        return refused(facts, (Refusal(reason=Reason.NOT_ON_LOAN),))
    claimed = replace(facts.item.loan, claimed_returned=isinstance(command, ClaimReturned))
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(PutLoan(loan=claimed),))


def found(facts: Facts, command: Found) -> Decision:
    """A return like any other; what was lost, missing or damaged is on the shelf again."""
    decision = check_in(facts, CheckIn(item=command.item))
    item = facts.item
    if item is None or item.item.state is not ItemState.DAMAGED or item.loan is not None:
        return decision
    back = PutItem(item=item.item.id, state=ItemState.SHELF, branch=facts.asked_by.branch)
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(back,))


# ---- the price ------------------------------------------------------------------


def bill(facts: Facts, loan: LoanFacts) -> Bill:
    """The fine is fixed, replacement charged, the item lost, the loan billed on the library's day."""
    policy = facts.policies.of(loan.loan.library, facts.now)
    today = policy.time.today(facts.now)
    fixed = fix_fine(facts, loan, today)
    price = replacement(facts, loan, FeeKind.REPLACEMENT)
    fines = tuple(change.charge for change in fixed if isinstance(change, AddCharge))
    gone = PutItem(
        item=loan.item.id,
        state=ItemState.LOST,
        branch=loan.item.present_branch,
        destination=loan.item.destination,
    )
    billed = PutLoan(loan=replace(loan.loan, billed_on=today))
    return Bill(
        changes=(*fixed, *price.changes, billed, gone),
        charges=(*fines, *price.charges),
        price_by_staff=price.price_by_staff,
    )


def replacement(facts: Facts, loan: LoanFacts, kind: FeeKind) -> Bill:
    """What the item costs by the `replacement` table of today; work for staff where they set the price."""
    policy = facts.policies.of(loan.loan.library, facts.now)
    today = policy.time.today(facts.now)
    asked = circumstances_of_loan(policy, loan.loan, loan.item, borrower(facts, loan), today)
    if policy.exempt_row("replacement", asked):
        return Bill(changes=(), charges=())
    rules = whose_price(facts, policy, loan.item)
    row = rules.replacement_row(circumstances_of_loan(rules, loan.loan, loan.item, borrower(facts, loan), today))
    price = price_in(policy.currency, loan.item)
    amount = row.amount(price, price)  # of an item borrowed in, the recorded price is the lender's
    if amount is None:
        told = note_for_staff(
            facts, Reason.PRICE_BY_STAFF, patron=loan.loan.patron, item=loan.item, text=f"{row.id} {loan.item.title}"
        )
        return Bill(changes=(told,), charges=(), price_by_staff=True)
    charges = [charge_for(facts, rules, loan.loan, loan.item, kind, amount, row.id)] if amount else []
    if row.processing_fee:
        made = charge_for(facts, rules, loan.loan, loan.item, FeeKind.MISC, row.processing_fee, row.id)
        charges.append(replace(made, note=PROCESSING))
    return Bill(changes=tuple(AddCharge(charge=one) for one in charges), charges=tuple(charges))


def whose_price(facts: Facts, policy: Policy, item: Item) -> Policy:
    """Another library of ours is paid what it asks of its own readers, in one's own currency (NOR-14)."""
    lender = lenders_policy(facts, policy, item.library, policy.ill.rules_from.replacement, facts.now)
    return lender if lender.currency == policy.currency else policy


def charge_for(facts: Facts, policy: Policy, loan: Loan, item: Item, kind: FeeKind, amount: Money, row: str) -> Charge:
    """A charge of today for a loan, all of it unpaid; `row` is the policy row that says so."""
    return Charge(
        id=ChargeId(next(facts.ids)),
        library=loan.library,
        patron=loan.patron,
        kind=kind,
        amount=amount,
        owed=amount,
        raised=facts.now,
        row=row,
        policy=policy.hash,
        loan=LoanId(loan.id),
        item=item.id,
        title=item.title,
        barcode=item.barcode,
    )


# ---- parts -----------------------------------------------------------------------


def answered(facts: Facts, made: Bill) -> Decision:
    """The charge that the answer names is the one for the item."""
    main = next((one for one in made.charges if one.kind in (FeeKind.REPLACEMENT, FeeKind.DAMAGE)), None)
    notes = (Refusal(reason=Reason.PRICE_BY_STAFF),) if made.price_by_staff else ()
    outcome = Done(
        at=facts.now,
        about=about(facts),
        notes=notes,
        charge=main.id if main else None,
        fee=main.amount if main else None,
    )
    return Decision(outcome=outcome, changes=made.changes)


def loan_of(item: ItemFacts) -> LoanFacts | None:
    return LoanFacts(loan=item.loan, item=item.item) if item.loan else None


def spoiled_by(facts: Facts, item: ItemFacts) -> LoanFacts | None:
    """The loan that the damage belongs to: the open one, else the last; the named patron's only, if one is named."""
    named: PatronId | None = facts.patron.patron.id if facts.patron else None
    for loan in (item.loan, item.last_loan):
        if loan is not None and named in (None, loan.patron):
            return LoanFacts(loan=loan, item=item.item)
    return None


def taken_away(item: ItemFacts, state: ItemState) -> tuple[Change, ...]:
    """Nobody gets it for now; whoever it was set aside for waits again."""
    kept = set_aside(item.holds, item.item)
    freed = (PutHold(hold=waiting_again(kept)),) if kept else ()
    return (*freed, PutItem(item=item.item.id, state=state, branch=item.item.present_branch))
