"""What became of a transcript: line by line, in words, with the time each answer took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MUST = "must"


class Mode(StrEnum):
    """How the frames of a transcript are put on the wire."""

    WHOLE = "whole"
    BYTES = "bytes"  # one byte a segment
    BEHIND = "behind"  # the next frame follows in the same segment, where its turn is known


class Result(StrEnum):
    """What became of one conversation; the value is the word of the reports."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """One expectation: what was sent, wanted and got (as text, without trailer), and what was wrong."""

    line: int
    sent: str
    expected: str
    got: str
    seconds: float
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One transcript in one mode; `trouble` is what stopped it, empty if it was played to the end."""

    path: str
    title: str
    level: str
    mode: Mode
    result: Result
    seconds: float
    lines: tuple[LineVerdict, ...]
    trouble: str = ""

    @property
    def ok(self) -> bool:
        """It was played to its end, and every answer was right."""
        return self.result is Result.PASSED

    def explain(self) -> str:
        """What went wrong, one thought a line, each with file and line; empty when nothing did."""
        told = [text for line in self.lines if line.faults for text in self._tell(line)]
        if self.trouble:
            told.append(f"{self.path}: {self.result}: {self.trouble}")
        return "\n".join(told)

    def _tell(self, line: LineVerdict) -> list[str]:
        return [
            f"{self.path}:{line.line}: {self.title} ({self.mode})",
            f"    sent      {line.sent}",
            f"    expected  {line.expected}",
            f"    got       {line.got}",
            *(f"    - {fault}" for fault in line.faults),
        ]

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain data, for `Verdict.from_json`."""
        lines = [
            {
                "line": line.line,
                "sent": line.sent,
                "expected": line.expected,
                "got": line.got,
                "seconds": round(line.seconds, 6),
                "faults": list(line.faults),
            }
            for line in self.lines
        ]
        return {
            "path": self.path,
            "title": self.title,
            "level": self.level,
            "mode": str(self.mode),
            "result": str(self.result),
            "seconds": round(self.seconds, 6),
            "lines": lines,
            "trouble": self.trouble,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """Raises KeyError, TypeError or ValueError if `data` is no verdict."""
        lines = tuple(LineVerdict(**{**line, "faults": tuple(line["faults"])}) for line in data["lines"])
        return cls(
            path=data["path"],
            title=data["title"],
            level=data["level"],
            mode=Mode(data["mode"]),
            result=Result(data["result"]),
            seconds=data["seconds"],
            lines=lines,
            trouble=data["trouble"],
        )
