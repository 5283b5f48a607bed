"""Returns: every one is taken, the loan ends, the fine is fixed, and the item is sent where it is wanted.

Source: policies C-05, C-16, C-19, C-24, C-25 and 3.4; sip2.md 7.3 and 10.1.
"""

from dataclasses import replace
from datetime import date, datetime

from backend.changes import AddBlock, AddCharge, Change, CloseLoan, PutHold, PutItem, SettleCharge
from backend.commands import CheckIn
from backend.facts import Decision, Facts, HoldFacts, ItemFacts, LoanFacts
from backend.model import BranchId, FeeKind, Hold, HoldState, Item, ItemState, LibraryId, Operation
from backend.money import Money, total
from backend.once import once
from backend.outcomes import CheckedIn, Reason, Refusal, Route
from backend.policy.dates import pickup_deadline
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.rules.answers import about, note_for_staff, refused
from backend.rules.circumstances import circumstances, circumstances_of_loan, place, policy_on
from backend.rules.debt import debt, fix_fine, is_overdue, lateness
from backend.rules.fees import forget_fee, is_borrowed_in
from backend.rules.standing import PatronNow, remember_debt_blocks
from backend.rules.waiting import lapsed_on_the_way, set_aside
from backend.rules.whose_clock import believed_at, uploaded
from backend.value import value

FOR_STAFF = frozenset({ItemState.LOST, ItemState.DAMAGED, ItemState.WITHDRAWN})  # nobody expects these in a bin
STAYS = frozenset({ItemState.DAMAGED, ItemState.WITHDRAWN})  # until staff have seen to it
REFERENCES = 10_000  # numbers on the hold shelf before they begin again


@value(frozen=True)
class Returned:
    """An item in hand: where it is, when the patron gave it back, and what its library's policy says."""

    facts: Facts
    command: CheckIn
    item: ItemFacts

    @property
    def here(self) -> BranchId:
        return self.command.branch or self.facts.asked_by.branch

    @property
    def loan(self) -> LoanFacts | None:
        """The open loan that this return ends, if there is one."""
        return LoanFacts(loan=self.item.loan, item=self.item.item) if self.item.loan else None

    @once
    def policy(self) -> Policy:
        """The owner's, in force today: who waits for it and where it goes is the owner's matter."""
        return self.facts.policies.of(self.item.item.library, self.facts.now)

    @once
    def today(self) -> date:
        return self.policy.time.today(self.facts.now)

    @once
    def at(self) -> datetime:
        """When the patron gave it back, as far as the asker is believed; otherwise now."""
        said = self._said
        lent = self.item.loan.lent if self.item.loan else None
        if said is None or said > self.facts.now or (lent is not None and said < lent):
            return self.facts.now
        return said

    @property
    def _said(self) -> datetime | None:
        if self.facts.asked_by.may_backdate:
            return self.command.returned or (self.command.happened.at if self.command.happened else None)
        return None if self.is_doubtful else self.uploaded

    @property
    def uploaded(self) -> datetime | None:
        """When a machine that was alone took the item, if its account may say so at all."""
        return uploaded(self.facts, self.command)

    @property
    def is_doubtful(self) -> bool:
        """An upload by a clock that is wrong: it counts from now, and staff are told (C-19)."""
        said = self.uploaded
        return said is not None and believed_at(self.facts, said) is None

    @property
    def is_overtaken(self) -> bool:
        """An upload that comes late: the item has been lent again since, and a return never ends a later loan."""
        said, loan = self.uploaded, self.item.loan
        return said is not None and loan is not None and not self.is_doubtful and said < loan.lent

    @property
    def is_in_time(self) -> bool:
        """Most returns: it comes now and is not late, and nothing was paid towards a fine. No rule need be asked."""
        loan = self.item.loan
        return loan is not None and self.at == self.facts.now and not (is_overdue(loan, self.at) or loan.fine_paid)

    @once
    def asked(self) -> Circumstances:
        """The item's side alone: whoever brings it, it goes the same way."""
        return circumstances(self.facts, self.policy, "return", item=self.item.item, branch=self.here)


@value(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the end of the loan brings: its changes, and what is said of it."""

    changes: tuple[Change, ...] = ()
    notes: tuple[Refusal, ...] = ()
    fine: Money | None = None
    days: int = 0
    let_off: Money | None = None
    for_staff: bool = False


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


def check_in(facts: Facts, command: CheckIn) -> Decision:
    """Take the item; only one that we do not know is refused, and one that is not on loan where that was said."""
    if facts.item is None:
        return _unknown(facts, command)
    if command.only_lent and facts.item.loan is None:
        return refused(facts, (Refusal(reason=Reason.NOT_ON_LOAN),))
    back = Returned(facts, command, facts.item)
    if back.is_overtaken:
        return _overtaken(back)
    late = lapsed_on_the_way(facts.item.holds, facts.item.item, back.today)
    if late is not None:
        return _too_late(back, late)
    ending = end_of(back, back.loan) if back.loan else not_on_loan(back)
    way = way_of(back, ending)
    moved = _moved(back, way)
    held = (PutHold(hold=way.trapped),) if way.trapped else ()
    doubt = (_note(facts, command, Reason.DATE_NOT_BELIEVED),) if back.is_doubtful else ()
    anew = forget_fee(_standing(back, way)) if way.trapped else ()  # of another request
    return Decision(outcome=_outcome(back, ending, way), changes=(*ending.changes, *held, *moved, *anew, *doubt))


def _too_late(back: Returned, late: HoldFacts) -> Decision:
    """It comes when it is of no use any more: the hold is over, without a fee, and the copy goes on."""
    others = tuple(one for one in back.item.holds if one is not late)
    decision = check_in(replace(back.facts, item=replace(back.item, holds=others)), back.command)
    over = PutHold(hold=replace(late.hold, state=HoldState.EXPIRED), closed_at=back.facts.now)
    return replace(decision, changes=(over, *decision.changes))


def _unknown(facts: Facts, command: CheckIn) -> Decision:
    """The only return that is refused; an upload will not be sent again, so staff get what it said."""
    decision = refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    lost = (_note(facts, command, Reason.UNKNOWN_ITEM),) if uploaded(facts, command) else ()
    return replace(decision, changes=lost)


def _overtaken(back: Returned) -> Decision:
    """The item is out again: that loan goes on, and staff see to what was uploaded."""
    outcome = replace(
        _outcome(back, Ending(), Way(route=Route.STAFF, state=back.item.item.state)), loan=None, patron_card=None
    )
    return Decision(outcome=outcome, changes=(_note(back.facts, back.command, Reason.DATE_NOT_BELIEVED),))


def _note(facts: Facts, command: CheckIn, reason: Reason) -> Change:
    said = uploaded(facts, command)
    when = f" off line at {said.isoformat()}" if said else ""
    return note_for_staff(facts, reason, text=f"return{when}, item {command.item}")


def not_on_loan(back: Returned) -> Ending:
    """Nothing ends; whether that is worth a word the account says, and not to a machine whose bin the item is in."""
    if back.facts.asked_by.free_return_ok or back.uploaded:
        return Ending()
    return Ending(notes=(Refusal(reason=Reason.NOT_ON_LOAN),))


def end_of(back: Returned, loan: LoanFacts) -> Ending:
    """The loan is closed, its fine fixed, a bill that is not paid is taken back (C-24)."""
    close = CloseLoan(loan=loan.loan.id, at=back.at)
    if loan.loan.billed_on is not None:
        changes, said = _after_bill(back, loan)
        cancelled = (change.amount for change in changes if isinstance(change, SettleCharge))
        let_off = total(cancelled, loan.loan.fine_paid.currency)
        blocked = still_blocked(back, let_off)
        return Ending(changes=(close, *changes, *blocked), notes=said, let_off=let_off or None, for_staff=True)
    if back.is_in_time:
        return Ending(changes=(close,), for_staff=loan.loan.claimed_returned)
    late = lateness(back.facts, loan, back.at)
    policy = back.facts.policies.of(loan.loan.library, back.at)
    fixed = fix_fine(back.facts, loan, policy.time.today(back.at))
    charged = any(isinstance(change, AddCharge) for change in fixed)
    told = Refusal(reason=Reason.FINE_ON_RETURN, amount=late.amount, count=late.days, row=late.row.id)
    notes = [told] if charged else []
    if late.is_unset:
        notes.append(Refusal(reason=Reason.FEE_NOT_SET, row=late.row.id))
    barred = (change.block for change in fixed if isinstance(change, AddBlock))
    notes += (Refusal(reason=Reason.SUSPENDED, day=block.until, row=late.row.id) for block in barred)
    return Ending(
        changes=(close, *fixed),
        notes=tuple(notes),
        fine=late.amount if charged else None,
        days=late.days,
        for_staff=loan.loan.claimed_returned,
    )


def _after_bill(back: Returned, loan: LoanFacts) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
    """What is unpaid of a replacement is let off; what was paid is given back, by staff, only within `refund_days`."""
    bills = [charge for charge in back.item.charges if charge.kind is FeeKind.REPLACEMENT]
    policy = policy_on(back.facts, loan.loan.library, back.today)
    asked = circumstances_of_loan(policy, loan.loan, loan.item, back.item.borrower, back.today)
    row = policy.replacement_row(asked)
    unpaid = [charge for charge in bills if charge.owed]
    paid = total((charge.amount - charge.owed for charge in bills), policy.currency)
    since = (back.today - loan.loan.billed_on).days if loan.loan.billed_on else 0
    if unpaid and not row.cancel_on_return:
        return (), (Refusal(reason=Reason.BILLED, row=row.id),)
    settled: list[Change] = [
        SettleCharge(charge=charge.id, amount=charge.owed, at=back.facts.now, why="returned after billing")
        for charge in unpaid
    ]
    given_back = bool(paid) and since <= (row.refund_days or -1)
    if given_back:
        text = f"{row.id} {paid.text()}"
        settled.append(
            note_for_staff(back.facts, Reason.AMOUNT_TOO_HIGH, patron=loan.loan.patron, item=loan.item, text=text)
        )
    kept = paid and not given_back
    said = [Reason.FOUND_AFTER_BILL] if unpaid or not kept else []
    said += [Reason.FOUND_AFTER_PAYMENT] if kept else []
    return tuple(settled), tuple(Refusal(reason=reason, row=row.id) for reason in said)


def still_blocked(back: Returned, let_off: Money) -> tuple[Change, ...]:
    """A block that lifts late outlasts the claim that is taken back, as it outlasts a payment."""
    who = back.item.account
    if who is None or not let_off:
        return ()
    facts = replace(back.facts, patron=who)
    return remember_debt_blocks(facts, who, debt(facts, who) - let_off)


# ---- where it goes ------------------------------------------------------------


def way_of(back: Returned, ending: Ending) -> Way:
    """One decision table for desk, sorter and door (policies 3.4)."""
    item = back.item.item
    if ending.for_staff or item.state in FOR_STAFF:
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


def _moved(back: Returned, way: Way) -> tuple[Change, ...]:
    """The item's new place, unless nothing about it changes."""
    item: Item = back.item.item
    branch = back.here
    stays = (item.state, item.present_branch, item.destination) == (way.state, branch, way.destination)
    if stays and back.command.properties is None and way.home is None:
        return ()
    return (
        PutItem(
            item=item.id,
            state=way.state,
            branch=branch,
            destination=way.destination,
            properties=back.command.properties,
            home=way.home,
        ),
    )


def _standing(back: Returned, way: Way) -> Item:
    """The item's record from now on."""
    return replace(back.item.item, state=way.state, present_branch=back.here, destination=way.destination)


def _outcome(back: Returned, ending: Ending, way: Way) -> CheckedIn:
    item, loan = back.item.item, back.item.loan
    borrower = back.item.borrower
    return CheckedIn(
        at=back.facts.now,
        about=about(back.facts, speaker=borrower),
        notes=ending.notes,
        loan=loan.id if loan else None,
        patron_card=borrower.card if borrower else None,
        home_branch=way.home or item.home_branch,
        floated_from=item.home_branch if way.home else None,
        owner=item.library,
        route=way.route,
        destination=way.destination,
        destination_library=way.library,
        hold=way.hold.hold.id if way.hold else None,
        hold_reference=(way.trapped or way.hold.hold).reference if way.hold else "",
        hold_patron_card=way.hold.patron_card if way.hold else None,
        hold_patron_name=way.hold.patron_name if way.hold else None,
        call_number=item.call_number,
        collection=item.collection,
        fine=ending.fine,
        days_late=ending.days,
        let_off=ending.let_off,
    )
