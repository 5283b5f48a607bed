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
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from conformance.draft import KNOWN, Check, Draft, Opening, any_text, read_all

EXPECTATION = re.compile(r"(?:(?P<none>not)\s+(?P<absent>\S+)|(?P<path>\S+)(?:\s+(?P<nth>\d+))?\s*=\s?(?P<text>.*))$")
KNOWN_KEYS: Mapping[str, Check] = {
    **KNOWN,
    **dict.fromkeys(("from", "to", "path", "basic", "secret", "content_type", "header", "wire"), any_text),
}


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
        """The lines below the step as one text."""
        return "\n".join(text for _, text in self.lines)


@dataclass(frozen=True, slots=True)
class NcipTranscript(Opening):
    """One conversation."""

    steps: tuple[Step, ...]


def load_all(paths: list[Path]) -> list[NcipTranscript]:
    """Files, and every `*.txt` below folders.  Raises TranscriptError with every mistake of all of them."""
    return read_all(paths, parse)


def parse(text: str, path: Path) -> NcipTranscript:
    """Raises TranscriptError with every mistake there is."""
    draft = Draft[Step](path, KNOWN_KEYS)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            _read_below(draft, number, line)
        else:
            _read_line(draft, number, line.rstrip())
    _check_whole(draft)
    draft.refuse_mistakes()
    return NcipTranscript(path, draft.header, draft.given, tuple(draft.steps))


def _read_line(draft: Draft[Step], number: int, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word in _VERBS:
        draft.steps.append(Step(number, _VERBS[word], rest.strip()))
    elif not draft.read_header(number, line):
        draft.blame(number, f"neither `key = value` nor one of {', '.join(_VERBS)}: {line!r}")


def _read_below(draft: Draft[Step], number: int, line: str) -> None:
    if not draft.steps or draft.steps[-1].verb not in WITH_LINES:
        draft.blame(number, "an indented line belongs to POST, RAW or EXPECT")
        return
    step = draft.steps[-1]
    if step.verb is Verb.EXPECT and EXPECTATION.match(line.strip()) is None:
        draft.blame(number, f"expected `path = text` or `not path`: {line.strip()!r}")
    text = line.strip() if step.verb is Verb.EXPECT else line
    draft.steps[-1] = Step(step.line, step.verb, step.text, (*step.lines, (number, text)))


def _check_whole(draft: Draft[Step]) -> None:
    draft.check_header()
    for step in draft.steps:
        if step.verb is Verb.EXPECT and not step.text[:3].isdecimal():
            draft.blame(step.line, "EXPECT says a status of HTTP")
    if not any(step.verb in (Verb.EXPECT, Verb.SAME) for step in draft.steps):
        draft.blame(1, "nothing is expected")
