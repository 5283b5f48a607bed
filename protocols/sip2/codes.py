"""The code lists of SIP2 2.00 by name; knows meanings, not where they are written.

Codes travel as plain strings, so that a value outside a list survives; the members here are strings too.
"""

from enum import IntEnum, StrEnum


class YesNoUnknown(StrEnum):
    """Flags that may be undecided: magnetic media and desensitize."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"


class PatronStatus(IntEnum):
    """Position in the patron status of 24, 26 and 64."""

    CHARGE_DENIED = 0
    RENEWAL_DENIED = 1
    RECALL_DENIED = 2
    HOLD_DENIED = 3
    CARD_REPORTED_LOST = 4
    TOO_MANY_CHARGED = 5
    TOO_MANY_OVERDUE = 6
    TOO_MANY_RENEWALS = 7
    TOO_MANY_CLAIMS_RETURNED = 8
    TOO_MANY_LOST = 9
    EXCESSIVE_FINES = 10
    EXCESSIVE_FEES = 11
    RECALL_OVERDUE = 12
    TOO_MANY_BILLED = 13


ALL_PRIVILEGES_DENIED = frozenset(
    {
        PatronStatus.CHARGE_DENIED,
        PatronStatus.RENEWAL_DENIED,
        PatronStatus.RECALL_DENIED,
        PatronStatus.HOLD_DENIED,
    }
)


class Summary(IntEnum):
    """Position of the one Y in the summary of 63: which list is wanted.  7 to 9 are undefined."""

    NOTHING = -1
    HOLD_ITEMS = 0
    OVERDUE_ITEMS = 1
    CHARGED_ITEMS = 2
    FINE_ITEMS = 3
    RECALL_ITEMS = 4
    UNAVAILABLE_HOLDS = 5
    FEE_ITEMS = 6  # Gossip, GBV; undefined in the text
    UNDEFINED_7 = 7
    UNDEFINED_8 = 8
    UNDEFINED_9 = 9


class CirculationStatus(StrEnum):
    """18."""

    OTHER = "01"
    ON_ORDER = "02"
    AVAILABLE = "03"
    CHARGED = "04"
    CHARGED_NOT_TO_BE_RECALLED_YET = "05"
    IN_PROCESS = "06"
    RECALLED = "07"
    ON_HOLD_SHELF = "08"
    TO_BE_RESHELVED = "09"
    IN_TRANSIT = "10"
    CLAIMED_RETURNED = "11"
    LOST = "12"
    MISSING = "13"


class SecurityMarker(StrEnum):
    """18."""

    OTHER = "00"
    NONE = "01"
    TATTLE_TAPE = "02"
    WHISPER_TAPE = "03"


class FeeType(StrEnum):
    """BT, 18 and 37."""

    OTHER = "01"
    ADMINISTRATIVE = "02"
    DAMAGE = "03"
    OVERDUE = "04"
    PROCESSING = "05"
    RENTAL = "06"
    REPLACEMENT = "07"
    COMPUTER_ACCESS = "08"
    HOLD = "09"


class PaymentType(StrEnum):
    """37; 03 to 99 are free."""

    CASH = "00"
    VISA = "01"
    CREDIT_CARD = "02"


class MediaType(StrEnum):
    """CK."""

    OTHER = "000"
    BOOK = "001"
    MAGAZINE = "002"
    BOUND_JOURNAL = "003"
    AUDIO_TAPE = "004"
    VIDEO_TAPE = "005"
    CD = "006"
    DISKETTE = "007"
    BOOK_WITH_DISKETTE = "008"
    BOOK_WITH_CD = "009"
    BOOK_WITH_AUDIO_TAPE = "010"


class HoldMode(StrEnum):
    """15."""

    ADD = "+"
    DELETE = "-"
    CHANGE = "*"


class HoldType(StrEnum):
    """BY; 5 to 9 are undefined."""

    OTHER = "1"
    ANY_COPY = "2"
    THIS_COPY = "3"
    ANY_COPY_AT_ONE_BRANCH = "4"


class AlertType(StrEnum):
    """CV, from 3M's sorting extension."""

    UNKNOWN = "00"
    HOLD_HERE = "01"
    HOLD_ELSEWHERE = "02"
    HOLD_FOR_ILL = "03"
    SEND_TO_BRANCH = "04"
    OTHER = "99"


class Language(StrEnum):
    """23, 63 and their answers."""

    UNKNOWN = "000"
    ENGLISH = "001"
    FRENCH = "002"
    GERMAN = "003"
    ITALIAN = "004"
    DUTCH = "005"
    SWEDISH = "006"
    FINNISH = "007"
    SPANISH = "008"
    DANISH = "009"
    PORTUGUESE = "010"
    CANADIAN_FRENCH = "011"
    NORWEGIAN = "012"
    HEBREW = "013"
    JAPANESE = "014"
    RUSSIAN = "015"
    ARABIC = "016"
    POLISH = "017"
    GREEK = "018"
    CHINESE = "019"
    KOREAN = "020"
    NORTH_AMERICAN_SPANISH = "021"
    TAMIL = "022"
    MALAY = "023"
    UNITED_KINGDOM = "024"
    ICELANDIC = "025"
    BELGIAN = "026"
    TAIWANESE = "027"


BX_POSITIONS = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")
"""Which request each of the sixteen flags of BX speaks for (99 stands for 99/98, 97 for 97/96)."""
