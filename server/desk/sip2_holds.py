"""15: waiting for a title or a copy, thinking better of it, or giving up."""

from collections.abc import Mapping
from typing import Final

from backend.commands import CancelHold, ChangeHold, HoldScope, PlaceHold
from backend.outcomes import HoldCancelled, HoldPlaced, Outcome, Refused
from protocols.sip2.codes import HoldMode, HoldType
from protocols.sip2.messages import Hold, HoldResponse
from server.desk.phrases import Phrase
from server.desk.sip2_answers import WrongOutcomeError, failed, place, refused, said, told
from server.desk.sip2_loans import accepts_fee
from server.desk.turn import Turn, last_second

SCOPES: Final[Mapping[str | None, HoldScope]] = {  # sip2 8.7
    HoldType.ANY_COPY: HoldScope.ANY_COPY,
    HoldType.THIS_COPY: HoldScope.THIS_COPY,
    HoldType.ANY_COPY_AT_ONE_BRANCH: HoldScope.ANY_COPY_AT_BRANCH,
}

HoldCommand = PlaceHold | CancelHold | ChangeHold


def ask_hold(message: Hold, turn: Turn) -> HoldCommand | HoldResponse:
    """15; refused at once when it names neither item nor title, or asks for what nobody knows."""
    if not (message.item_identifier or message.title_identifier):
        return failed(HoldResponse, message, turn, told(message, turn, Phrase.MISSING_ITEM))
    match message.hold_mode:
        case HoldMode.ADD:
            return _place(message, turn)
        case HoldMode.CHANGE:
            return _change(message, turn)
        case HoldMode.DELETE:
            return _cancel(message, turn)
        case _:
            return failed(HoldResponse, message, turn, told(message, turn, Phrase.UNREADABLE))


def _item(message: Hold, turn: Turn) -> str | None:
    return turn.manner.items.normal(message.item_identifier) if message.item_identifier else None


def _place(message: Hold, turn: Turn) -> PlaceHold:
    return PlaceHold(
        patron=turn.manner.patrons.normal(message.patron_identifier),
        item=_item(message, turn),
        title=message.title_identifier or None,
        scope=SCOPES.get(message.hold_type),
        pickup=message.pickup_location or None,
        expires=turn.day(message.expiration_date),
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
        fee_accepted=accepts_fee(message.fee_acknowledged, turn),
    )


def _change(message: Hold, turn: Turn) -> ChangeHold:
    return ChangeHold(
        patron=turn.manner.patrons.normal(message.patron_identifier),
        item=_item(message, turn),
        title=message.title_identifier or None,
        pickup=message.pickup_location or None,
        expires=turn.day(message.expiration_date),
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
    )


def _cancel(message: Hold, turn: Turn) -> CancelHold:
    return CancelHold(
        patron=turn.manner.patrons.normal(message.patron_identifier),
        item=_item(message, turn),
        title=message.title_identifier or None,
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
    )


def answer_hold(message: Hold, outcome: Outcome, turn: Turn) -> HoldResponse:
    """16."""
    match outcome:
        case Refused():
            return refused(HoldResponse, message, outcome, turn)
        case HoldPlaced():
            return _placed(message, outcome, turn)
        case HoldCancelled():
            return _cancelled(message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def _placed(message: Hold, outcome: HoldPlaced, turn: Turn) -> HoldResponse:
    return HoldResponse(
        ok=True,
        available=outcome.available,
        transaction_date=turn.stamp(outcome.at),
        expiration_date=last_second(outcome.expires),
        queue_position=outcome.position,
        pickup_location=message.pickup_location or place(turn, outcome.pickup),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
        item_identifier=message.item_identifier,
        title_identifier=message.title_identifier or outcome.about.title,
        screen_message=said(message, outcome, turn),
    )


def _cancelled(message: Hold, outcome: HoldCancelled, turn: Turn) -> HoldResponse:
    return HoldResponse(
        ok=True,
        available=False,
        transaction_date=turn.stamp(outcome.at),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
        item_identifier=message.item_identifier,
        title_identifier=message.title_identifier or outcome.about.title,
        screen_message=said(message, outcome, turn),
    )
