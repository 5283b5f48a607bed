"""A transcript in the making, whatever language is spoken in it: header, rows that its world gains, mistakes.

A header line is `key = value`; each key has a check of its value.  Every mistake is told with file and line, those of
all files at once.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

DEFAULT_CLOCK = "2026-02-12T12:00:00+01:00"  # the Thursday noon that conversations happen at unless they say otherwise
GIVEN_TABLES = ("patron", "item", "loan", "hold", "charge", "block")  # in the order in which rows come true

_HEADER = re.compile(r"(?P<key>[a-z][a-z_.]*)\s*=\s*(?P<value>.*)$")
_LEVEL = re.compile(r"must|may|vendor:\S+")

Step = TypeVar("Step")
Whole = TypeVar("Whole")
Check = Callable[[str], str | None]
"""What is wrong with a value, in words; None if nothing is."""


def any_text(value: str) -> None:
    """Nothing is wrong with any."""


def refuse_level(value: str) -> str | None:
    return None if _LEVEL.fullmatch(value) else f"level is must, may or vendor:NAME, not {value!r}"


def refuse_clock(value: str) -> str | None:
    """A moment is ISO 8601 with its offset."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return f"not an ISO date and time: {value!r}"
    return None if moment.tzinfo else f"a clock needs its offset, as in {DEFAULT_CLOCK}: {value!r}"


REQUIRED: Mapping[str, Check] = {"title": any_text, "source": any_text, "level": refuse_level, "world": any_text}
KNOWN: Mapping[str, Check] = {**REQUIRED, "clock": refuse_clock, "rule": any_text, "note": any_text}


@dataclass(frozen=True, slots=True)
class Opening:
    """What a conversation starts from; `given` holds the rows that it adds to its world, by table, in file order."""

    path: Path
    header: dict[str, str]
    given: dict[str, list[dict[str, Any]]]

    @property
    def title(self) -> str:
        return self.header["title"]

    @property
    def level(self) -> str:
        return self.header["level"]

    @property
    def world(self) -> str:
        return self.header["world"]

    @property
    def clock(self) -> datetime:
        """When it begins; aware."""
        return datetime.fromisoformat(self.header.get("clock", DEFAULT_CLOCK))


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a file, at a line."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


class TranscriptError(Exception):
    """A transcript that cannot be used: all its mistakes, one a line."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass
class Draft(Generic[Step]):
    """What has been understood so far, and what has not; `known` are the keys that a header may have."""

    path: Path
    known: Mapping[str, Check]
    header: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def blame(self, line: int, reason: str) -> None:
        """One more mistake; lines count from 1."""
        self.mistakes.append(Mistake(self.path, line, reason))

    def read_header(self, number: int, line: str) -> bool:
        """Take a line if it is one of a header; whether it was."""
        found = _HEADER.match(line)
        if found is None:
            return False
        key, value = found["key"], found["value"].strip()
        if self.steps:
            self.blame(number, f"header line `{key}` after the conversation has begun")
        elif key.startswith("given."):
            self._read_given(number, key.removeprefix("given."), value)
        elif reason := self._refuse(key, value):
            self.blame(number, reason)
        else:
            self.header[key] = value
        return True

    def _refuse(self, key: str, value: str) -> str | None:
        if key not in self.known:
            return f"unknown key `{key}`; known are {', '.join(self.known)}, given.TABLE"
        if key in self.header:
            return f"`{key}` is said twice"
        return self.known[key](value) if value else f"`{key}` is empty"

    def _read_given(self, number: int, table: str, value: str) -> None:
        if table not in GIVEN_TABLES:
            self.blame(number, f"no table `{table}` in a world; there are {', '.join(GIVEN_TABLES)}")
            return
        try:
            row = tomllib.loads(f"row = {value}")["row"]
        except tomllib.TOMLDecodeError as trouble:
            self.blame(number, f"not a TOML table: {trouble}")
            return
        if isinstance(row, dict):
            self.given.setdefault(table, []).append(row)
        else:
            self.blame(number, f"a row is written {{ key = value, ... }}, not {value!r}")

    def check_header(self) -> None:
        """Blame the lack of what every header has, unless it is there and wrong."""
        for key in REQUIRED:
            if key not in self.header and not any(f"`{key}`" in mistake.reason for mistake in self.mistakes):
                self.blame(1, f"no `{key}` in the header")

    def refuse_mistakes(self) -> None:
        """Raises TranscriptError if there are any."""
        if self.mistakes:
            raise TranscriptError(self.mistakes)


def read_file(path: Path, parse: Callable[[str, Path], Whole]) -> Whole:
    """One transcript; raises TranscriptError, and OSError where there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as trouble:
        raise TranscriptError([Mistake(path, 1, f"not UTF-8: {trouble.reason}")]) from trouble
    return parse(text, path)


def read_all(paths: list[Path], parse: Callable[[str, Path], Whole]) -> list[Whole]:
    """Files, and every `*.txt` below folders; the mistakes of all come in one TranscriptError."""
    transcripts: list[Whole] = []
    mistakes: list[Mistake] = []
    for path in find(paths):
        try:
            transcripts.append(read_file(path, parse))
        except TranscriptError as wrong:
            mistakes.extend(wrong.mistakes)
    if mistakes:
        raise TranscriptError(mistakes)
    return transcripts


def find(paths: list[Path]) -> Iterator[Path]:
    """The files that `paths` stand for: a folder is everything called `*.txt` below it."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.txt"))
        else:
            yield path
