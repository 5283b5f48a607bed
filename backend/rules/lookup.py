"""Looking at a patron or an item: what screens show. Nothing changes but an item's note."""

from datetime import date, datetime

from backend.changes import PutItem
from backend.commands import LookUpItem, LookUpPatron, StoreProperties
from backend.facts import Decision, Facts, HoldFacts, ItemFacts, LoanFacts
from backend.lookup_outcomes import FeeView, HoldView, ItemFound, LoanView, PatronFound
from backend.model import Block, Hold, HoldState, ItemState, Patron
from backend.money import Money
from backend.outcomes import Done, Reason, Refusal
from backend.policy.model import Policy
from backend.rules.answers import about, refuse_stranger, refused
from backend.rules.circumstances import circumstances
from backend.rules.debt import is_overdue
from backend.rules.door import may_enter
from backend.rules.fees import kind_of, loan_fees, sum_of
from backend.rules.open_fees import OpenFee, open_fees
from backend.rules.standing import PatronNow
from backend.rules.told import card_for, is_told
from backend.rules.waiting import queue_length, set_aside

# ---- patrons ------------------------------------------------------------------


def patron(facts: Facts, command: LookUpPatron) -> Decision:
    """The patron as a screen shows him; of a card that is not linked here only that it is not."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    return Decision(outcome=_found(PatronNow(facts, who)))


def _found(now: PatronNow) -> PatronFound:
    facts, who, policy = now.facts, now.patron, now.policy
    loans = sorted(who.loans, key=lambda one: (one.loan.due, one.loan.id))
    holds = sorted(who.holds, key=lambda one: (one.hold.placed, one.hold.id))
    return PatronFound(
        at=facts.now,
        about=about(facts),
        patron=who.patron,
        standing=now.standing,
        owed=now.owed.total,
        limit=now.debt_limit,
        loans=tuple(_loan(facts, one, now.fines[one.loan.id]) for one in loans),
        holds=tuple(_hold(one) for one in holds),
        fees=tuple(_fee(one) for one in open_fees(facts, who, now.fines)),
        blocks=tuple(block for block in who.blocks if _is_in_force(block, now.today)),
        items_limit=now.items_limit,
        holds_limit=policy.holds_limit,
        may_enter=may_enter(now),
        pin_asked=bool(policy.access.pin_for),
        pin_locked=is_pin_locked(policy, who.patron, facts.now),
    )


def is_pin_locked(policy: Policy, who: Patron, now: datetime) -> bool:
    """So many wrong PINs today that none is looked at before midnight."""
    return who.pin_failed_on == policy.time.today(now) and who.pin_failures >= policy.access.pin_attempts


def _loan(facts: Facts, of: LoanFacts, fine: Money) -> LoanView:
    return LoanView(
        loan=of.loan.id,
        barcode=of.item.barcode,
        title=of.item.title,
        author=of.item.author,
        lent=of.loan.lent,
        due=of.loan.due,
        renewals=of.loan.renewals,
        overdue=is_overdue(of.loan, facts.now),
        recalled=of.loan.recalled_on is not None,
        fine=fine or None,
        owner=of.item.library,
    )


def _hold(of: HoldFacts) -> HoldView:
    ready = of.hold.state is HoldState.READY
    return HoldView(
        hold=of.hold.id,
        title=of.title,
        barcode=of.barcode,
        ready=ready,
        pickup=of.hold.pickup,
        pickup_by=of.hold.pickup_by if ready else None,
        position=of.position,
        placed=of.hold.placed,
        owner=of.owner,
    )


def _fee(of: OpenFee) -> FeeView:
    return FeeView(id=of.id, kind=of.kind, owed=of.owed, title=of.title, barcode=of.barcode, raised=of.raised)


def _is_in_force(block: Block, today: date) -> bool:
    """A block that a person or a late return set. What is kept only to know that a debt block stands is none."""
    return block.reason != Reason.DEBT_LIMIT and (block.until is None or block.until >= today)


# ---- items --------------------------------------------------------------------


def item(facts: Facts, command: LookUpItem) -> Decision:
    """The item, its loan, its queue, and what it would cost to borrow it."""
    what = facts.item
    if what is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    aside = set_aside(what.holds, what.item)
    ready = aside is not None and aside.state is HoldState.READY
    policy = facts.policy
    fees = loan_fees(policy, what, circumstances(facts, policy, "checkout", item=what.item))
    return Decision(
        outcome=ItemFound(
            at=facts.now,
            about=about(facts),
            item=what.item,
            state=what.item.state,
            on_loan=what.loan is not None,
            claimed_returned=what.loan is not None and what.loan.claimed_returned,
            billed=what.loan is not None and what.loan.billed_on is not None,
            due=what.loan.due if what.loan else None,
            queue=queue_length(what.holds, policy.time.today(facts.now)),
            pickup_by=aside.pickup_by if aside and ready else None,
            destination=what.item.destination if what.item.state is ItemState.TRANSIT else None,
            hold_patron_card=_card_of(facts, what, aside),
            borrower_card=card_for(facts, what.borrower),
            recalled_on=what.loan.recalled_on if what.loan else None,
            fee=sum_of(fees),
            fee_kind=kind_of(fees),
        )
    )


def store_properties(facts: Facts, command: StoreProperties) -> Decision:
    """The note is kept with the item; where the item stands stays as it is."""
    what = facts.item
    if what is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    kept = PutItem(
        item=what.item.id,
        state=what.item.state,
        branch=what.item.present_branch,
        destination=what.item.destination,
        properties=command.properties,
    )
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(kept,))


def _card_of(facts: Facts, what: ItemFacts, hold: Hold | None) -> str | None:
    """The card of the patron for whom this copy is set aside, None when there is no such patron or card of ours."""
    mine = (one for one in what.holds if hold and one.hold.id == hold.id and is_told(facts, one.hold.library))
    return next((one.patron_card for one in mine if one.patron_card), None)
