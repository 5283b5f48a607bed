"""The SIP2 transcript format: one conversation per file, read into steps.

A file has a header of `key = value` lines and then steps, one a line; `#` opens a comment.  The format is described
for those who write transcripts in `transcripts/README.md`.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from conformance.draft import KNOWN, Check, Draft, Opening, any_text, read_all, read_file, refuse_clock

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


def _refuse_encoding(value: str) -> str | None:
    try:
        "".encode(value)
    except LookupError:
        return f"no such encoding: {value!r}"
    return None


def _refuse_switch(value: str) -> str | None:
    return None if value in ("on", "off") else f"error_detection is on or off, not {value!r}"


KNOWN_KEYS: Mapping[str, Check] = {
    **KNOWN,
    "terminal": any_text,
    "location": any_text,
    "error_detection": _refuse_switch,
    "encoding": _refuse_encoding,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the conversation: where it stands, what it says, and the rest of the line."""

    line: int
    verb: Verb
    text: str


@dataclass(frozen=True, slots=True)
class Transcript(Opening):
    """One conversation."""

    steps: tuple[Step, ...]

    @property
    def terminal(self) -> str | None:
        """The terminal that logs in by itself at each connection; None where the conversation logs in, or does not."""
        name = self.header.get("terminal", "none")
        return None if name == "none" else name

    @property
    def error_detection(self) -> bool:
        """Whether sequence numbers and checksums are sent, and asked for in answers."""
        return self.header.get("error_detection", "on") == "on"

    def needs_control(self) -> bool:
        """True if a step asks for something that cannot be said over the socket."""
        return any(step.verb in CONTROLLING for step in self.steps)


def load(path: Path) -> Transcript:
    """Read one file; raises TranscriptError, and OSError where there is no such file."""
    return read_file(path, parse)


def load_all(paths: list[Path]) -> list[Transcript]:
    """Read files, and every `*.txt` below folders; the mistakes of all come in one TranscriptError."""
    return read_all(paths, parse)


def parse(text: str, path: Path) -> Transcript:
    """Read a transcript from its text; raises TranscriptError with every mistake there is."""
    draft = Draft[Step](path, KNOWN_KEYS)
    for number, line in enumerate(text.splitlines(), start=1):
        _read_line(draft, number, line.rstrip())
    _check_whole(draft)
    draft.refuse_mistakes()
    return Transcript(path, draft.header, draft.given, tuple(draft.steps))


def _read_line(draft: Draft[Step], number: int, line: str) -> None:
    if not line or line.startswith("#"):
        return
    word = line.split(maxsplit=1)[0]
    if word in _VERBS:
        _read_step(draft, number, _VERBS[word], line[len(word) :].lstrip())
    elif not draft.read_header(number, line):
        draft.blame(number, f"neither `key = value` nor one of {', '.join(_VERBS)}: {line!r}")


def _read_step(draft: Draft[Step], number: int, verb: Verb, text: str) -> None:
    if verb is Verb.ANSWER and text == "-":
        verb, text = Verb.SILENCE, ""
    if reason := _refuse_step(draft, verb, text):
        draft.blame(number, reason)
    draft.steps.append(Step(number, verb, text))


def _refuse_step(draft: Draft[Step], verb: Verb, text: str) -> str | None:
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
        return refuse_clock(text)
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


def _check_whole(draft: Draft[Step]) -> None:
    draft.check_header()
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
