"""The short way from the parser's tree to a message, for a document in which nothing at all is odd.

It judges nothing: whatever it has a doubt about is None, and the codec reads it again with all its patience. What is
read here is valid by the schema and read there to the same message without a repair; a test holds the two side by side.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from lxml import etree

from protocols.ncip.envelope import Message
from protocols.ncip.kinds import BLANK, Coded, CodedText, Flag, Kind, Text
from protocols.ncip.messages import MESSAGES
from protocols.ncip.nodes import NCIP, Attribute
from protocols.ncip.profiles import VERSIONS
from protocols.ncip.table import CLASSES, MODELS, Element, Line
from protocols.ncip.validity import LOCATIONS, ROOT, SCHEME_NAME, UNSURE, VERSION
from protocols.ncip.vocabulary import is_uri

NULL: Final = "null"  # what some send for what they do not have

Read = Callable[[etree._Element], Any]


class Proper(NamedTuple):
    """A message, and the version attribute that came with it."""

    message: Message
    version: str


class Step(NamedTuple):
    """One child that may come next: the state after it, the attribute it fills, and how it is read."""

    state: int
    attribute: str
    many: bool
    read: Read


class ShortWay:
    """One element class, laid out for reading: in each state of its content model what may follow, by tag."""

    def __init__(self, cls: type[Element]) -> None:
        model = MODELS[cls]
        self._cls = cls
        self._accepting = model.automaton.accepting
        self._needed = frozenset(line.attribute for line in model.filled_in)
        place = {state: model.by_element[name][0] for moves in model.automaton.moves for name, state in moves.items()}
        self._moves: list[Mapping[object, Step]] = [
            {
                tag(NCIP, name): step_to(state, model.by_element[name][1])
                for name, state in moves.items()
                if name not in UNSURE and place[state] >= place.get(before, 0)
            }
            for before, moves in enumerate(model.automaton.moves)
        ]

    def read(self, element: etree._Element) -> Any:
        """The element as its class; None at the slightest doubt."""
        if element.keys() or not is_blank(element.text):
            return None
        values: dict[str, Any] = {}
        state = 0
        for child in element:
            step = self._moves[state].get(child.tag)
            if step is None:
                return None
            state, attribute, many, read = step
            value = read(child)
            if value is None or not is_blank(child.tail) or (attribute in values and not many):
                return None
            values[attribute] = (*values.get(attribute, ()), value) if many else value
        return self._cls(**values) if state in self._accepting and self._needed <= values.keys() else None


def is_blank(text: str | None) -> bool:
    return not text or not text.strip(BLANK)


def tag(namespace: str, name: str) -> str:
    """As the parser spells it."""
    return f"{{{namespace}}}{name}"


def step_to(state: int, line: Line) -> Step:
    holds = line.holds
    read = short_way(holds.element).read if isinstance(holds, type) else leaf(holds)
    return Step(state, line.attribute, line.many, read)


@cache
def short_way(name: str) -> ShortWay:
    """To the elements of this name."""
    return ShortWay(CLASSES[name])


# ---- leaves ---------------------------------------------------------------------


@cache
def leaf(kind: Kind) -> Read:
    """How a leaf of this kind is read; None at the slightest doubt, and for an empty one."""
    if isinstance(kind, Text):
        return read_text
    if isinstance(kind, CodedText):
        return read_coded
    return read_flag if isinstance(kind, Flag) else lambda element: read_checked(element, kind)


def read_text(element: etree._Element) -> str | None:
    return None if element.keys() else text_in(element)


def read_coded(element: etree._Element) -> Coded | None:
    """With the Scheme, if it has one that is a URI."""
    text, attributes = text_in(element), element.keys()
    if text is None or not attributes:
        return Coded(text) if text else None
    scheme = element.get(SCHEME_TAG)
    return Coded(text, scheme) if scheme and len(attributes) == 1 and is_uri(scheme.strip(BLANK)) else None


def read_flag(element: etree._Element) -> bool | None:
    return None if element.keys() or element.text or len(element) else True


def read_checked(element: etree._Element, kind: Kind) -> Any:
    """A date, a number, a word of a list."""
    text = read_text(element)
    return None if text is None or kind.fault(text) is not None else kind.read(text)


def text_in(element: etree._Element) -> str | None:
    """The text of an element that holds nothing else."""
    text = (element.text or "").strip(BLANK)
    return text if text and text != NULL and not len(element) else None


# ---- documents ------------------------------------------------------------------


def tag_of(attribute: Attribute) -> str:
    return tag(*attribute)


ROOT_TAG: Final = tag(NCIP, ROOT)
VERSION_TAG: Final = tag_of(VERSION)
SCHEME_TAG: Final = tag_of(SCHEME_NAME)
ON_ROOT: Final = frozenset({VERSION_TAG, *map(tag_of, LOCATIONS)})
WAYS: Final[Mapping[object, ShortWay]] = {tag(NCIP, name): short_way(name) for name in MESSAGES if name not in UNSURE}


def read(root: etree._Element) -> Proper | None:
    """The one message of a document; None at the slightest doubt."""
    version = root.get(VERSION_TAG)
    if root.tag != ROOT_TAG or version not in VERSIONS or not ON_ROOT.issuperset(root.keys()) or len(root) != 1:
        return None
    body = root[0]
    way = WAYS.get(body.tag)
    if way is None or not is_blank(root.text) or not is_blank(body.tail):
        return None
    message = way.read(body)
    return None if message is None else Proper(message, version)
