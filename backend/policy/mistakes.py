"""What can be wrong with a file that a library writes, in words that a librarian can act on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic_core import ErrorDetails

_WORDS = {
    "extra_forbidden": "this key is not known here",
    "missing": "this key must be written",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "date_type": "must be a date, such as 2026-05-17 without quotes",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
}


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


def said_plainly(error: ErrorDetails) -> str:
    """pydantic's verdict in a librarian's words."""
    kind = error["type"]
    context: Mapping[str, object] = error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}"
    if kind == "string_pattern_mismatch":
        return f'"{error["input"]}" is not spelled as this key wants: {context["pattern"]}'
    return _WORDS.get(kind, error["msg"][:1].lower() + error["msg"][1:])


def named(path: Iterable[str | int]) -> str:
    """`loan.KAL-14.days` out of a path."""
    return ".".join(str(step) for step in path)
