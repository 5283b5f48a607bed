"""A message as it may be shown and kept: what is personal or secret is masked, by what the element table declares.

Works on what came, valid or not, since that is what a dispute is about.  Somebody else's extensions are masked whole.
"""

from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from protocols.ncip.codec import LIMITS, tree
from protocols.ncip.elements import LEAVES
from protocols.ncip.errors import EntityRefused, NcipError
from protocols.ncip.kinds import BLANK, Privacy
from protocols.ncip.nncipp import CANCEL_REASONS, Notice
from protocols.ncip.table import CLASSES, MASK
from protocols.ncip.version1 import WORDS

WORTH_KEEPING = {  # words of a profile in elements that otherwise hold free text; a dispute may turn on them
    "NoticeContent": frozenset(Notice),
    "ItemNote": frozenset(CANCEL_REASONS),
}


LONGEST_NAME = 200  # characters of a tag worth remembering; longer ones are nobody's
OPEN_ATTRIBUTES = ("version", "Scheme", "schemaLocation", "noNamespaceSchemaLocation")


class Sight(NamedTuple):
    """What may be seen of an element by its name: whether it is private, and words that may be seen even so."""

    hidden: bool
    known: bool
    words: frozenset[str]


def redact(data: bytes) -> str:
    """The message with every personal and secret value masked; what cannot be parsed is told by its size alone."""
    try:
        return shown(tree(data))
    except NcipError as error:
        return unshown(data, error)


def unshown(data: bytes, error: NcipError) -> str:
    """What is told of a message that nobody can read."""
    return f"[{len(data)} bytes that are no message: {type(error).__name__}]"


def shown(document: etree._Element) -> str:
    """A document that the parser has taken, masked in place: it is nobody else's afterwards.  EntityRefused."""
    _mask(document, hidden=False)
    return etree.tostring(document, encoding="unicode")


def _mask(element: etree._Element, *, hidden: bool) -> None:
    """In place; the parser bears no more than 256 levels, so neither do we."""
    sight = _sight(str(element.tag))
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


def _sight(tag: str) -> Sight:
    return _by_tag(tag) if len(tag) <= LONGEST_NAME else _by_tag.__wrapped__(tag)


@lru_cache(maxsize=2048)
def _by_tag(tag: str) -> Sight:
    local = tag.rpartition("}")[2]
    name = _modern(local)
    known = name in LEAVES or name in CLASSES or local in WORDS or local.startswith("NCIP")
    return Sight(not known or _is_private(name), known, WORTH_KEEPING.get(name, frozenset()))


def _modern(name: str) -> str:
    """The name in version 2, letter case aside."""
    return _BY_LOWER.get(name.lower(), name)


_BY_LOWER = {
    **{name.lower(): name for name in (*LEAVES, *CLASSES)},
    **{old.lower(): new for old, new in WORDS.items() if new in LEAVES or new in CLASSES},
    **{f"{error}value": "ProblemValue" for error in ("processingerror", "messagingerror")},
}


def _is_private(name: str) -> bool:
    kind = LEAVES.get(name)
    return kind is not None and kind.privacy is not Privacy.OPEN
