"""Does an answer say what the transcript expects?  If not: which field, what was wanted, what came.

Two ways to expect.  `ACS` gives the whole message, in which `~` is any text inside one field and `~~` any text at all.
`ACS?` gives the fixed part, a delimiter, and the fields that must be there in whatever order and company; `!AF` is a
field that must not be there.  Of several fields with one id the listed ones must come in the listed order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from conformance.transcript import PLACEHOLDER
from conformance.wire import cut, name_columns

Resolve = Callable[[str], str]
_WILD = re.compile(r"(~~|~)")
_ANYTHING = {"~": r"[^|]*", "~~": r".*"}


def fill(text: str, resolve: Resolve) -> str:
    """`text` with every `{name}` replaced; `resolve` raises KeyError for a name nobody knows."""
    return PLACEHOLDER.sub(lambda found: resolve(found[1]), text)


def pattern(text: str, resolve: Resolve) -> re.Pattern[str]:
    """`text` as an expression: placeholders filled in as they are, wildcards opened, all else literal."""
    pieces = []
    for piece in _WILD.split(text):
        pieces.append(_ANYTHING.get(piece) or re.escape(fill(piece, resolve)))
    return re.compile("".join(pieces), re.DOTALL)


def compare_whole(expected: str, got: str, resolve: Resolve) -> tuple[str, ...]:
    """The differences between a whole expected message and the one that came, in words; empty if there are none."""
    if pattern(expected, resolve).fullmatch(got):
        return ()
    wanted = [piece for piece in expected.split("|") if piece not in ("", "~~")]
    came = [piece for piece in got.split("|") if piece]
    opening = _compare_opening(wanted, came, resolve)
    rest = _compare_rest(wanted[1:], came[1:], resolve, "~~" in expected)
    return (*opening, *rest) or (_explain_order(wanted, came),)


def _compare_opening(wanted: list[str], came: list[str], resolve: Resolve) -> Iterable[str]:
    """The piece before the first delimiter holds the fixed part and, in most messages, the first field."""
    first = came[0] if came else ""
    if wanted and not pattern(wanted[0], resolve).fullmatch(first):
        yield f"opening: expected {fill(wanted[0], resolve)!r}, got {first!r}{_read_columns(first)}"


def _compare_rest(wanted: list[str], came: list[str], resolve: Resolve, open_ended: bool) -> Iterable[str]:
    left = list(came)
    for text in wanted:
        fitting = next((piece for piece in left if pattern(text, resolve).fullmatch(piece)), None)
        if fitting is not None:
            left.remove(fitting)
            continue
        alike = next((piece for piece in left if piece[:2] == text[:2]), None)
        yield f"{text[:2]}: expected {fill(text, resolve)!r}, got {'nothing' if alike is None else repr(alike)}"
        if alike is not None:
            left.remove(alike)
    if not open_ended:
        yield from (f"{piece[:2]}: not expected, got {piece!r}" for piece in left)


def _explain_order(wanted: list[str], came: list[str]) -> str:
    order = (" ".join(piece[:2] for piece in pieces[1:]) for pieces in (wanted, came))
    return "order or delimiters: expected {!r}, got {!r}".format(*order)


def _read_columns(text: str) -> str:
    columns = name_columns(text[:2], cut(text).fixed)
    return " (" + ", ".join(f"{name} {value!r}" for name, value in columns) + ")" if columns else ""


def compare_fields(expected: str, got: str, resolve: Resolve) -> tuple[str, ...]:
    """The fields of `expected` that the message lacks, or has though it should not; empty if all is well."""
    opening, _, rest = expected.partition("|")
    message = cut(got)
    faults = []
    if not pattern(opening, resolve).fullmatch(message.code + message.fixed):
        came = message.code + message.fixed
        faults.append(f"fixed part: expected {fill(opening, resolve)!r}, got {came!r}{_read_columns(came)}")
    came_fields = [code + value for code, value in message.fields]
    for piece in filter(None, rest.split("|")):
        faults += _take_field(piece, came_fields, resolve)
    return tuple(faults)


def _take_field(piece: str, left: list[str], resolve: Resolve) -> list[str]:
    """Look for one listed field and use it up, together with its namesakes before it: they were out of order."""
    if piece.startswith("!"):
        return _refuse_field(piece[1:], left, resolve)
    namesakes = [field for field in left if field[:2] == piece[:2]]
    fitting = next((field for field in namesakes if pattern(piece, resolve).fullmatch(field)), None)
    if fitting is None:
        came = ", ".join(map(repr, namesakes)) or "nothing"
        return [f"{piece[:2]}: expected {fill(piece, resolve)!r}, got {came}"]
    for field in namesakes[: namesakes.index(fitting) + 1]:
        left.remove(field)
    return []


def _refuse_field(piece: str, left: list[str], resolve: Resolve) -> list[str]:
    unwanted = pattern(piece if len(piece) > 2 else piece + "~", resolve)
    return [f"{field[:2]}: not wanted, got {field!r}" for field in left if unwanted.fullmatch(field)]
