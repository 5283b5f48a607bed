"""The lookup services of the schema: questions that change nothing."""

from protocols.ncip.accounts import AcknowledgedFeeAmount, PaidFeeAmount, UserFiscalAccount
from protocols.ncip.bibliography import BibliographicId
from protocols.ncip.choices import ITEM_OR_REQUEST, USER, USER_AND_ITEM_OR_REQUEST
from protocols.ncip.elements import (
    AgencyElementType,
    AgencyId,
    AgencyUserPrivilegeType,
    ApplicationProfileSupportedType,
    ConsortiumAgreement,
    CurrentBorrowerDesired,
    CurrentRequestersDesired,
    DateAvailable,
    DateOfUserRequest,
    DateRecalled,
    EarliestDateNeeded,
    HoldingsSetId,
    HoldPickupDate,
    HoldQueuePosition,
    ItemElementType,
    LoanedItemsDesired,
    MaximumItemsCount,
    NeedBeforeDate,
    NextItemToken,
    PickupDate,
    PickupExpiryDate,
    PickupLocation,
    RequestedItemsDesired,
    RequestElementType,
    RequestScopeType,
    RequestStatusType,
    RequestType,
    UserElementType,
    UserFiscalAccountDesired,
)
from protocols.ncip.envelope import Initiation, Response, response
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.people import (
    AgencyAddressInformation,
    AuthenticationInput,
    AuthenticationPrompt,
    OrganizationNameInformation,
)
from protocols.ncip.table import AtLeastOne, Needed, element
from protocols.ncip.transactions import (
    BibInformation,
    ItemOptionalFields,
    ItemTransaction,
    LoanedItem,
    LoanedItemsCount,
    RequestedItem,
    RequestedItemsCount,
    ShippingInformation,
    UserOptionalFields,
)


@element()
class LookupAgency(Initiation):
    """Tell about a library: names, addresses, rule sets it speaks, privileges."""

    agency_id: AgencyId
    agency_element_type: AtLeastOne[AgencyElementType] = ()


@response()
class LookupAgencyResponse(Response):
    """What was asked of the library."""

    agency_id: Needed[AgencyId] = None
    organization_name_information: tuple[OrganizationNameInformation, ...] = ()
    agency_address_information: tuple[AgencyAddressInformation, ...] = ()
    authentication_prompt: tuple[AuthenticationPrompt, ...] = ()
    application_profile_supported_type: tuple[ApplicationProfileSupportedType, ...] = ()
    consortium_agreement: tuple[ConsortiumAgreement, ...] = ()
    agency_user_privilege_type: tuple[AgencyUserPrivilegeType, ...] = ()


@element("(ItemId | RequestId)")
class LookupItem(Initiation):
    """Tell about one item."""

    item_id: ItemId | None = None
    request_id: RequestId | None = None
    item_element_type: tuple[ItemElementType, ...] = ()
    current_borrower_desired: CurrentBorrowerDesired = False
    current_requesters_desired: CurrentRequestersDesired = False


@response(ITEM_OR_REQUEST)
class LookupItemResponse(Response):
    """What was asked of the item."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    hold_pickup_date: HoldPickupDate | None = None
    date_recalled: DateRecalled | None = None
    item_transaction: ItemTransaction | None = None
    item_optional_fields: ItemOptionalFields | None = None


@element("(BibliographicId+ | HoldingsSetId+ | ItemId+)")
class LookupItemSet(Initiation):
    """Tell about many items, or all items of titles, in pages."""

    bibliographic_id: tuple[BibliographicId, ...] = ()
    holdings_set_id: tuple[HoldingsSetId, ...] = ()
    item_id: tuple[ItemId, ...] = ()
    item_element_type: tuple[ItemElementType, ...] = ()
    current_borrower_desired: CurrentBorrowerDesired = False
    current_requesters_desired: CurrentRequestersDesired = False
    maximum_items_count: MaximumItemsCount | None = None
    next_item_token: NextItemToken | None = None


@response()
class LookupItemSetResponse(Response):
    """The titles, and a token while there are more items."""

    bib_information: AtLeastOne[BibInformation] = ()
    next_item_token: NextItemToken | None = None


@element(USER_AND_ITEM_OR_REQUEST)
class LookupRequest(Initiation):
    """Tell about one request."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    item_id: ItemId | None = None
    request_type: RequestType | None = None
    request_id: RequestId | None = None
    request_element_type: tuple[RequestElementType, ...] = ()
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response(ITEM_OR_REQUEST)
class LookupRequestResponse(Response):
    """What was asked of the request."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    user_id: UserId | None = None
    request_type: RequestType | None = None
    request_scope_type: RequestScopeType | None = None
    request_status_type: RequestStatusType | None = None
    hold_queue_position: HoldQueuePosition | None = None
    shipping_information: ShippingInformation | None = None
    earliest_date_needed: EarliestDateNeeded | None = None
    need_before_date: NeedBeforeDate | None = None
    pickup_date: PickupDate | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None
    date_of_user_request: DateOfUserRequest | None = None
    date_available: DateAvailable | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element(USER)
class LookupUser(Initiation):
    """Tell about a user; check a log-in; list its loans, requests and account."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()
    loaned_items_desired: LoanedItemsDesired = False
    requested_items_desired: RequestedItemsDesired = False
    user_fiscal_account_desired: UserFiscalAccountDesired = False


@response()
class LookupUserResponse(Response):
    """What was asked of the user."""

    user_id: Needed[UserId] = None
    user_fiscal_account: tuple[UserFiscalAccount, ...] = ()
    loaned_items_count: tuple[LoanedItemsCount, ...] = ()
    loaned_item: tuple[LoanedItem, ...] = ()
    requested_items_count: tuple[RequestedItemsCount, ...] = ()
    requested_item: tuple[RequestedItem, ...] = ()
    user_optional_fields: UserOptionalFields | None = None
