"""What only another system looks up: a request by its number, a title with all its copies."""

from backend.facts import Decision, Facts, HoldFacts
from backend.model import BranchId, HoldState, PatronId
from backend.order_facts import OfferFacts
from backend.outcomes import Reason, Refusal
from backend.partner_commands import LookUpRequest, LookUpTitle
from backend.partner_facts import CopyFacts, RequestedFacts, TitleFacts
from backend.partner_outcomes import CopyView, RequestFound, TitleFound
from backend.rules.answers import about, refuse_stranger, refused


def title(facts: Facts, command: LookUpTitle) -> Decision:
    """The title, its queue and every copy."""
    found = facts.partner.title
    if found is None or facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_TITLE),))
    item = facts.item.item
    waiting = sum(one.hold.state is HoldState.WAITING for one in facts.item.holds)
    return Decision(outcome=_title_found(facts, found, item.title, item.author, waiting))


def _title_found(facts: Facts, found: TitleFacts, name: str, author: str, waiting: int) -> TitleFound:
    return TitleFound(
        at=facts.now,
        about=about(facts),
        title=name,
        author=author,
        record=found.record,
        isbn=found.isbn,
        year=found.year,
        queue=waiting,
        copies=tuple(map(_copy, found.copies)),
    )


def _copy(copy: CopyFacts) -> CopyView:
    return CopyView(
        item=copy.item,
        state=copy.item.state,
        due=copy.due,
        claimed_returned=copy.claimed_returned,
        billed=copy.billed,
    )


def request(facts: Facts, command: LookUpRequest) -> Decision:
    """By number, or by patron and copy.  Our own number names nobody else's hold."""
    found = facts.partner.requested
    if found is None and command.request is None and command.hold is None:
        return _by_copy(facts)
    if found is None and facts.order.offer is not None:
        return _of_offer(facts, facts.order.offer, command)
    if found is None or not _may_ask(facts, command, found.hold.patron, made_by_asker=found.made_by_asker):
        return refused(facts, (Refusal(reason=Reason.NO_SUCH_HOLD),))
    service = facts.partner.request.service if facts.partner.request else ""
    return Decision(outcome=_request_found(facts, found, service, was_offered=facts.order.offer is not None))


def _may_ask(facts: Facts, command: LookUpRequest, patron: PatronId, *, made_by_asker: bool) -> bool:
    """Our numbers count up, so that anybody can guess one: who names it made the request, or names its patron."""
    if command.patron:
        return facts.patron is not None and facts.patron.patron.id == patron
    return made_by_asker or facts.partner.request is not None


def _request_found(
    facts: Facts, found: RequestedFacts, service: str = "", *, was_offered: bool = False
) -> RequestFound:
    hold, ordered = found.hold, facts.partner.ordered
    return RequestFound(
        at=facts.now,
        hold=hold.id,
        service=service,
        state=hold.state,
        patron=hold.patron,
        patron_card=found.card,
        title=found.title,
        title_wanted=found.record or found.title,
        barcode=found.barcode,
        this_copy=hold.item is not None,
        any_barcode=found.any_barcode,
        pickup=hold.pickup,
        placed=hold.placed,
        expires=hold.expires,
        pickup_by=hold.pickup_by,
        ready_on=hold.ready_on,
        position=found.position,
        owner=found.owner,
        was_offered=was_offered,
        article=ordered.article if ordered else None,
        copy_state=ordered.item.state if ordered else None,
        price=ordered.item.price if ordered else None,
    )


def _of_offer(facts: Facts, found: OfferFacts, command: LookUpRequest) -> Decision:
    """What the patron has not accepted yet, or did not want."""
    offer = found.offer
    if not _may_ask(facts, command, offer.patron, made_by_asker=found.made_by_asker):
        return refused(facts, (Refusal(reason=Reason.NO_SUCH_HOLD),))
    outcome = RequestFound(
        at=facts.now,
        hold=offer.id,
        service="RequestItem",
        state=None if offer.closed_at is None else HoldState.CANCELLED,
        patron=offer.patron,
        patron_card=found.card,
        title=found.title,
        any_barcode=found.barcode,
        pickup=BranchId(offer.pickup) if offer.pickup else None,
        placed=offer.made_at,
        expires=offer.expires,
        owner=offer.supplier,
        offered=offer.closed_at is None,
        was_offered=True,
    )
    return Decision(outcome=outcome)


def _by_copy(facts: Facts) -> Decision:
    """The patron's open hold on this copy, else on its title."""
    strangers = refuse_stranger(facts)
    if facts.patron is None or strangers:
        return refused(facts, strangers)
    if facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    mine = _own(facts.item.holds, facts.patron.patron.id)
    if mine is None:
        return refused(facts, (Refusal(reason=Reason.NO_SUCH_HOLD),))
    item = facts.item.item
    found = RequestedFacts(
        hold=mine.hold,
        title=item.title,
        barcode=mine.barcode,
        any_barcode=item.barcode,
        card=facts.patron.patron.card,
        position=mine.position,
    )
    return Decision(outcome=_request_found(facts, found))


def _own(holds: tuple[HoldFacts, ...], patron: PatronId) -> HoldFacts | None:
    return next((one for one in holds if one.hold.patron == patron), None)
