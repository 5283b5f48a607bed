"""The published value lists and the URIs they are known by.

Version 2 closes none of them: a value that is in no list is agreed between partners, so it is read and carried like any
other.  The lists say which URI may honestly be sent with a value, and what a strict asker may complain about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

PROTOCOL = "http://www.niso.org/ncip/v1_0/schemes/{0}/{0}.scm"
PROFILE = "http://www.niso.org/ncip/v1_0/imp1/schemes/{0}/{0}.scm"  # Implementation Profile 1
PROFILE_2 = "http://www.niso.org/ncip/v2_0/imp1/schemes/{0}/{0}.scm"  # two lists exist only under this name
WORTH_KEEPING = 100  # characters; no value of a list is longer, and others would fill the memory of texts
DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")

MISSPELT = {  # as VuFind and ReShare send them; compared after `_uri`
    "http://www.niso.org/ncip/v1_0/imp1/schemes/authenticationinputtype/authenticationinputype.scm": PROFILE.format(
        "authenticationinputtype"
    ),
    "http://www.niso.org/ncip/v1_0/imp1/schemes/agencyelementtype/agencyelementtype.scm": PROTOCOL.format(
        "agencyelementtype"
    ),
}


_CHAR = r"(?:[^%#\[\]?/:@]|%[0-9A-Fa-f]{2})"
_AUTHORITY = rf"//(?:(?:{_CHAR}|:)*@)?{_CHAR}*(?::[0-9]*)?(?=[/?#]|\Z)"
_QUERY = r"(?:[^%#\[\]]|%[0-9A-Fa-f]{2})*"
_REST = r"(?:[^%#\[\]?]|%[0-9A-Fa-f]{2})*"
URI = re.compile(  # what XML Schema calls anyURI: RFC 3986, with blanks and letters of any alphabet
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:(?:{_AUTHORITY}|(?!//))|{_AUTHORITY}|(?!//)(?![^/?#]*:)){_REST}"
    rf"(?:\?{_QUERY})?(?:#{_QUERY})?"
)


def is_uri(text: str) -> bool:
    """May `text` be sent as a Scheme?"""
    return URI.fullmatch(text) is not None


def plain(text: str) -> str:
    """The text as lists are compared: blanks, letter case and the kind of dash aside."""
    return _plain(text) if len(text) <= WORTH_KEEPING else _plain.__wrapped__(text)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().translate(DASHES)


def same_scheme(one: str, other: str) -> bool:
    """Do both URIs name one list?  The 2008 edition printed `v2_0` for `v1_0`, and some write `https:`."""
    return _uri(one) == _uri(other)


def _uri(uri: str) -> str:
    lowered = uri.strip().casefold().replace("https://", "http://").rstrip("/").replace("/v2_0/", "/v1_0/")
    return MISSPELT.get(lowered, lowered)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of values under one URI.  Without `values` the list is somebody else's, too long to keep or local."""

    scheme: str | None = None
    values: tuple[str, ...] = ()

    def lists(self, value: str) -> bool:
        """Is the value in the list?  A list that is kept elsewhere takes any."""
        return not self.values or plain(value) in {plain(listed) for listed in self.values}

    def scheme_for(self, value: str) -> str | None:
        """The URI to send with this value; None when the list does not have it, since saying so would be untrue."""
        return self.scheme if value and self.lists(value) else None

    def knows(self, scheme: str) -> bool:
        """Is this the list that `scheme` names?"""
        return self.scheme is not None and same_scheme(self.scheme, scheme)


def _list(base: str, name: str, values: Sequence[str]) -> Vocabulary:
    return Vocabulary(base.format(name), tuple(values))


FREE = Vocabulary()  # agreed between partners

AGENCY_ADDRESS_ROLE = _list(
    PROFILE, "agencyaddressroletype", ("Bill To", "Multi-Purpose", "Official", "Ship From", "Ship To")
)
AGENCY_ELEMENT = _list(
    PROTOCOL,
    "agencyelementtype",
    (
        "Agency Address Information",
        "Agency User Privilege Type",
        "Application Profile Supported Type",
        "Authentication Prompt",
        "Consortium Agreement",
        "Organization Name Information",
    ),
)
AUTHENTICATION_INPUT = _list(
    PROFILE,
    "authenticationinputtype",
    (
        "Barcode Id",
        "MD5 Message Digest Algorithm",
        "Password",
        "PIN",
        "Secondary Confirmation String",
        "User Id",
        "X.509 Certificate",
    ),
)
BIBLIOGRAPHIC_ITEM_IDENTIFIER = _list(
    PROFILE,
    "bibliographicitemidentifiercode",
    (
        *("BICI", "CODEN", "DOI", "Government Publication Number", "ISBN", "ISMN", "ISRC", "ISSN"),
        *("Legal Deposit Number", "PURL", "Report Number", "SICI", "URI", "UPC", "GTIN"),
    ),
)
BIBLIOGRAPHIC_LEVEL = _list(
    PROFILE,
    "bibliographiclevel",
    ("Collection", "Monograph", "Monographic Component Part", "Serial", "Serial Component Part"),
)
BIBLIOGRAPHIC_RECORD_IDENTIFIER = _list(
    PROFILE,
    "bibliographicrecordidentifiercode",
    ("Accession Number", "ANBN", "BNBN", "CN", "LCCN", "NLM TCN", "OCLC", "RLIN"),
)
BLOCK_OR_TRAP = _list(
    PROFILE,
    "blockortraptype",
    (
        *("Block Check Out", "Block Electronic Resource Access", "Block Hold", "Block Recall", "Block Renewal"),
        *("Block Request Item", "Trap For Lost Card", "Trap For Message", "Trap For Pickup"),
    ),
)
CIRCULATION_STATUS = _list(
    PROFILE,
    "circulationstatus",
    (
        *("Available For Pickup", "Available On Shelf", "Circulation Status Undefined"),
        *("Claimed Returned Or Never Borrowed", "In Process", "In Transit Between Library Locations", "Lost"),
        *("Missing", "Not Available", "On Loan", "On Order", "Pending Transfer", "Recalled"),
        *("Waiting To Be Reshelved", "Renew Still Pending", "Item Not Renewed", "Item Overdue"),
    ),
)
COMPONENT_IDENTIFIER = _list(PROFILE, "componentidentifiertype", ("BICI", "SICI"))
CURRENCY = Vocabulary("http://www.bsi-global.com/Technical+Information/Publications/_Publications/tig90x.doc")
FISCAL_ACTION = _list(
    PROFILE, "fiscalactiontype", ("Assess", "Cancel", "Forgive", "Payment", "Penalty", "Waive", "Write Off")
)
FISCAL_TRANSACTION = _list(
    PROFILE,
    "fiscaltransactiontype",
    (
        *("Book Replacement Charge", "Card Replacement Charge", "Catalog Search", "Day Pass", "Fine"),
        *("Interlibrary Loan Fee", "Purchase", "Reminder Charge", "Renewal Fee", "Rental", "Reservation Charge"),
        "Service Charge",
    ),
)
ITEM_DESCRIPTION_LEVEL = _list(PROFILE, "itemdescriptionlevel", ("Bibliographic Item", "Item"))
ITEM_ELEMENT = _list(
    PROTOCOL,
    "itemelementtype",
    (
        *("Bibliographic Description", "Circulation Status", "Electronic Resource", "Hold Queue Length"),
        *("Item Description", "Item Use Restriction Type", "Location", "Physical Condition", "Security Marker"),
        *("Sensitization Flag", "Date Due"),
    ),
)
ITEM_IDENTIFIER = _list(PROFILE, "visibleitemidentifiertype", ("Accession Number", "Barcode"))
ITEM_USE_RESTRICTION = _list(
    PROFILE,
    "itemuserestrictiontype",
    (
        "Available For Supply Without Return",
        "In Library Use Only",
        "Limited Circulation, Long Loan Period",
        "Limited Circulation, Normal Loan Period",
        "Limited Circulation, Short Loan Period",
        *("No Reproduction", "Not For Loan", "Overnight Only", "Renewals Not Permitted", "Supervision Required"),
        *("Term Loan", "Use Only In Controlled Access", "User Signature Required"),
    ),
)
LANGUAGES = Vocabulary("http://lcweb.loc.gov/standards/iso639-2/bibcodes.html")
LOCATION = _list(PROFILE, "locationtype", ("Current Location", "Permanent Location", "Temporary Location"))
MEDIA_TYPES = Vocabulary("http://www.iana.org/assignments/media-types")
MEDIUM = _list(
    PROFILE,
    "mediumtype",
    (
        *("Audio Tape", "Book", "Book With Audio Tape", "Book With Compact Disc", "Book With Diskette"),
        *("Bound Journal", "CD-ROM", "Compact Disc (CD)", "Diskette", "Magazine", "Microform", "Video Tape"),
        *("DVD", "Blu-ray"),
    ),
)
ORGANIZATION_NAME = _list(
    PROFILE,
    "organizationnametype",
    (
        *("Abbreviation Or Acronym", "Alternative Name", "Converted Name", "Distinguished Name", "Official Name"),
        *("Translated Name", "Transliterated Name"),
    ),
)
PAYMENT_METHOD = _list(
    PROFILE,
    "paymentmethodtype",
    (
        *("Bank Draft", "Cash", "Check", "Credit Card", "Debit Card", "Deposit Account", "Direct Debit"),
        *("Funds Transfer", "Money Order", "Traveler's Check"),
    ),
)
PHYSICAL_ADDRESS = _list(PROFILE, "physicaladdresstype", ("Postal Address", "Street Address"))
PHYSICAL_CONDITION = _list(
    PROFILE,
    "physicalconditiontype",
    (
        *("Bad URL", "Binding Weak", "Color Plates Missing", "Corrupt Or Unreadable File", "Discolored", "Faded"),
        *("Markings", "Pages Missing", "Photocopy Illegible", "Special Binding", "Water Damage"),
    ),
)
REQUEST_ELEMENT = _list(
    PROTOCOL,
    "requestelementtype",
    (
        *("User Id", "Request Type", "Request Scope Type", "Request Status Type", "Hold Queue Position"),
        *("Shipping Information", "Earliest Date Needed", "Need Before Date", "Pickup Date", "Pickup Location"),
        *("Pickup Expiry Date", "Date Of User Request", "Date Available", "Acknowledged Fee Amount"),
        "Paid Fee Amount",
    ),
)
REQUEST_SCOPE = _list(PROFILE, "requestscopetype", ("Bibliographic Item", "Item"))
REQUEST_STATUS = _list(
    PROFILE,
    "requeststatustype",
    (
        *("Available For Pickup", "Cannot Fulfill Request", "Expired", "In Process", "Need to Accept Conditions"),
        "Requested Via ILL",
    ),
)
REQUEST = _list(PROFILE, "requesttype", ("Estimate", "Hold", "Loan", "Non-returnable Copy", "Stack Retrieval"))
REQUESTED_ACTION = _list(
    PROFILE,
    "requestedactiontype",
    ("Circulate", "Circulate And Notify", "Hold For Pickup", "Hold For Pickup And Notify"),
)
SECURITY_MARKER = _list(
    PROFILE,
    "securitymarker",
    (
        *("Checkpoint emag", "Checkpoint RFID", "Gemplus RFID", "Guardian emag", "Ketec RFID", "Knogo emag"),
        *("Lib-Chip", "None", "PGP", "Protexit emag", "Sensormatic emag", "Tag-It", "Tattle-Tape Security Strip"),
        "Ultra-Max",
    ),
)
UNSTRUCTURED_ADDRESS = _list(
    PROFILE,
    "unstructuredaddresstype",
    ("Carriage-Return, Newline-Delimited Text", "HTML", "Newline-Delimited Text", "XML"),
)
URI_SCHEMES = Vocabulary("http://www.iana.org/assignments/uri-schemes")
USER_ADDRESS_ROLE = _list(
    PROFILE_2, "useraddressroletype", ("Bill To", "Home", "Multi-Purpose", "Notice", "Ship To", "Work")
)
USER_ELEMENT = _list(
    PROTOCOL,
    "userelementtype",
    (
        *("Authentication Input", "Block Or Trap", "Date Of Birth", "Name Information", "Previous User Id"),
        *("User Address Information", "User Id", "User Language", "User Privilege"),
    ),
)
USER_IDENTIFIER = _list(PROFILE, "visibleuseridentifiertype", ("Barcode", "Institution Id Number"))
