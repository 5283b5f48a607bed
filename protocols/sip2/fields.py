"""Every field once: its width or id, how it is read and written, and whom its value concerns; knows no message.

Names are those of the specification.  A field with an id that is no part of SIP2 2.00 is an extension: it goes out
only to machines whose dialect asks for it.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from protocols.sip2.codes import PatronStatus, Summary, YesNoUnknown
from protocols.sip2.kinds import (
    AMOUNT,
    COUNT,
    CURRENCY,
    HOLD_MODE,
    HOLD_TYPE,
    NUMBER,
    OK,
    ONE_DIGIT,
    PATRON_STATUS,
    PRINT_WIDTH,
    SC_STATUS,
    SHORT_NUMBER,
    STAMP,
    STAMP_WIDTH,
    SUMMARY,
    SUPPORTED,
    TEXT,
    THREE_DIGITS,
    TWO_DIGITS,
    VERSION,
    YES_NO,
    YES_NO_UNKNOWN,
    AnyKind,
)
from protocols.sip2.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field without id, `width` characters at its place.

    `blank` is the proper text for "no value", where the text of the protocol has one.
    """

    width: int
    kind: AnyKind
    blank: str | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A field with the id `code`, anywhere after the fixed ones.

    `secret` values never leave the process in readable form; `personal` ones are masked where a capture is shared.
    A request without a `vital` field cannot be answered with anything but no; sent empty it is as good as not sent,
    unless `empty_counts`: then empty is a value like any other.
    """

    code: str
    kind: AnyKind
    secret: bool = False
    personal: bool = False
    vital: bool = False
    empty_counts: bool = False
    extension: bool = False

    @property
    def is_vain_when_empty(self) -> bool:
        """Whether a request that must have this field is refused when it is empty."""
        return self.vital and not self.empty_counts


class Beyond:
    """Marks a standard field in a message that 2.00 does not give it to: an extension there."""


BEYOND: Final = Beyond()

# Fixed fields.

Alert = Annotated[bool, Fixed(1, YES_NO)]
Available = Annotated[bool, Fixed(1, YES_NO)]
AcsRenewalPolicy = Annotated[bool, Fixed(1, YES_NO)]
CardRetained = Annotated[bool, Fixed(1, YES_NO)]
ChargedItemsCount = Annotated[int, Fixed(4, COUNT)]
CheckinOk = Annotated[bool, Fixed(1, YES_NO)]
CheckoutOk = Annotated[bool, Fixed(1, YES_NO)]
CirculationStatus = Annotated[str, Fixed(2, TWO_DIGITS)]
DateTimeSync = Annotated[Stamp, Fixed(STAMP_WIDTH, STAMP, blank="0" * STAMP_WIDTH)]
Desensitize = Annotated[YesNoUnknown, Fixed(1, YES_NO_UNKNOWN)]
EndSession = Annotated[bool, Fixed(1, YES_NO)]
FineItemsCount = Annotated[int, Fixed(4, COUNT)]
FixedCurrencyType = Annotated[str, Fixed(3, CURRENCY)]
FixedFeeType = Annotated[str, Fixed(2, TWO_DIGITS)]
HoldItemsCount = Annotated[int, Fixed(4, COUNT)]
HoldMode = Annotated[str, Fixed(1, HOLD_MODE)]
ItemPropertiesOk = Annotated[bool, Fixed(1, OK)]
Language = Annotated[str, Fixed(3, THREE_DIGITS)]
MagneticMedia = Annotated[YesNoUnknown, Fixed(1, YES_NO_UNKNOWN)]
MaxPrintWidth = Annotated[int, Fixed(3, PRINT_WIDTH)]
NbDueDate = Annotated[Stamp, Fixed(STAMP_WIDTH, STAMP, blank=" " * STAMP_WIDTH)]
NoBlock = Annotated[bool, Fixed(1, YES_NO)]
OfflineOk = Annotated[bool, Fixed(1, YES_NO)]
Ok = Annotated[bool, Fixed(1, OK)]
OnlineStatus = Annotated[bool, Fixed(1, YES_NO)]
OverdueItemsCount = Annotated[int, Fixed(4, COUNT)]
PatronStatusFlags = Annotated[frozenset[PatronStatus], Fixed(14, PATRON_STATUS)]
PaymentAccepted = Annotated[bool, Fixed(1, YES_NO)]
PaymentType = Annotated[str, Fixed(2, TWO_DIGITS)]
ProtocolVersion = Annotated[str, Fixed(4, VERSION)]
PwdAlgorithm = Annotated[str, Fixed(1, ONE_DIGIT)]
RecallItemsCount = Annotated[int, Fixed(4, COUNT)]
RenewalOk = Annotated[bool, Fixed(1, YES_NO)]
RenewedCount = Annotated[int, Fixed(4, COUNT)]
Resensitize = Annotated[bool, Fixed(1, YES_NO)]
RetriesAllowed = Annotated[int, Fixed(3, SHORT_NUMBER)]
ReturnDate = Annotated[Stamp, Fixed(STAMP_WIDTH, STAMP)]
ScRenewalPolicy = Annotated[bool, Fixed(1, YES_NO)]
SecurityMarker = Annotated[str, Fixed(2, TWO_DIGITS)]
StatusCode = Annotated[str, Fixed(1, SC_STATUS)]
StatusUpdateOk = Annotated[bool, Fixed(1, YES_NO)]
SummaryWanted = Annotated[Summary, Fixed(10, SUMMARY)]
ThirdPartyAllowed = Annotated[bool, Fixed(1, YES_NO)]
TimeoutPeriod = Annotated[int, Fixed(3, SHORT_NUMBER)]  # tenths of a second
TransactionDate = Annotated[Stamp, Fixed(STAMP_WIDTH, STAMP)]
UidAlgorithm = Annotated[str, Fixed(1, ONE_DIGIT)]
UnavailableHoldsCount = Annotated[int, Fixed(4, COUNT)]
UnrenewedCount = Annotated[int, Fixed(4, COUNT)]

# Fields with an id, SIP2 2.00.

PatronIdentifier = Annotated[str, Variable("AA", TEXT, personal=True, vital=True)]
ItemIdentifier = Annotated[str, Variable("AB", TEXT, vital=True)]
TerminalPassword = Annotated[str, Variable("AC", TEXT, secret=True)]
PatronPassword = Annotated[str, Variable("AD", TEXT, secret=True)]
PersonalName = Annotated[str, Variable("AE", TEXT, personal=True)]
ScreenMessage = Annotated[str, Variable("AF", TEXT)]
PrintLine = Annotated[str, Variable("AG", TEXT, personal=True)]
DueDate = Annotated[str, Variable("AH", TEXT)]
TitleIdentifier = Annotated[str, Variable("AJ", TEXT)]
BlockedCardMsg = Annotated[str, Variable("AL", TEXT)]
LibraryName = Annotated[str, Variable("AM", TEXT)]
TerminalLocation = Annotated[str, Variable("AN", TEXT)]
InstitutionId = Annotated[str, Variable("AO", TEXT)]
CurrentLocation = Annotated[str, Variable("AP", TEXT)]
PermanentLocation = Annotated[str, Variable("AQ", TEXT)]
HoldItems = Annotated[str, Variable("AS", TEXT, personal=True)]
OverdueItems = Annotated[str, Variable("AT", TEXT, personal=True)]
ChargedItems = Annotated[str, Variable("AU", TEXT, personal=True)]
FineItems = Annotated[str, Variable("AV", TEXT, personal=True)]
HomeAddress = Annotated[str, Variable("BD", TEXT, personal=True)]
EmailAddress = Annotated[str, Variable("BE", TEXT, personal=True)]
HomePhone = Annotated[str, Variable("BF", TEXT, personal=True)]
Owner = Annotated[str, Variable("BG", TEXT)]
CurrencyType = Annotated[str, Variable("BH", CURRENCY)]
Cancel = Annotated[bool, Variable("BI", YES_NO)]
TransactionId = Annotated[str, Variable("BK", TEXT)]
ValidPatron = Annotated[bool, Variable("BL", YES_NO)]
RenewedItems = Annotated[str, Variable("BM", TEXT, personal=True)]
UnrenewedItems = Annotated[str, Variable("BN", TEXT, personal=True)]
FeeAcknowledged = Annotated[bool, Variable("BO", YES_NO)]
StartItem = Annotated[int, Variable("BP", NUMBER)]
EndItem = Annotated[int, Variable("BQ", NUMBER)]
QueuePosition = Annotated[int, Variable("BR", NUMBER)]
PickupLocation = Annotated[str, Variable("BS", TEXT)]
FeeType = Annotated[str, Variable("BT", TWO_DIGITS)]
RecallItems = Annotated[str, Variable("BU", TEXT, personal=True)]
FeeAmount = Annotated[int, Variable("BV", AMOUNT, vital=True)]  # whole hundredths of the currency
ExpirationDate = Annotated[Stamp, Variable("BW", STAMP)]
SupportedMessages = Annotated[frozenset[str], Variable("BX", SUPPORTED)]
HoldType = Annotated[str, Variable("BY", HOLD_TYPE)]
HoldItemsLimit = Annotated[int, Variable("BZ", COUNT)]
OverdueItemsLimit = Annotated[int, Variable("CA", COUNT)]
ChargedItemsLimit = Annotated[int, Variable("CB", COUNT)]
FeeLimit = Annotated[int, Variable("CC", AMOUNT)]
UnavailableHoldItems = Annotated[str, Variable("CD", TEXT, personal=True)]
HoldQueueLength = Annotated[int, Variable("CF", NUMBER)]
FeeIdentifier = Annotated[str, Variable("CG", TEXT)]
ItemProperties = Annotated[str, Variable("CH", TEXT, vital=True, empty_counts=True)]
SecurityInhibit = Annotated[bool, Variable("CI", YES_NO)]
RecallDate = Annotated[Stamp, Variable("CJ", STAMP)]
MediaType = Annotated[str, Variable("CK", THREE_DIGITS)]
SortBin = Annotated[str, Variable("CL", TEXT)]
HoldPickupDate = Annotated[Stamp, Variable("CM", STAMP)]
LoginUserId = Annotated[str, Variable("CN", TEXT, vital=True)]
LoginPassword = Annotated[str, Variable("CO", TEXT, secret=True)]
LocationCode = Annotated[str, Variable("CP", TEXT)]
ValidPatronPassword = Annotated[bool, Variable("CQ", YES_NO)]

# Extensions.  CR to CY and DA: 3M's sorting extension.  FA to FG: Gossip (GBV) and edge-sip2.  PA, PB, PC, PI:
# Evergreen and EnvisionWare; PA is also the open-library access level of the Finnish suppliers.  WS: Denmark, 2011.

CollectionCode = Annotated[str, Variable("CR", TEXT, extension=True)]
CallNumber = Annotated[str, Variable("CS", TEXT, extension=True)]
DestinationLocation = Annotated[str, Variable("CT", TEXT, extension=True)]
AlertType = Annotated[str, Variable("CV", TWO_DIGITS, extension=True)]
HoldPatronId = Annotated[str, Variable("CY", TEXT, personal=True, extension=True)]
HoldPatronName = Annotated[str, Variable("DA", TEXT, personal=True, extension=True)]
FeeItemAmount = Annotated[int, Variable("FA", AMOUNT, extension=True)]
FeeItemIdentifier = Annotated[str, Variable("FB", TEXT, extension=True)]
FeeItemDate = Annotated[str, Variable("FC", TEXT, extension=True)]
FeeItemTitle = Annotated[str, Variable("FD", TEXT, extension=True)]
FeeItemCostId = Annotated[str, Variable("FE", TEXT, extension=True)]
FeeItemDescription = Annotated[str, Variable("FF", TEXT, extension=True)]
PaidAmount = Annotated[int, Variable("FG", AMOUNT, extension=True)]
PatronExpiry = Annotated[str, Variable("PA", TEXT, personal=True, extension=True)]
BirthDate = Annotated[str, Variable("PB", TEXT, personal=True, extension=True)]
PatronClass = Annotated[str, Variable("PC", TEXT, personal=True, extension=True)]
InternetProfile = Annotated[str, Variable("PI", TEXT, personal=True, extension=True)]
VendorVersion = Annotated[str, Variable("VN", TEXT, extension=True)]
OwnerInstitution = Annotated[str, Variable("WS", TEXT, extension=True)]
