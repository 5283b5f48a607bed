"""Holds as another system asks for them: RequestItem, CancelRequestItem, UpdateRequestItem, LookupRequest.

A request is found by its number first; what was found stands in `turn.found` before `ask` is called.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from backend.commands import CancelHold, ChangeHold, Command, HoldScope, PlaceHold
from backend.model import FeeKind, HoldId, HoldState
from backend.money import Money
from backend.order_commands import ConfirmOrder, DeclineOffer
from backend.order_outcomes import Offered, Ordered
from backend.outcomes import HoldCancelled, HoldPlaced, Refused
from backend.partner_commands import LookUpRequest
from backend.partner_outcomes import CopyOrdered, RequestFound
from protocols.ncip.accounts import AcknowledgedFeeAmount
from protocols.ncip.envelope import Initiation, Message
from protocols.ncip.identifiers import ItemId, RequestId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import (
    CancelRequestItem,
    CancelRequestItemResponse,
    RequestItem,
    RequestItemResponse,
    UpdateRequestItem,
    UpdateRequestItemResponse,
)
from protocols.ncip.lookups import LookupRequest, LookupRequestResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.nncipp import RequestWord
from protocols.ncip.problems import ProblemName
from protocols.ncip.transactions import ItemOptionalFields
from protocols.ncip.vocabulary import REQUEST
from server.desk.ncip_copies import COPIES, answer_copy, ask_copy, described, is_copy, is_sent, status
from server.desk.ncip_loans import item_extras, user_extras
from server.desk.ncip_orders import BORROWED, answer_order, ask_order, copy_of, is_order, refuse_order
from server.desk.ncip_parts import (
    accepted_fee,
    assessed,
    barcode_of,
    echoed_user,
    is_another_s,
    is_of_elsewhere,
    item_id,
    money_of,
    our_hold,
    patron_of,
    pickup_of,
    request_id,
    request_number,
    title_of,
    user_id,
    user_number,
)
from server.desk.ncip_problems import missing, refused, say
from server.desk.ncip_records import wants
from server.desk.ncip_turn import Heard, NcipTurn

LOANS: Final = ("Hold", "Loan", "Stack Retrieval", "Recall", "Page")  # Recall and Page are in no list, and are sent
NOT_SERVED: Final = ("Estimate", "Digital", "Depot")
MOST_IDS: Final = 50  # any of which will do; each that we do not have is a look-up and a line in the journal
NO_WAITING: Final = (RequestWord.PHYSICAL_NO_RESERVATION, RequestWord.LII_NO_RESERVATION)  # a copy that is in, or none
THIS_ITEM: Final = ("Item",)
STATUS: Final[Mapping[HoldState, str]] = {
    HoldState.WAITING: "In Process",
    HoldState.TRANSIT: "In Process",
    HoldState.READY: "Available For Pickup",
    HoldState.SATISFIED: "In Process",
    HoldState.CANCELLED: "Cannot Fulfill Request",
    HoldState.EXPIRED: "Expired",
}
OPEN: Final = frozenset({HoldState.WAITING, HoldState.TRANSIT, HoldState.READY})


def find_request(message: Initiation, turn: NcipTurn) -> Command | None:
    """The look-up of the request that the message names by number; None when it names none."""
    request: RequestId | None = getattr(message, "request_id", None)
    number = request_number(request, turn)
    if number is None:
        return None
    hold = our_hold(request, turn)
    named = patron_of(message, turn) if user_number(message) is not None else turn.manner.institution_card
    return LookUpRequest(request=number, hold=hold, patron=named if hold is not None else "")


# ---- RequestItem ----------------------------------------------------------------


def ask_request(message: RequestItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """One command for each id: any of them will do, the first that we have is taken."""
    if user_number(message) is None and not turn.manner.institution_card:
        return missing(message, turn, "UserIdentifierValue")
    if message.request_type.says(*NOT_SERVED) or not is_understood(message.request_type, turn):
        detail = "loans can be requested, and copies to keep"
        value = message.request_type.value
        return say(message, turn, ProblemName.UNKNOWN_VALUE, detail=detail, element="RequestType", value=value)
    if len(message.bibliographic_id) + len(message.item_id) > MOST_IDS:
        return say(message, turn, ProblemName.ELEMENT_RULE_VIOLATED, detail=f"more than {MOST_IDS} ids in one request")
    if is_copy(message):
        return ask_copy(message, turn)
    if is_order(message, turn):
        return ask_order(message, turn) or missing(message, turn, "ItemIdentifierValue")
    wanted = [title_of(one) for one in message.bibliographic_id if not is_another_s(one, turn)]
    items = [barcode_of(one, turn) for one in message.item_id if not is_of_elsewhere(one.agency_id, turn)]
    if not wanted and not items and (message.bibliographic_id or message.item_id):
        return (_place(message, turn, item=""),)  # nobody's: refused in the rules' order
    commands = [_place(message, turn, title=title) for title in wanted if title]
    commands += [_place(message, turn, item=item) for item in items if item]
    return tuple(commands) or missing(message, turn, "ItemIdentifierValue")


def is_understood(kind: Coded, turn: NcipTurn) -> bool:
    """Is it a RequestType of the partner's profile, or of the published list where that is named?"""
    own = turn.profile.request_types
    if not kind.value.strip() or kind.says(*own, *LOANS, *COPIES, *BORROWED):
        return True
    return not own and not (kind.scheme and REQUEST.knows(kind.scheme) and not REQUEST.lists(kind.value))


def _place(message: RequestItem, turn: NcipTurn, item: str | None = None, title: str | None = None) -> PlaceHold:
    fee = accepted_fee(message, turn)
    this_copy = item is not None and message.request_scope_type.says(*THIS_ITEM)
    return PlaceHold(
        patron=turn.manner.institution_card or patron_of(message, turn),
        item=item,
        title=title,
        scope=HoldScope.THIS_COPY if this_copy else HoldScope.ANY_COPY,
        pickup=pickup_of(message.pickup_location, turn),
        expires=turn.day(message.need_before_date),
        pin=turn.pin,
        at=turn.now,
        fee_accepted=fee is not None,
        fee_limit=fee,
        request=request_number(message.request_id, turn),
        only_if_in=message.request_type.says(*NO_WAITING),
        for_library=bool(turn.manner.institution_card),
    )


def answer_request(message: RequestItem, heard: Heard, turn: NcipTurn) -> Message:
    """The number of the request is the partner's, or ours where it gave none."""
    match heard.outcomes[-1]:
        case CopyOrdered() as outcome:
            return answer_copy(message, outcome, turn)
        case Ordered() | Offered() as outcome:
            return answer_order(message, outcome, turn)
        case HoldPlaced() as outcome:
            return RequestItemResponse(
                response_header=answer_header(message),
                request_id=message.request_id or request_id(outcome.hold, turn),
                item_id=_item(message.item_id, outcome.about.barcode, turn),
                user_id=echoed_user(message, turn),
                request_type=message.request_type,
                request_scope_type=message.request_scope_type,
                hold_pickup_date=turn.last_day(outcome.expires) if outcome.expires else None,
                fiscal_transaction_information=assessed(outcome.fee, FeeKind.HOLD, None, turn),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case outcome if is_order(message, turn) and not is_copy(message):
            return refuse_order(message, outcome, turn)
        case outcome:
            return refused(message, outcome, turn)


def _item(named: tuple[ItemId, ...], barcode: str | None, turn: NcipTurn) -> ItemId | None:
    """The item as it was named, else a copy of what was asked for."""
    if len(named) == 1:
        return named[0]
    return item_id(barcode, turn) if barcode else None


# ---- CancelRequestItem ----------------------------------------------------------


def ask_cancel(message: CancelRequestItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """By number when there is one: the user in the message may be the library itself.

    Circulation hears of a closed one, too: this may be the message that closed it, come again.
    """
    found = turn.found
    if found is not None and found.hold is not None and _is_offer(found):
        return (DeclineOffer(patron=found.patron_card, hold=found.hold, pin=turn.pin, at=turn.now),)
    if found is not None:
        copy = found.barcode or found.any_barcode
        if (copy is None and found.state not in OPEN) or (found.state in OPEN and is_sent(found)):
            return _processed(message, turn)
        return (CancelHold(patron=found.patron_card, item=copy, hold=found.hold, pin=turn.pin, at=turn.now),)
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "RequestIdentifierValue")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    return (CancelHold(patron=patron_of(message, turn), item=barcode, pin=turn.pin, at=turn.now),)


def _is_offer(found: RequestFound) -> bool:
    """Nothing is placed for it: it waits for the patron's word, or was declined."""
    return found.offered or (found.was_offered and found.state is HoldState.CANCELLED)


def _processed(message: Initiation, turn: NcipTurn) -> Message:
    request: RequestId | None = getattr(message, "request_id", None)
    return say(
        message,
        turn,
        ProblemName.REQUEST_ALREADY_PROCESSED,
        detail="no longer open",
        element="RequestIdentifierValue",
        value=request.request_identifier_value if request else None,
    )


def answer_cancel(message: CancelRequestItem, heard: Heard, turn: NcipTurn) -> Message:
    """The request's number comes back; one that was closed before is Request Already Processed."""
    match heard.outcome:
        case HoldCancelled() as outcome:
            copy, owner = outcome.about.barcode, turn.found.owner if turn.found else None
            return CancelRequestItemResponse(
                response_header=answer_header(message),
                request_id=message.request_id or request_id(outcome.hold, turn),
                item_id=message.item_id or (copy_of(owner, copy, turn) if copy else None),
                user_id=echoed_user(message, turn),
                fiscal_transaction_information=assessed(outcome.fee, FeeKind.ILL, None, turn),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case Refused() if turn.found and turn.found.state not in OPEN and not turn.found.offered:
            return _processed(message, turn)
        case outcome:
            return refused(message, outcome, turn)


# ---- UpdateRequestItem ----------------------------------------------------------


def ask_update(message: UpdateRequestItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Another pickup place or last day, or the word that an offer is accepted; nothing else is ours to change."""
    added, found = message.add_request_fields, turn.found
    pickup = pickup_of(added.pickup_location, turn) if added else None
    expires = turn.day(added.need_before_date) if added else None
    if (
        found is not None
        and found.hold is not None
        and (found.offered or (found.was_offered and not (pickup or expires)))
    ):
        return (_confirm(message, found.hold, found.patron_card, pickup, expires, turn),)
    price = _price(message, turn)
    if pickup is None and expires is None and price is None:
        what = "AcknowledgedFeeAmount, " if found is not None and found.article else ""
        detail = f"only {what}PickupLocation and NeedBeforeDate can be changed"
        return say(message, turn, ProblemName.ELEMENT_RULE_VIOLATED, detail=detail, element="AddRequestFields")
    patron, barcode = patron_of(message, turn), barcode_of(message.item_id, turn)
    if found is not None:
        if found.state not in OPEN:
            return _processed_update(message, turn)
        patron, barcode = found.patron_card, found.barcode or found.any_barcode
    if barcode is None:
        return missing(message, turn, "RequestIdentifierValue")
    hold = found.hold if found else None
    command = ChangeHold(
        patron=patron, item=barcode, pickup=pickup, expires=expires, hold=hold, pin=turn.pin, at=turn.now, price=price
    )
    return (command,)


def _price(message: UpdateRequestItem, turn: NcipTurn) -> Money | None:
    """What an ordered copy costs, once its maker has told the partner; of a loan there is none."""
    added, found = message.add_request_fields, turn.found
    if added is None or added.acknowledged_fee_amount is None or found is None or found.article is None:
        return None
    return money_of(added.acknowledged_fee_amount, turn)


def _confirm(
    message: UpdateRequestItem, hold: HoldId, patron: str, pickup: str | None, expires: date | None, turn: NcipTurn
) -> ConfirmOrder:
    return ConfirmOrder(patron=patron, hold=hold, pickup=pickup, expires=expires, pin=turn.pin, at=turn.now)


def _processed_update(message: UpdateRequestItem, turn: NcipTurn) -> Message:
    return say(message, turn, ProblemName.ELEMENT_RULE_VIOLATED, detail="no longer open", element="RequestId")


def answer_update(message: UpdateRequestItem, heard: Heard, turn: NcipTurn) -> Message:
    """As RequestItem is answered; what was not sent is filled in from the request."""
    match heard.outcome:
        case HoldPlaced() as outcome:
            found = turn.found
            barcode = outcome.about.barcode or (found.barcode or found.any_barcode if found else None) or ""
            card, owner = found.patron_card if found else "", found.owner if found else None
            if isinstance(outcome, Ordered):
                card, owner = outcome.patron_card, outcome.supplier
            return UpdateRequestItemResponse(
                response_header=answer_header(message),
                item_id=message.item_id or copy_of(owner, barcode, turn),
                user_id=echoed_user(message, turn, card if turn.persons else ""),
                request_type=message.request_type or _type(found),
                request_scope_type=_scope(found),
                hold_pickup_date=turn.last_day(outcome.expires) if outcome.expires else None,
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case outcome:
            return refused(message, outcome, turn)


# ---- LookupRequest --------------------------------------------------------------


def ask_lookup(message: LookupRequest, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """By its number, else by user and item."""
    by_number = find_request(message, turn)
    if by_number is not None:
        return (by_number,)
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "RequestIdentifierValue")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    return (LookUpRequest(patron=patron_of(message, turn), item=barcode),)


def answer_lookup(message: LookupRequest, heard: Heard, turn: NcipTurn) -> Message:
    """What is known of a request, as far as it was asked for."""
    match heard.outcome:
        case RequestFound() as found:
            return _told(message, found, heard, turn)
        case outcome:
            return refused(message, outcome, turn)


def _status(found: RequestFound) -> str:
    if found.offered:
        return "Need to Accept Conditions"
    return status(found) or (STATUS[found.state] if found.state else "")


def _cost(found: RequestFound) -> AcknowledgedFeeAmount | None:
    """Of a copy, as far as it is known."""
    if found.article is None or found.price is None:
        return None
    return AcknowledgedFeeAmount(currency_code=Coded(found.price.currency), monetary_value=found.price.minor)


def _type(found: RequestFound | None) -> Coded:
    """A hold, or a copy in the order's own word."""
    return Coded(found.article.wanted_as if found and found.article else "Hold")


def _scope(found: RequestFound | None) -> Coded:
    if found is not None and found.article is not None:
        return Coded(found.article.scope)
    return Coded("Item" if found and found.this_copy else "Bibliographic Item")


def _described(message: LookupRequest, found: RequestFound, heard: Heard, turn: NcipTurn) -> ItemOptionalFields | None:
    """What was asked of the item; of a copy its description, unless other things were asked alone."""
    extras = item_extras(message, heard, turn)
    asked = not message.item_element_type or wants(message.item_element_type, "Bibliographic Description")
    if found.article is None or not asked:
        return extras
    return replace(extras or ItemOptionalFields(), bibliographic_description=described(found.article))


def _told(message: LookupRequest, found: RequestFound, heard: Heard, turn: NcipTurn) -> LookupRequestResponse:
    """What was asked for; the user only for those who may know."""

    def asked(name: str) -> bool:
        return wants(message.request_element_type, name)

    known = found.patron_card and turn.persons
    is_routed = found.owner is not None and found.owner != turn.library.id
    copy = found.barcode or (found.any_barcode if is_routed else None)  # who supplies stands beside a copy
    pickup = turn.library.branches.get(found.pickup, str(found.pickup)) if found.pickup else None
    return LookupRequestResponse(
        response_header=answer_header(message),
        request_id=message.request_id or (request_id(found.hold, turn) if found.hold else None),
        item_id=copy_of(found.owner, copy, turn) if copy else message.item_id,
        user_id=user_id(found.patron_card, turn) if known and asked("User Id") else None,
        request_type=_type(found) if asked("Request Type") else None,
        request_scope_type=_scope(found) if asked("Request Scope Type") else None,
        request_status_type=Coded(_status(found)) if asked("Request Status Type") and _status(found) else None,
        hold_queue_position=found.position if found.position and asked("Hold Queue Position") else None,
        need_before_date=turn.last_day(found.expires) if found.expires and asked("Need Before Date") else None,
        pickup_location=Coded(pickup) if pickup and asked("Pickup Location") else None,
        pickup_expiry_date=(
            turn.last_day(found.pickup_by) if found.pickup_by and asked("Pickup Expiry Date") else None
        ),
        date_of_user_request=turn.event(found.placed) if found.placed and asked("Date Of User Request") else None,
        acknowledged_fee_amount=_cost(found) if asked("Acknowledged Fee Amount") else None,
        item_optional_fields=_described(message, found, heard, turn),
        user_optional_fields=user_extras(message, heard, turn),
    )
