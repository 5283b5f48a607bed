"""The NCIP transcript format: a header of `key = value`, then steps, each with the indented lines that belong to it.

    POST                        the message below, as XML without prefixes; root and InitiationHeader are filled in
    RAW                         the text below, as it is
    GET                         of the path
    REPEAT                      the same bytes again
    EXPECT 200 LookupUserResponse
      UserId/UserIdentifierValue = 20001001      some element at this path has this text; ~ is any text
      Problem/ProblemType 2 = Unknown User       the second of that path
      not Problem                                no such element
    SAME                        the answer is the last one again, byte for byte
    CLOCK 2026-03-01T12:00:00+01:00
    JOB 2026-03-01              run the jobs of that day
    CONTROL text                anything else that the responder's control channel understands

Mistakes are told with file and line.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.transcript import GIVEN_TABLES, Mistake, Transcript, TranscriptError, find

REQUIRED = ("title", "source", "level", "world")
KNOWN = (*REQUIRED, "clock", "from", "to", "path", "basic", "secret", "content_type", "header", "rule", "note", "wire")
EXPECTATION = re.compile(r"(?:(?P<none>not)\s+(?P<absent>\S+)|(?P<path>\S+)(?:\s+(?P<nth>\d+))?\s*=\s?(?P<text>.*))$")
_HEADER = re.compile(r"(?P<key>[a-z][a-z_.]*)\s*=\s*(?P<value>.*)$")


class Verb(StrEnum):
    """What a step says; the value is the word that opens it."""

    POST = "POST"
    RAW = "RAW"
    GET = "GET"
    REPEAT = "REPEAT"
    EXPECT = "EXPECT"
    SAME = "SAME"
    CLOCK = "CLOCK"
    JOB = "JOB"
    CONTROL = "CONTROL"


_VERBS = {str(verb): verb for verb in Verb}
WITH_LINES = frozenset({Verb.POST, Verb.RAW, Verb.EXPECT})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where it stands, what it says, the rest of its line, and the lines below it."""

    line: int
    verb: Verb
    text: str
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def body(self) -> str:
        return "\n".join(text for _, text in self.lines)


@dataclass(frozen=True, slots=True)
class NcipTranscript:
    """One conversation."""

    path: Path
    header: dict[str, str]
    given: dict[str, list[dict[str, Any]]]
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        return self.header["title"]

    def as_world(self) -> Transcript:
        """As far as its world is concerned."""
        return Transcript(self.path, self.header, self.given, ())


@dataclass
class _Draft:
    """What has been understood so far, and what has not."""

    path: Path
    header: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def blame(self, line: int, reason: str) -> None:
        self.mistakes.append(Mistake(self.path, line, reason))


def load_all(paths: list[Path]) -> list[NcipTranscript]:
    """Files, and every `*.txt` below folders.  Raises TranscriptError with every mistake of all of them."""
    found: list[NcipTranscript] = []
    mistakes: list[Mistake] = []
    for path in find(paths):
        try:
            found.append(parse(path.read_text(encoding="utf-8"), path))
        except TranscriptError as wrong:
            mistakes.extend(wrong.mistakes)
    if mistakes:
        raise TranscriptError(mistakes)
    return found


def parse(text: str, path: Path) -> NcipTranscript:
    """Raises TranscriptError with every mistake there is."""
    draft = _Draft(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            _read_below(draft, number, line)
        else:
            _read_line(draft, number, line.rstrip())
    _check_whole(draft)
    if draft.mistakes:
        raise TranscriptError(draft.mistakes)
    return NcipTranscript(path, draft.header, draft.given, tuple(draft.steps))


def _read_line(draft: _Draft, number: int, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word in _VERBS:
        draft.steps.append(Step(number, _VERBS[word], rest.strip()))
    elif (found := _HEADER.match(line)) is not None and not draft.steps:
        _read_header(draft, number, found["key"], found["value"].strip())
    else:
        draft.blame(number, f"neither `key = value` before the steps nor one of {', '.join(_VERBS)}: {line!r}")


def _read_header(draft: _Draft, number: int, key: str, value: str) -> None:
    if key.startswith("given."):
        _read_given(draft, number, key.removeprefix("given."), value)
    elif key not in KNOWN:
        draft.blame(number, f"unknown key `{key}`; known are {', '.join(KNOWN)}, given.TABLE")
    elif not value:
        draft.blame(number, f"`{key}` is empty")
    else:
        draft.header[key] = value


def _read_given(draft: _Draft, number: int, table: str, value: str) -> None:
    if table not in GIVEN_TABLES:
        draft.blame(number, f"no table `{table}` in a world; there are {', '.join(GIVEN_TABLES)}")
        return
    try:
        row = tomllib.loads(f"row = {value}")["row"]
    except tomllib.TOMLDecodeError as trouble:
        draft.blame(number, f"not a TOML table: {trouble}")
        return
    draft.given.setdefault(table, []).append(row)


def _read_below(draft: _Draft, number: int, line: str) -> None:
    if not draft.steps or draft.steps[-1].verb not in WITH_LINES:
        draft.blame(number, "an indented line belongs to POST, RAW or EXPECT")
        return
    step = draft.steps[-1]
    if step.verb is Verb.EXPECT and EXPECTATION.match(line.strip()) is None:
        draft.blame(number, f"expected `path = text` or `not path`: {line.strip()!r}")
    text = line.strip() if step.verb is Verb.EXPECT else line
    draft.steps[-1] = Step(step.line, step.verb, step.text, (*step.lines, (number, text)))


def _check_whole(draft: _Draft) -> None:
    for key in REQUIRED:
        if key not in draft.header:
            draft.blame(1, f"no `{key}`")
    for step in draft.steps:
        if step.verb is Verb.EXPECT and not step.text[:3].isdecimal():
            draft.blame(step.line, "EXPECT says a status of HTTP")
    if not any(step.verb in (Verb.EXPECT, Verb.SAME) for step in draft.steps):
        draft.blame(1, "nothing is expected")
