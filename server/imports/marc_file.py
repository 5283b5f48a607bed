"""A file of MARC records, one after the other: ISO 2709 or MARCXML, read in pieces and never held whole.

A record that cannot be read is given back as such, with its number, and the next one is tried: in ISO 2709 behind the
next record terminator, or at the next leader where a record lost its end and the terminator is another's; in XML at the
next start tag. Each XML record is parsed by itself, entities off.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree
from pymarc import Field, Indicators, Leader, Record, Subfield
from pymarc.exceptions import PymarcException

from server.imports.marc_charset import MARC_8, UTF_8, encoding_of
from server.imports.reading import Broken, FileError

BOM: Final = b"\xef\xbb\xbf"
TERMINATOR: Final = b"\x1d"
PIECE: Final = 1 << 16  # bytes read at a time
LONGEST_ISO: Final = 99_999  # bytes that a leader can tell
LONGEST: Final = 2_000_000  # bytes of one record; XML has about three times as many as ISO 2709
LEADER: Final = 24
ENTRY: Final = 12  # bytes of the directory for each field: tag, length, start
FIELD_END: Final = b"\x1e"
A_LEADER: Final = re.compile(rb"[0-9]{5}[^\x1d-\x1f]{5}22[0-9]{5}[^\x1d-\x1f]{3}45")
AS_MARC_8: Final = "iso8859-1"  # so written, and not "latin-1", the library means MARC-8 by it
START: Final = re.compile(rb"<(?:[\w.-]+:)?record[\s>]")
END: Final = re.compile(rb"</(?:[\w.-]+:)?record\s*>")
NAMESPACE: Final = re.compile(rb"""xmlns(?::[\w.-]+)?\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
DECLARATION: Final = re.compile(rb"""^<\?xml[^>]*\?>""")
HAS_FIELDS: Final = re.compile(rb"<(?:[\w.-]+:)?(?:leader|controlfield|datafield)[\s>]")
# What it warns of is the habit of whole catalogues, such as a missing indicator.
logging.getLogger("pymarc").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Numbered:
    """One record that could be read; `number` counts from 1."""

    number: int
    record: Record


def records_of(path: Path, encoding: str | None = None) -> Iterator[Numbered | Broken]:
    """Every record in order; `encoding` is what is known better than each record by itself. Raises FileError."""
    xml = is_xml(path)
    for number, chunk in enumerate(xml_chunks(path) if xml else iso_chunks(path), 1):
        try:
            yield Numbered(number, from_xml(chunk) if xml else from_iso(chunk, encoding))
        except (PymarcException, etree.XMLSyntaxError, ValueError, IndexError) as wrong:
            yield Broken(number, f"is no MARC record: {' '.join(str(wrong).split()) or type(wrong).__name__}")


def count_records(path: Path) -> int:
    """How many there are, readable or not. Raises FileError."""
    return sum(1 for _ in (xml_chunks(path) if is_xml(path) else iso_chunks(path)))


def is_xml(path: Path) -> bool:
    """By how the file begins. Raises FileError when it begins like neither."""
    begin = next(pieces(path), b"").removeprefix(BOM).lstrip()
    if begin.startswith(b"<"):
        return True
    if not begin[:5].isdigit() and TERMINATOR not in begin:
        raise FileError([f"{path}: is neither MARC 21 (ISO 2709) nor MARCXML in UTF-8"])
    return False


def pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes. Raises FileError when it cannot be read."""
    try:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(PIECE), b"")
    except OSError as unread:
        raise FileError([f"{path}: cannot be read: {unread.strerror}"]) from unread


# ---- ISO 2709 -------------------------------------------------------------------------


def iso_chunks(path: Path) -> Iterator[bytes]:
    """Each record, whole or not, line ends between records left out; an endless record is cut."""
    rest = b""
    for piece in pieces(path):
        *whole, rest = (rest + piece).split(TERMINATOR)
        for record in whole:
            yield from apart(record.removeprefix(BOM).lstrip() + TERMINATOR)
        if len(rest) > LONGEST:
            yield rest[:LEADER]
            rest = b""
    if rest.strip(b"\r\n\0\x1a "):
        yield from apart(rest.removeprefix(BOM).lstrip())


def apart(data: bytes) -> Iterator[bytes]:
    """A whole record as it is; another cut where leaders begin: what lost its end has the next record in it."""
    begins = [0] if is_whole(data) else [0, *(leader.start() for leader in A_LEADER.finditer(data) if leader.start())]
    for begin, end in zip(begins, [*begins[1:], len(data)], strict=True):
        record = data[begin:end].rstrip(b"\r\n")
        yield record if record.endswith(TERMINATOR) else record + TERMINATOR


def is_whole(data: bytes) -> bool:
    """Whether the fields of the directory end where it says, and the record with the last of them."""
    try:
        return directory_end(data) == len(data) - len(TERMINATOR)
    except ValueError:
        return False


def directory_end(data: bytes) -> int:
    """Where the last field ends by leader and directory. Raises ValueError when a field ends elsewhere."""
    base = int(data[12:17])
    ends = [base]
    for at in range(LEADER, base - 1, ENTRY):
        length, start = int(data[at + 3 : at + 7]), int(data[at + 7 : at + ENTRY])
        ends.append(base + start + length)
        if data[ends[-1] - 1 : ends[-1]] != FIELD_END:
            raise ValueError(f"its field {data[at : at + 3].decode('ascii', 'replace')} does not end where it should")
    return max(ends)


def from_iso(data: bytes, encoding: str | None) -> Record:
    """Raises PymarcException and ValueError."""
    if len(data) <= LEADER:
        raise ValueError("is shorter than a leader")
    if (end := directory_end(data)) != len(data) - len(TERMINATOR):
        raise ValueError(f"its fields end at byte {end} of {len(data)}")
    letters = encoding or encoding_of(data)
    # The library believes the leader, of letters and of length: so the leader says what is right.
    length = b"%05d" % min(len(data), LONGEST_ISO)
    labelled = length + data[5:9] + (b"a" if letters == UTF_8 else b" ") + data[10:]
    known = AS_MARC_8 if letters == MARC_8 else letters
    return Record(labelled, hide_utf8_warnings=True, file_encoding=known)


# ---- XML ------------------------------------------------------------------------------


def xml_chunks(path: Path) -> Iterator[bytes]:
    """Each record as a document of its own, with the name spaces that were declared above the first."""
    head: bytes | None = None
    rest = b""
    for piece in pieces(path):
        rest += piece
        if head is None and (first := START.search(rest)):
            head, rest = wrapping(rest[: first.start()]), rest[first.start() :]
        if head is not None:
            *whole, rest = cut(rest)
            yield from (head + record + b"</records>" for record in whole if HAS_FIELDS.search(record))
        if len(rest) > LONGEST:
            raise FileError([f"{path}: has no record in {LONGEST} bytes"])
    if head is not None and HAS_FIELDS.search(rest):
        yield head + rest


def wrapping(head: bytes) -> bytes:
    """The declaration and an element around the record."""
    declaration = DECLARATION.match(head.removeprefix(BOM).lstrip())
    spaces = {space.partition(b"=")[0].strip(): space for space in NAMESPACE.findall(head)}
    return (declaration[0] if declaration else b"") + b"<records " + b" ".join(spaces.values()) + b">"


def cut(text: bytes) -> list[bytes]:
    """Whole records and, last, what is not whole yet; a record without an end is cut at the next one's start."""
    found: list[bytes] = []
    while begin := START.search(text):
        end = END.search(text, begin.end())
        following = START.search(text, begin.end())
        if following and (end is None or following.start() < end.start()):
            found.append(text[begin.start() : following.start()])
            text = text[following.start() :]
        elif end:
            found.append(text[begin.start() : end.end()])
            text = text[end.end() :]
        else:
            return [*found, text[begin.start() :]]
    return [*found, text[-100:]]  # a start tag may be in pieces


def from_xml(document: bytes) -> Record:
    """Raises XMLSyntaxError, and ValueError for an element that lacks its tag or code."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    record = Record()
    for element in etree.fromstring(document, parser).iter("{*}leader", "{*}controlfield", "{*}datafield"):
        name = etree.QName(element).localname
        text = element.text or ""
        if name == "leader":
            record.leader = Leader(text.ljust(LEADER)[:LEADER])
        elif name == "controlfield":
            record.add_field(Field(tag=tag_of(element), data=text))
        else:
            record.add_field(data_field(element))
    return record


def data_field(element: etree._Element) -> Field:
    subfields = [
        Subfield(code=named(one, "code"), value="".join(one.itertext())) for one in element.iterchildren("{*}subfield")
    ]
    indicators = Indicators(element.get("ind1") or " ", element.get("ind2") or " ")
    return Field(tag=tag_of(element), indicators=indicators, subfields=subfields)


def tag_of(element: etree._Element) -> str:
    tag = named(element, "tag")
    if len(tag) != 3:
        raise ValueError(f"a tag has three characters, not {tag!r}")
    return tag


def named(element: etree._Element, attribute: str) -> str:
    value = element.get(attribute)
    if not value:
        raise ValueError(f"{etree.QName(element).localname} without {attribute}")
    return value
