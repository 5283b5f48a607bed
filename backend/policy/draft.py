"""A policy file being read: its pieces one by one, so that a mistake in one hides no mistake in another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from backend.policy.fields import Written
from backend.policy.lines import LineIndex, Path, Printed
from backend.policy.mistakes import PolicyMistake, named
from backend.policy.places import WrittenBranch
from backend.policy.reading import read
from backend.policy.rows import (
    BlockRow,
    ExemptRow,
    FeeRow,
    HoldRow,
    LoanRow,
    NoticeRow,
    OverdueRow,
    RenewalRow,
    ReplacementRow,
    ReturnRow,
    Row,
)
from backend.policy.sections import Access, Conventions, InterLibrary, Library

SCHEMA = "skranke-policy/1"
NETWORK_SCHEMA = "skranke-network/1"  # the other kind of file that may lie in the same folder
HEADING_KEYS = ("schema", "effective_from", "like", "template")

TABLES: Mapping[str, type[Row]] = {
    "loan": LoanRow,
    "renewal": RenewalRow,
    "hold": HoldRow,
    "overdue": OverdueRow,
    "notice": NoticeRow,
    "replacement": ReplacementRow,
    "fee": FeeRow,
    "exempt": ExemptRow,
    "block": BlockRow,
    "return": ReturnRow,
}
SECTIONS: Mapping[str, type[Written]] = {
    "library": Library,
    "conventions": Conventions,
    "access": Access,
    "ill": InterLibrary,
}
OPTIONAL_SECTIONS = ("conventions", "ill")
BRANCH = "branch"

Piece = TypeVar("Piece", bound=Written)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, content and lines."""

    file: str
    content: Mapping[str, object]
    lines: LineIndex


@dataclass(slots=True)
class Draft:
    """The pieces as far as they could be read, each row with its number in the file, and what was wrong with them.

    `sources` says which file a table came from, the file itself or the one it is `like`.
    """

    content: Mapping[str, object]
    sources: Mapping[str, Source]
    mistakes: list[PolicyMistake] = field(default_factory=list)
    warnings: list[PolicyMistake] = field(default_factory=list)
    sections: dict[str, Written] = field(default_factory=dict)
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)
    branches: dict[int, WrittenBranch] = field(default_factory=dict)
    branches_written: int = 0
    effective_from: date = date.min

    def mistake(self, path: Path, reason: str, key: str | None = None) -> None:
        """Note what makes the file unusable; `path` leads into the file, `key` is how it is told if not by its path."""
        self.mistakes.append(self._located(path, reason, key))

    def warning(self, path: Path, reason: str, key: str | None = None) -> None:
        """Note what is worth a look; the file may be used."""
        self.warnings.append(self._located(path, reason, key))

    def rows_of(self, table: str, kind: type[Piece]) -> tuple[Piece, ...]:
        """The rows of `table`, in order."""
        return tuple(row for row in self.rows[table].values() if isinstance(row, kind))

    def section(self, name: str, kind: type[Piece]) -> Piece:
        """Raises KeyError when nothing of it could be read."""
        found = self.sections.get(name)
        if not isinstance(found, kind):
            raise KeyError(name)
        return found

    def key_of(self, table: str, number: int) -> str:
        """What mistakes call a row, whether or not its id could be read."""
        return f"{table}.{_id_of(_rows_in(self.content, table)[number], number)}"

    def printed(self, table: str, number: int | None = None) -> Printed:
        """Where a row of `table`, or the table itself, stands, and what it says there."""
        source, path = self._source(table), (table,) if number is None else (table, number)
        return Printed(
            table=table,
            number=(number or 0) + 1,
            file=source.file,
            line=source.lines.line(path),
            words=source.lines.passage(path),
        )

    def _source(self, table: str) -> Source:
        return self.sources.get(table, self.sources[""])

    def _located(self, path: Path, reason: str, key: str | None) -> PolicyMistake:
        source = self._source(str(path[0]) if path else "")
        return PolicyMistake(source.file, source.lines.line(path), key or named(path), reason)


def read_draft(content: Mapping[str, object], sources: Mapping[str, Source]) -> Draft:
    """Every piece of `content`, read on its own. `sources[""]` is the file itself."""
    draft = Draft(content, sources)
    for key in content:
        if key not in HEADING_KEYS and key not in TABLES and key not in SECTIONS and key != BRANCH:
            draft.mistake((key,), "this table or key is not known")
    _read_heading(draft)
    _read_sections(draft)
    _read_tables(draft)
    return draft


def _read_heading(draft: Draft) -> None:
    if draft.content.get("schema") != SCHEMA:
        draft.mistake(("schema",), f'must be "{SCHEMA}"')
    effective = draft.content.get("effective_from")
    if type(effective) is date:
        draft.effective_from = effective
    else:
        draft.mistake(("effective_from",), "must be a date, such as 2026-01-01 without quotes")


def _read_sections(draft: Draft) -> None:
    for name, kind in SECTIONS.items():
        if name not in draft.content and name not in OPTIONAL_SECTIONS:
            draft.mistake((name,), "this table must be written")
            continue
        piece = _read_piece(draft, kind, draft.content.get(name, {}), (name,), name)
        if piece is not None:
            draft.sections[name] = piece


def _read_tables(draft: Draft) -> None:
    for name, kind in TABLES.items():
        draft.rows[name] = {}
        for number, written in enumerate(_rows(draft, name)):
            row = _read_piece(draft, kind, written, (name, number), draft.key_of(name, number))
            if row is not None:
                draft.rows[name][number] = row
    branches = _rows(draft, BRANCH)
    draft.branches_written = len(branches)
    for number, written in enumerate(branches):
        branch = _read_piece(draft, WrittenBranch, written, (BRANCH, number), draft.key_of(BRANCH, number))
        if branch is not None:
            draft.branches[number] = branch


def _rows(draft: Draft, name: str) -> list[object]:
    if not isinstance(draft.content.get(name, []), list):
        draft.mistake((name,), f"must be written as rows, each under [[{name}]]")
    return _rows_in(draft.content, name)


def _rows_in(content: Mapping[str, object], name: str) -> list[object]:
    written = content.get(name, [])
    return written if isinstance(written, list) else []


def _id_of(written: object, number: int) -> str:
    named_so = written.get("id") if isinstance(written, dict) else None
    return named_so if isinstance(named_so, str) else str(number + 1)


def _read_piece(draft: Draft, kind: type[Piece], written: object, path: Path, key: str) -> Piece | None:
    piece, wrong = read(kind, written, {"currency": _currency(draft.content)})
    for where, reason in wrong:
        draft.mistake((*path, *where), reason, named((key, *where)))
    return piece


def _currency(content: Mapping[str, object]) -> str:
    library = content.get("library")
    written = library.get("currency") if isinstance(library, dict) else None
    return written if isinstance(written, str) else ""
