"""The transcript format: one conversation per file, read into steps; every mistake is told with file and line.

A file has a header of `key = value` lines and then steps, one a line; `#` opens a comment.  The format is described
for those who write transcripts in `transcripts/README.md`.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

DEFAULT_CLOCK = "2026-02-12T12:00:00+01:00"  # the Thursday noon that conversations happen at unless they say otherwise
REQUIRED_KEYS = ("title", "source", "level", "world")
KNOWN_KEYS = (*REQUIRED_KEYS, "clock", "terminal", "location", "error_detection", "encoding", "rule", "note")
GIVEN_TABLES = ("patron", "item", "loan", "hold", "charge", "block")  # in the order in which rows come true

_HEADER = re.compile(r"(?P<key>[a-z][a-z_.]*)\s*=\s*(?P<value>.*)$")
_LEVEL = re.compile(r"must|may|vendor:\S+")
PLACEHOLDER = re.compile(r"\{([^{}|]+)\}")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))|([^\\]+)", re.DOTALL)
_SHORT_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


class Verb(StrEnum):
    """What a line of a conversation says; the value is the word that opens the line."""

    SEND = "SC"
    SPOILED = "BAD"
    REPEAT = "REPEAT"
    RAW = "RAW"
    ANSWER = "ACS"
    FIELDS = "ACS?"
    SAME = "SAME"
    SILENCE = "SILENCE"
    CLOSED = "CLOSED"
    RECONNECT = "RECONNECT"
    CLOCK = "CLOCK"
    JOB = "JOB"
    CONTROL = "CONTROL"
    KILL = "KILL"


_VERBS = {str(verb): verb for verb in Verb}
SENDING = frozenset({Verb.SEND, Verb.SPOILED, Verb.REPEAT, Verb.RAW})
ANSWERING = frozenset({Verb.ANSWER, Verb.FIELDS, Verb.SAME, Verb.SILENCE})
CONTROLLING = frozenset({Verb.CLOCK, Verb.JOB, Verb.CONTROL, Verb.KILL})
WITH_TEXT = frozenset({Verb.SEND, Verb.SPOILED, Verb.RAW, Verb.ANSWER, Verb.FIELDS, Verb.CLOCK, Verb.JOB, Verb.CONTROL})
WITHOUT_TEXT = frozenset({Verb.REPEAT, Verb.SAME, Verb.SILENCE, Verb.CLOSED, Verb.KILL})


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the conversation: where it stands, what it says, and the rest of the line."""

    line: int
    verb: Verb
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation; `given` holds the rows that the header adds to the world, by table, in file order."""

    path: Path
    header: dict[str, str]
    given: dict[str, list[dict[str, Any]]]
    steps: tuple[Step, ...]

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
        return datetime.fromisoformat(self.header.get("clock", DEFAULT_CLOCK))

    @property
    def terminal(self) -> str | None:
        """The terminal that logs in by itself at each connection; None where the conversation logs in, or does not."""
        name = self.header.get("terminal", "none")
        return None if name == "none" else name

    @property
    def error_detection(self) -> bool:
        return self.header.get("error_detection", "on") == "on"

    def needs_control(self) -> bool:
        """True if a step asks for something that cannot be said over the socket."""
        return any(step.verb in CONTROLLING for step in self.steps)


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
class _Draft:
    """What has been understood so far, and what has not."""

    path: Path
    header: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def blame(self, line: int, reason: str) -> None:
        self.mistakes.append(Mistake(self.path, line, reason))


def load(path: Path) -> Transcript:
    """Read one file; raises TranscriptError, and OSError where there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as trouble:
        raise TranscriptError([Mistake(path, 1, f"not UTF-8: {trouble.reason}")]) from trouble
    return parse(text, path)


def load_all(paths: list[Path]) -> list[Transcript]:
    """Read files, and every `*.txt` below folders; the mistakes of all come in one TranscriptError."""
    transcripts: list[Transcript] = []
    mistakes: list[Mistake] = []
    for path in find(paths):
        try:
            transcripts.append(load(path))
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


def parse(text: str, path: Path) -> Transcript:
    """Read a transcript from its text; raises TranscriptError with every mistake there is."""
    draft = _Draft(path)
    for number, line in enumerate(text.splitlines(), start=1):
        _read_line(draft, number, line.rstrip())
    _check_whole(draft)
    if draft.mistakes:
        raise TranscriptError(draft.mistakes)
    return Transcript(path, draft.header, draft.given, tuple(draft.steps))


def _read_line(draft: _Draft, number: int, line: str) -> None:
    if not line or line.startswith("#"):
        return
    word = line.split(maxsplit=1)[0]
    if word in _VERBS:
        _read_step(draft, number, _VERBS[word], line[len(word) :].lstrip())
    elif found := _HEADER.match(line):
        _read_header(draft, number, found["key"], found["value"].strip())
    else:
        draft.blame(number, f"neither `key = value` nor one of {', '.join(_VERBS)}: {line!r}")


def _read_header(draft: _Draft, number: int, key: str, value: str) -> None:
    if draft.steps:
        draft.blame(number, f"header line `{key}` after the conversation has begun")
    elif key.startswith("given."):
        _read_given(draft, number, key.removeprefix("given."), value)
    elif key not in KNOWN_KEYS:
        draft.blame(number, f"unknown key `{key}`; known are {', '.join(KNOWN_KEYS)}, given.TABLE")
    elif key in draft.header:
        draft.blame(number, f"`{key}` is said twice")
    elif reason := _refuse_value(key, value):
        draft.blame(number, reason)
    else:
        draft.header[key] = value


def _refuse_value(key: str, value: str) -> str | None:
    if not value:
        return f"`{key}` is empty"
    if key == "level" and not _LEVEL.fullmatch(value):
        return f"level is must, may or vendor:NAME, not {value!r}"
    if key == "error_detection" and value not in ("on", "off"):
        return f"error_detection is on or off, not {value!r}"
    if key == "encoding" and not _is_encoding(value):
        return f"no such encoding: {value!r}"
    return _refuse_clock(value) if key == "clock" else None


def _refuse_clock(value: str) -> str | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return f"not an ISO date and time: {value!r}"
    return None if moment.tzinfo else f"a clock needs its offset, as in {DEFAULT_CLOCK}: {value!r}"


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True


def _read_given(draft: _Draft, number: int, table: str, value: str) -> None:
    if table not in GIVEN_TABLES:
        draft.blame(number, f"no table `{table}` in a world; there are {', '.join(GIVEN_TABLES)}")
        return
    try:
        row = tomllib.loads(f"row = {value}")["row"]
    except tomllib.TOMLDecodeError as trouble:
        draft.blame(number, f"not a TOML table: {trouble}")
        return
    if isinstance(row, dict):
        draft.given.setdefault(table, []).append(row)
    else:
        draft.blame(number, f"a row is written {{ key = value, ... }}, not {value!r}")


def _read_step(draft: _Draft, number: int, verb: Verb, text: str) -> None:
    if verb is Verb.ANSWER and text == "-":
        verb, text = Verb.SILENCE, ""
    if reason := _refuse_step(draft, verb, text):
        draft.blame(number, reason)
    draft.steps.append(Step(number, verb, text))


def _refuse_step(draft: _Draft, verb: Verb, text: str) -> str | None:
    if verb in WITH_TEXT and not text:
        return f"{verb} says nothing"
    if verb in WITHOUT_TEXT and text:
        return f"{verb} stands alone, without {text!r}"
    if verb in ANSWERING and not _awaits_answer(draft.steps):
        return f"{verb} without anything sent before it"
    if verb is Verb.REPEAT and not any(step.verb is Verb.SEND for step in draft.steps):
        return "REPEAT without an SC line to repeat"
    return _refuse_text(verb, text)


def _refuse_text(verb: Verb, text: str) -> str | None:
    if verb is Verb.RAW:
        return _refuse_raw(text)
    if verb is Verb.CLOCK:
        return _refuse_clock(text)
    if verb in (Verb.SEND, Verb.SPOILED, Verb.ANSWER, Verb.FIELDS):
        return _refuse_frame(text)
    return None


def _refuse_frame(text: str) -> str | None:
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        return f"a brace without its partner: {text!r}"
    return None if re.match(r"[0-9~]{2}|~", text) else f"a message opens with two digits: {text!r}"


def _refuse_raw(text: str) -> str | None:
    try:
        unescape(text)
    except ValueError as trouble:
        return str(trouble)
    return None


def _awaits_answer(steps: list[Step]) -> bool:
    """True if more was sent on the present connection than was answered.  RAW may hold several frames."""
    open_frames = 0
    for step in steps:
        if step.verb in (Verb.RECONNECT, Verb.KILL, Verb.CLOSED):
            open_frames = 0
        elif step.verb is Verb.RAW:
            open_frames += len(frames_in(unescape_or_empty(step.text)))
        elif step.verb in SENDING:
            open_frames += 1
        elif step.verb in ANSWERING:
            open_frames -= 1
    return open_frames > 0


def _check_whole(draft: _Draft) -> None:
    for key in REQUIRED_KEYS:
        if key not in draft.header and not any(f"`{key}`" in mistake.reason for mistake in draft.mistakes):
            draft.blame(1, f"no `{key}` in the header")
    if not any(step.verb in SENDING for step in draft.steps):
        draft.blame(1, "nobody says anything: no SC line")


def unescape(text: str) -> bytes:
    r"""The bytes of a RAW line: \r \n \t \0 \\ and \xNN, everything else as UTF-8.  Raises ValueError."""
    out = b""
    for found in _ESCAPE.finditer(text):
        octet, short, plain = found.groups()
        if plain is not None:
            out += plain.encode("utf-8")
        elif octet is not None:
            out += bytes.fromhex(octet)
        elif short in _SHORT_ESCAPES:
            out += _SHORT_ESCAPES[short]
        else:
            raise ValueError(f"unknown escape \\{short}")
    if text.endswith("\\") and not text.endswith("\\\\"):
        raise ValueError("a lone \\ at the end")
    return out


def unescape_or_empty(text: str) -> bytes:
    """As `unescape`, but nothing where the text is wrong and has been blamed already."""
    try:
        return unescape(text)
    except ValueError:
        return b""


def frames_in(data: bytes) -> list[bytes]:
    """The frames that end in these bytes; empty ones, and a beginning without its end, are none."""
    frames = (frame.lstrip(b" \r\n\0\t") for frame in data.split(b"\r")[:-1])
    return [frame for frame in frames if frame]
