"""One row per NCIP service: how it is asked of circulation, and how the outcome is answered.  Pure functions.

    find(message, turn)                 a look-up to make first, when the message names a request by number
    ask(message, turn)                  the commands, or the answer itself when nothing need be asked
    answer(message, heard, turn)        the response
    unavailable(message), stranger(...) the response when nothing could be asked

A service that has no row is not served, and says so in its own response.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.commands import Command, LookUpItem, PinProof
from backend.lookup_outcomes import ItemFound
from backend.outcomes import Outcome, Reason, Refusal, Refused
from protocols.ncip.envelope import Initiation, Message
from protocols.ncip.errors import NcipError
from protocols.ncip.legacy import AuthenticateUser, LookupVersion
from protocols.ncip.lending import (
    AcceptItem,
    CancelRequestItem,
    CheckInItem,
    CheckOutItem,
    RecallItem,
    RenewItem,
    RequestItem,
    UndoCheckOutItem,
    UpdateRequestItem,
)
from protocols.ncip.lookups import LookupAgency, LookupItem, LookupItemSet, LookupRequest, LookupUser
from protocols.ncip.messages import SERVICES, Kind, service_of
from protocols.ncip.notifications import ItemReceived, ItemShipped
from protocols.ncip.problems import ProblemName
from protocols.ncip.profiles import PLAIN, Profile
from protocols.ncip.records import (
    CreateItem,
    CreateUser,
    CreateUserFiscalTransaction,
    DeleteItem,
    ReportCirculationStatusChange,
    UpdateItem,
    UpdateUser,
)
from server.desk.ncip_agency import ask_agency, ask_version
from server.desk.ncip_catalogue import (
    answer_accept,
    answer_item_record,
    answer_report,
    answer_user_record,
    ask_accept,
    ask_create_item,
    ask_create_user,
    ask_delete_item,
    ask_report,
    ask_update_item,
    ask_update_user,
)
from server.desk.ncip_copies import ask_moved
from server.desk.ncip_items import answer_item, answer_set, ask_item, ask_set
from server.desk.ncip_loans import (
    answer_check_in,
    answer_check_out,
    answer_recall,
    answer_renew,
    answer_undo,
    ask_check_in,
    ask_check_out,
    ask_recall,
    ask_renew,
    ask_undo,
)
from server.desk.ncip_money import answer_transaction, ask_transaction
from server.desk.ncip_notices import answer_notice, ask_notice
from server.desk.ncip_parts import NAMES_A_USER, PROVES_A_USER, inputs_of, is_meant, named_elsewhere, patron_of
from server.desk.ncip_problems import in_profile, name_of, no, problem_of, simple
from server.desk.ncip_requests import (
    answer_cancel,
    answer_lookup,
    answer_request,
    answer_update,
    ask_cancel,
    ask_lookup,
    ask_request,
    ask_update,
    find_request,
)
from server.desk.ncip_turn import Heard, NcipTurn
from server.desk.ncip_users import answer_authenticate, answer_user, ask_user

Asks = tuple[Command, ...] | Message
LOG_INS: Final = (LookupUser, AuthenticateUser)
UNKNOWN_THING: Final = {Reason.UNKNOWN_ITEM, Reason.UNKNOWN_TITLE}


@dataclass(frozen=True, slots=True)
class Row:
    """How one service is asked and answered; `answer` is None where `ask` is the answer already.

    `alternatives`: of several commands the first that finds its thing is carried out, not all of them.
    """

    ask: Callable[[Any, NcipTurn], Asks]
    answer: Callable[[Any, Heard, NcipTurn], Message] | None = None
    find: Callable[[Any, NcipTurn], Command | None] | None = None
    alternatives: bool = False


NOTICE: Final = Row(ask_notice, answer_notice)
ROWS: Final[Mapping[type[Message], Row]] = {
    LookupAgency: Row(ask_agency),
    LookupVersion: Row(ask_version),
    LookupUser: Row(ask_user, answer_user),
    AuthenticateUser: Row(ask_user, answer_authenticate),
    LookupItem: Row(ask_item, answer_item, find_request),
    LookupItemSet: Row(ask_set, answer_set),
    LookupRequest: Row(ask_lookup, answer_lookup),
    CheckOutItem: Row(ask_check_out, answer_check_out),
    CheckInItem: Row(ask_check_in, answer_check_in),
    RenewItem: Row(ask_renew, answer_renew),
    UndoCheckOutItem: Row(ask_undo, answer_undo),
    RecallItem: Row(ask_recall, answer_recall),
    RequestItem: Row(ask_request, answer_request, alternatives=True),
    CancelRequestItem: Row(ask_cancel, answer_cancel, find_request),
    UpdateRequestItem: Row(ask_update, answer_update, find_request),
    AcceptItem: Row(ask_accept, answer_accept),
    CreateItem: Row(ask_create_item, answer_item_record),
    UpdateItem: Row(ask_update_item, answer_item_record),
    DeleteItem: Row(ask_delete_item, answer_item_record),
    CreateUser: Row(ask_create_user, answer_user_record),
    UpdateUser: Row(ask_update_user, answer_user_record),
    CreateUserFiscalTransaction: Row(ask_transaction, answer_transaction),
    ReportCirculationStatusChange: Row(ask_report, answer_report),
    **{service.initiation: NOTICE for service in SERVICES.values() if service.kind is Kind.NOTIFICATION},
    ItemShipped: Row(ask_moved, answer_notice, alternatives=True),
    ItemReceived: Row(ask_moved, answer_notice, alternatives=True),
}


@dataclass(frozen=True, slots=True)
class PinToProve:
    """A PIN as typed, and the patron as circulation looks it up."""

    patron: str
    pin: str

    def __repr__(self) -> str:
        return "PinToProve(***)"


def is_served(message: Message) -> bool:
    """Whether the service has a row here; others are answered Unsupported Service."""
    return type(message) in ROWS


def row_of(message: Message) -> Row:
    """Raises KeyError for a service that is not served."""
    return ROWS[type(message)]


def pin_given(message: Initiation, turn: NcipTurn) -> PinToProve | PinProof:
    """The PIN to verify; absent when there is none, or when the partner's are not looked at.

    Inputs are a conjunction: what is not a PIN nobody here can check, and of two that differ one is wrong.  An empty
    one is wrong to log in with, and in a transaction as if it were not there.
    """
    patron = patron_of(message, turn)
    given = [one for one in inputs_of(message) if not one.authentication_input_type.says(*NAMES_A_USER)]
    if not isinstance(message, LOG_INS):
        given = [one for one in given if one.authentication_input_data]
    if not given or not patron or turn.manner.pin == "never":
        return PinProof.ABSENT
    secrets = {one.authentication_input_data for one in given}
    if len(secrets) > 1 or not all(one.authentication_input_type.says(*PROVES_A_USER) for one in given):
        return PinProof.WRONG
    secret = secrets.pop()
    return PinToProve(patron, secret) if secret else PinProof.WRONG


def unproven(message: Initiation, turn: NcipTurn) -> Message | None:
    """The response to a wrong PIN, whoever vouches; look-ups of users see to theirs themselves, after the user."""
    if turn.pin not in (PinProof.WRONG, PinProof.LOCKED) or isinstance(message, LOG_INS):
        return None
    return no(message, turn, problem_of(Refusal(reason=Reason.PIN_WRONG), message))


def another_s(message: Initiation, turn: NcipTurn) -> LookUpItem | None:
    """The look-up that tells whether an item is ours, of which the message says that it is another agency's.

    What is put on record, or told of, may be anybody's.
    """
    service = service_of(message)
    if isinstance(message, AcceptItem | CreateItem) or service is None or service.kind is Kind.NOTIFICATION:
        return None
    barcode = named_elsewhere(message, turn)
    return LookUpItem(item=barcode) if barcode else None


def is_ours(message: Initiation, outcome: Outcome, turn: NcipTurn) -> bool:
    """Is the item that was found the one that is meant?"""
    return isinstance(outcome, ItemFound) and is_meant(outcome.item, getattr(message, "item_id", None), turn)


def of_nobody(asked: tuple[Command, ...]) -> tuple[Command, ...]:
    """The same, of an item that nobody has: circulation says so, and what is wrong beside it, in the rules' order."""
    nobodys: dict[str, Any] = {"item": ""}
    return tuple(replace(one, **nobodys) if hasattr(one, "item") else one for one in asked)


def is_elsewhere(outcome: object) -> bool:
    """Was the thing not found, so that another id may be tried?"""
    return isinstance(outcome, Refused) and bool({one.reason for one in outcome.refusals} & UNKNOWN_THING)


def unread(message: Initiation, fault: NcipError, profile: Profile = PLAIN) -> Message:
    """The response to what could not be read, or not whole."""
    return in_profile(message, profile, fault.as_problem())


def unserved(message: Initiation, profile: Profile = PLAIN) -> Message:
    """Known to the standard, and not done here."""
    service = name_of(message)
    detail = f"{service} is not served"
    unsupported = simple(message, ProblemName.UNSUPPORTED_SERVICE, detail=detail, element=service, value=service)
    return in_profile(message, profile, unsupported)


def unavailable(message: Initiation, profile: Profile = PLAIN) -> Message:
    """Circulation could not be reached or failed: nothing was done, try again."""
    again = simple(message, ProblemName.TEMPORARY_PROCESSING_FAILURE, detail="please try again")
    return in_profile(message, profile, again)


def denied(
    message: Initiation,
    name: ProblemName,
    *,
    detail: str | None = None,
    element: str | None = None,
    value: str | None = None,
    profile: Profile = PLAIN,
) -> Message:
    """The response to somebody who may not ask this, or whom we do not know."""
    return in_profile(message, profile, simple(message, name, detail=detail, element=element, value=value))
