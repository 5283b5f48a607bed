"""The update services of records: agencies, items, users, their accounts, states and notices."""

from protocols.ncip.accounts import (
    BlockOrTrap,
    FiscalTransactionInformation,
    FiscalTransactionReferenceId,
    UserNoticeDetails,
    UserPrivilege,
)
from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.changes import (
    AddAgencyFields,
    AddItemFields,
    AddUserFields,
    DeleteAgencyFields,
    DeleteItemFields,
    DeleteUserFields,
)
from protocols.ncip.choices import REPORTED, USER
from protocols.ncip.elements import (
    AgencyId,
    AgencyUserPrivilegeType,
    ApplicationProfileSupportedType,
    CirculationStatus,
    ConsortiumAgreement,
    DateOfBirth,
    DateSent,
    DateToSend,
    DateWillSend,
    ItemElementType,
    ItemReportedLost,
    ItemReportedMissing,
    ItemReportedNeverBorrowed,
    ItemUseRestrictionType,
    SecurityMarker,
    SensitizationFlag,
    UserElementType,
    UserLanguage,
)
from protocols.ncip.envelope import Response, Update, response
from protocols.ncip.holdings import ItemDescription, Location, PhysicalCondition
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.people import (
    AgencyAddressInformation,
    AuthenticationInput,
    AuthenticationPrompt,
    NameInformation,
    OrganizationNameInformation,
    UserAddressInformation,
)
from protocols.ncip.table import AtLeastOne, Needed, element
from protocols.ncip.transactions import ItemOptionalFields, ItemReportedReturned, UserOptionalFields


@element()
class CreateAgency(Update):
    """Enter a library."""

    agency_id: AgencyId | None = None
    organization_name_information: AtLeastOne[OrganizationNameInformation] = ()
    agency_address_information: tuple[AgencyAddressInformation, ...] = ()
    authentication_prompt: tuple[AuthenticationPrompt, ...] = ()
    application_profile_supported_type: tuple[ApplicationProfileSupportedType, ...] = ()
    consortium_agreement: tuple[ConsortiumAgreement, ...] = ()
    agency_user_privilege_type: tuple[AgencyUserPrivilegeType, ...] = ()


@response()
class CreateAgencyResponse(Response):
    """The id to use."""

    agency_id: Needed[AgencyId] = None


@element()
class CreateItem(Update):
    """Enter an item, brief or temporary."""

    item_id: ItemId | None = None
    request_id: RequestId | None = None
    bibliographic_description: BibliographicDescription
    item_use_restriction_type: tuple[ItemUseRestrictionType, ...] = ()
    circulation_status: CirculationStatus | None = None
    item_description: ItemDescription | None = None
    location: tuple[Location, ...] = ()
    physical_condition: PhysicalCondition | None = None
    security_marker: SecurityMarker | None = None
    sensitization_flag: SensitizationFlag = False


@response()
class CreateItemResponse(Response):
    """The id to use."""

    item_id: Needed[ItemId] = None


@element(USER + "?")
class CreateUser(Update):
    """Enter a user; the id is a proposal."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    name_information: NameInformation
    user_address_information: tuple[UserAddressInformation, ...] = ()
    date_of_birth: DateOfBirth | None = None
    user_language: tuple[UserLanguage, ...] = ()
    user_privilege: tuple[UserPrivilege, ...] = ()
    block_or_trap: tuple[BlockOrTrap, ...] = ()


@response()
class CreateUserResponse(Response):
    """The id to use."""

    user_id: Needed[UserId] = None


@element(USER)
class CreateUserFiscalTransaction(Update):
    """Enter a charge or payment on a user's account."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    fiscal_transaction_information: FiscalTransactionInformation


@response()
class CreateUserFiscalTransactionResponse(Response):
    """The number of the charge or payment."""

    user_id: Needed[UserId] = None
    fiscal_transaction_reference_id: Needed[FiscalTransactionReferenceId] = None


@element()
class DeleteItem(Update):
    """Remove an item record, perhaps with its title."""

    item_id: ItemId


@response()
class DeleteItemResponse(Response):
    """The item is removed."""

    item_id: Needed[ItemId] = None


@element(USER)
class DeleteUser(Update):
    """Remove a user record."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()


@response()
class DeleteUserResponse(Response):
    """The user is removed."""

    user_id: Needed[UserId] = None


@element(USER, REPORTED)
class ReportCirculationStatusChange(Update):
    """Mark a loan as claimed returned, never borrowed, lost or missing."""

    item_id: ItemId
    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    item_reported_returned: ItemReportedReturned | None = None
    item_reported_never_borrowed: ItemReportedNeverBorrowed = False
    item_reported_lost: ItemReportedLost = False
    item_reported_missing: ItemReportedMissing = False
    item_element_type: tuple[ItemElementType, ...] = ()
    user_element_type: tuple[UserElementType, ...] = ()


@response()
class ReportCirculationStatusChangeResponse(Response):
    """The report is entered."""

    item_id: Needed[ItemId] = None
    user_id: UserId | None = None
    item_optional_fields: ItemOptionalFields | None = None
    user_optional_fields: UserOptionalFields | None = None


@element()
class SendUserNotice(Update):
    """Send a notice to a user."""

    user_id: UserId
    date_to_send: DateToSend | None = None
    user_notice_details: UserNoticeDetails


@response("(DateSent | DateWillSend)?")
class SendUserNoticeResponse(Response):
    """When it was or will be sent."""

    user_id: Needed[UserId] = None
    date_sent: DateSent | None = None
    date_will_send: DateWillSend | None = None


@element()
class UpdateAgency(Update):
    """Change what is known of a library."""

    agency_id: AgencyId
    delete_agency_fields: DeleteAgencyFields | None = None
    add_agency_fields: AddAgencyFields | None = None


@response()
class UpdateAgencyResponse(Response):
    """The library is changed."""

    agency_id: Needed[AgencyId] = None


@element()
class UpdateCirculationStatus(Update):
    """Set the circulation status of an item."""

    item_id: ItemId
    circulation_status: CirculationStatus


@response()
class UpdateCirculationStatusResponse(Response):
    """The status is set."""

    item_id: Needed[ItemId] = None


@element()
class UpdateItem(Update):
    """Change what is known of an item, its status excepted."""

    item_id: ItemId
    delete_item_fields: DeleteItemFields | None = None
    add_item_fields: AddItemFields | None = None


@response()
class UpdateItemResponse(Response):
    """The item is changed."""

    item_id: Needed[ItemId] = None


@element(USER)
class UpdateUser(Update):
    """Change what is known of a user."""

    user_id: UserId | None = None
    authentication_input: tuple[AuthenticationInput, ...] = ()
    delete_user_fields: DeleteUserFields | None = None
    add_user_fields: AddUserFields | None = None


@response()
class UpdateUserResponse(Response):
    """The user is changed."""

    user_id: Needed[UserId] = None
