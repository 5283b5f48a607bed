"""A title ordered from other libraries: who may, what is refused, who supplies it, and what is only offered.

Source: policies NOR-01 to NOR-13, LYS-23, KAL-30, KAL-32.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from backend.changes import Change, LinkPatron, NoteForStaff
from backend.commands import PlaceHold
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.interlibrary.supplier import Offered as FromAfar
from backend.interlibrary.supplier import Supplied, SupplierChoice, choose_supplier
from backend.model import BranchId, Channel, HoldId, Item, LibraryId, Operation, PatronId
from backend.once import once
from backend.order_changes import CloseOffer, MakeOffer
from backend.order_commands import ConfirmOrder, DeclineOffer, OrderTitle
from backend.order_facts import Offer
from backend.order_outcomes import Offered, Ordered
from backend.outcomes import HoldCancelled, HoldPlaced, Reason, Refusal
from backend.partner_changes import NumberRequest
from backend.policy.facts import is_under
from backend.policy.model import Policy
from backend.policy.network import Network
from backend.rules import hold
from backend.rules.answers import about, own_number, refused
from backend.rules.order_card import national_cards, with_linked_patron
from backend.rules.order_outside import on_order
from backend.rules.order_stock import Stock, best_of, holdings, is_owned, stocks
from backend.rules.standing import ends_here, refusals
from backend.value import value

Ordering = OrderTitle | ConfirmOrder
WANTED_AWAY = "ordered_away"  # on the supplier's staff's list: a copy is to be fetched from the shelf and sent


@value(frozen=True)
class Order:
    """A known patron, one of this library's from now on, who wants a work that some catalogue has, or nobody's."""

    facts: Facts  # with the patron as he will be
    command: Ordering
    patron: PatronFacts
    found_at: LibraryId
    like: PatronId | None  # the row at another library of which the patron's is made
    against: tuple[Refusal, ...] = ()  # of card and account, and of the place to collect it

    @once
    def policy(self) -> Policy:
        return self.facts.policy

    @once
    def today(self) -> date:
        return self.policy.time.today(self.facts.now)

    @property
    def library(self) -> LibraryId:
        return self.facts.asked_by.library

    @once
    def network(self) -> Network | None:
        return self.facts.policies.network_of(self.library)

    @once
    def found(self) -> Item | None:
        """A copy of what is wanted, of the catalogue in which it was found if possible."""
        copies = [copy.item for copy in self.facts.order.copies]
        return next((item for item in copies if item.library == self.found_at), copies[0] if copies else None)

    @property
    def material(self) -> str:
        return self.found.material if self.found else getattr(self.command, "material", "book")

    @once
    def stocks(self) -> tuple[Stock, ...]:
        members = self.network.members if self.network else ()
        return stocks(self.facts, {*members, self.library})

    def supplier(self, network: Network) -> SupplierChoice:
        return choose_supplier(
            network,
            self.policy.ill,
            pickup=self.library,
            origin=self.found_at,
            holdings=holdings(self.stocks),
        )


def order(facts: Facts, command: OrderTitle) -> Decision:
    """A hold at the library that supplies, an offer of what is far away, or every reason why not."""
    wish = _wish(facts, command, command.found_at)
    if isinstance(wish, Decision):
        return wish
    if wish.found is None and (command.described is None or wish.network is not None):
        unknown = Refusal(reason=Reason.UNKNOWN_ITEM if command.item else Reason.UNKNOWN_TITLE)
        return refused(facts, (*wish.against, unknown))
    if facts.partner.request is not None:
        return refused(facts, (Refusal(reason=Reason.REQUEST_TAKEN),))
    found = broken_rules(wish)
    if found:
        return refused(wish.facts, found, wish.found)
    return _routed(wish, command, wish.network) if wish.network else _left_to_staff(wish, command)


def as_order(facts: Facts, command: object) -> OrderTitle | None:
    """A hold that names a copy of another library is an order, on whatever channel it comes (NOR-03).

    None for every other command, and where libraries do not borrow from each other: the rules of holds say no then.
    """
    if not isinstance(command, PlaceHold) or facts.item is None or command.for_library:
        return None
    owner, by = facts.item.item.library, facts.asked_by
    if owner == by.library or not _borrows(facts, owner):
        return None
    return OrderTitle(
        patron=command.patron,
        found_at=owner,
        item=command.item,
        pickup=command.pickup,
        expires=command.expires,
        pin=command.pin,
        at=command.at,
        fee_accepted=command.fee_accepted,
        fee_limit=command.fee_limit,
        request=command.request,
        only_if_in=command.only_if_in,
        may_offer=by.channel is Channel.PARTNER,
    )


def _borrows(facts: Facts, owner: LibraryId) -> bool:
    """Both are of one network; or the library is of none, and has rules for what it borrows in."""
    network = facts.policies.network_of(facts.asked_by.library)
    return owner in network.members if network else facts.policy.ill.is_written


def confirm(facts: Facts, command: ConfirmOrder) -> Decision:
    """The offer is accepted: what was free then must be so still."""
    offer = facts.order.offer.offer if facts.order.offer else None
    if offer is None or offer.closed_at is not None:
        return refused(facts, (Refusal(reason=Reason.NO_SUCH_HOLD),))
    pickup, expires = command.pickup or offer.pickup, command.expires or offer.expires
    wish = _wish(facts, replace(command, pickup=pickup, expires=expires), offer.supplier)
    if isinstance(wish, Decision):
        return wish
    found = broken_rules(wish)
    if found:
        return refused(wish.facts, found, wish.found)
    stock = best_of(wish.stocks, offer.supplier)
    if stock is None or not (stock.free or offer.queue):
        return refused(wish.facts, (Refusal(reason=Reason.NO_SUPPLIER),), wish.found)
    placed = _placed(wish, stock, offer.id)
    if not isinstance(placed.outcome, Ordered):
        return placed
    return replace(placed, changes=(*placed.changes, CloseOffer(hold=offer.id, at=facts.now, placed=True)))


def decline(facts: Facts, command: DeclineOffer) -> Decision:
    """Nothing was placed, so nothing is taken back."""
    offer = facts.order.offer.offer if facts.order.offer else None
    found = refusals(facts, command, Operation.HOLD)
    if ends_here(found):
        return refused(facts, found)
    if offer is None or offer.closed_at is not None:
        return refused(facts, (Refusal(reason=Reason.NO_SUCH_HOLD),))
    outcome = HoldCancelled(at=facts.now, about=about(facts), hold=offer.id)
    return Decision(outcome=outcome, changes=(CloseOffer(hold=offer.id, at=facts.now),))


def broken_rules(wish: Order) -> tuple[Refusal, ...]:
    """What stands against the order, whoever supplies: the patron's account first (C-20)."""
    return (*wish.against, *(refusal for check in CHECKS if (refusal := check(wish))))


# ---- checks -------------------------------------------------------------------------


def refuse_local_card(wish: Order) -> Refusal | None:
    """Orders between libraries need a card that is good at all of them (NOR-04)."""
    if not wish.policy.ill.needs_national_card or national_cards(wish.facts):
        return None
    return Refusal(reason=Reason.NO_NATIONAL_CARD, row=wish.policy.ill.id)


def refuse_owned(wish: Order) -> Refusal | None:
    """What the library has is reserved there, be every copy on loan (LYS-23)."""
    ours = any(copy.item.library == wish.library and is_owned(copy) for copy in wish.facts.order.copies)
    return (
        Refusal(reason=Reason.OWNED_LOCALLY, row=wish.policy.ill.id) if ours and wish.policy.ill.refuse_owned else None
    )


def refuse_excluded(wish: Order) -> Refusal | None:
    """Not borrowed in for this library's patrons, whoever has it (KAL-30)."""
    if any(is_under(wish.material, one) for one in wish.policy.ill.exclude_materials):
        return Refusal(reason=Reason.ILL_EXCLUDED, row=wish.policy.ill.id)
    return None


def refuse_date_passed(wish: Order) -> Refusal | None:
    passed = wish.command.expires is not None and wish.command.expires < wish.today
    return Refusal(reason=Reason.NEED_BEFORE, day=wish.command.expires) if passed else None


def refuse_ordered_already(wish: Order) -> Refusal | None:
    """The patron waits for the work already, at whatever library."""
    mine = any(one.patron == wish.patron.patron.id for one in wish.facts.order.holds)
    return Refusal(reason=Reason.DUPLICATE_HOLD) if mine else None


CHECKS: tuple[Callable[[Order], Refusal | None], ...] = (
    refuse_local_card,
    refuse_owned,
    refuse_excluded,
    refuse_date_passed,
    refuse_ordered_already,
)


# ---- who orders ---------------------------------------------------------------------


def _wish(facts: Facts, command: Ordering, found_at: LibraryId) -> Order | Decision:
    """The order, with the patron as one of this library's; or why nobody of this name may order."""
    joined = with_linked_patron(facts, command.pickup)
    found = refusals(joined, command, Operation.HOLD)
    if joined.patron is None or ends_here(found):
        return refused(facts, found)
    nowhere = command.pickup is not None and hold.branch_called(facts.policy, command.pickup) is None
    like = facts.patron.patron.id if facts.patron and joined is not facts else None
    against = (*found, Refusal(reason=Reason.UNKNOWN_BRANCH)) if nowhere else found
    return Order(joined, command, joined.patron, found_at, like, against)


def _link(wish: Order) -> tuple[Change, ...]:
    """The patron's row here, before anything is his."""
    if wish.like is None:
        return ()
    patron = wish.patron.patron
    return (LinkPatron(patron=patron.id, library=wish.library, like=wish.like, home_branch=patron.home_branch),)


# ---- who supplies -------------------------------------------------------------------


def _routed(wish: Order, command: OrderTitle, network: Network) -> Decision:
    """By the tiers of the network."""
    match wish.supplier(network):
        case Supplied(library):
            stock, queue = best_of(wish.stocks, library), False
            if stock is not None:
                return _numbered(wish, command, _placed(wish, stock))
        case FromAfar(library):
            stock, queue = best_of(wish.stocks, library), False
        case none:
            stock, queue = best_of(wish.stocks, none.queue_at or ""), True
    if stock is None or not command.may_offer or (queue and command.only_if_in):
        return refused(wish.facts, (Refusal(reason=Reason.NO_SUPPLIER),), wish.found)
    return _offered(wish, command, stock, queue=queue)


def _placed(wish: Order, stock: Stock, number: HoldId | None = None) -> Decision:
    """The supplier's title has a hold for our patron; the supplier's staff are told, unless it is ourselves."""
    told = () if stock.library == wish.library else (_wanted_away(wish, stock),)
    return _held(wish, stock.as_item(), stock.library, told, number)


def _left_to_staff(wish: Order, command: OrderTitle) -> Decision:
    """Outside any network a lender is found by people; the copy that will come is on record as on order.

    A library whose rules say nothing of such loans does not grant them (policies P3).
    """
    if not wish.policy.ill.is_written:
        return refused(wish.facts, (Refusal(reason=Reason.NO_SUPPLIER),), wish.found)
    copy, records = on_order(wish.facts, command, wish.found)
    return _numbered(wish, command, _held(wish, ItemFacts(item=copy), wish.library, records))


def _held(
    wish: Order,
    what: ItemFacts,
    supplier: LibraryId,
    beside: tuple[Change, ...],
    number: HoldId | None = None,
) -> Decision:
    """A hold by the ordinary rules, for a copy that may be anywhere."""
    facts = replace(wish.facts, item=what)
    decision = hold.place(facts, _as_hold(wish.command), routed=True, number=number)
    placed = decision.outcome
    if not isinstance(placed, HoldPlaced):
        return decision
    told = {name: getattr(placed, name) for name in placed.__dataclass_fields__}
    here = supplier == what.item.library == wish.library
    told["available"] = placed.available and here  # what is to be sent can be fetched on no day that anybody promises
    outcome = Ordered(**told, supplier=supplier, patron_card=wish.patron.patron.card)
    return Decision(outcome=outcome, changes=(*_link(wish), *beside, *decision.changes))


def _as_hold(command: Ordering) -> PlaceHold:
    return PlaceHold(
        patron=command.patron,
        title="",
        pickup=command.pickup,
        expires=command.expires,
        pin=command.pin,
        at=command.at,
        fee_accepted=command.fee_accepted,
        fee_limit=command.fee_limit,
    )


def _offered(wish: Order, command: OrderTitle, stock: Stock, *, queue: bool) -> Decision:
    """Written down with the number that the hold will bear. The patron is linked when he accepts, not before."""
    facts, patron = wish.facts, wish.patron.patron
    offer = Offer(
        id=HoldId(next(facts.ids)),
        library=wish.library,
        patron=wish.like or patron.id,
        title_id=stock.title_id,
        supplier=stock.library,
        pickup=command.pickup,
        expires=command.expires,
        queue=queue,
        made_at=facts.now,
    )
    copy = stock.as_item().item
    outcome = Offered(
        at=facts.now,
        about=about(facts, copy),
        notes=hold.advice(wish.policy, copy),
        hold=offer.id,
        supplier=stock.library,
        pickup=_pickup(wish, command),
        expires=command.expires,
        queue=queue,
    )
    number = _number(wish, command, offer.id, offer=True)
    made = MakeOffer(offer=offer, request=number.row if number else None)
    return Decision(outcome=outcome, changes=(*((number,) if number else ()), made))


def _pickup(wish: Order, command: OrderTitle) -> BranchId:
    named = hold.branch_called(wish.policy, command.pickup) if command.pickup else None
    home = wish.patron.patron.home_branch
    return named or (home if home in wish.policy.branches else wish.facts.asked_by.branch)


def _numbered(wish: Order, command: OrderTitle, decision: Decision) -> Decision:
    """A hold that was placed bears the asker's number."""
    if not isinstance(decision.outcome, Ordered):
        return decision
    number = _number(wish, command, decision.outcome.hold)
    return replace(decision, changes=(*decision.changes, number)) if number else decision


def _number(wish: Order, command: OrderTitle, made: HoldId, *, offer: bool = False) -> NumberRequest | None:
    """The asker's, or ours where a partner gave none; of an offer there is no hold yet."""
    if command.request is None and wish.facts.asked_by.channel is not Channel.PARTNER:
        return None
    return NumberRequest(
        account=wish.facts.asked_by.account,
        library=wish.library,
        request=command.request or own_number(made),
        service="RequestItem",
        at=wish.facts.now,
        hold=None if offer else made,
        patron=wish.like if offer and wish.like else wish.patron.patron.id,
        row=next(wish.facts.ids) if offer else None,
    )


def _wanted_away(wish: Order, stock: Stock) -> Change:
    """For the supplier's staff: which copy goes where. Whose order it is, is none of their business."""
    item = stock.as_item().item
    return NoteForStaff(
        library=stock.library,
        reason=WANTED_AWAY,
        at=wish.facts.now,
        item=item.id,
        text=f"{item.barcode} to {wish.command.pickup or wish.patron.patron.home_branch}",
    )
