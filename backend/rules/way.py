"""Where an item in hand goes: to the hold that calls it, to its shelf, home, to its library, or to staff.

Source: policies C-16, C-25 and 3.4.
"""

from dataclasses import replace

from backend.facts import HoldFacts
from backend.model import BranchId, Hold, HoldState, ItemState, LibraryId, Operation
from backend.outcomes import Route
from backend.policy.dates import pickup_deadline
from backend.rules.circumstances import place
from backend.rules.fees import is_borrowed_in
from backend.rules.returned import Returned
from backend.rules.standing import PatronNow
from backend.rules.waiting import set_aside
from backend.value import value

FOR_STAFF = frozenset({ItemState.LOST, ItemState.DAMAGED, ItemState.WITHDRAWN})  # nobody expects these in a bin
STAYS = frozenset({ItemState.DAMAGED, ItemState.WITHDRAWN})  # until staff have seen to it
REFERENCES = 10_000  # numbers on the hold shelf before they begin again


@value(frozen=True, slots=True, kw_only=True)
class Way:
    """Where the item goes from here, and the hold that calls it."""

    route: Route
    state: ItemState
    destination: BranchId | None = None
    library: LibraryId | None = None
    hold: HoldFacts | None = None
    trapped: Hold | None = None  # the hold as it is from now on, when it changes
    home: BranchId | None = None  # from now on, when it changes


def way_of(back: Returned, *, for_staff: bool) -> Way:
    """One decision table for desk, sorter and door (policies 3.4)."""
    item = back.item.item
    if for_staff or item.state in FOR_STAFF:
        return Way(route=Route.STAFF, state=item.state if item.state in STAYS else ItemState.SHELF)
    wanted = called_by(back)
    if wanted is not None:
        return _to_hold(back, wanted)
    if _library_of(back, back.here) != item.library:
        return Way(
            route=Route.OTHER_LIBRARY, state=ItemState.TRANSIT, destination=item.home_branch, library=item.library
        )
    if is_borrowed_in(back.item):  # nobody here wants it any more: back to its lender
        return Way(route=Route.STAFF, state=ItemState.TRANSIT, destination=item.home_branch)
    if item.home_branch == back.here:
        return Way(route=Route.SHELF, state=ItemState.SHELF)
    return _away_from_home(back)


def _away_from_home(back: Returned) -> Way:
    """Home; or this branch is its home from now on, or keeps it, where the row says so and accepts it here."""
    row = back.policy.return_row(back.asked)
    accepted = row.accepted_at is None or back.here in row.accepted_at
    if row.to == "home" or not accepted:
        return Way(route=Route.HOME, state=ItemState.TRANSIT, destination=back.item.item.home_branch)
    return Way(route=Route.SHELF, state=ItemState.SHELF, home=back.here if row.to == "float" else None)


def called_by(back: Returned) -> HoldFacts | None:
    """The hold this copy is set aside for already, or the first in the queue that it may fill."""
    aside = set_aside(back.item.holds, back.item.item)
    for one in back.item.holds:
        if aside is not None and one.hold.id == aside.id:
            return one
    fills = (one for one in back.item.holds if may_fill(back, one))
    return next(fills, None)


def may_fill(back: Returned, one: HoldFacts) -> bool:
    """A waiting hold for any copy, or for this one; copies that take no holds, or are never lent, fill none."""
    hold = one.hold
    if hold.state is not HoldState.WAITING or hold.suspended or hold.item not in (None, back.item.item.id):
        return False
    if (hold.expires is not None and hold.expires < back.today) or is_kept_from(back, one):
        return False
    is_lent = back.policy.loan_row(back.asked._replace(op="checkout")).loanable
    return is_lent and back.policy.hold_row(back.asked._replace(op="hold")).allowed


def is_kept_from(back: Returned, one: HoldFacts) -> bool:
    """Whether a block says that no copy is set aside for this patron: one by hand, or one of the policy."""
    who = next((holder for holder in back.item.holders if holder.patron.id == one.hold.patron), None)
    if who is None:
        return False
    return Operation.CAPTURE in PatronNow(replace(back.facts, patron=who), who).standing.stops


def _to_hold(back: Returned, wanted: HoldFacts) -> Way:
    hold = wanted.hold
    if hold.pickup == back.here:
        trapped = None if hold.state is HoldState.READY else shelved(back, hold)
        return Way(route=Route.HOLD_HERE, state=ItemState.HOLD_SHELF, hold=wanted, trapped=trapped)
    trapped = replace(hold, state=HoldState.TRANSIT, trapped=back.item.item.id, ready_on=None, pickup_by=None)
    library = _library_of(back, hold.pickup)
    return Way(
        route=Route.HOLD_ELSEWHERE if library == _library_of(back, back.here) else Route.OTHER_LIBRARY,
        state=ItemState.TRANSIT,
        destination=hold.pickup,
        library=library,
        hold=wanted,
        trapped=trapped if trapped != hold else None,
    )


def shelved(back: Returned, hold: Hold) -> Hold:
    """On the pickup shelf from today, for as many days as the policy says (C-16)."""
    policy = back.facts.policies.of(hold.library, back.facts.now)
    row = policy.hold_row(back.asked._replace(op="hold", branch=hold.pickup))
    return replace(
        hold,
        state=HoldState.READY,
        trapped=back.item.item.id,
        ready_on=back.today,
        pickup_by=pickup_deadline(place(policy, hold.pickup), row, back.today),
        reference=hold.reference or f"{hold.id % REFERENCES:04}",
    )


def _library_of(back: Returned, branch: BranchId) -> LibraryId:
    try:
        return back.facts.policies.library_of(branch)
    except KeyError:
        return back.facts.asked_by.library
