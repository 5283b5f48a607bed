"""What a partner or a national profile does differently, as values.  No code asks for a partner's name.

The first group shapes what we write; the second tells the desk what the partner expects to find or leaves out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

VERSION_2_02 = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"  # the usual one
VERSION_1_0 = "http://www.niso.org/ncip/v1_0/imp1/dtd/ncip_v1_0.dtd"
VERSION_1_01 = "http://ncip.envisionware.com/documentation/ncip_v1_01.dtd"
VERSIONS = (  # strings of the root's version attribute that are spoken, newest first
    VERSION_2_02,
    "http://www.niso.org/ncip/v2_02/imp1/xsd/ncip_v2_02.xsd",
    "http://www.niso.org/schemas/ncip/v2_0/imp1/xsd/ncip_v2_01.xsd",
    "http://www.niso.org/schemas/ncip/v2_0/imp1/xsd/ncip_v2_0.xsd",
    "http://www.niso.org/schemas/ncip/v2_0/ncip_v2_0.xsd",
    VERSION_1_01,
    VERSION_1_0,
)
DOCTYPES = {
    VERSION_1_01: f'<!DOCTYPE NCIPMessage PUBLIC "-//NISO//NCIP DTD Version 1.01//EN" "{VERSION_1_01}">',
    VERSION_1_0: f'<!DOCTYPE NCIPMessage PUBLIC "-//NISO//NCIP DTD Version 1.0//EN" "{VERSION_1_0}">',
}


class Wire(Enum):
    """The two spellings of NCIP."""

    VERSION_2 = auto()
    VERSION_1 = auto()


class Schemes(Enum):
    """Which Scheme attributes are sent."""

    NONE = auto()
    AS_GIVEN = auto()  # those that the message has
    KNOWN = auto()  # and, where it has none, that of the list the value is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one partner, or a group of them, wants to be spoken to."""

    name: str
    wire: Wire = Wire.VERSION_2
    version: str = VERSION_2_02  # when no question tells otherwise
    schemes: Schemes = Schemes.KNOWN
    all_dates_in_gmt: bool = False  # False: last days carry the library's offset

    header_required: bool = False
    agency_prefix: str = ""  # put before a bare agency number, and ignored when agencies are compared
    agency_separator: str | None = None  # between institution and library in one agency id
    due_dates_are_days: bool = False  # a due date in Z names the day, not the instant
    echoes_in_ext: bool = False  # acknowledgements and refusals repeat the ids inside Ext
    application_profiles: tuple[str, ...] = ()
    request_types: Mapping[str, str] = field(default_factory=dict)  # the partner's word: the standard's
    request_scope: str | None = None  # the one scope that is sent
    item_id_separators: tuple[str, ...] = ()  # between barcode and tag in one ItemId; the first is sent
    record_code_types: tuple[str, ...] = ()  # BibliographicRecordIdentifierCode values agreed on
    user_privileges: bool = False  # LookupUser answers STATUS and PROFILE as privileges
    answers_both_ids: bool = False  # AcceptItem and CancelRequestItem answers name item and request
    item_identifier_type: str | None = None  # the type that the partner looks for
    accepts_before_lending: bool = False  # AcceptItem comes before CheckOutItem
    locations_in_ext: bool = False  # LookupAgency's answer lists pickup places in Ext
    requires_application_profile: bool = False


PLAIN = Profile(name="ncip-2.02")

NNCIPP = Profile(
    name="nncipp-1.0",
    schemes=Schemes.NONE,
    all_dates_in_gmt=True,
    header_required=True,
    agency_prefix="NO-",
    due_dates_are_days=True,
    echoes_in_ext=True,
    application_profiles=("NNCIPP 1.0",),
    request_types={
        "Physical": "Loan",
        "PhysicalNoReservation": "Loan",
        "Non-Returnable": "Non-returnable Copy",
        "LII": "Loan",
        "LIINoReservation": "Loan",
        "Depot": "Loan",
    },
    request_scope="Title",
    item_id_separators=(":", ";"),  # a colon by the profile; Bibliofil was seen with a semicolon
    record_code_types=("OwnerLocalRecordID", "ISBN", "ISSN", "EAN"),
)

RESHARE = Profile(
    name="reshare",
    version="http://www.niso.org/schemas/ncip/v2_0/imp1/xsd/ncip_v2_0.xsd",
    user_privileges=True,
    answers_both_ids=True,
    item_identifier_type="Item Barcode",
    accepts_before_lending=True,
)

VUFIND = Profile(name="vufind", locations_in_ext=True)

ALMA = Profile(
    name="alma-p2p",
    schemes=Schemes.NONE,
    agency_separator="||",
    request_types={"Physical": "Loan", "Digital": "Non-returnable Copy", "Non-Returnable": "Non-returnable Copy"},
    requires_application_profile=True,
)

DANISH = Profile(
    name="danish-1.01",
    wire=Wire.VERSION_1,
    version=VERSION_1_01,
    header_required=True,
    agency_prefix="DK-",
    record_code_types=("FAUST",),
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (PLAIN, NNCIPP, RESHARE, VUFIND, ALMA, DANISH)}
