"""The update services of a request and a loan: from the order to the return."""

from protocols.ncip.accounts import AcknowledgedFeeAmount, FiscalTransactionInformation, PaidFeeAmount
from protocols.ncip.bibliography import BibliographicId, ElectronicResource
from protocols.ncip.changes import AddRequestFields, DeleteRequestFields
from protocols.ncip.choices import DUE, ITEM_OR_REQUEST, USER, USER_AND_ITEM_OR_REQUEST
from protocols.ncip.elements import (
    AcknowledgedItemUseRestrictionType,
    DateAvailable,
    DateDue,
    DateForReturn,
    DesiredDateDue,
    DesiredDateForReturn,
    EarliestDateNeeded,
    HoldPickupDate,
    IndeterminateLoanPeriodFlag,
    ItemElementType,
    NeedBeforeDate,
    NonReturnableFlag,
    PickupExpiryDate,
    PickupLocation,
    RenewalCount,
    RenewalNotPermitted,
    RequestedActionType,
    RequestScopeType,
    RequestType,
    ResourceDesired,
    UserElementType,
)
from protocols.ncip.envelope import Pending, Response, ResponseWithFee, Update, response
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.people import AuthenticationInput
from protocols.ncip.table import Needed, element
from protocols.ncip.transactions import ItemOptionalFields, RoutingInformation, ShippingInformation, UserOptionalFields


@element("(DateForReturn | IndeterminateLoanPeriodFlag | NonReturnableFlag)?")
class AcceptItem(Update):
    """An item that is not in your catalogue is here for your user."""

    request_id: RequestId
    requested_action_type: RequestedActionType
    user_id: UserId | None = None
    item_id: ItemId | None = None
    date_for_return: DateForReturn | None = None
    indeterminate_loan_period_flag: IndeterminateLoanPeriodFlag = False
    non_returnable_flag: NonReturnableFlag = False
    renewal_not_permitted: RenewalNotPermitted = False
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None


@response()
class AcceptItemResponse(Response):
    """The request, and the item under the barcode it got here."""

    request_id: Needed[RequestId] = None
    item_id: ItemId | None = None


@element()
class CancelRecallItem(Update):
    """Withdraw a recall."""

    item_id: ItemId
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response()
class CancelRecallItemResponse(Response):
    """The recall is withdrawn."""

    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER, ITEM_OR_REQUEST)
class CancelRequestItem(Update):
    """Withdraw a request, or decline it."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    request_id: RequestId | None = None
    item_id: ItemId | None = None
    request_type: RequestType
    request_scope_type: RequestScopeType | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response(ITEM_OR_REQUEST)
class CancelRequestItemResponse(Response):
    """The request is withdrawn."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    user_id: Needed[UserId] = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element()
class CheckInItem(Update):
    """The item is back."""

    item_id: ItemId
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response()
class CheckInItemResponse(Response):
    """The item is back, and where it goes next."""

    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    routing_information: RoutingInformation | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER)
class CheckOutItem(Update):
    """Lend the item to the user."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    item_id: ItemId
    request_id: RequestId | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None
    acknowledged_item_use_restriction_type: tuple[AcknowledgedItemUseRestrictionType, ...] = ()
    shipping_information: ShippingInformation | None = None
    resource_desired: ResourceDesired = False
    desired_date_due: DesiredDateDue | None = None
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response(DUE)
class CheckOutItemResponse(ResponseWithFee):
    """The loan and its due date, or the fee to accept first."""

    item_id: Needed[ItemId] = None
    user_id: Needed[UserId] = None
    date_due: DateDue | None = None
    indeterminate_loan_period_flag: IndeterminateLoanPeriodFlag = False
    non_returnable_flag: NonReturnableFlag = False
    renewal_count: RenewalCount | None = None
    electronic_resource: ElectronicResource | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element()
class RecallItem(Update):
    """Call the item back from its borrower."""

    item_id: ItemId
    desired_date_due: DesiredDateDue | None = None
    shipping_information: ShippingInformation | None = None
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response()
class RecallItemResponse(Response):
    """The recall, and the new due date."""

    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    date_due: DateDue | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER)
class RenewItem(Update):
    """Let the user keep the item longer."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    item_id: ItemId
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()
    desired_date_due: DesiredDateDue | None = None
    desired_date_for_return: DesiredDateForReturn | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None
    acknowledged_item_use_restriction_type: tuple[AcknowledgedItemUseRestrictionType, ...] = ()


@response(instead="Pending")
class RenewItemResponse(ResponseWithFee):
    """The new due date, or word that somebody must be asked."""

    pending: Pending | None = None
    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    date_due: DateDue | None = None
    date_for_return: DateForReturn | None = None
    renewal_count: RenewalCount | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER, "(ItemId+ | (BibliographicId+, ItemId*))")
class RequestItem(Update):
    """The user wants one of these items or titles."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    bibliographic_id: tuple[BibliographicId, ...] = ()
    item_id: tuple[ItemId, ...] = ()
    request_id: RequestId | None = None
    request_type: RequestType
    request_scope_type: RequestScopeType
    item_optional_fields: ItemOptionalFields | None = None
    shipping_information: ShippingInformation | None = None
    earliest_date_needed: EarliestDateNeeded | None = None
    need_before_date: NeedBeforeDate | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None
    acknowledged_item_use_restriction_type: tuple[AcknowledgedItemUseRestrictionType, ...] = ()
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response(ITEM_OR_REQUEST)
class RequestItemResponse(ResponseWithFee):
    """The request that was made, or the fee to accept first."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    user_id: Needed[UserId] = None
    request_type: Needed[RequestType] = None
    request_scope_type: Needed[RequestScopeType] = None
    shipping_information: ShippingInformation | None = None
    date_available: DateAvailable | None = None
    hold_pickup_date: HoldPickupDate | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER + "?")
class UndoCheckOutItem(Update):
    """Take back the check-out that came immediately before."""

    item_id: ItemId
    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    request_id: RequestId | None = None


@response()
class UndoCheckOutItemResponse(Response):
    """The loan is as if it had not been made."""

    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None


@element(USER_AND_ITEM_OR_REQUEST)
class UpdateRequestItem(Update):
    """Change a request: place, dates, fees."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    item_id: ItemId | None = None
    request_type: RequestType | None = None
    request_id: RequestId | None = None
    delete_request_fields: DeleteRequestFields | None = None
    add_request_fields: AddRequestFields | None = None
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response()
class UpdateRequestItemResponse(ResponseWithFee):
    """The request as it now is."""

    item_id: Needed[ItemId] = None
    user_id: Needed[UserId] = None
    request_type: Needed[RequestType] = None
    request_scope_type: Needed[RequestScopeType] = None
    date_available: DateAvailable | None = None
    hold_pickup_date: HoldPickupDate | None = None
    fiscal_transaction_information: FiscalTransactionInformation | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None
