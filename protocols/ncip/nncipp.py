"""The Norwegian profile's own words and rules: in Ext, in coded values, and who of two libraries is who."""

import re
from collections.abc import Mapping
from enum import StrEnum

from protocols.ncip.agencies import same_agency
from protocols.ncip.envelope import Initiation
from protocols.ncip.extension import Ext
from protocols.ncip.identifiers import ItemId, RequestId
from protocols.ncip.lending import CancelRequestItem, RequestItem
from protocols.ncip.notifications import ItemReceived, ItemRequested, ItemShipped
from protocols.ncip.table import Element


class Notice(StrEnum):
    """Ext/NoticeContent: who did it."""

    CANCELLED_BY_BORROWER = "CancelledBy.Borrower"
    CANCELLED_BY_LENDER = "CancelledBy.Lender"
    SHIPPED_BY_LENDER = "ShippedBy.Lender"
    SHIPPED_BY_BORROWER = "ShippedBy.Borrower"
    RECEIVED_BY_BORROWER = "ReceivedBy.Borrower"
    RECEIVED_BY_LENDER = "ReceivedBy.Lender"


class RequestWord(StrEnum):
    """RequestType."""

    PHYSICAL = "Physical"
    PHYSICAL_NO_RESERVATION = "PhysicalNoReservation"
    NON_RETURNABLE = "Non-Returnable"
    LII = "LII"  # initiated by the patron
    LII_NO_RESERVATION = "LIINoReservation"
    DEPOT = "Depot"  # the National Library's foreign-language deposit


CANCEL_REASONS: Mapping[str, str] = {  # Ext/ItemNote when the lender declines; numbers of ISO 10161, 26 is not used
    "1": "InUseOnLoan",
    "2": "InProcess",
    "3": "Lost",
    "4": "NonCirculating",
    "5": "NotOwned",
    "6": "OnOrder",
    "7": "VolumeIssueNotYetAvailable",
    "8": "AtBindry",
    "9": "Lacking",
    "10": "NotOnShelf",
    "11": "OnReserve",
    "12": "PoorCondition",
    "13": "CostsExceedsLimit",
    "14": "Charges",
    "15": "PrepaymentRequired",
    "16": "LacksCopyrightCompliance",
    "17": "NotFoundAsCited",
    "18": "LocationsNotFound",
    "19": "OnHold",
    "20": "PolicyProblem",
    "21": "MandatoryMessagingNotSupported",
    "22": "ExpiryNotSupported",
    "23": "RequestedDeliveryServicesNotSupported",
    "24": "PreferredDeliveryTimeNotPossible",
    "25": "CriticalExtensionNotSupported",
    "27": "Other",
    "28": "ResponderSpecific",
}


SEPARATOR = re.compile("[:;]")  # a colon by the profile; Bibliofil was seen with a semicolon
REGISTER_NUMBER = re.compile(r"N\d{9}", re.ASCII)  # an id of the national patron register


def is_register_number(user: str) -> bool:
    """Is it a number of the national patron register: N and nine digits?"""
    return REGISTER_NUMBER.fullmatch(user.strip()) is not None


def item_numbers(item: ItemId) -> Mapping[str, str]:
    """The item's numbers by type: `Barcode:RFID` names two at once.  An id without a type is a barcode."""
    kind = item.item_identifier_type.value if item.item_identifier_type else "Barcode"
    kinds, values = SEPARATOR.split(kind), SEPARATOR.split(item.item_identifier_value)
    if len(kinds) == 1 or len(kinds) != len(values):
        return {kinds[0].strip(): item.item_identifier_value}
    return {name.strip(): value.strip() for name, value in zip(kinds, values, strict=True)}


def request_of(message: Initiation) -> RequestId | None:
    """The order that the message is about."""
    match message:
        case RequestItem() | CancelRequestItem() | ItemShipped() | ItemReceived() | ItemRequested():
            return message.request_id
    return None


def sent_by_borrower(message: Initiation) -> bool:
    """Does the borrower's library send this?  Its notice decides; else it is whose number the order bears."""
    notice = message.ext.text("NoticeContent") if message.ext else ""
    if notice in set(Notice):
        return notice.endswith(".Borrower")
    request, header = request_of(message), message.initiation_header
    if request is None or request.agency_id is None or header is None:
        return False
    return same_agency(request.agency_id.value, header.from_agency_id.agency_id.value)


def echo(message: Initiation) -> Ext | None:
    """The ids that an acknowledgement, or a refused cancellation, repeats inside Ext."""
    content: tuple[Element | None, ...] = ()
    match message:
        case ItemShipped() | ItemReceived():
            content = (message.request_id,)
        case ItemRequested():
            content = (message.user_id, message.item_id or message.bibliographic_id)
        case CancelRequestItem():
            content = (message.request_id, message.item_id, message.user_id)
    known = tuple(part for part in content if part is not None)
    return Ext(content=known) if known else None
