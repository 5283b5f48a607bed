"""Bytes to a message and its repairs; a message to bytes.  The only module that knows the XML parser.

The parser loads nothing, expands nothing and is used once: no message reaches the disk, the network or the next one.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

from lxml import etree

from protocols.ncip import proper
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Initiation, InitiationHeader, Message, Problem, Response
from protocols.ncip.errors import (
    EntityRefused,
    MalformedXml,
    MessageTooLarge,
    NcipError,
    NotNcip,
    TooComplex,
    UnknownMessage,
    violation,
)
from protocols.ncip.kinds import CodedText
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import SERVICES, BareExtension, BareProblem, Unread, message_class, swapped
from protocols.ncip.nodes import NCIP, Node
from protocols.ncip.profiles import DOCTYPES, PLAIN, VERSION_2_02, VERSIONS, Profile, Schemes, Wire
from protocols.ncip.quirks import Quirk, QuirkName, Quirks
from protocols.ncip.reading import Reader
from protocols.ncip.repairs import VERSION_MESSAGE, repair
from protocols.ncip.straight import Written, write
from protocols.ncip.validity import ROOT, SOUND, VERSION, Verdict, leave_out_strangers, validate
from protocols.ncip.version1 import lift, lower, speaks
from protocols.ncip.writing import document, element_node
from protocols.value import value

CODED = frozenset(name for name, kind in LEAVES.items() if isinstance(kind, CodedText))


MOST_CHARACTERS = 3  # that one byte can stand for, in the oddest of the encodings that a parser knows
DEEPEST = 16  # elements; the deepest place of the schema is twelve down


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one message may be; well above any that was seen."""

    size: int = 1 << 20  # bytes
    depth: int = 40  # Ext may go on below what the schema knows
    elements: int = 20_000
    attributes: int = 16  # on one element
    text: int = 1 << 16  # characters in one piece

    def bear(self, size: int) -> bool:
        """Is any message of the schema within them that has `size` bytes?  An element takes four at the least."""
        return size <= min(self.text // MOST_CHARACTERS, self.elements * 4) and self.depth >= DEEPEST


LIMITS = Limits()
TELLING = ("InitiationHeader", "RequestId", "UniqueRequestId")  # of a message that cannot be read
CUSTOMS_1 = {QuirkName.ELEMENT_ORDER, QuirkName.STRAY_ELEMENT, QuirkName.MISSING_ELEMENT}  # by the 2.02 table


@value(frozen=True, slots=True)
class Dialect:
    """How the peer spelt its message; an answer is spelt the same way."""

    wire: Wire = Wire.VERSION_2
    version: str = ""  # the root's version attribute as sent
    in_ext: bool = False  # the service stood in an Ext directly under the root, as early users of LookupItemSet sent it
    version_root: bool = False  # the root was OCLC's NCIPVersionMessage


@value(frozen=True, slots=True)
class Decoded:
    """A message, what had to be repaired to understand it, and what the schema says of it as it came.

    With a `fault` it is as much of the message as could be read: enough to answer it, not to carry it out.
    """

    message: Message
    quirks: tuple[Quirk, ...]
    verdict: Verdict
    dialect: Dialect
    fault: NcipError | None = None
    proper: bool = field(default=False, compare=False)  # nothing at all was odd: it was read the short way


class Unsendable(ValueError):
    """We have built a message that the schema refuses; a fault of ours, so no NcipError."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("; ".join(map(str, verdict.faults)))
        self.verdict = verdict


def decode(data: bytes, *, strict: bool = False, limits: Limits = LIMITS) -> Decoded:
    """The message in `data`.  An NcipError says what was wrong and how to answer; nothing else is raised.

    `strict` refuses what the schema refuses; the verdict is given in any case.
    """
    decoded = understand(tree(data, limits), len(data), strict=strict, limits=limits)
    if decoded.fault is not None:
        raise decoded.fault
    return decoded


def understand(document: etree._Element, size: int, *, strict: bool = False, limits: Limits = LIMITS) -> Decoded:
    """The message in a document that the parser has taken from `size` bytes.  TooComplex, EntityRefused.

    What `decode` raises beside these is the `fault` of what could be read.
    """
    read = proper.read(document) if limits.bear(size) else None
    if read is not None:
        return Decoded(read.message, (), SOUND, Dialect(Wire.VERSION_2, read.version), proper=True)
    return read_patiently(document, strict=strict, limits=limits)


def read_patiently(document: etree._Element, *, strict: bool = False, limits: Limits = LIMITS) -> Decoded:
    """As `understand`, whatever is odd about it."""
    root = _Copy(limits).node(document, 1)
    verdict = validate(root)
    quirks = Quirks()
    dialect = _spelling(root, verdict, quirks)
    body: Node | None = None
    fault: NcipError | None
    try:
        body = _body(root)
        if strict and not verdict.valid:
            raise violation(verdict.faults[0])
        message, dialect, fault = _message(root, body, dialect, quirks)
    except NcipError as error:
        message, fault = _unread(body), error
    if fault is not None and body is not None:
        _address(fault, body)
    return Decoded(message, _told(quirks, dialect, verdict), verdict, dialect, fault)


def _told(quirks: Quirks, dialect: Dialect, verdict: Verdict) -> tuple[Quirk, ...]:
    """What is a fault in version 2 may be the custom of version 1.  No message that is invalid goes uncounted."""
    if dialect.wire is Wire.VERSION_2:
        at_fault = (fault.element for fault in verdict.faults if fault.element not in BEYOND_SCHEMA)
        unnamed = (Quirk(QuirkName.OTHERWISE, element) for element in at_fault)
        return quirks.all() or tuple(dict.fromkeys(unnamed))
    return tuple(quirk for quirk in quirks.all() if quirk.name not in CUSTOMS_1)


def encode(message: Message, profile: Profile = PLAIN, *, reply_to: Dialect | None = None) -> bytes:
    """The message as UTF-8 with declaration; in the spelling of the question when it is a reply.

    An answer goes without extensions that the schema refuses.  Unsendable when the rest is not valid by it.
    """
    written = straight(message, profile, reply_to)
    return encode_patiently(message, profile, reply_to=reply_to) if written is None else written.document.encode()


def straight(message: Message, profile: Profile, reply_to: Dialect | None) -> Written | None:
    """The message with nothing odd about it or about its spelling; None for all others."""
    dialect = reply_to or Dialect(profile.wire, profile.version)
    if dialect.wire is not Wire.VERSION_2 or dialect.in_ext or dialect.version_root:
        return None
    return write(message, _version_sent(profile, dialect), profile)


def encode_patiently(message: Message, profile: Profile = PLAIN, *, reply_to: Dialect | None = None) -> bytes:
    """As `encode`, whatever is odd about it."""
    dialect = reply_to or Dialect(profile.wire, profile.version)
    root = _root(message, profile, dialect)
    if dialect.wire is Wire.VERSION_1:
        lower(root, CODED)
        return document(root, doctype=DOCTYPES.get(dialect.version)).encode()
    if message.element not in BEYOND_SCHEMA and not (verdict := _judged(root, message)).valid:
        raise Unsendable(verdict)
    return document(root).encode()


def _judged(root: Node, message: Message) -> Verdict:
    """Numbers come back in an answer as they were sent, but not what the partner had put beside them."""
    verdict = validate(root)
    if verdict.valid or not isinstance(message, Response):
        return verdict
    for body in root.children:
        leave_out_strangers(body)
    return validate(root)


def fingerprint(message: Message) -> str:
    """What tells a repeated message from another one: its content in one spelling, without header and its secrets."""
    node = element_node(message, Profile(name="fingerprint", schemes=Schemes.AS_GIVEN, all_dates_in_gmt=True))
    node.children = [child for child in node.children if child.name != InitiationHeader.element]
    return sha256(document(node).encode()).hexdigest()


def _root(message: Message, profile: Profile, dialect: Dialect) -> Node:
    root = Node(VERSION_MESSAGE if dialect.version_root else ROOT)
    root.attributes[VERSION] = _version_sent(profile, dialect)
    node = element_node(message, profile)
    if isinstance(message, BareProblem | BareExtension):
        root.children = node.children
    else:
        root.children = [Node("Ext", children=[node])] if dialect.in_ext else [node]
    return root


def _version_sent(profile: Profile, dialect: Dialect) -> str:
    """The peer's, if we know it, else the profile's own."""
    if dialect.version in VERSIONS or dialect.version_root:
        return dialect.version
    return profile.version if profile.wire is Wire.VERSION_2 else VERSION_2_02


def parse(data: bytes, limits: Limits = LIMITS) -> Node:
    """The document as data.  An NcipError when it is no XML, uses entities or is beyond the limits."""
    return _Copy(limits).node(tree(data, limits), 1)


def tree(data: bytes, limits: Limits = LIMITS) -> etree._Element:
    """The document as the parser has it, not counted yet.  An NcipError when it is too large, no XML, has entities."""
    if len(data) > limits.size:
        raise MessageTooLarge(f"the message has {len(data)} bytes; {limits.size} are read")
    if data.count(b"<") > limits.elements * 3:  # two tags an element, and some more for comments
        raise TooComplex(f"more than {limits.elements} elements")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _unparsed(error, limits) from error
    except ValueError as error:  # an encoding that nobody knows, a byte that no text holds
        raise MalformedXml(str(error)) from error
    _refuse_entities(root, parser)
    return root


def _unparsed(error: etree.XMLSyntaxError, limits: Limits) -> NcipError:
    """What the parser stopped at, without its own place and without its options: the partner has no parser of ours."""
    line = error.lineno or 0
    if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return TooComplex(f"deeper or longer than any message: {limits.depth} levels are read", line=line)
    return MalformedXml((error.msg or "not XML").partition(f", line {line}, column")[0], line=line)


def _refuse_entities(root: etree._Element, parser: etree.XMLParser) -> None:
    """A declared entity is refused, used or not, and so is an undeclared one.

    Beside an external DTD, which is never loaded, the parser merely warns of it and would drop it from an attribute.
    """
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise EntityRefused("the document type declares an entity")
    for entry in parser.error_log:
        if entry.type == etree.ErrorTypes.WAR_UNDECLARED_ENTITY:
            raise EntityRefused(entry.message, line=entry.line)


@dataclass(slots=True)
class _Copy:
    """The parser's tree as nodes, counted while it is copied."""

    limits: Limits
    elements: int = 0

    def node(self, element: etree._Element, depth: int) -> Node:
        self.elements += 1
        self._refuse_excess(element, depth)
        namespace, name = _split(str(element.tag))
        attributes = element.attrib
        copy = Node(
            name,
            namespace,
            {_split(key): self._text(value, element) for key, value in attributes.items()} if attributes else {},
            [],
            self._text(element.text, element),
            self._text(element.tail, element),
            element.sourceline or 0,
        )
        for child in element:
            if not isinstance(child.tag, str):
                raise EntityRefused(f"uses the entity {child.text}", line=child.sourceline or 0)
            copy.children.append(self.node(child, depth + 1))
        return copy

    def _refuse_excess(self, element: etree._Element, depth: int) -> None:
        if depth > self.limits.depth:
            raise TooComplex(f"more than {self.limits.depth} elements deep", line=element.sourceline or 0)
        if self.elements > self.limits.elements:
            raise TooComplex(f"more than {self.limits.elements} elements")
        if len(element.attrib) > self.limits.attributes:
            raise TooComplex(f"more than {self.limits.attributes} attributes", line=element.sourceline or 0)

    def _text(self, text: str | None, element: etree._Element) -> str:
        if not text:
            return ""
        if len(text) > self.limits.text:
            raise TooComplex(f"more than {self.limits.text} characters in one value", line=element.sourceline or 0)
        return text


@lru_cache(maxsize=2048)
def _split(tag: str) -> tuple[str, str]:
    """`{uri}name` as (uri, name)."""
    uri, brace, name = tag.rpartition("}")
    return (uri[1:], name) if brace else ("", tag)


def _spelling(root: Node, verdict: Verdict, quirks: Quirks) -> Dialect:
    """Tell how the message is spelt, and bring it into the spelling of 2.02, in which whatever is valid is already."""
    version = _version(root, quirks)
    if verdict.valid:
        return Dialect(Wire.VERSION_2, version)
    wire = Wire.VERSION_1 if _is_version_1(root, version) else Wire.VERSION_2
    repair(root, quirks if wire is Wire.VERSION_2 else Quirks())
    if speaks(root):
        if wire is Wire.VERSION_2:
            quirks.note(QuirkName.VERSION_1, ROOT)
        lift(root)
    return Dialect(wire, version, version_root=root.name == VERSION_MESSAGE)


def _version(root: Node, quirks: Quirks) -> str:
    found = next((value for (_, name), value in root.attributes.items() if name.endswith("version")), None)
    if not found:
        quirks.note(QuirkName.NO_VERSION, ROOT)
    elif found not in VERSIONS and root.name != VERSION_MESSAGE:
        quirks.note(QuirkName.UNKNOWN_VERSION, ROOT)
    return found or ""


def _is_version_1(root: Node, version: str) -> bool:
    """By namespace first; a version string alone decides nothing."""
    if root.namespace:
        return False
    return "v1_0" in version or ("v2_0" not in version and speaks(root))


def _body(root: Node) -> Node:
    """The one child of the root; the first, where Problem repeats."""
    if root.name not in (ROOT, VERSION_MESSAGE) or root.namespace != NCIP:
        raise NotNcip(f"the root is {root.name}, not {ROOT}", element=root.name, line=root.line)
    if not root.children:
        raise NotNcip(f"{ROOT} is empty", element=ROOT, line=root.line)
    if len(root.children) > 1 and {child.name for child in root.children} != {"Problem"}:
        raise NotNcip(f"{ROOT} holds {len(root.children)} messages, not one", element=ROOT, line=root.line)
    return root.children[0]


Understood = tuple[Message, Dialect, NcipError | None]


def _message(root: Node, body: Node, dialect: Dialect, quirks: Quirks) -> Understood:
    reader = Reader(quirks, lenient=body.name not in SERVICES)
    if body.name == "Problem":
        return BareProblem(problem=tuple(reader.read(child, Problem) for child in root.children)), dialect, None
    if body.name == "Ext":
        return _extension(body, dialect, quirks)
    cls = message_class(body.name) if body.namespace == NCIP else None
    if cls is None:
        raise UnknownMessage(f"{body.name} is no message of NCIP", element=body.name, line=body.line)
    return reader.read(body, cls), dialect, reader.fault


def _extension(body: Node, dialect: Dialect, quirks: Quirks) -> Understood:
    """A single service in an Ext is served as if it stood outside; anything else stays an extension."""
    inside = body.children[0] if len(body.children) == 1 else None
    cls = message_class(inside.name) if inside is not None and inside.namespace == NCIP else None
    if inside is None or cls is None:
        return BareExtension(ext=Reader(quirks, lenient=True).extension(body)), dialect, None
    quirks.note(QuirkName.SERVICE_IN_EXT, inside.name)
    reader = Reader(quirks, lenient=not issubclass(cls, Initiation))
    return reader.read(inside, cls), replace(dialect, in_ext=True), reader.fault


def _unread(body: Node | None) -> Unread:
    """Who sent it and about which request, in whatever spelling: repairs end where an element is not the standard's."""
    found = Node(Unread.element)
    if body is not None:
        found.children = [child for child in body.children if child.name in TELLING]
        repair(found, Quirks())
        lift(found)
    return Reader(Quirks(), lenient=True).read(found, Unread)


def _address(error: NcipError, body: Node) -> None:
    """Tell the error which message it belongs to and who asked, so that the answer can say so."""
    if body.name == "Ext" and len(body.children) == 1:
        body = body.children[0]
    error.message = body.name
    header = body.child("InitiationHeader")
    if header is not None:
        error.header = swapped(Reader(Quirks(), lenient=True).read(header, InitiationHeader))
