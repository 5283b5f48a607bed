"""A conversation in more than one language: parts in SIP2 and in NCIP, each played by its own player, in turn.

The file begins with a header and speaks SIP2 until a line says otherwise:

    === NCIP to = NO-0220000        a header line of this part alone may follow
    === SIP2 terminal = T-KAL-B

A later part goes on in the world and at the time where the one before it ended.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Final

from conformance import transcript as sip2
from conformance.ncip import transcript as ncip
from conformance.ncip.play import NcipTarget, play
from conformance.replay import replay
from conformance.verdict import Result, Verdict
from tests.daemon import Daemon

TURN: Final = re.compile(r"=== (?P<language>SIP2|NCIP)(?: +(?P<own>\S.*))?$")
HEADER: Final = re.compile(r"(?P<key>[a-z][a-z_.]*)\s*=\s*(?P<value>.*)$")
KEYS: Final = {"SIP2": sip2.KNOWN_KEYS, "NCIP": ncip.KNOWN}
NUMBER: Final = re.compile(r"\bS-[0-9]{3}\b")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines `begin` to `end` of a file, in one language; `own` is the header line that only this part has."""

    language: str
    own: str
    begin: int
    end: int


@dataclass(frozen=True)
class Conversation:
    """The text of one file."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def scenarios(self) -> set[str]:
        """The numbers that it tells of: those in its source."""
        return {number for line in self.lines if line.startswith("source") for number in NUMBER.findall(line)}

    @cached_property
    def parts(self) -> list[Part]:
        """In their order; a header that is followed by another language at once is no part."""
        found = list(self._cut())
        return [part for part in found if any(self.lines[part.begin : part.end])]

    def _cut(self) -> Iterator[Part]:
        language, own, begin = "SIP2", "", len(self._header)
        for number, line in enumerate(self.lines):
            if turn := TURN.match(line):
                yield Part(language, own, begin, number)
                language, own, begin = turn["language"], turn["own"] or "", number + 1
        yield Part(language, own, begin, len(self.lines))

    @cached_property
    def _header(self) -> list[str]:
        return list(takewhile(lambda line: not line or line.startswith("#") or HEADER.match(line), self.lines))

    def text_of(self, part: Part) -> str:
        """The part as a whole file of its language, its lines where they stand in this file."""
        head = [self._head_line(line, part) for line in self._header]
        gap = [""] * (part.begin - len(head))
        if gap:
            gap[-1] = part.own
        return "\n".join(head + gap + self.lines[part.begin : part.end])

    def _head_line(self, line: str, part: Part) -> str:
        """A line of the file's header as the part's own header has it: empty where it does not concern the part."""
        found = HEADER.match(line)
        if found is None:
            return ""
        key, later = found["key"], part != self.parts[0]
        if key.startswith("given."):
            return "" if later else line
        if key not in KEYS[part.language] or part.own.startswith(f"{key} "):
            return ""
        if later and key == "world":
            return "world = none"
        return f"clock = {self._clock_before(part) or found['value']}" if key == "clock" else line

    def _clock_before(self, part: Part) -> str | None:
        told = [line.split(maxsplit=1)[1] for line in self.lines[: part.begin] if line.startswith("CLOCK ")]
        return told[-1] if told else None


def read(path: Path) -> Conversation:
    return Conversation(path, path.read_text(encoding="utf-8"))


def hold(town: Daemon, conversation: Conversation, known: Mapping[str, str] | None = None) -> Iterator[Verdict]:
    """Play the parts one by one; `known` are further names for `{name}`."""
    for part in conversation.parts:
        yield _play(town, conversation.path, part.language, conversation.text_of(part), town.secrets | (known or {}))


def refuse_other_than_told(town: Daemon, conversation: Conversation, known: Mapping[str, str] | None = None) -> None:
    """Raises AssertionError with every line that went otherwise."""
    for verdict in hold(town, conversation, known):
        faults = [f"line {line.line}: {fault}" for line in verdict.lines for fault in line.faults]
        assert verdict.result is Result.PASSED, [verdict.trouble, *faults]


def _play(town: Daemon, path: Path, language: str, text: str, secrets: dict[str, str]) -> Verdict:
    if language == "SIP2":
        return replay(sip2.parse(text, path), replace(town.target(), secrets=secrets))
    target = NcipTarget(f"http://127.0.0.1:{town.ncip_port}", secrets, town.control)
    return play(ncip.parse(text, path), target)
