"""17 and 19: looking at an item, and keeping a note with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from backend.commands import LookUpItem, StoreProperties
from backend.lookup_outcomes import ItemFound
from backend.model import REPORTED, ItemState
from backend.outcomes import Done, Outcome, Refused
from protocols.sip2.codes import CirculationStatus
from protocols.sip2.messages import (
    ItemInformation,
    ItemInformationResponse,
    ItemStatusUpdate,
    ItemStatusUpdateResponse,
)
from server.desk.sip2_answers import (
    WrongOutcomeError,
    destination,
    due_date,
    media_type,
    minor,
    place,
    refused,
    said,
    security_marker,
)
from server.desk.sip2_fees import fee_type
from server.desk.turn import Turn, last_second

STATES: Final[Mapping[ItemState, CirculationStatus]] = {  # policies 3.3
    ItemState.SHELF: CirculationStatus.AVAILABLE,
    ItemState.HOLD_SHELF: CirculationStatus.ON_HOLD_SHELF,
    ItemState.TRANSIT: CirculationStatus.IN_TRANSIT,
    ItemState.MISSING: CirculationStatus.MISSING,
    ItemState.LOST: CirculationStatus.LOST,
    ItemState.DAMAGED: CirculationStatus.OTHER,
    ItemState.WITHDRAWN: CirculationStatus.OTHER,
    ItemState.ON_ORDER: CirculationStatus.ON_ORDER,
    ItemState.IN_PROCESS: CirculationStatus.IN_PROCESS,
}


def ask_item(message: ItemInformation, turn: Turn) -> LookUpItem:
    """17: a look, nothing more; gates ask it of every book that passes."""
    return LookUpItem(item=turn.manner.items.normal(message.item_identifier))


def answer_item(message: ItemInformation, outcome: Outcome, turn: Turn) -> ItemInformationResponse:
    """18."""
    match outcome:
        case ItemFound():
            return _found(message, outcome, turn)
        case Refused():
            return refused(ItemInformationResponse, message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def circulation_status(found: ItemFound) -> CirculationStatus:
    """Lost and claimed returned say more than on loan, which says more than where the item was before."""
    if found.billed:
        return CirculationStatus.LOST
    if found.claimed_returned:
        return CirculationStatus.CLAIMED_RETURNED
    if not found.on_loan or found.state in REPORTED:
        return STATES[found.state]
    return CirculationStatus.RECALLED if found.recalled_on else CirculationStatus.CHARGED


def _found(message: ItemInformation, found: ItemFound, turn: Turn) -> ItemInformationResponse:
    item = found.item
    ours = item.library == turn.asked_by.library
    return ItemInformationResponse(
        circulation_status=circulation_status(found),
        security_marker=security_marker(item.security_marker),
        fee_type=fee_type(found.fee_kind if found.fee else None),
        transaction_date=turn.stamp(found.at),
        hold_queue_length=found.queue,
        due_date=due_date(turn, found.due) if found.on_loan and found.due else None,
        recall_date=last_second(found.recalled_on),
        hold_pickup_date=last_second(found.pickup_by),
        item_identifier=message.item_identifier,
        title_identifier=item.title,
        owner=turn.institution if ours else str(item.library),
        currency_type=found.fee.currency if found.fee else None,
        fee_amount=minor(found.fee) if found.fee else None,
        media_type=media_type(item.media_type),
        permanent_location=place(turn, item.home_branch),
        current_location=place(turn, item.present_branch),
        item_properties=item.properties,
        call_number=item.call_number,
        destination_location=destination(turn, found.destination) if found.destination else None,
        collection_code=item.collection,
        hold_patron_id=found.hold_patron_card if turn.manner.privacy.hold_patron_id else None,
        screen_message=said(message, found, turn),
    )


def ask_properties(message: ItemStatusUpdate, turn: Turn) -> StoreProperties:
    """19; an empty CH clears what is stored. Without CH the message never gets here, and what is stored stays."""
    item = turn.manner.items.normal(message.item_identifier)
    return StoreProperties(item=item, properties=message.item_properties, at=turn.instant(message.transaction_date))


def answer_properties(message: ItemStatusUpdate, outcome: Outcome, turn: Turn) -> ItemStatusUpdateResponse:
    """20."""
    match outcome:
        case Done():
            return ItemStatusUpdateResponse(
                item_properties_ok=True,
                transaction_date=turn.stamp(outcome.at),
                item_identifier=message.item_identifier,
                title_identifier=outcome.about.title,
                item_properties=message.item_properties,
                screen_message=said(message, outcome, turn),
            )
        case Refused():
            answer = refused(ItemStatusUpdateResponse, message, outcome, turn)
            return replace(answer, title_identifier=outcome.about.title)
        case _:
            raise WrongOutcomeError(message, outcome)
