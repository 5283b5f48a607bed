"""The problem types of the standard, by the list they come from, and which of them answers which reason.

A type may stand in several lists: it is sent with the Scheme of the answered service's own list where that has it, else
with the general list's, else with that of any list that has it.
"""

from collections.abc import Mapping
from enum import StrEnum

from protocols.ncip.envelope import Problem
from protocols.ncip.kinds import Coded
from protocols.ncip.vocabulary import PROTOCOL, plain

LIST = "http://www.niso.org/ncip/v1_0/schemes/processingerrortype/{}processingerror.scm"
MESSAGING = PROTOCOL.format("messagingerrortype")
GENERAL = LIST.format("general")


class ProblemName(StrEnum):
    """Every value of the published lists."""

    INVALID_MESSAGE_SYNTAX = "Invalid Message Syntax Error"
    PROTOCOL_ERROR = "Protocol Error"
    UNKNOWN_ELEMENT = "Unknown Element"
    UNKNOWN_SCHEME = "Unknown Scheme"
    UNKNOWN_VALUE = "Unknown Value From Known Scheme"
    AGENCY_AUTHENTICATION_FAILED = "Agency Authentication Failed"
    INVALID_AMOUNT = "Invalid Amount"
    INVALID_DATE = "Invalid Date"
    NEEDED_DATA_MISSING = "Needed Data Missing"
    SYSTEM_AUTHENTICATION_FAILED = "System Authentication Failed"
    TEMPORARY_PROCESSING_FAILURE = "Temporary Processing Failure"
    UNAUTHORIZED_COMBINATION_FOR_AGENCY = "Unauthorized Combination Of Element Values For Agency"
    UNAUTHORIZED_COMBINATION_FOR_SYSTEM = "Unauthorized Combination Of Element Values For System"
    UNAUTHORIZED_SERVICE_FOR_AGENCY = "Unauthorized Service For Agency"
    UNAUTHORIZED_SERVICE_FOR_SYSTEM = "Unauthorized Service For System"
    UNKNOWN_AGENCY = "Unknown Agency"
    UNKNOWN_SYSTEM = "Unknown System"
    UNSUPPORTED_SERVICE = "Unsupported Service"
    ACCOUNT_ACCESS_DENIED = "Account Access Denied"
    AGENCY_ACCESS_DENIED = "Agency Access Denied"
    CANNOT_ACCEPT_ITEM = "Cannot Accept Item"
    CANNOT_GUARANTEE_RESTRICTIONS = "Cannot Guarantee Restrictions On Use"
    DUPLICATE_AGENCY = "Duplicate Agency"
    DUPLICATE_FISCAL_TRANSACTION = "Duplicate Fiscal Transaction"
    DUPLICATE_ITEM = "Duplicate Item"
    DUPLICATE_REQUEST = "Duplicate Request"
    DUPLICATE_USER = "Duplicate User"
    ELEMENT_RULE_VIOLATED = "Element Rule Violated"
    ITEM_ACCESS_DENIED = "Item Access Denied"
    ITEM_CANNOT_BE_RECALLED = "Item Cannot Be Recalled"
    ITEM_DOES_NOT_CIRCULATE = "Item Does Not Circulate"
    ITEM_NOT_AVAILABLE_BY_NEED_BEFORE_DATE = "Item Not Available By Need Before Date"
    ITEM_NOT_CHECKED_OUT = "Item Not Checked Out"
    ITEM_NOT_CHECKED_OUT_TO_THIS_USER = "Item Not Checked Out To This User"
    ITEM_NOT_RENEWABLE = "Item Not Renewable"
    MAXIMUM_CHECK_OUTS_EXCEEDED = "Maximum Check Outs Exceeded"
    MAXIMUM_RENEWALS_EXCEEDED = "Maximum Renewals Exceeded"
    NON_UNIQUE_ITEM = "Non-Unique Item"
    NON_UNIQUE_REQUEST = "Non-Unique Request"
    NON_UNIQUE_USER = "Non-Unique User"
    RECALL_CANNOT_BE_CANCELLED = "Recall Cannot Be Cancelled At This Time"
    RENEWAL_NOT_ALLOWED = "Renewal Not Allowed - Item Has Outstanding Requests"
    REQUEST_ALREADY_PROCESSED = "Request Already Processed"
    RESOURCE_CANNOT_BE_PROVIDED = "Resource Cannot Be Provided"
    UNABLE_TO_ADD_ELEMENT = "Unable To Add Element"
    UNABLE_TO_DELETE_ELEMENT = "Unable To Delete Element"
    UNKNOWN_ITEM = "Unknown Item"
    UNKNOWN_REQUEST = "Unknown Request"
    UNKNOWN_USER = "Unknown User"
    UNSUPPORTED_NOTICE = "Unsupported Notice"
    UNSUPPORTED_SHIPPING_ADDRESS_TYPE = "Unsupported Shipping Address Type"
    USER_ACCESS_DENIED = "User Access Denied"
    USER_AUTHENTICATION_FAILED = "User Authentication Failed"
    USER_BLOCKED = "User Blocked"
    USER_INELIGIBLE_TO_CHECK_OUT = "User Ineligible To Check Out This Item"
    USER_INELIGIBLE_TO_RENEW = "User Ineligible To Renew This Item"
    USER_INELIGIBLE_TO_REQUEST = "User Ineligible To Request This Item"


P = ProblemName
_UPDATE_ITEM = (
    *(P.ELEMENT_RULE_VIOLATED, P.ITEM_ACCESS_DENIED, P.UNABLE_TO_ADD_ELEMENT, P.UNABLE_TO_DELETE_ELEMENT),
    P.UNKNOWN_ITEM,
)
_USER = (P.UNKNOWN_USER, P.USER_AUTHENTICATION_FAILED)

MESSAGING_PROBLEMS = (
    P.INVALID_MESSAGE_SYNTAX,
    P.PROTOCOL_ERROR,
    P.UNKNOWN_ELEMENT,
    P.UNKNOWN_SCHEME,
    P.UNKNOWN_VALUE,
)
GENERAL_PROBLEMS = (
    *(P.AGENCY_AUTHENTICATION_FAILED, P.INVALID_AMOUNT, P.INVALID_DATE, P.NEEDED_DATA_MISSING),
    *(P.SYSTEM_AUTHENTICATION_FAILED, P.TEMPORARY_PROCESSING_FAILURE, P.UNAUTHORIZED_COMBINATION_FOR_AGENCY),
    *(P.UNAUTHORIZED_COMBINATION_FOR_SYSTEM, P.UNAUTHORIZED_SERVICE_FOR_AGENCY, P.UNAUTHORIZED_SERVICE_FOR_SYSTEM),
    *(P.UNKNOWN_AGENCY, P.UNKNOWN_SYSTEM, P.UNSUPPORTED_SERVICE),
)
SERVICE_PROBLEMS: Mapping[str, tuple[ProblemName, ...]] = {
    "AcceptItem": (
        *(P.CANNOT_ACCEPT_ITEM, P.CANNOT_GUARANTEE_RESTRICTIONS, P.ELEMENT_RULE_VIOLATED, P.UNKNOWN_ITEM),
        *(P.UNKNOWN_REQUEST, P.UNKNOWN_USER, P.USER_INELIGIBLE_TO_CHECK_OUT),
    ),
    "CancelRecallItem": (P.ITEM_NOT_CHECKED_OUT, P.RECALL_CANNOT_BE_CANCELLED, P.UNKNOWN_ITEM),
    "CancelRequestItem": (
        *(P.ELEMENT_RULE_VIOLATED, P.REQUEST_ALREADY_PROCESSED, P.UNKNOWN_ITEM, P.UNKNOWN_REQUEST, *_USER),
    ),
    "CheckInItem": (P.ITEM_NOT_CHECKED_OUT, P.UNKNOWN_ITEM),
    "CheckOutItem": (
        *(P.ITEM_DOES_NOT_CIRCULATE, P.MAXIMUM_CHECK_OUTS_EXCEEDED, P.RESOURCE_CANNOT_BE_PROVIDED, P.UNKNOWN_ITEM),
        *(P.UNKNOWN_REQUEST, P.UNSUPPORTED_SHIPPING_ADDRESS_TYPE, *_USER, P.USER_BLOCKED),
        P.USER_INELIGIBLE_TO_CHECK_OUT,
    ),
    "CreateAgency": (P.DUPLICATE_AGENCY, P.ELEMENT_RULE_VIOLATED),
    "CreateItem": (P.DUPLICATE_ITEM, P.ELEMENT_RULE_VIOLATED),
    "CreateUser": (P.DUPLICATE_USER, P.ELEMENT_RULE_VIOLATED, P.USER_AUTHENTICATION_FAILED),
    "CreateUserFiscalTransaction": (
        *(P.ACCOUNT_ACCESS_DENIED, P.DUPLICATE_FISCAL_TRANSACTION, P.ELEMENT_RULE_VIOLATED, P.UNABLE_TO_ADD_ELEMENT),
        *(P.UNKNOWN_ITEM, P.UNKNOWN_REQUEST, *_USER, P.USER_ACCESS_DENIED),
    ),
    "LookupAgency": (P.AGENCY_ACCESS_DENIED, P.ELEMENT_RULE_VIOLATED),
    "LookupItem": (P.ELEMENT_RULE_VIOLATED, P.ITEM_ACCESS_DENIED, P.NON_UNIQUE_ITEM, P.UNKNOWN_ITEM),
    "LookupRequest": (P.NON_UNIQUE_REQUEST, P.UNKNOWN_REQUEST, P.ELEMENT_RULE_VIOLATED),
    "LookupUser": (P.ELEMENT_RULE_VIOLATED, P.NON_UNIQUE_USER, *_USER, P.USER_ACCESS_DENIED),
    "RecallItem": (
        *(P.ITEM_CANNOT_BE_RECALLED, P.ITEM_NOT_CHECKED_OUT, P.UNKNOWN_ITEM, P.UNSUPPORTED_SHIPPING_ADDRESS_TYPE),
    ),
    "RenewItem": (
        *(P.ITEM_NOT_CHECKED_OUT, P.ITEM_NOT_RENEWABLE, P.MAXIMUM_RENEWALS_EXCEEDED, P.RENEWAL_NOT_ALLOWED),
        *(P.UNKNOWN_ITEM, *_USER, P.USER_BLOCKED, P.USER_INELIGIBLE_TO_RENEW),
    ),
    "ReportCirculationStatusChange": (
        *(P.ELEMENT_RULE_VIOLATED, P.ITEM_NOT_CHECKED_OUT_TO_THIS_USER, P.UNKNOWN_ITEM, *_USER),
    ),
    "RequestItem": (
        *(P.DUPLICATE_REQUEST, P.ELEMENT_RULE_VIOLATED, P.ITEM_DOES_NOT_CIRCULATE),
        *(P.ITEM_NOT_AVAILABLE_BY_NEED_BEFORE_DATE, P.UNKNOWN_ITEM, *_USER, P.USER_BLOCKED),
        P.USER_INELIGIBLE_TO_REQUEST,
    ),
    "SendUserNotice": (
        *(P.ELEMENT_RULE_VIOLATED, P.ITEM_NOT_CHECKED_OUT, P.UNKNOWN_ITEM, P.UNKNOWN_USER, P.UNSUPPORTED_NOTICE),
    ),
    "UndoCheckOutItem": (P.UNKNOWN_ITEM, *_USER),
    "UpdateAgency": (
        *(P.AGENCY_ACCESS_DENIED, P.ELEMENT_RULE_VIOLATED, P.UNABLE_TO_ADD_ELEMENT, P.UNABLE_TO_DELETE_ELEMENT),
    ),
    "UpdateCirculationStatus": _UPDATE_ITEM,
    "UpdateItem": _UPDATE_ITEM,
    "UpdateRequestItem": (*_UPDATE_ITEM, P.UNKNOWN_REQUEST, *_USER),
    "UpdateUser": (
        *(P.ELEMENT_RULE_VIOLATED, P.UNABLE_TO_ADD_ELEMENT, P.UNABLE_TO_DELETE_ELEMENT, *_USER),
        P.USER_ACCESS_DENIED,
    ),
}

REASONS: Mapping[str, ProblemName] = {  # the reason codes that go out in ProblemDetail; policies 3.1
    "unknown_patron": P.UNKNOWN_USER,
    "pin_required": P.USER_AUTHENTICATION_FAILED,
    "pin_wrong": P.USER_AUTHENTICATION_FAILED,
    "card_lost": P.USER_BLOCKED,
    "card_expired": P.USER_BLOCKED,
    "card_unlinked": P.USER_INELIGIBLE_TO_CHECK_OUT,
    "guardian_missing": P.USER_BLOCKED,
    "manual_block": P.USER_BLOCKED,
    "debt_limit": P.USER_BLOCKED,
    "too_many_overdue": P.USER_BLOCKED,
    "suspended": P.USER_BLOCKED,
    "age_limit": P.USER_INELIGIBLE_TO_CHECK_OUT,
    "unknown_item": P.UNKNOWN_ITEM,
    "not_for_loan": P.ITEM_DOES_NOT_CIRCULATE,
    "on_loan_other": P.RESOURCE_CANNOT_BE_PROVIDED,
    "already_yours": P.RESOURCE_CANNOT_BE_PROVIDED,
    "held_for_other": P.RESOURCE_CANNOT_BE_PROVIDED,
    "too_many_items": P.MAXIMUM_CHECK_OUTS_EXCEEDED,
    "fee_ack": P.USER_INELIGIBLE_TO_CHECK_OUT,
    "not_renewable": P.ITEM_NOT_RENEWABLE,
    "max_renewals": P.MAXIMUM_RENEWALS_EXCEEDED,
    "waiting_list": P.RENEWAL_NOT_ALLOWED,
    "overdue_no_renewal": P.ITEM_NOT_RENEWABLE,
    "no_gain": P.ITEM_NOT_RENEWABLE,
    "billed": P.ITEM_NOT_RENEWABLE,
    "not_on_loan": P.ITEM_NOT_CHECKED_OUT,
    "not_holdable": P.USER_INELIGIBLE_TO_REQUEST,
    "on_shelf": P.USER_INELIGIBLE_TO_REQUEST,
    "duplicate_hold": P.DUPLICATE_REQUEST,
    "need_before": P.ITEM_NOT_AVAILABLE_BY_NEED_BEFORE_DATE,
    "no_national_card": P.USER_INELIGIBLE_TO_REQUEST,
    "ill_excluded": P.USER_INELIGIBLE_TO_REQUEST,
    "owned_locally": P.USER_INELIGIBLE_TO_REQUEST,
    "no_supplier": P.RESOURCE_CANNOT_BE_PROVIDED,
    "amount_too_high": P.INVALID_AMOUNT,
}
SAID_ELSEWHERE: Mapping[tuple[str, str], ProblemName] = {  # (reason, service) where the service has a word of its own
    **{(reason, "RenewItem"): P.USER_INELIGIBLE_TO_RENEW for reason in ("card_unlinked", "age_limit", "fee_ack")},
    **{(reason, "RequestItem"): P.USER_INELIGIBLE_TO_REQUEST for reason in ("card_unlinked", "age_limit", "fee_ack")},
    ("fee_ack", "UpdateRequestItem"): P.ELEMENT_RULE_VIOLATED,
}
NO_PROBLEM = frozenset({"lender_decides", "no_unstaffed_access"})  # RenewItem answers Pending; a door speaks no NCIP


def service_scheme(service: str) -> str:
    """The URI of one service's own list."""
    return LIST.format(service.lower())


def problem_type(name: ProblemName, service: str | None = None) -> Coded:
    """The type as it is sent in the answer of `service`."""
    if name in SERVICE_PROBLEMS.get(service or "", ()):
        return Coded(name, service_scheme(service or ""))
    if name in MESSAGING_PROBLEMS:
        return Coded(name, MESSAGING)
    if name in GENERAL_PROBLEMS:
        return Coded(name, GENERAL)
    return Coded(name, service_scheme(_lender(name)))


def _lender(name: ProblemName) -> str:
    """A service whose list has the type; CheckOutItem's is the one that others borrow from most."""
    having = [service for service, listed in SERVICE_PROBLEMS.items() if name in listed]
    return "CheckOutItem" if "CheckOutItem" in having else having[0]


def problem_for(reason: str, service: str) -> ProblemName | None:
    """The type that answers a lending rule's reason in that service; None when the reason is no problem there."""
    return SAID_ELSEWHERE.get((reason, service), REASONS.get(reason))


def problem(
    name: ProblemName,
    service: str | None = None,
    *,
    detail: str | None = None,
    element: str | None = None,
    value: str | None = None,
) -> Problem:
    """A problem as it is sent."""
    return Problem(
        problem_type=problem_type(name, service), problem_detail=detail, problem_element=element, problem_value=value
    )


_BY_TEXT = {plain(name): name for name in ProblemName}


def understood(sent: Coded) -> ProblemName | None:
    """The type that a partner means, scheme and spelling aside; None for a text of its own: an ordinary failure."""
    return _BY_TEXT.get(plain(sent.value))
