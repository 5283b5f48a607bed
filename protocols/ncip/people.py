"""Names, addresses, and how a user proves who it is."""

from protocols.ncip.choices import ADDRESS
from protocols.ncip.elements import (
    AgencyAddressRoleType,
    AuthenticationDataFormatType,
    AuthenticationInputData,
    AuthenticationInputType,
    AuthenticationPromptData,
    AuthenticationPromptType,
    CareOf,
    Country,
    District,
    ElectronicAddressData,
    ElectronicAddressType,
    GivenName,
    HouseName,
    Initials,
    Line1,
    Line2,
    Locality,
    LocationWithinBuilding,
    OrganizationName,
    OrganizationNameType,
    PhysicalAddressType,
    PostalCode,
    PostOfficeBox,
    Prefix,
    Region,
    SensitiveDataFlag,
    Street,
    Suffix,
    Surname,
    UnstructuredAddressData,
    UnstructuredAddressType,
    UnstructuredPersonalUserName,
    UserAddressRoleType,
    ValidFromDate,
    ValidToDate,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.table import element


@element()
class StructuredPersonalUserName(Extensible):
    """A name in parts."""

    prefix: Prefix | None = None
    given_name: GivenName | None = None
    initials: Initials | None = None
    surname: Surname
    suffix: Suffix | None = None


@element("(UnstructuredPersonalUserName | (StructuredPersonalUserName, UnstructuredPersonalUserName?))")
class PersonalNameInformation(Extensible):
    """A name in parts, as one text, or both."""

    structured_personal_user_name: StructuredPersonalUserName | None = None
    unstructured_personal_user_name: UnstructuredPersonalUserName | None = None


@element()
class OrganizationNameInformation(Extensible):
    """One name of an organisation, and which of its names that is."""

    organization_name_type: OrganizationNameType
    organization_name: OrganizationName


@element("(PersonalNameInformation | OrganizationNameInformation+)")
class NameInformation(Extensible):
    """The name of a person or of an organisation."""

    personal_name_information: PersonalNameInformation | None = None
    organization_name_information: tuple[OrganizationNameInformation, ...] = ()


@element(
    "((LocationWithinBuilding?, HouseName?, (District | (PostOfficeBox, District?) | (Street, PostOfficeBox?, "
    "District?))) | (Line1, Line2?))"
)
class StructuredAddress(Extensible):
    """A postal address in parts; Nordic partners put the post town in Region or Locality."""

    location_within_building: LocationWithinBuilding | None = None
    house_name: HouseName | None = None
    street: Street | None = None
    post_office_box: PostOfficeBox | None = None
    district: District | None = None
    line1: Line1 | None = None
    line2: Line2 | None = None
    locality: Locality | None = None
    region: Region | None = None
    country: Country | None = None
    postal_code: PostalCode | None = None
    care_of: CareOf | None = None


@element()
class UnstructuredAddress(Extensible):
    """A postal address as one text."""

    unstructured_address_type: UnstructuredAddressType
    unstructured_address_data: UnstructuredAddressData


@element("(StructuredAddress | UnstructuredAddress)")
class PhysicalAddress(Extensible):
    """A postal address."""

    structured_address: StructuredAddress | None = None
    unstructured_address: UnstructuredAddress | None = None
    physical_address_type: PhysicalAddressType


@element()
class ElectronicAddress(Extensible):
    """Where electronic post, a call or a file goes; the type is a URI scheme."""

    electronic_address_type: ElectronicAddressType
    electronic_address_data: ElectronicAddressData


@element(ADDRESS)
class UserAddressInformation(Extensible):
    """One address of a user, and what it is for."""

    user_address_role_type: UserAddressRoleType
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None
    physical_address: PhysicalAddress | None = None
    electronic_address: ElectronicAddress | None = None


@element(ADDRESS)
class AgencyAddressInformation(Extensible):
    """One address of a library, and what it is for."""

    agency_address_role_type: AgencyAddressRoleType
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None
    physical_address: PhysicalAddress | None = None
    electronic_address: ElectronicAddress | None = None


@element()
class AuthenticationInput(Extensible):
    """One thing a user typed: who it says it is, or a secret that proves it."""

    authentication_input_data: AuthenticationInputData
    authentication_data_format_type: AuthenticationDataFormatType
    authentication_input_type: AuthenticationInputType


@element()
class PromptOutput(Extensible):
    """What to show a user that is asked to identify itself."""

    authentication_prompt_data: AuthenticationPromptData
    authentication_prompt_type: AuthenticationPromptType


@element()
class PromptInput(Extensible):
    """What the user is to type."""

    authentication_input_type: AuthenticationInputType
    authentication_data_format_type: AuthenticationDataFormatType
    sensitive_data_flag: SensitiveDataFlag = False


@element()
class AuthenticationPrompt(Extensible):
    """One question to a user that identifies itself, and the answer expected."""

    prompt_output: PromptOutput
    prompt_input: PromptInput
