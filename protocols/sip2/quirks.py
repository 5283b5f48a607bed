"""What machines do differently and we put up with; knows names only, not how a repair is made.

Every tolerance is one `Quirk`, so that a terminal's oddities can be counted, shown, and refused where an account is
strict.
"""

from dataclasses import dataclass
from enum import StrEnum


class Quirk(StrEnum):
    """One way a frame can differ from the text and still be understood; the value is its name in logs and metrics."""

    LINE_FEED = "line-feed"
    BARE_LINE_FEED = "bare-line-feed"
    LEADING_JUNK = "leading-junk"
    TRAILING_JUNK = "trailing-junk"
    LONG_SEQUENCE = "long-sequence"
    LOOSE_CHECKSUM = "loose-checksum"
    CHECKSUM_WITHOUT_SEQUENCE = "checksum-without-sequence"
    WRONG_CHECKSUM = "wrong-checksum"
    UNDECODABLE_TEXT = "undecodable-text"
    STRAY_DELIMITER = "stray-delimiter"
    MISSING_LAST_DELIMITER = "missing-last-delimiter"
    STRAY_TEXT = "stray-text"
    DUPLICATE_FIELD = "duplicate-field"
    MISSING_FIELD = "missing-field"
    MISSING_DATE = "missing-date"
    LANGUAGE_BEFORE_DATE = "language-before-date"
    ODD_DATE = "odd-date"
    ODD_SUMMARY = "odd-summary"
    ODD_FLAG = "odd-flag"
    ODD_NUMBER = "odd-number"
    ODD_AMOUNT = "odd-amount"
    ODD_CODE = "odd-code"
    ODD_VERSION = "odd-version"
    ODD_PRINT_WIDTH = "odd-print-width"
    ODD_TEXT = "odd-text"


IN_WORDS: dict[Quirk, str] = {
    Quirk.LINE_FEED: "a line feed stands beside the carriage return",
    Quirk.BARE_LINE_FEED: "the line ends with a line feed alone, not with a carriage return",
    Quirk.LEADING_JUNK: "blanks, NULs or other strays stand before the command",
    Quirk.TRAILING_JUNK: "blanks or NULs stand between the message and its line end",
    Quirk.LONG_SEQUENCE: "the sequence number has more than one digit",
    Quirk.LOOSE_CHECKSUM: "the checksum is not four capital hexadecimal digits",
    Quirk.CHECKSUM_WITHOUT_SEQUENCE: "there is a checksum and no sequence number",
    Quirk.WRONG_CHECKSUM: "the checksum does not match the bytes",
    Quirk.UNDECODABLE_TEXT: "some bytes are not text in this account's encoding",
    Quirk.STRAY_DELIMITER: "a delimiter stands where no field ends",
    Quirk.MISSING_LAST_DELIMITER: "the last field has no delimiter",
    Quirk.STRAY_TEXT: "a piece between delimiters is too short, or its first two characters are no field id",
    Quirk.DUPLICATE_FIELD: "a field that may come once came more often",
    Quirk.MISSING_FIELD: "a required field is missing",
    Quirk.MISSING_DATE: "a date is missing from the fixed part",
    Quirk.LANGUAGE_BEFORE_DATE: "a language code stands before the date of a message that has none",
    Quirk.ODD_DATE: "a date is blank, unreadable or in an unknown zone",
    Quirk.ODD_SUMMARY: "the summary is not ten characters with one Y at most",
    Quirk.ODD_FLAG: "a flag is neither of its letters",
    Quirk.ODD_NUMBER: "a number is padded, blank or not a number",
    Quirk.ODD_AMOUNT: "an amount is not digits, a point and two decimals",
    Quirk.ODD_CODE: "a code is not of its form",
    Quirk.ODD_VERSION: "the protocol version is not of the form x.xx",
    Quirk.ODD_PRINT_WIDTH: "the print width is not three digits",
    Quirk.ODD_TEXT: "a value is longer than 255 characters or holds control characters",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """One quirk met in one frame; `where` is the field's id or name, or empty for the whole frame.  Holds no value."""

    quirk: Quirk
    where: str = ""

    def __str__(self) -> str:
        words = IN_WORDS[self.quirk]
        return f"{words} ({self.where})" if self.where else words
