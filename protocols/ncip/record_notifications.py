"""The notification services of records: libraries, users and their accounts."""

from protocols.ncip.accounts import BlockOrTrap, FiscalTransactionInformation, UserNoticeDetails, UserPrivilege
from protocols.ncip.changes import (
    AddAgencyFields,
    AddUserFields,
    DeleteAgencyFields,
    DeleteUserFields,
)
from protocols.ncip.elements import (
    AgencyId,
    AgencyUserPrivilegeType,
    ApplicationProfileSupportedType,
    ConsortiumAgreement,
    DateOfBirth,
    DateSent,
    UserLanguage,
)
from protocols.ncip.envelope import Acknowledgement, Initiation, acknowledgement
from protocols.ncip.identifiers import UserId
from protocols.ncip.people import (
    AgencyAddressInformation,
    AuthenticationPrompt,
    NameInformation,
    OrganizationNameInformation,
    UserAddressInformation,
)
from protocols.ncip.table import AtLeastOne, Needed, element


@element()
class AgencyCreated(Initiation):
    """A library was entered."""

    agency_id: AgencyId
    organization_name_information: AtLeastOne[OrganizationNameInformation] = ()
    agency_address_information: tuple[AgencyAddressInformation, ...] = ()
    authentication_prompt: tuple[AuthenticationPrompt, ...] = ()
    application_profile_supported_type: tuple[ApplicationProfileSupportedType, ...] = ()
    consortium_agreement: tuple[ConsortiumAgreement, ...] = ()
    agency_user_privilege_type: tuple[AgencyUserPrivilegeType, ...] = ()


@acknowledgement
class AgencyCreatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class AgencyUpdated(Initiation):
    """What is known of a library has changed."""

    agency_id: AgencyId
    delete_agency_fields: DeleteAgencyFields | None = None
    add_agency_fields: AddAgencyFields | None = None


@acknowledgement
class AgencyUpdatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class UserCreated(Initiation):
    """A user was entered."""

    user_id: UserId
    name_information: NameInformation
    user_address_information: tuple[UserAddressInformation, ...] = ()
    date_of_birth: DateOfBirth | None = None
    user_language: tuple[UserLanguage, ...] = ()
    user_privilege: tuple[UserPrivilege, ...] = ()
    block_or_trap: tuple[BlockOrTrap, ...] = ()


@acknowledgement
class UserCreatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class UserFiscalTransactionCreated(Initiation):
    """A charge or payment was entered."""

    user_id: UserId
    fiscal_transaction_information: FiscalTransactionInformation


@acknowledgement
class UserFiscalTransactionCreatedResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class UserNoticeSent(Initiation):
    """A notice was sent."""

    user_id: UserId
    date_sent: Needed[DateSent] = None
    user_notice_details: UserNoticeDetails


@acknowledgement
class UserNoticeSentResponse(Acknowledgement):
    """Understood, or why not."""


@element()
class UserUpdated(Initiation):
    """What is known of a user has changed."""

    user_id: UserId
    delete_user_fields: DeleteUserFields | None = None
    add_user_fields: AddUserFields | None = None


@acknowledgement
class UserUpdatedResponse(Acknowledgement):
    """Understood, or why not."""
