"""Which letters the bytes of a MARC record are: what its leader says is wrong often enough to be proved.

Position 9 of the leader is `a` for UTF-8, blank for MARC-8. Norwegian and Swedish exports of two decades have Latin-1
under either label. A diacritic of MARC-8 stands before its letter, one of Latin-1 is a letter of its own: whatever
makes more letters of our languages wins.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from pymarc.marc8 import marc8_to_unicode

UTF_8: Final = "utf-8"
MARC_8: Final = "marc-8"
LATIN_1: Final = "latin-1"
ESCAPE: Final = b"\x1b"  # changes the alphabet: MARC-8 only
FIRST_HIGH: Final = 0x80
LETTERS_OF_MARC_8: Final = frozenset(b"\xa1\xa2\xa3\xa4\xa5\xa6\xb1\xb2\xb3\xb4\xb5\xb6\xb8\xba")  # Ł Ø Đ Þ Æ Œ ł ø ...
MARKS_OF_MARC_8: Final = range(0xE0, 0xFF)
LETTERS_OF_LATIN_1: Final = frozenset("æøåäöéüÆØÅÄÖÉÜ".encode("latin-1"))
LAST_EUROPEAN: Final = 0x17F  # of Latin Extended-A; beyond it chance makes letters that nobody writes


def encoding_of(record: bytes) -> str:
    """`utf-8`, `marc-8`, or Latin-1 as its Windows variant where that fits."""
    try:
        record.decode(UTF_8)
        return UTF_8
    except UnicodeDecodeError:
        pass
    if ESCAPE in record:
        return MARC_8
    marc_8, latin_1 = weighed(record)
    label_says_marc_8 = record[9:10] != b"a"
    if marc_8 > latin_1 or (marc_8 == latin_1 and label_says_marc_8):
        return MARC_8
    return windows_or_latin(record)


def weighed(record: bytes) -> tuple[int, int]:
    """How many letters the record has if it is MARC-8, and if it is Latin-1."""
    pairs = list(high_pairs(record))
    return sum(is_letter_of_marc_8(*pair) for pair in pairs), sum(byte in LETTERS_OF_LATIN_1 for byte, _ in pairs)


def high_pairs(record: bytes) -> Iterator[tuple[int, int]]:
    """Each byte beyond ASCII, and the one behind it."""
    return ((byte, behind) for byte, behind in zip(record, record[1:] + b"\0", strict=True) if byte >= FIRST_HIGH)


def is_letter_of_marc_8(byte: int, behind: int) -> bool:
    """A letter of its own, or a mark whose letter follows."""
    if byte in LETTERS_OF_MARC_8:
        return True
    if byte not in MARKS_OF_MARC_8 or not chr(behind).isalpha() or behind >= FIRST_HIGH:
        return False
    letter = unicodedata.normalize("NFC", marc8_to_unicode(bytes((byte, behind)), hide_utf8_warnings=True))
    return len(letter) == 1 and ord(letter) <= LAST_EUROPEAN


def windows_or_latin(record: bytes) -> str:
    """Windows' letters are Latin-1 and quotation marks besides; five bytes it has no sign for."""
    try:
        record.decode("cp1252")
    except UnicodeDecodeError:
        return LATIN_1
    return "cp1252"
