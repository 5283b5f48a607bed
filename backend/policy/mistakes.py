"""What can be wrong with a file that a library writes, in words that a librarian can act on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class PolicyMistake:
    """One thing to put right: `key` is a path such as `loan.KAL-14.days`, `line` counts from 1."""

    file: str
    line: int
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.reason}"


class PolicyError(Exception):
    """The files cannot be used; `mistakes` is everything that is wrong with them, in the files' order."""

    def __init__(self, mistakes: Iterable[PolicyMistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def named(path: Iterable[str | int]) -> str:
    """`loan.KAL-14.days` out of a path."""
    return ".".join(str(step) for step in path)
