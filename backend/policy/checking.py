"""Any file of a policies' folder, judged on its own terms: a library's, a pattern that others are like, a network."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from backend.policy.checks import check
from backend.policy.draft import NETWORK_SCHEMA, Draft, Source, read_draft
from backend.policy.loader import examine, is_a_library
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.network import load_network
from backend.policy.opening import read_source
from backend.policy.rows import NoticeRow

# What a pattern leaves to the libraries that are like it, so that the rest of it can be judged.
ANY_LIBRARY: Mapping[str, object] = {
    "id": "any",
    "name": "any",
    "timezone": "UTC",
    "currency": "NOK",
    "languages": ["en"],
}
ANY_BRANCH: Mapping[str, object] = {"id": "any", "open": {"mon": "10-18"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`mistakes` keep a daemon from starting, `warnings` do not; `libraries` are those whose files were among them."""

    mistakes: tuple[PolicyMistake, ...]
    warnings: tuple[PolicyMistake, ...]
    libraries: tuple[str, ...]


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and those in the folders that are."""
    return [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]


def check_files(paths: Iterable[Path], letters: Collection[str] = ()) -> Checked:
    """Everything that is wrong with any of these files or folders; `letters` are the texts that can be sent."""
    files = files_in(paths)
    found = examine(files)
    strange = [warning for draft in found.drafts for warning in _strange_letters(draft, letters)] if letters else []
    others = [_beside_libraries(path) for path in files]
    return Checked(
        mistakes=tuple(sorted({*found.mistakes, *(one for each in others for one in each.mistakes)})),
        warnings=tuple(sorted({*found.warnings, *strange, *(one for each in others for one in each.warnings)})),
        libraries=tuple(dict.fromkeys(_named(draft.content) for draft in found.drafts)),
    )


def _strange_letters(draft: Draft, letters: Collection[str]) -> Iterator[PolicyMistake]:
    for number, row in draft.rows["notice"].items():
        if isinstance(row, NoticeRow) and row.knows("letter") and row.letter and row.letter not in letters:
            printed = draft.printed("notice", number)
            reason = f"no text of this name is shipped; without one of your own, the usual one is sent ({row.letter})"
            yield PolicyMistake(printed.file, printed.line, f"{draft.key_of('notice', number)}.letter", reason)


def _beside_libraries(path: Path) -> Checked:
    """A file that is no library's: a pattern or a network."""
    nothing = Checked(mistakes=(), warnings=(), libraries=())
    try:
        source = read_source(path)
        if source.content.get("schema") == NETWORK_SCHEMA:
            load_network(path)
            return nothing
    except PolicyError as wrong:
        return replace(nothing, mistakes=wrong.mistakes)
    if is_a_library(source):
        return nothing
    draft = _as_if_whole(source)
    check(draft)
    return replace(nothing, mistakes=tuple(draft.mistakes), warnings=tuple(draft.warnings))


def _as_if_whole(pattern: Source) -> Draft:
    library = pattern.content.get("library")
    content = {
        "effective_from": date.min,
        "branch": [dict(ANY_BRANCH)],
        **pattern.content,
        "library": {**ANY_LIBRARY, **(library if isinstance(library, dict) else {})},
    }
    return read_draft(content, {"": pattern})


def _named(content: Mapping[str, object]) -> str:
    """The library's id, as far as it is written."""
    library = content.get("library")
    return str(library.get("id", "?")) if isinstance(library, dict) else "?"
