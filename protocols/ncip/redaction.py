"""A message as it may be shown and kept: what is personal or secret is masked, by what the element table declares.

Works on what came, valid or not, since that is what a dispute is about.  Somebody else's extensions are masked whole.
"""

from collections.abc import Mapping

from lxml import etree

from protocols.ncip.codec import LIMITS, Dialect, encode, straight, tree
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Message
from protocols.ncip.errors import EntityRefused, NcipError
from protocols.ncip.kinds import BLANK
from protocols.ncip.nodes import NCIP
from protocols.ncip.profiles import PLAIN, Profile
from protocols.ncip.sight import Sight, sight_of
from protocols.ncip.table import MASK

PRIVATE: Mapping[object, frozenset[str]] = {  # by tag; the words that may be seen even so
    f"{{{NCIP}}}{name}": sight.words for name in LEAVES if (sight := sight_of(name)).hidden
}
OPEN_ATTRIBUTES = ("version", "Scheme", "schemaLocation", "noNamespaceSchemaLocation")


def encode_and_redact(
    message: Message, profile: Profile = PLAIN, *, reply_to: Dialect | None = None
) -> tuple[bytes, str]:
    """The message as `encode` writes it, and as `redact` shows that.  Unsendable."""
    written = straight(message, profile, reply_to)
    if written is not None:
        return written.document.encode(), written.shown
    data = encode(message, profile, reply_to=reply_to)
    return data, redact(data)


def redact(data: bytes) -> str:
    """The message with every personal and secret value masked; what cannot be parsed is told by its size alone."""
    try:
        return shown(tree(data))
    except NcipError as error:
        return unshown(data, error)


def unshown(data: bytes, error: NcipError) -> str:
    """What is told of a message that nobody can read."""
    return f"[{len(data)} bytes that are no message: {type(error).__name__}]"


def shown(document: etree._Element, *, proper: bool = False) -> str:
    """A document that the parser has taken, masked in place: it is nobody else's afterwards.  EntityRefused.

    `proper`: it was read the short way, so that nothing stands in it but what the element table knows, in its place.
    """
    if proper:
        _mask_leaves(document)
    else:
        _mask(document, hidden=False)
    return etree.tostring(document, encoding="unicode")


def _mask_leaves(document: etree._Element) -> None:
    for element in document.iter():
        words = PRIVATE.get(element.tag)
        if words is not None and (text := element.text) and text not in words:
            element.text = MASK


def _mask(element: etree._Element, *, hidden: bool) -> None:
    """In place; the parser bears no more than 256 levels, so neither do we."""
    sight = sight_of(str(element.tag))
    hidden = hidden or sight.hidden
    holds = len(element) > 0
    text = element.text
    if text and (holds or (hidden and text not in sight.words)) and text.strip(BLANK):
        element.text = MASK  # text between elements: nobody has declared what it is
    if element.attrib:
        _mask_attributes(element, sight)
    for child in element:
        if not isinstance(child.tag, str):
            raise EntityRefused(f"uses the entity {child.text}", line=child.sourceline or 0)
        _mask(child, hidden=hidden)
        if child.tail and child.tail.strip(BLANK):
            child.tail = MASK


def _mask_attributes(element: etree._Element, sight: Sight) -> None:
    """By name one at a time: going through very many of them at once takes the parser a long time."""
    if len(element.attrib) > LIMITS.attributes:
        element.attrib.clear()
    for name in element.attrib:
        if not sight.known or etree.QName(name).localname not in OPEN_ATTRIBUTES:
            element.set(name, MASK)
