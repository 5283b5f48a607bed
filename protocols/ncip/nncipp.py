"""The words that the Norwegian profile puts into Ext and into coded values, beside those of the standard."""

from collections.abc import Mapping
from enum import StrEnum

OWNER_LOCAL_RECORD = "OwnerLocalRecordID"


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
