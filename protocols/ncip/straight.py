"""The short way from a message of ours to text, and to the text that is kept of it, with what is private masked.

What the table lays out as the schema has it is written in one walk.  Whatever is left over (an extension, a value of
the wrong kind, an order that the schema refuses) is None: the codec writes it with all its patience, or says what is
wrong.  Both ways write the same; a test holds them side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Message
from protocols.ncip.kinds import BLANK, CodedText
from protocols.ncip.messages import MESSAGES
from protocols.ncip.nodes import NCIP
from protocols.ncip.profiles import Profile
from protocols.ncip.sight import sight_of
from protocols.ncip.table import CLASSES, MASK, MODELS, Element, Line
from protocols.ncip.validity import ROOT, SCHEME_NAME, SPEAKS_FREELY, UNSURE, VERSION
from protocols.ncip.writing import DECLARATION, PREFIX, escaped, escaped_attribute, leaf_text, scheme_of


class Written(NamedTuple):
    """A document, and what may be seen of it afterwards."""

    document: str
    shown: str


@dataclass(slots=True)
class Page:
    """What is written so far, and which pieces are masked in what is kept."""

    profile: Profile
    pieces: list[str] = field(default_factory=list)
    masked: list[tuple[int, str]] = field(default_factory=list)

    def hide(self, piece: str) -> None:
        """In place of the piece that is written next."""
        self.masked.append((len(self.pieces), piece))


Write = Callable[[Any, Page], bool]  # whether it could be written


class Layout:
    """One element class, laid out for writing."""

    def __init__(self, cls: type[Element]) -> None:
        model = MODELS[cls]
        self._cls = cls
        self._values = model.values
        self._lines = [(line.element, line.many, write_of(line)) for line in model.lines]
        self._moves, self._accepting = model.automaton.moves, model.automaton.accepting
        self._opening, self._closing, self._empty = tags(cls.element)

    def write(self, held: Any, page: Page) -> bool:
        """The element with all it holds; False when it is not what the schema has."""
        if type(held) is not self._cls:
            return False
        pieces, state = page.pieces, 0
        pieces.append(self._opening)
        begun = len(pieces)
        for (name, many, write), value in zip(self._lines, self._values(held), strict=True):
            if value is None or value is False:
                continue
            for one in value if many else (value,):
                following = self._moves[state].get(name)
                if following is None or not write(one, page):
                    return False
                state = following
        if len(pieces) == begun:
            pieces[-1] = self._empty
        else:
            pieces.append(self._closing)
        return state in self._accepting


def tags(name: str) -> tuple[str, str, str]:
    """Before, after, and of an element that holds nothing."""
    return f"<{PREFIX}:{name}>", f"</{PREFIX}:{name}>", f"<{PREFIX}:{name}/>"


def write_of(line: Line) -> Write:
    if line.element in UNSURE:
        return cannot
    return layout(line.element).write if isinstance(line.holds, type) else leaf(line.element).write


def cannot(held: object, page: Page) -> bool:
    """Write what is nowhere laid out."""
    return False


@cache
def layout(name: str) -> Layout:
    """Of the elements of this name."""
    return Layout(CLASSES[name])


# ---- leaves ---------------------------------------------------------------------


class Leaf:
    """One leaf element, laid out for writing."""

    def __init__(self, name: str) -> None:
        self._name, self._kind = name, LEAVES[name]
        self._is_free = name in SPEAKS_FREELY
        sight = sight_of(name)
        self._is_private, self._words = sight.hidden, sight.words
        self._opening, self._closing, self._empty = tags(name)

    def write(self, held: Any, page: Page) -> bool:
        """The leaf with its value; False for a value that the schema refuses."""
        kind = self._kind
        text = leaf_text(self._name, kind, held, page.profile)
        if not self._is_free and kind.fault(text) is not None:
            return False
        scheme = scheme_of(kind, held, page.profile) if isinstance(kind, CodedText) else None
        opening = self._opening if scheme is None else with_scheme(self._opening, scheme)
        if not text:
            page.pieces.append(f"{opening[:-1]}/>")
            return True
        if self._is_private and text not in self._words and text.strip(BLANK):
            page.hide(f"{opening}{MASK}{self._closing}")
        page.pieces.append(f"{opening}{escaped(text)}{self._closing}")
        return True


def with_scheme(opening: str, scheme: str) -> str:
    return f'{opening[:-1]} {PREFIX}:{SCHEME_NAME[1]}="{escaped_attribute(scheme)}">'


@cache
def leaf(name: str) -> Leaf:
    """Of the leaves of this name."""
    return Leaf(name)


# ---- documents ------------------------------------------------------------------


NAMES: Final = frozenset(name for name in MESSAGES if name not in UNSURE)
CLOSING: Final = f"</{PREFIX}:{ROOT}>"


@lru_cache
def root_tag(version: str) -> str:
    return f'<{PREFIX}:{ROOT} xmlns:{PREFIX}="{NCIP}" {PREFIX}:{VERSION[1]}="{escaped_attribute(version)}">'


def write(message: Message, version: str, profile: Profile) -> Written | None:
    """The document in version 2, the message right under its root; None where patience is needed."""
    page = Page(profile)
    if message.element not in NAMES or not layout(message.element).write(message, page):
        return None
    root, shown = root_tag(version), page.pieces.copy()
    for at, piece in page.masked:
        shown[at] = piece
    return Written(
        f"{DECLARATION}\n{root}{''.join(page.pieces)}{CLOSING}",
        f"{root}{''.join(shown)}{CLOSING}",
    )
