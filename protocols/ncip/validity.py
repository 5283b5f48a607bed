"""The strict verdict on a message: what the 2.02 schema says, derived from the element table, with element and place.

Needs no schema file.  It judges the message as it came, before any repair.
"""

from dataclasses import dataclass
from typing import NamedTuple

from protocols.ncip.elements import LEAVES
from protocols.ncip.grammar import Automaton, automaton, parse
from protocols.ncip.kinds import BLANK, CodedText, Kind, Privacy, Text
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import MESSAGES
from protocols.ncip.nodes import NCIP, XSI, Node
from protocols.ncip.table import CLASSES, MODELS
from protocols.ncip.vocabulary import is_uri

ROOT = "NCIPMessage"
MOST_FAULTS = 50  # told of one message; more say nothing new
VERSION = (NCIP, "version")
SCHEME_NAME = (NCIP, "Scheme")
SCHEME = {SCHEME_NAME}
UNSURE = {"Ext", *BEYOND_SCHEMA}
LOCATIONS = {(XSI, "schemaLocation"), (XSI, "noNamespaceSchemaLocation")}  # may stand on any element

ROOT_CONTENT: Automaton = automaton(
    parse(" | ".join([*(name for name in MESSAGES if name not in BEYOND_SCHEMA), "Problem+", "Ext"]))
)
ON_ROOT = {VERSION, *LOCATIONS}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing against the schema: what, at which element, where in the tree and in the document."""

    place: str  # /NCIPMessage/LookupUser/UserId[2]
    element: str
    line: int
    detail: str
    stranger: bool = False  # the element may not stand there, in whatever order

    def __str__(self) -> str:
        at = f"line {self.line}, " if self.line else ""
        return f"{at}{self.place}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the schema says; the first faults found, in document order within each element."""

    faults: tuple[Fault, ...] = ()

    @property
    def valid(self) -> bool:
        """Nothing was found against it."""
        return not self.faults


class Step(NamedTuple):
    """An element on the way from the root, for naming its place only when something is wrong."""

    node: Node
    parent: "Step | None"

    def place(self) -> str:
        parts: list[str] = []
        step: Step | None = self
        while step is not None:
            parts.append(step.node.name + step.number())
            step = step.parent
        return "/" + "/".join(reversed(parts))

    def number(self) -> str:
        """`[2]` for the second of several brothers of one name; nothing for an only one."""
        brothers = [child for child in self.parent.node.children if child.name == self.node.name] if self.parent else []
        return f"[{[child is self.node for child in brothers].index(True) + 1}]" if len(brothers) > 1 else ""


SOUND = Verdict()
SPEAKS_FREELY = frozenset(name for name, kind in LEAVES.items() if type(kind) in (Text, CodedText))  # any text will do


def is_sound(root: Node) -> bool:
    """Is all of it by the schema?  Says as little as that, and quickly; what is wrong is `validate`'s to say."""
    if root.name != ROOT or root.namespace != NCIP or VERSION not in root.attributes:
        return False
    return root.attributes.keys() <= ON_ROOT and _is_sound_inside(root, ROOT_CONTENT)


def _is_sound_inside(node: Node, model: Automaton) -> bool:
    if node.text and node.text.strip(BLANK):
        return False
    state, moves = 0, model.moves
    for child in node.children:
        following = moves[state].get(child.name)
        if following is None or child.namespace != NCIP or (child.tail and child.tail.strip(BLANK)):
            return False
        state = following
        if not (_is_sound_leaf(child) if child.name in LEAVES else _is_sound_element(child)):
            return False
    return state in model.accepting


def _is_sound_element(node: Node) -> bool:
    """Extensions are left to `validate`: they are rare, and anything may be wrong with them."""
    if node.attributes:
        return False
    cls = CLASSES[node.name]
    return node.name not in UNSURE and _is_sound_inside(node, MODELS[cls].automaton)


def _is_sound_leaf(node: Node) -> bool:
    if node.children:
        return False
    if node.attributes and not (node.attributes.keys() == SCHEME and isinstance(LEAVES[node.name], CodedText)):
        return False
    scheme = node.attributes.get(SCHEME_NAME) if node.attributes else None
    if scheme and not is_uri(scheme.strip(BLANK)):
        return False
    return node.name in SPEAKS_FREELY or LEAVES[node.name].fault(node.text) is None


def validate(root: Node) -> Verdict:
    """Judge a whole document.  Nearly all that we send is sound, and most of what comes: that is found out first."""
    if is_sound(root):
        return SOUND
    judge = _Judge()
    judge.root(root)
    return Verdict(tuple(judge.faults[:MOST_FAULTS]))


def leave_out_strangers(node: Node) -> None:
    """Take away every Ext in which the schema refuses something."""
    node.children = [child for child in node.children if child.name != "Ext" or _is_sound_extension(child)]
    for child in node.children:
        leave_out_strangers(child)


def _is_sound_extension(node: Node) -> bool:
    judge = _Judge()
    judge.extension(Step(node, None))
    return not judge.faults


class _Judge:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def say(self, step: Step, detail: str, *, stranger: bool = False) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(step.place(), step.node.name, step.node.line, detail, stranger))

    def root(self, node: Node) -> None:
        step = Step(node, None)
        if (node.namespace, node.name) != (NCIP, ROOT):
            self.say(step, f"the root is {_full(node)}, not {ROOT} of {NCIP}")
            return
        if (NCIP, "version") not in node.attributes:
            self.say(step, "has no version attribute in the NCIP namespace")
        self.attributes(step, {(NCIP, "version")})
        self.content(step, ROOT_CONTENT)

    def element(self, step: Step) -> None:
        node = step.node
        declared = node.namespace == NCIP and node.name not in BEYOND_SCHEMA
        if declared and (kind := LEAVES.get(node.name)) is not None:
            self.leaf(step, kind)
        elif declared and node.name == "Ext":
            self.extension(step)
        elif declared and (cls := CLASSES.get(node.name)) is not None:
            self.attributes(step, set())
            self.content(step, MODELS[cls].automaton)
        elif declared and node.name == ROOT:
            self.root(node)
        else:
            self.say(step, f"{_full(node)} is not an element of the schema", stranger=True)

    def leaf(self, step: Step, kind: Kind) -> None:
        self.attributes(step, {(NCIP, "Scheme")} if isinstance(kind, CodedText) else set())
        if step.node.children:
            self.say(step, f"holds {step.node.children[0].name}, where only a value may stand")
        elif (fault := kind.fault(step.node.text)) is not None:
            self.say(step, fault if kind.privacy is Privacy.OPEN else "holds a value of the wrong kind")
        scheme = step.node.attributes.get((NCIP, "Scheme"))
        if scheme and not is_uri(scheme.strip(BLANK)):
            self.say(step, f"Scheme {scheme[:80]!r} is not a URI")

    def extension(self, step: Step) -> None:
        """Any elements of the schema, in any order."""
        self.attributes(step, set())
        self.text_between(step)
        for child in step.node.children:
            self.element(Step(child, step))

    def content(self, step: Step, model: Automaton) -> None:
        self.text_between(step)
        state: int | None = 0
        for child in step.node.children:
            below = Step(child, step)
            state = self.move(below, model, state)
            if child.namespace == NCIP and (child.name in LEAVES or child.name in CLASSES):
                self.element(below)
        if state is not None and state not in model.accepting:
            self.say(step, f"ends where {_any_of(model, state)} must follow")

    def move(self, step: Step, model: Automaton, state: int | None) -> int | None:
        """The state after this child; None once one was out of place, since what follows then proves nothing."""
        if state is None:
            return None
        target = model.moves[state].get(step.node.name) if step.node.namespace == NCIP else None
        if target is None:
            known = step.node.namespace == NCIP and any(step.node.name in moves for moves in model.moves)
            detail = f"{_full(step.node)} is out of place; here may stand {_any_of(model, state)}"
            self.say(step, detail, stranger=not known)
        return target

    def attributes(self, step: Step, allowed: set[tuple[str, str]]) -> None:
        for namespace, name in step.node.attributes.keys() - allowed - LOCATIONS:
            self.say(step, f"attribute {name} {'in no namespace ' if not namespace else ''}is not allowed")

    def text_between(self, step: Step) -> None:
        pieces = [step.node.text, *(child.tail for child in step.node.children)]
        if any(piece.strip(BLANK) for piece in pieces):
            self.say(step, "holds text between its elements")


def _full(node: Node) -> str:
    return node.name if node.namespace == NCIP else f"{{{node.namespace}}}{node.name}"


def _any_of(model: Automaton, state: int) -> str:
    expected = list(model.moves[state])
    if len(expected) > 8:  # enough to recognise the place by
        return f"{', '.join(expected[:8])} or {len(expected) - 8} others"
    return ", ".join(expected) or "nothing more"
