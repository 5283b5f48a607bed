"""The notification services of items: lent, returned, sent, received, asked for, changed."""

from protocols.ncip.accounts import FiscalTransactionInformation
from protocols.ncip.bibliography import BibliographicDescription, BibliographicId
from protocols.ncip.changes import (
    AddItemFields,
    AddRequestFields,
    DeleteItemFields,
    DeleteRequestFields,
)
from protocols.ncip.choices import DUE, ITEM_OR_REQUEST, REPORTED
from protocols.ncip.elements import (
    CirculationStatus,
    DateAvailable,
    DateDue,
    DateOfUserRequest,
    DateReceived,
    DateShipped,
    EarliestDateNeeded,
    ElectronicResourceProvidedFlag,
    IndeterminateLoanPeriodFlag,
    ItemReportedLost,
    ItemReportedMissing,
    ItemReportedNeverBorrowed,
    ItemUseRestrictionType,
    NeedBeforeDate,
    NonReturnableFlag,
    PickupExpiryDate,
    PickupLocation,
    RenewalCount,
    RequestScopeType,
    RequestType,
    SecurityMarker,
    SensitizationFlag,
)
from protocols.ncip.envelope import Acknowledgement, Initiation, acknowledgement
from protocols.ncip.holdings import ItemDescription, Location, PhysicalCondition
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.table import Needed, element
from protocols.ncip.transactions import (
    ItemOptionalFields,
    ItemReportedReturned,
    RoutingInformation,
    ShippingInformation,
    UserOptionalFields,
)


@element(REPORTED)
class CirculationStatusChangeReported(Initiation):
    """A loan was reported returned, never borrowed, lost or missing."""

    item_id: ItemId
    user_id: UserId
    item_reported_returned: ItemReportedReturned | None = None
    item_reported_never_borrowed: ItemReportedNeverBorrowed = False
    item_reported_lost: ItemReportedLost = False
    item_reported_missing: ItemReportedMissing = False
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None


@acknowledgement
class CirculationStatusChangeReportedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class CirculationStatusUpdated(Initiation):
    """A renewal is still pending or was refused, or an item is overdue."""

    item_id: ItemId
    circulation_status: CirculationStatus


@acknowledgement
class CirculationStatusUpdatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemCheckedIn(Initiation):
    """An item came back."""

    user_id: UserId | None = None
    item_id: ItemId
    routing_information: RoutingInformation | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemCheckedInResponse(Acknowledgement):
    """Understood, or why not."""


@element(DUE)
class ItemCheckedOut(Initiation):
    """An item was lent."""

    user_id: UserId
    item_id: ItemId
    request_id: RequestId | None = None
    date_due: DateDue | None = None
    indeterminate_loan_period_flag: IndeterminateLoanPeriodFlag = False
    non_returnable_flag: NonReturnableFlag = False
    electronic_resource_provided_flag: ElectronicResourceProvidedFlag = False
    renewal_count: RenewalCount | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    shipping_information: ShippingInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemCheckedOutResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemCreated(Initiation):
    """An item was entered."""

    item_id: ItemId
    request_id: RequestId | None = None
    bibliographic_description: BibliographicDescription
    item_use_restriction_type: tuple[ItemUseRestrictionType, ...] = ()
    circulation_status: CirculationStatus | None = None
    item_description: ItemDescription | None = None
    location: tuple[Location, ...] = ()
    physical_condition: PhysicalCondition | None = None
    security_marker: SecurityMarker | None = None
    sensitization_flag: SensitizationFlag = False


@acknowledgement
class ItemCreatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemRecallCancelled(Initiation):
    """A recall was withdrawn."""

    user_id: UserId | None = None
    item_id: ItemId
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRecallCancelledResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemRecalled(Initiation):
    """An item was called back."""

    user_id: UserId | None = None
    item_id: ItemId
    date_due: Needed[DateDue] = None
    shipping_information: ShippingInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRecalledResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemReceived(Initiation):
    """A library has received an item."""

    item_id: ItemId
    user_id: UserId | None = None
    request_id: RequestId | None = None
    date_received: Needed[DateReceived] = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemReceivedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemRenewed(Initiation):
    """A loan was prolonged."""

    user_id: UserId | None = None
    item_id: ItemId
    date_due: Needed[DateDue] = None
    renewal_count: RenewalCount | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRenewedResponse(Acknowledgement):
    """Understood, or why not."""


@element(ITEM_OR_REQUEST)
class ItemRequestCancelled(Initiation):
    """A request was withdrawn."""

    user_id: UserId
    request_id: RequestId | None = None
    item_id: ItemId | None = None
    request_type: RequestType
    request_scope_type: RequestScopeType | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRequestCancelledResponse(Acknowledgement):
    """Understood, or why not."""


@element("((UserId, ItemId, RequestType) | RequestId)")
class ItemRequestUpdated(Initiation):
    """A request was changed."""

    user_id: UserId | None = None
    item_id: ItemId | None = None
    request_type: RequestType | None = None
    request_id: RequestId | None = None
    delete_request_fields: DeleteRequestFields | None = None
    add_request_fields: AddRequestFields | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRequestUpdatedResponse(Acknowledgement):
    """Understood, or why not."""


@element("(ItemId | (BibliographicId, RequestId))")
class ItemRequested(Initiation):
    """A request was made; in the Norwegian profile: your patron wants this."""

    user_id: UserId
    item_id: ItemId | None = None
    bibliographic_id: BibliographicId | None = None
    request_id: RequestId | None = None
    request_type: RequestType
    request_scope_type: RequestScopeType
    shipping_information: ShippingInformation | None = None
    earliest_date_needed: EarliestDateNeeded | None = None
    need_before_date: NeedBeforeDate | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None
    date_of_user_request: DateOfUserRequest | None = None
    date_available: DateAvailable | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemRequestedResponse(Acknowledgement):
    """Understood, or why not."""


@element(ITEM_OR_REQUEST)
class ItemShipped(Initiation):
    """A library has sent an item, out or back."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    user_id: UserId | None = None
    date_shipped: Needed[DateShipped] = None
    shipping_information: ShippingInformation
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@acknowledgement
class ItemShippedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class ItemUpdated(Initiation):
    """What is known of an item has changed."""

    item_id: ItemId
    delete_item_fields: DeleteItemFields | None = None
    add_item_fields: AddItemFields | None = None


@acknowledgement
class ItemUpdatedResponse(Acknowledgement):
    """Understood, or why not."""
