"""Holds that come to their end: nobody collected the copy, or its last useful day is over.

Source: policies C-16, LYS-17, LYS-21.
"""

from dataclasses import replace

from backend.changes import Change, PutHold, PutItem
from backend.commands import CheckIn
from backend.facts import Decision, Facts, ItemFacts
from backend.jobs.facts import HoldCase
from backend.model import HoldState, ItemState
from backend.outcomes import Done
from backend.rules.copies import gone
from backend.rules.fees import charge_fees, is_borrowed_in, is_copy, sum_of, uncollected
from backend.rules.returned import Returned
from backend.rules.way import way_of


def expire(case: HoldCase) -> Decision:
    """The hold is closed; a copy that was set aside goes to the next hold, to its shelf, or home."""
    facts = case.facts
    if not is_over(case):
        return Decision(outcome=Done(at=facts.now))
    closed = PutHold(hold=replace(case.hold, state=HoldState.EXPIRED), closed_at=facts.now)
    item = facts.item
    if case.hold.state is not HoldState.READY or item is None:
        return Decision(outcome=Done(at=facts.now), changes=(closed,))
    fees = uncollected(facts, item, case.holder, case.hold)
    charges = charge_fees(facts, fees, case.hold.patron, item.item)
    return Decision(
        outcome=Done(at=facts.now, fee=sum_of(fees)), changes=(closed, *charges, *onwards(facts, case, item))
    )


def is_over(case: HoldCase) -> bool:
    """Judged again in the step's own transaction: the copy may have been collected a moment ago."""
    hold = case.hold
    if hold.state is HoldState.READY:
        return hold.pickup_by is not None and hold.pickup_by < case.day
    return hold.state is HoldState.WAITING and hold.expires is not None and hold.expires < case.day


def onwards(facts: Facts, case: HoldCase, item: ItemFacts) -> tuple[Change, ...]:
    """Where the copy goes now that this hold is gone."""
    copy = item.item
    if is_copy(item):  # nobody else wants it, and nobody wants it back
        return gone(item)
    if is_borrowed_in(item):
        back = PutItem(item=copy.id, state=ItemState.TRANSIT, branch=copy.present_branch, destination=copy.home_branch)
        return (back,)
    others = tuple(one for one in item.holds if one.hold.id != case.hold.id)
    way = way_of(Returned(facts, CheckIn(item=copy.barcode), replace(item, holds=others)), for_staff=False)
    held = (PutHold(hold=way.trapped),) if way.trapped else ()
    moved = PutItem(
        item=copy.id, state=way.state, branch=copy.present_branch, destination=way.destination, home=way.home
    )
    return (*held, moved)
