"""Waiting for a title or for one copy: placing, changing and giving up a hold.

Source: policies C-12, C-13, C-20 and table `hold`; sip2.md 7.14.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from itertools import takewhile

from backend.changes import AddHold, Change, PutHold, PutItem
from backend.commands import CancelHold, ChangeHold, HoldScope, PlaceHold
from backend.facts import Decision, Facts, HoldFacts, ItemFacts, PatronFacts
from backend.model import BranchId, Hold, HoldId, HoldState, Item, ItemId, ItemState, Operation
from backend.money import Money
from backend.once import once
from backend.outcomes import HoldCancelled, HoldPlaced, Reason, Refusal
from backend.policy.dates import age_on, is_old_enough
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.policy.rows import HoldRow
from backend.rules.answers import about, refuse_stranger, refused
from backend.rules.circumstances import circumstances
from backend.rules.copies import gone, priced, refuse_price
from backend.rules.fees import Fee, charge_fees, fees_of, is_borrowed_in, is_copy, sum_of, unaccepted, uncollected
from backend.rules.standing import ends_here, refusals
from backend.value import value

Asking = PlaceHold | CancelHold | ChangeHold
COURSE = "course"  # flag of course literature
ORDINARY = "normal"  # the loan type of a title's ordinary copies
NOT_WANTED = frozenset({ItemState.WITHDRAWN, ItemState.LOST})  # copies that nobody will ever get


@value(frozen=True)
class Wish:
    """A known patron who wants a known title, or one known copy of it."""

    facts: Facts
    patron: PatronFacts
    item: ItemFacts
    copy: bool  # this very copy, not any of the title
    routed: bool = False  # ordered between libraries: wherever it stands, it is sent where the patron collects it

    @once
    def policy(self) -> Policy:
        return self.facts.policy

    @once
    def today(self) -> date:
        return self.policy.time.today(self.facts.now)

    @property
    def wanted(self) -> Item:
        """The copy; for a title, an ordinary one of it: express and reference copies neither take nor forbid holds."""
        named = self.item.item
        return named if self.copy else replace(named, loan_type=ORDINARY, flags=named.flags - {"reference"})

    @once
    def asked(self) -> Circumstances:
        return circumstances(self.facts, self.policy, "hold", patron=self.patron.patron, item=self.wanted)

    @once
    def row(self) -> HoldRow:
        return self.policy.hold_row(self.asked)

    @once
    def fees(self) -> tuple[Fee, ...]:
        return fees_of(self.policy, ("hold_placed",), self.asked)

    @property
    def item_id(self) -> ItemId | None:
        return self.item.item.id if self.copy else None

    @once
    def on_shelf(self) -> tuple[Item, ...]:
        """Copies of the title that anybody could simply go and fetch."""
        return tuple(one for one in self.item.shelf if self.is_lent(one))

    @property
    def is_available(self) -> bool:
        """What is wanted is in, and nobody else waits; for a title, a copy that takes holds."""
        fits = (one.id == self.item.item.id if self.copy else self.takes_holds(one) for one in self.on_shelf)
        return any(fits) and not self.item.holds

    def takes_holds(self, copy: Item) -> bool:
        asked = circumstances(self.facts, self.policy, "hold", patron=self.patron.patron, item=copy)
        return self.policy.hold_row(asked).allowed

    def is_lent(self, copy: Item) -> bool:
        asked = circumstances(self.facts, self.policy, "checkout", patron=self.patron.patron, item=copy)
        return self.policy.loan_row(asked).loanable


def place(facts: Facts, command: PlaceHold, *, routed: bool = False, number: HoldId | None = None) -> Decision:
    """A place at the end of the queue, or every reason why not; the hold bears `number`, or a fresh one."""
    found = _of_patron(facts, command)
    if found or facts.patron is None or facts.item is None:
        return refused(facts, found or (_unknown(command),))
    wish = Wish(facts, facts.patron, facts.item, copy=_wants_this_copy(command), routed=routed)
    pickup = pickup_of(wish, command.pickup)
    problems = tuple(problem for check in CHECKS if (problem := check(wish, command)))
    if pickup is None:
        problems += (Refusal(reason=Reason.UNKNOWN_BRANCH),)
    if problems or pickup is None:
        return refused(facts, problems)
    return _placed(wish, command, pickup, number or HoldId(next(facts.ids)))


def cancel(facts: Facts, command: CancelHold) -> Decision:
    """The patron gives up; a copy that was set aside is free for the next."""
    hold = None if _of_patron(facts, command) else own_hold(facts)
    if hold is None or facts.item is None or facts.patron is None:
        return refused(facts, _of_patron(facts, command) or (_no_hold(facts, command),))
    closed = PutHold(hold=replace(hold, state=HoldState.CANCELLED), closed_at=facts.now)
    fees = uncollected(facts, facts.item, facts.patron.patron, hold)
    charges = charge_fees(facts, fees, hold.patron, facts.item.item)
    return Decision(
        outcome=HoldCancelled(at=facts.now, about=about(facts), hold=hold.id, fee=sum_of(fees)),
        changes=(closed, *charges, *(gone(facts.item) or _freed(facts.item.item, hold))),
    )


def change(facts: Facts, command: ChangeHold) -> Decision:
    """Another pickup branch or last day; a copy on its way or on the shelf keeps its pickup branch."""
    found = _of_patron(facts, command)
    hold = None if found else own_hold(facts)
    if hold is None or facts.item is None or facts.patron is None:
        return refused(facts, found or (_no_hold(facts, command),))
    wish = Wish(facts, facts.patron, facts.item, copy=hold.item is not None)
    pickup = pickup_of(wish, command.pickup) if command.pickup else hold.pickup
    if pickup is None or (pickup != hold.pickup and hold.state is not HoldState.WAITING):
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_BRANCH),))
    if command.expires is not None and command.expires < wish.today:
        return refused(facts, (Refusal(reason=Reason.NEED_BEFORE, day=command.expires),))
    wrong = refuse_price(facts, command.price)
    if wrong is not None:
        return refused(facts, (wrong,))
    changed = replace(hold, pickup=pickup, expires=command.expires or hold.expires)
    outcome = HoldPlaced(
        at=facts.now,
        about=about(facts),
        hold=hold.id,
        position=position_of(facts.item, hold.id),
        pickup=pickup,
        expires=changed.expires,
    )
    moved = (PutHold(hold=changed),) if changed != hold else ()
    return Decision(outcome=outcome, changes=(*moved, *priced(facts.item.item, command.price)))


# ---- checks, in the order of C-20 -------------------------------------------------


def refuse_not_holdable(wish: Wish, command: PlaceHold) -> Refusal | None:
    """The row says so, or there is nothing to wait for: never lent, gone, a copy to keep, or another library's."""
    copy = wish.item.item
    gone = wish.copy and copy.state in NOT_WANTED
    foreign = copy.library != wish.facts.asked_by.library and not wish.routed
    kept = is_copy(wish.item)  # it was made for somebody, who keeps it
    if wish.row.allowed and wish.is_lent(wish.wanted) and not (gone or foreign or kept):
        return None
    return Refusal(reason=Reason.NOT_HOLDABLE, row=wish.row.id)


def refuse_below_age(wish: Wish, command: PlaceHold) -> Refusal | None:
    age = age_on(wish.patron.patron.birth_date, wish.today)
    if is_old_enough(age, wish.row.min_age):
        return None
    return Refusal(reason=Reason.AGE_LIMIT, age=wish.row.min_age, row=wish.row.id)


def refuse_date_passed(wish: Wish, command: PlaceHold) -> Refusal | None:
    passed = command.expires is not None and command.expires < wish.today
    return Refusal(reason=Reason.NEED_BEFORE, day=command.expires) if passed else None


def refuse_second_hold(wish: Wish, command: PlaceHold) -> Refusal | None:
    mine = (one.hold for one in wish.item.holds if one.hold.patron == wish.patron.patron.id)
    return Refusal(reason=Reason.DUPLICATE_HOLD) if any(True for _ in mine) else None


def refuse_own_loan(wish: Wish, command: PlaceHold) -> Refusal | None:
    """Who has the very copy does not wait for it."""
    loan = wish.item.loan
    mine = loan is not None and loan.patron == wish.patron.patron.id and wish.copy
    return Refusal(reason=Reason.ALREADY_YOURS) if mine else None


def refuse_on_shelf(wish: Wish, command: PlaceHold) -> Refusal | None:
    """Who can fetch it, does; who cannot, a library that asks for a book to lend on, may have it set aside."""
    fetched = not (command.for_library or command.only_if_in or wish.routed)
    if wish.row.on_shelf_holds == "any" or not wish.on_shelf or not fetched:
        return None
    return Refusal(reason=Reason.ON_SHELF, branch=wish.on_shelf[0].present_branch, row=wish.row.id)


def refuse_to_wait(wish: Wish, command: PlaceHold) -> Refusal | None:
    """The asker goes elsewhere rather than waiting."""
    if not command.only_if_in or wish.is_available:
        return None
    return Refusal(reason=Reason.HELD_FOR_OTHER if wish.on_shelf else Reason.ON_LOAN_OTHER)


def refuse_over_hold_limit(wish: Wish, command: PlaceHold) -> Refusal | None:
    limit = wish.row.max_holds
    if limit is None or len(wish.patron.holds) < limit:
        return None
    return Refusal(reason=Reason.TOO_MANY_HOLDS, count=limit, row=wish.row.id)


def refuse_fee_not_accepted(wish: Wish, command: PlaceHold) -> Refusal | None:
    return unaccepted(wish.fees, command)


CHECKS: tuple[Callable[[Wish, PlaceHold], Refusal | None], ...] = (
    refuse_not_holdable,
    refuse_below_age,
    refuse_date_passed,
    refuse_own_loan,
    refuse_second_hold,
    refuse_on_shelf,
    refuse_to_wait,
    refuse_over_hold_limit,
    refuse_fee_not_accepted,
)


# ---- parts ----------------------------------------------------------------------------


def pickup_of(wish: Wish, asked_for: str | None) -> BranchId | None:
    """A branch of the asking library by id or name; the patron's own when nothing is said; None when there is none."""
    if not asked_for:
        home = wish.patron.patron.home_branch
        return home if home in wish.policy.branches else wish.facts.asked_by.branch
    return branch_called(wish.policy, asked_for)


def branch_called(policy: Policy, named: str) -> BranchId | None:
    """The library's branch with this id or name."""
    wanted = named.strip().casefold()
    for branch in policy.branches.values():
        if wanted in (branch.id.casefold(), branch.name.casefold()):
            return BranchId(branch.id)
    return None


def advice(policy: Policy, item: Item) -> tuple[Refusal, ...]:
    """A course book is borrowed in all the same, with the word to ask one's university library first (KAL-32)."""
    wanted = policy.ill.course_advice and COURSE in item.flags
    return (Refusal(reason=Reason.COURSE_ADVICE, row=policy.ill.id),) if wanted else ()


def own_hold(facts: Facts) -> Hold | None:
    """The patron's open hold on this copy, else on its title; one of another library is that library's matter."""
    if facts.patron is None or facts.item is None:
        return None
    ours = (one.hold for one in facts.item.holds if one.hold.library == facts.asked_by.library)
    mine = [hold for hold in ours if hold.patron == facts.patron.patron.id]
    exact = (hold for hold in mine if facts.item.item.id in (hold.item, hold.trapped))
    return next(exact, next((hold for hold in mine if hold.item is None), None))


def position_of(item: ItemFacts, hold: HoldId) -> int:
    """Place among those that still wait, counting from 1; a hold that has its copy is first."""
    ahead = takewhile(lambda one: one.hold.id != hold, item.holds)
    own = next(one.hold for one in item.holds if one.hold.id == hold)
    return 1 + len(still_waiting(ahead)) if own.state is HoldState.WAITING else 1


def still_waiting(holds: Iterable[HoldFacts]) -> tuple[HoldFacts, ...]:
    """Without those for whom a copy is set aside."""
    return tuple(one for one in holds if one.hold.state is HoldState.WAITING)


def _placed(wish: Wish, command: PlaceHold, pickup: BranchId, number: HoldId) -> Decision:
    facts = wish.facts
    hold = Hold(
        id=number,
        library=facts.asked_by.library,
        patron=wish.patron.patron.id,
        title_id=wish.item.item.title_id,
        item=wish.item_id,
        pickup=pickup,
        placed=facts.now,
        expires=command.expires,
    )
    fee: Money | None = sum_of(wish.fees)
    outcome = HoldPlaced(
        at=facts.now,
        about=about(facts),
        notes=advice(wish.policy, wish.item.item) if wish.routed or is_borrowed_in(wish.item) else (),
        hold=hold.id,
        position=len(still_waiting(wish.item.holds)) + 1,
        pickup=pickup,
        expires=command.expires,
        available=wish.is_available,
        fee=fee,
    )
    charges: tuple[Change, ...] = charge_fees(facts, wish.fees, hold.patron, wish.item.item)
    return Decision(outcome=outcome, changes=(AddHold(hold=hold), *charges))


def _freed(item: Item, hold: Hold) -> tuple[Change, ...]:
    """A copy on the hold shelf goes home, or to the next hold when it is next checked in; one on its way arrives first.

    Who gave up by naming another copy leaves the set aside one, whose home is not known here, on the shelf.
    """
    if hold.trapped is None or hold.state is not HoldState.READY:
        return ()
    if hold.trapped != item.id:
        return (PutItem(item=hold.trapped, state=ItemState.SHELF, branch=hold.pickup),)
    home = item.present_branch == item.home_branch
    return (
        PutItem(
            item=item.id,
            state=ItemState.SHELF if home else ItemState.TRANSIT,
            branch=item.present_branch,
            destination=None if home else item.home_branch,
        ),
    )


def _of_patron(facts: Facts, command: Asking) -> tuple[Refusal, ...]:
    found = refusals(facts, command, Operation.HOLD)
    if isinstance(command, PlaceHold):
        return found
    stranger = refuse_stranger(facts)
    if stranger:
        return stranger
    # Giving up a hold frees a copy for others: only who is not known well enough may not.
    return tuple(one for one in found if ends_here((one,)))


def _wants_this_copy(command: PlaceHold) -> bool:
    if command.item is None:
        return False
    return command.scope in (None, HoldScope.THIS_COPY)


def _unknown(command: Asking) -> Refusal:
    return Refusal(reason=Reason.UNKNOWN_ITEM if command.item else Reason.UNKNOWN_TITLE)


def _no_hold(facts: Facts, command: Asking) -> Refusal:
    return Refusal(reason=Reason.NO_SUCH_HOLD) if facts.item else _unknown(command)
