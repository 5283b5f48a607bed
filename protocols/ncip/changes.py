"""What an update takes away and what it puts in its place; taken away first, then added."""

from protocols.ncip.accounts import AcknowledgedFeeAmount, BlockOrTrap, PaidFeeAmount, UserPrivilege
from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.elements import (
    AgencyUserPrivilegeType,
    ApplicationProfileSupportedType,
    ConsortiumAgreement,
    DateAvailable,
    DateOfBirth,
    DateOfUserRequest,
    EarliestDateNeeded,
    ItemUseRestrictionType,
    NeedBeforeDate,
    PickupExpiryDate,
    PickupLocation,
    RequestScopeType,
    RequestStatusType,
    RequestType,
    SecurityMarker,
    SensitizationFlag,
    UserLanguage,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.holdings import ItemDescription, Location, PhysicalCondition
from protocols.ncip.identifiers import ItemId, UserId
from protocols.ncip.people import (
    AgencyAddressInformation,
    AuthenticationInput,
    AuthenticationPrompt,
    NameInformation,
    OrganizationNameInformation,
    UserAddressInformation,
)
from protocols.ncip.table import element
from protocols.ncip.transactions import ShippingInformation


@element(named=False)
class UserFields(Extensible):
    """What of a user can be taken and given."""

    authentication_input: tuple[AuthenticationInput, ...] = ()
    name_information: NameInformation | None = None
    user_address_information: tuple[UserAddressInformation, ...] = ()
    date_of_birth: DateOfBirth | None = None
    user_language: tuple[UserLanguage, ...] = ()
    user_privilege: tuple[UserPrivilege, ...] = ()
    block_or_trap: tuple[BlockOrTrap, ...] = ()


@element()
class DeleteUserFields(UserFields):
    """What to take from a user."""


@element()
class AddUserFields(UserFields):
    """What to give a user."""


@element(named=False)
class RequestFields(Extensible):
    """What of a request can be taken and given."""

    user_id: UserId | None = None
    item_id: ItemId | None = None
    request_type: RequestType | None = None
    request_scope_type: RequestScopeType | None = None
    request_status_type: RequestStatusType | None = None
    shipping_information: ShippingInformation | None = None
    earliest_date_needed: EarliestDateNeeded | None = None
    need_before_date: NeedBeforeDate | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None
    date_of_user_request: DateOfUserRequest | None = None
    date_available: DateAvailable | None = None
    acknowledged_fee_amount: AcknowledgedFeeAmount | None = None
    paid_fee_amount: PaidFeeAmount | None = None


@element()
class DeleteRequestFields(RequestFields):
    """What to take from a request."""


@element()
class AddRequestFields(RequestFields):
    """What to give a request."""


@element(named=False)
class ItemFields(Extensible):
    """What of an item can be taken and given."""

    bibliographic_description: BibliographicDescription | None = None
    item_use_restriction_type: tuple[ItemUseRestrictionType, ...] = ()
    item_description: ItemDescription | None = None
    location: tuple[Location, ...] = ()
    physical_condition: PhysicalCondition | None = None
    security_marker: SecurityMarker | None = None
    sensitization_flag: SensitizationFlag = False


@element()
class DeleteItemFields(ItemFields):
    """What to take from an item."""


@element()
class AddItemFields(ItemFields):
    """What to give an item."""


@element(named=False)
class AgencyFields(Extensible):
    """What of an agency can be taken and given."""

    organization_name_information: tuple[OrganizationNameInformation, ...] = ()
    agency_address_information: tuple[AgencyAddressInformation, ...] = ()
    authentication_prompt: tuple[AuthenticationPrompt, ...] = ()
    application_profile_supported_type: tuple[ApplicationProfileSupportedType, ...] = ()
    consortium_agreement: tuple[ConsortiumAgreement, ...] = ()
    agency_user_privilege_type: tuple[AgencyUserPrivilegeType, ...] = ()


@element()
class DeleteAgencyFields(AgencyFields):
    """What to take from an agency."""


@element()
class AddAgencyFields(AgencyFields):
    """What to give an agency."""
