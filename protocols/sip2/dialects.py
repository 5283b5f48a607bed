"""What one account's machine wants to see and may be forgiven: values, no code that parses or builds.

Every account reads tolerantly unless it is strict; the rest of a dialect shapes what goes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from protocols.sip2.charset import ENCODINGS, UNWRITABLE

TERMINATORS: Final = (b"\r", b"\r\n")


class ErrorDetection(StrEnum):
    """Whether sequence numbers and checksums are used."""

    AUTO = "auto"  # as the request has it
    REQUIRED = "required"  # a frame without gets 96
    OFF = "off"  # what comes is not looked at, none is sent


class UnknownPolicy(StrEnum):
    """What a command that SIP2 2.00 does not know is answered with."""

    IGNORE = "ignore"
    RESEND = "96"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one machine is spoken to.  Raises ValueError for settings that cannot work.

    `delimiter_substitute` replaces the delimiter inside values.  `extensions` holds the ids that may go out beyond
    SIP2 2.00.  `remove` and `overwrite` are the field filter, by id: a removed field that is required goes out empty.
    """

    name: str = "standard"
    encoding: str = "cp850"
    terminator: bytes = b"\r"
    delimiter: str = "|"
    delimiter_substitute: str = " "
    strict: bool = False
    error_detection: ErrorDetection = ErrorDetection.AUTO
    lenient_checksum: bool = False
    unknown: UnknownPolicy = UnknownPolicy.IGNORE
    extensions: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    overwrite: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise ValueError(f"encoding {self.encoding!r}: one of {', '.join(ENCODINGS)} expected")
        if self.terminator not in TERMINATORS:
            raise ValueError("terminator: CR or CR LF expected")
        if not _separates(self.delimiter):
            raise ValueError("delimiter: one ASCII sign that is no letter, digit or blank expected")
        if len(self.delimiter_substitute) > 1 or self.delimiter_substitute == self.delimiter:
            raise ValueError("delimiter substitute: one character other than the delimiter, or none, expected")
        if not (self.delimiter_substitute.isascii() and self.delimiter_substitute.isprintable()):
            raise ValueError("delimiter substitute: a printable ASCII character expected")


def _separates(delimiter: str) -> bool:
    return (
        len(delimiter) == 1
        and delimiter.isascii()
        and delimiter.isprintable()
        and not delimiter.isalnum()
        and delimiter not in (" ", UNWRITABLE)
    )


SORTING: Final = frozenset({"CV", "CT", "CS", "CR", "CY", "DA"})
FEE_ITEMS: Final = frozenset({"FA", "FB", "FC", "FD", "FE", "FF", "FG", "CG"})
PATRON_DETAILS: Final = frozenset({"PA", "PB", "PC", "PI"})

STANDARD: Final = Dialect()
# Clients that grew up with Koha read lines and wait for the LF.
KOHA_CLIENT: Final = Dialect(name="koha-client", encoding="utf-8", terminator=b"\r\n")
# 3M, Bibliotheca and Lyngsoe sorters read the extension document of 2005.
SORTER: Final = Dialect(name="sorter", extensions=SORTING)
# EnvisionWare, as Evergreen serves it: PC booking by class, birth date and internet profile.
ENVISIONWARE: Final = Dialect(name="envisionware", encoding="utf-8", extensions=PATRON_DETAILS)
# German payment machines list and pay single fees.
GOSSIP: Final = Dialect(name="gossip", encoding="utf-8", extensions=FEE_ITEMS)
# Finnish suppliers agreed in 2018 that PA says whether the patron may enter the self-service library.
FINNISH_DOOR: Final = Dialect(name="finnish-door", encoding="utf-8", extensions=frozenset({"PA"}))
# Evergreen's own test suite wants BL in 12 and 30, the home library in 64, and accents in Latin-1.
EVERGREEN_SUITE: Final = Dialect(
    name="evergreen-suite", encoding="iso-8859-1", extensions=PATRON_DETAILS | {"BL", "AQ"}
)
# PyPI Sip2 1.1 adds up code points instead of bytes: with UTF-8 its checksum proves nothing.
CODE_POINT_CHECKSUM: Final = Dialect(name="code-point-checksum", encoding="utf-8", lenient_checksum=True)
# Palace and NYPL Simplified take CC for a block, and every PIN answer from CQ.
PALACE: Final = Dialect(name="palace", encoding="utf-8", remove=frozenset({"CC"}))
# Libki reads 1,024 bytes of a 64 and no more: only what it looks at.
LIBKI: Final = Dialect(
    name="libki",
    encoding="utf-8",
    remove=frozenset({"BD", "BE", "BF", "AS", "AT", "AU", "AV", "BU", "CD", "AG"}),
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            STANDARD,
            KOHA_CLIENT,
            SORTER,
            ENVISIONWARE,
            GOSSIP,
            FINNISH_DOOR,
            EVERGREEN_SUITE,
            CODE_POINT_CHECKSUM,
            PALACE,
            LIBKI,
        )
    }
)
"""Known machines by name; an account starts from one and changes what it must (`dataclasses.replace`)."""
