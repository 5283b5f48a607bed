"""Hypothesis strategies for NCIP, read off the element table: any message that the schema allows."""

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Message
from protocols.ncip.extension import Ext, Leaf
from protocols.ncip.grammar import Choice, Grammar, Name, Repeat, Sequence, parse
from protocols.ncip.kinds import BLANK, Coded, CodedText, Date, Flag, Kind, LeafValue, Number, OneOf, Text
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import MESSAGES, BareExtension, BareProblem
from protocols.ncip.moments import Moment
from protocols.ncip.profiles import Profile, Schemes
from protocols.ncip.table import MODELS, Element

FAITHFUL = Profile(name="as built", schemes=Schemes.AS_GIVEN)  # adds no Scheme, so what was built comes back
SPOKEN = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r")
TEXTS = (
    st.text(SPOKEN, min_size=1, max_size=12)
    .map(lambda text: text.strip(BLANK))
    .filter(lambda text: text not in ("", "null"))
)
SCHEMES = st.none() | st.sampled_from(["http://example.org/list.scm", "urn:x:y", "http://example.org/a?b=1&c=2"])
ZONES = st.sampled_from([timezone(timedelta(minutes=minutes)) for minutes in (-300, 0, 60, 120, 345)])
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
RICHEST = 4  # elements deep; below that only what must stand

MESSAGE_CLASSES: tuple[type[Message], ...] = (*MESSAGES.values(), BareProblem, BareExtension)
SCHEMA_CLASSES = tuple(cls for cls in MESSAGE_CLASSES if cls.element not in BEYOND_SCHEMA)


def leaf_values(kind: Kind) -> st.SearchStrategy[LeafValue]:
    """Any value that the kind can carry."""
    match kind:
        case Text():
            return TEXTS
        case OneOf(words):
            return st.sampled_from(words)
        case CodedText():
            return st.builds(Coded, TEXTS, SCHEMES)
        case Date():
            return st.builds(Moment, INSTANTS)
        case Number(least):
            return st.integers(min_value=least if least is not None else -(10**12), max_value=10**12)
        case Flag():
            return st.just(True)


@st.composite
def elements(draw: st.DrawFn, cls: type[Element], depth: int = 0) -> Any:
    """An element of that class, valid by its content model."""
    if issubclass(cls, Ext):
        return Ext(content=tuple(draw(extensions()) for _ in range(draw(st.integers(0, 2)))))
    model = MODELS[cls]
    wanted = _names(draw, parse(model.content), rich=depth < RICHEST) if model.content else []
    values: dict[str, Any] = {}
    for line in model.lines:
        count = wanted.count(line.element)
        drawn = [_one(draw, line.holds, depth) for _ in range(count)]
        if line.many:
            values[line.attribute] = tuple(drawn)
        elif drawn:
            values[line.attribute] = drawn[0]
    return cls(**values)


def _one(draw: st.DrawFn, holds: Kind | type[Element], depth: int) -> Any:
    return draw(elements(holds, depth + 1)) if isinstance(holds, type) else draw(leaf_values(holds))


@st.composite
def extensions(draw: st.DrawFn) -> Element | Leaf:
    """One thing for an Ext: a leaf, or an element that is no message."""
    name = draw(st.sampled_from(["NoticeContent", "ItemNote", "RequestId", "UserId", "LocationName", "DateDue"]))
    kind = LEAVES.get(name)
    if kind is not None:
        return Leaf(name, draw(leaf_values(kind)))
    cls = next(cls for cls in MODELS if cls.element == name)
    element: Element = draw(elements(cls, RICHEST))
    return element


def _names(draw: st.DrawFn, grammar: Grammar, *, rich: bool) -> list[str]:
    """The names of one content that the grammar allows, in order."""
    match grammar:
        case Name(name):
            return [name]
        case Sequence(parts):
            return [name for part in parts for name in _names(draw, part, rich=rich)]
        case Choice(parts):
            return _names(draw, draw(st.sampled_from(parts)), rich=rich)
        case Repeat(part, optional, many):
            least = 0 if optional else 1
            most = 2 if many else 1
            times = draw(st.integers(least, most)) if rich and draw(st.integers(0, 2)) == 0 else least
            return [name for _ in range(times) for name in _names(draw, part, rich=rich)]


def messages(*classes: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of the table, or of the classes given."""
    chosen = classes or MESSAGE_CLASSES
    return st.sampled_from(chosen).flatmap(lambda cls: elements(cls))
