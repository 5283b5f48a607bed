"""Prints REFERENCE.md from the element table: `python -m protocols.ncip.reference > protocols/ncip/REFERENCE.md`."""

import sys
from collections.abc import Iterator
from itertools import chain

from protocols.ncip.elements import LEAVES
from protocols.ncip.kinds import CodedText, Date, Flag, Kind, Number, OneOf, Privacy, Text
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import MESSAGES, SERVICES
from protocols.ncip.messages import Kind as ServiceKind
from protocols.ncip.problems import GENERAL_PROBLEMS, MESSAGING_PROBLEMS, REASONS, SERVICE_PROBLEMS
from protocols.ncip.quirks import QuirkName
from protocols.ncip.table import CLASSES, MODELS

TITLES = {
    ServiceKind.LOOKUP: "Lookup services",
    ServiceKind.UPDATE: "Update services",
    ServiceKind.NOTIFICATION: "Notification services",
    ServiceKind.LEGACY: "Services of version 1 only",
}
HEAD = """# NCIP reference

Printed from the element table by `python -m protocols.ncip.reference`; a test fails when it is stale.
In content models `?` is optional, `*` any number, `+` one or more, `|` a choice, `,` a sequence.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_services(), *_components(), *_leaves(), *_problems(), *_quirks()])


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(*titles: str) -> Iterator[str]:
    yield _row(*titles)
    yield _row(*("---" for _ in titles))


def _services() -> Iterator[str]:
    for kind, title in TITLES.items():
        yield f"## {title}\n"
        yield from _table("Message", "Says", "Content")
        pairs = [(one.initiation, one.response) for one in SERVICES.values() if one.kind is kind]
        for cls in chain.from_iterable(pairs):
            yield _row(cls.element, (cls.__doc__ or "").split("\n")[0], f"`{MODELS[cls].content}`")
        yield ""


def _components() -> Iterator[str]:
    yield "## Components\n"
    yield from _table("Element", "Is", "Content")
    for name in sorted(CLASSES.keys() - MESSAGES.keys() - BEYOND_SCHEMA):
        cls = CLASSES[name]
        yield _row(name, (cls.__doc__ or "").split("\n")[0], f"`{MODELS[cls].content or 'any elements'}`")
    yield ""


def _leaves() -> Iterator[str]:
    yield "## Leaf elements\n"
    yield from _table("Element", "Holds", "Shown", "Values")
    for name in sorted(LEAVES.keys() - BEYOND_SCHEMA):
        kind = LEAVES[name]
        shown = "" if kind.privacy is Privacy.OPEN else kind.privacy.name.lower()
        yield _row(name, _holds(kind), shown, _values(kind))
    yield ""


def _holds(kind: Kind) -> str:
    match kind:
        case Text() | OneOf():
            return "text"
        case CodedText():
            return "coded value"
        case Date(last_day):
            return "last day" if last_day else "instant"
        case Number(least):
            return "whole number" if least is None else f"whole number from {least}"
        case Flag():
            return "nothing"


def _values(kind: Kind) -> str:
    if isinstance(kind, OneOf):
        return "; ".join(kind.words)
    if isinstance(kind, CodedText) and kind.vocabulary.scheme:
        return "; ".join(kind.vocabulary.values) or f"<{kind.vocabulary.scheme}>"
    return ""


def _problems() -> Iterator[str]:
    yield "## Problem types\n"
    yield from _table("List", "Types")
    yield _row("Messaging", "; ".join(MESSAGING_PROBLEMS))
    yield _row("General", "; ".join(GENERAL_PROBLEMS))
    for service, names in SERVICE_PROBLEMS.items():
        yield _row(service, "; ".join(names))
    yield "\n## Reasons and their problem types\n"
    yield from _table("Reason", "Problem type")
    for reason, name in REASONS.items():
        yield _row(f"`{reason}`", name)
    yield ""


def _quirks() -> Iterator[str]:
    yield "## Repairs\n"
    yield from (f"- {quirk.value}" for quirk in QuirkName)
    yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())
