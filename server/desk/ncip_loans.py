"""Lending, returning, renewing, recalling: CheckOutItem, CheckInItem, RenewItem, UndoCheckOutItem, RecallItem."""

from datetime import datetime, timedelta
from typing import Final

from backend.commands import CheckIn, CheckOut, Command, Happened, Renew
from backend.model import FeeKind
from backend.outcomes import CheckedIn, CheckedOut, CheckOutUndone, HandedOut, Reason, Refusal, Refused, Renewed, Route
from backend.partner_commands import RecallItem as Recall
from backend.partner_commands import UndoLoan
from backend.partner_outcomes import Recalled
from protocols.ncip.accounts import FiscalTransactionInformation
from protocols.ncip.envelope import Initiation, Message, Pending, Update
from protocols.ncip.identifiers import UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import (
    CheckInItem,
    CheckInItemResponse,
    CheckOutItem,
    CheckOutItemResponse,
    RecallItem,
    RecallItemResponse,
    RenewItem,
    RenewItemResponse,
    UndoCheckOutItem,
    UndoCheckOutItemResponse,
)
from protocols.ncip.messages import answer_header
from protocols.ncip.moments import Moment
from protocols.ncip.problems import ProblemName
from protocols.ncip.transactions import Destination, ItemOptionalFields, RoutingInformation, UserOptionalFields
from server.desk.ncip_parts import (
    accepted_fee,
    asked_of_item,
    assessed,
    barcode_of,
    echoed_user,
    patron_of,
    user_id,
    user_number,
)
from server.desk.ncip_problems import missing, problem_of, refused, say
from server.desk.ncip_problems import no as refuse
from server.desk.ncip_records import item_fields, location, user_fields
from server.desk.ncip_turn import Heard, NcipTurn

LONGEST: Final = timedelta(days=3660)  # ten years: no library lends for longer, and somebody slipped on a key
INSTRUCTIONS: Final = {  # RoutingInstructions: what to do with a returned item
    Route.HOLD_HERE: "Hold for pickup",
    Route.HOLD_ELSEWHERE: "Send to pickup location",
    Route.OTHER_LIBRARY: "Send to other library",
    Route.HOME: "Send home",
    Route.STAFF: "Hand to staff",
}


def happened(message: Update, turn: NcipTurn, due: Moment | None = None) -> Happened | None:
    """MandatedAction: it has been done already, on the day it says."""
    mandated = message.mandated_action
    if mandated is None:
        return None
    return Happened(at=turn.when(mandated.date_event_occurred) or turn.now, due=turn.until(due))


def impossible(message: CheckOutItem | RenewItem, turn: NcipTurn) -> Message | None:
    """A loan that somebody made already is honoured with its due date, if that is one."""
    due = turn.until(message.desired_date_due)
    if message.mandated_action is None or due is None or due - turn.now < LONGEST:
        return None
    detail = f"more than {LONGEST.days} days from now"
    return say(message, turn, ProblemName.INVALID_DATE, detail=detail, element="DesiredDateDue")


def item_extras(message: Initiation, heard: Heard, turn: NcipTurn) -> ItemOptionalFields | None:
    """ItemOptionalFields, as far as they were asked for and could be read."""
    asked = asked_of_item(message)
    return item_fields(heard.item, asked, turn) if heard.item and asked else None


def user_extras(message: Initiation, heard: Heard, turn: NcipTurn) -> UserOptionalFields | None:
    """UserOptionalFields, as far as they were asked for and the partner may see persons."""
    asked: tuple[Coded, ...] = getattr(message, "user_element_type", ())
    return user_fields(heard.patron, asked, turn) if heard.patron and asked and turn.persons else None


# ---- CheckOutItem ---------------------------------------------------------------


def ask_check_out(message: CheckOutItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Item and user are both needed."""
    return _asked(CheckOut, patron_of(message, turn), message, turn)


def _asked(
    command: type[CheckOut] | type[Renew], patron: str, message: CheckOutItem | RenewItem, turn: NcipTurn
) -> tuple[Command, ...] | Message:
    """A loan or its renewal: of what, to whom, for which fee, and whether it has been made already."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    fee = accepted_fee(message, turn)
    return impossible(message, turn) or (
        command(
            patron=patron,
            item=barcode,
            pin=turn.pin,
            at=turn.now,
            fee_accepted=fee is not None,
            fee_limit=fee,
            happened=happened(message, turn, message.desired_date_due),
        ),
    )


def answer_check_out(message: CheckOutItem, heard: Heard, turn: NcipTurn) -> Message:
    """DateDue is the policy's, whatever was wished."""
    match heard.outcome:
        case CheckedOut() as outcome:
            return _lent(message, heard, turn, turn.due(outcome.due), _fee(outcome, turn))
        case HandedOut() as outcome:
            return _lent(message, heard, turn, None, _fee(outcome, turn))
        case Refused(refusals=[Refusal(reason=Reason.ALREADY_YOURS)], due=datetime() as due) if (
            turn.manner.lent_already_is_ok
        ):
            return _lent(message, heard, turn, turn.due(due), None)
        case outcome:
            return refused(message, outcome, turn)


def _lent(
    message: CheckOutItem, heard: Heard, turn: NcipTurn, due: Moment | None, fee: FiscalTransactionInformation | None
) -> CheckOutItemResponse:
    """Without a due date it is the patron's to keep."""
    return CheckOutItemResponse(
        response_header=answer_header(message),
        item_id=message.item_id,
        user_id=echoed_user(message, turn),
        date_due=due,
        non_returnable_flag=due is None,
        fiscal_transaction_information=fee,
        item_optional_fields=item_extras(message, heard, turn),
        user_optional_fields=user_extras(message, heard, turn),
    )


def _fee(outcome: CheckedOut | HandedOut | Renewed, turn: NcipTurn) -> FiscalTransactionInformation | None:
    return assessed(outcome.fee, outcome.fee_kind, outcome.charge, turn)


# ---- CheckInItem ----------------------------------------------------------------


def ask_check_in(message: CheckInItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """UserId and RequestId, where a partner adds them, say nothing that the item does not."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    mandated = happened(message, turn)
    command = CheckIn(
        item=barcode,
        returned=mandated.at if mandated else None,
        at=turn.now,
        happened=mandated,
        only_lent=not turn.asked_by.free_return_ok,
    )
    return (command,)


def answer_check_in(message: CheckInItem, heard: Heard, turn: NcipTurn) -> Message:
    """Where the item goes next; one that was not on loan is refused, unless the partner may hand such in."""
    match heard.outcome:
        case CheckedIn(loan=None) as outcome if not turn.asked_by.free_return_ok:
            return refuse(message, turn, problem_of(Refusal(reason=Reason.NOT_ON_LOAN), message))
        case CheckedIn() as outcome:
            return CheckInItemResponse(
                response_header=answer_header(message),
                item_id=message.item_id,
                user_id=_person(outcome.patron_card, turn),
                routing_information=_routing(outcome, turn),
                fiscal_transaction_information=assessed(outcome.fine, FeeKind.OVERDUE, None, turn),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case outcome:
            return refused(message, outcome, turn)


def _person(card: str | None, turn: NcipTurn) -> UserId | None:
    return user_id(card, turn) if card and turn.persons else None


def _routing(outcome: CheckedIn, turn: NcipTurn) -> RoutingInformation | None:
    """Where it goes next; a hold is told by RequestType."""
    instructions = INSTRUCTIONS.get(outcome.route)
    if instructions is None:
        return None
    branch = outcome.destination or turn.asked_by.branch
    return RoutingInformation(
        routing_instructions=instructions,
        destination=Destination(location=location("Temporary Location", branch, turn)),
        request_type=Coded("Hold") if outcome.hold is not None else None,
        user_id=_person(outcome.hold_patron_card, turn),
    )


# ---- RenewItem ------------------------------------------------------------------


def ask_renew(message: RenewItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """For the user who is named, or the partner's own card where its settings give one."""
    return _asked(Renew, turn.manner.institution_card or patron_of(message, turn), message, turn)


def answer_renew(message: RenewItem, heard: Heard, turn: NcipTurn) -> Message:
    """Pending when the lender has to be asked: that is no Problem."""
    match heard.outcome:
        case Renewed() as outcome:
            return RenewItemResponse(
                response_header=answer_header(message),
                item_id=message.item_id,
                user_id=echoed_user(message, turn),
                date_due=turn.due(outcome.due),
                renewal_count=outcome.renewals,
                fiscal_transaction_information=_fee(outcome, turn),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case Refused(refusals=[Refusal(reason=Reason.LENDER_DECIDES), *_]):
            return RenewItemResponse(response_header=answer_header(message), pending=Pending())
        case outcome:
            return refused(message, outcome, turn)


# ---- UndoCheckOutItem -----------------------------------------------------------


def ask_undo(message: UndoCheckOutItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Whose loan it is need not be said; somebody of another agency is unknown here."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    number = patron_of(message, turn)
    if user_number(message) and not number:  # somebody of elsewhere
        return refuse(message, turn, problem_of(Refusal(reason=Reason.UNKNOWN_PATRON), message))
    return (UndoLoan(item=barcode, patron=number, at=turn.now),)


def answer_undo(message: UndoCheckOutItem, heard: Heard, turn: NcipTurn) -> Message:
    """The user comes back only if one was named."""
    match heard.outcome:
        case CheckOutUndone():
            named = message.user_id is not None or bool(message.authentication_input)
            return UndoCheckOutItemResponse(
                response_header=answer_header(message),
                item_id=message.item_id,
                user_id=echoed_user(message, turn) if named else None,
            )
        case outcome:
            return refused(message, outcome, turn)


# ---- RecallItem -----------------------------------------------------------------


def ask_recall(message: RecallItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """With the due date that is wished for, if one is."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    return (Recall(item=barcode, due=turn.until(message.desired_date_due), at=turn.now),)


def answer_recall(message: RecallItem, heard: Heard, turn: NcipTurn) -> Message:
    """DateDue is when the item is now to be back."""
    match heard.outcome:
        case Recalled() as outcome:
            return RecallItemResponse(
                response_header=answer_header(message),
                item_id=message.item_id,
                user_id=_person(outcome.patron_card, turn),
                date_due=turn.due(outcome.due),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case outcome:
            return refused(message, outcome, turn)
