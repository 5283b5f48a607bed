"""Content models: which child elements may stand in an element, and in which order.

A model is written as the standard writes it: `A, B?, (C | D+), E*`.  It becomes a small automaton that is fed one child
name at a time, so that a fault is known at the very child that causes it.  Nothing here knows NCIP.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

TOKEN = re.compile(r"\s*([A-Za-z0-9]+|[()?*+|,])")


@dataclass(frozen=True, slots=True)
class Name:
    """One element, once."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts, in this order."""

    parts: tuple["Grammar", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of the parts."""

    parts: tuple["Grammar", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part that may be absent (`optional`), may come again (`many`), or both."""

    part: "Grammar"
    optional: bool
    many: bool


Grammar = Name | Sequence | Choice | Repeat
Reader = Callable[[list[str], int], tuple[Grammar, int]]

REPETITIONS = {"?": (True, False), "*": (True, True), "+": (False, True)}


def parse(text: str) -> Grammar:
    """The grammar that `text` writes down; ValueError when it is not a content model."""
    tokens = _tokens(text)
    grammar, rest = _choice(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"{text!r}: unexpected {tokens[rest]!r}")
    return grammar


def _tokens(text: str) -> list[str]:
    tokens = TOKEN.findall(text)
    if "".join(tokens) != "".join(text.split()):
        raise ValueError(f"{text!r} is not a content model")
    return tokens


def _choice(tokens: list[str], at: int) -> tuple[Grammar, int]:
    return _list(tokens, at, "|", _sequence, Choice)


def _sequence(tokens: list[str], at: int) -> tuple[Grammar, int]:
    return _list(tokens, at, ",", _repeat, Sequence)


def _list(
    tokens: list[str], at: int, mark: str, read_part: Reader, whole: type[Sequence] | type[Choice]
) -> tuple[Grammar, int]:
    part, at = read_part(tokens, at)
    parts = [part]
    while tokens[at : at + 1] == [mark]:
        part, at = read_part(tokens, at + 1)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else whole(tuple(parts))), at


def _repeat(tokens: list[str], at: int) -> tuple[Grammar, int]:
    grammar, at = _atom(tokens, at)
    if at < len(tokens) and tokens[at] in REPETITIONS:
        return Repeat(grammar, *REPETITIONS[tokens[at]]), at + 1
    return grammar, at


def _atom(tokens: list[str], at: int) -> tuple[Grammar, int]:
    if at == len(tokens) or tokens[at] in ")?*+|,":
        raise ValueError(f"a name or a group is missing in {' '.join(tokens)!r}")
    if tokens[at] != "(":
        return Name(tokens[at]), at + 1
    grammar, at = _choice(tokens, at + 1)
    if tokens[at : at + 1] != [")"]:
        raise ValueError(f"a closing parenthesis is missing in {' '.join(tokens)!r}")
    return grammar, at + 1


def names(grammar: Grammar) -> Iterator[str]:
    """Every name of the grammar, each as often as it is written."""
    match grammar:
        case Name(name):
            yield name
        case Repeat(part):
            yield from names(part)
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from names(part)
        case _:
            assert_never(grammar)


@dataclass(frozen=True, slots=True)
class Automaton:
    """A content model to be fed with child names.  State 0 is the start; `moves[state]` says what may come next."""

    moves: tuple[Mapping[str, int], ...]
    accepting: frozenset[int]


@dataclass(slots=True)
class _Piece:
    """What Glushkov's construction knows of a piece of grammar: what opens it, what closes it, may it be empty."""

    opens: frozenset[int]
    closes: frozenset[int]
    empty: bool


class _Positions:
    """Every name of a grammar gets a number; `follows[n]` are the positions that may come after position n."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.follows: list[set[int]] = []

    def read(self, grammar: Grammar) -> _Piece:
        match grammar:
            case Name(name):
                return self._position(name)
            case Repeat(part, optional, many):
                piece = self.read(part)
                if many:
                    self._join(piece.closes, piece.opens)
                return _Piece(piece.opens, piece.closes, piece.empty or optional)
            case Choice(parts):
                return self._either([self.read(part) for part in parts])
            case Sequence(parts):
                return self._after([self.read(part) for part in parts])
            case _:
                assert_never(grammar)

    def _position(self, name: str) -> _Piece:
        number = frozenset({len(self.names)})
        self.names.append(name)
        self.follows.append(set())
        return _Piece(number, number, False)

    def _join(self, before: frozenset[int], after: frozenset[int]) -> None:
        for position in before:
            self.follows[position] |= after

    @staticmethod
    def _either(pieces: list[_Piece]) -> _Piece:
        opens = frozenset[int]().union(*(piece.opens for piece in pieces))
        closes = frozenset[int]().union(*(piece.closes for piece in pieces))
        return _Piece(opens, closes, any(piece.empty for piece in pieces))

    def _after(self, pieces: list[_Piece]) -> _Piece:
        whole = _Piece(frozenset(), frozenset(), True)
        for piece in pieces:
            self._join(whole.closes, piece.opens)
            whole = _Piece(
                whole.opens | piece.opens if whole.empty else whole.opens,
                whole.closes | piece.closes if piece.empty else piece.closes,
                whole.empty and piece.empty,
            )
        return whole


def automaton(grammar: Grammar) -> Automaton:
    """The grammar as an automaton (Glushkov's construction, then subsets: one state a set of positions)."""
    positions = _Positions()
    whole = positions.read(grammar)
    states: list[frozenset[int] | None] = [None]  # None is the start, before any child
    moves: list[dict[str, int]] = []
    while len(moves) < len(states):
        state = states[len(moves)]
        reachable = whole.opens if state is None else frozenset[int]().union(*(positions.follows[at] for at in state))
        moves.append({})
        for name in dict.fromkeys(positions.names[at] for at in sorted(reachable)):
            target = frozenset(at for at in reachable if positions.names[at] == name)
            if target not in states:
                states.append(target)
            moves[-1][name] = states.index(target)
    accepting = {number for number, state in enumerate(states) if state is not None and state & whole.closes}
    return Automaton(tuple(moves), frozenset(accepting | ({0} if whole.empty else set())))
