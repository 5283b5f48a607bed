"""Policy files into policies: all of them, or every mistake in them at once. It reads files and decides nothing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from backend.policy.checks import check
from backend.policy.draft import NETWORK_SCHEMA, Draft, Source, read_draft
from backend.policy.lines import Printed
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.model import Policy, PolicyRows
from backend.policy.network import Network, load_network
from backend.policy.opening import read_source
from backend.policy.places import Branch, lineage, settled
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
)
from backend.policy.sections import Access, Conventions, InterLibrary, Library

HASH_LENGTH = 12  # hex digits; enough to tell a library's versions apart for ever


@dataclass(frozen=True, slots=True)
class LibraryPolicies:
    """All versions of one library's policy, oldest first."""

    versions: tuple[Policy, ...]

    def in_force(self, day: date) -> Policy:
        """The newest version not after `day`; before the first of them, the first.  Source: policies C-26."""
        for version in reversed(self.versions):
            if version.effective_from <= day:
                return version
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class Examined:
    """The files of libraries and networks as far as they could be read, all that is wrong with them, and what is worth
    a look.
    """

    drafts: tuple[Draft, ...]
    mistakes: tuple[PolicyMistake, ...]
    warnings: tuple[PolicyMistake, ...]
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Every library's policies, what staff should still decide (`warnings`), and who lends to whom."""

    libraries: Mapping[str, LibraryPolicies]
    warnings: tuple[PolicyMistake, ...] = ()
    networks: tuple[Network, ...] = ()

    def in_force(self, library_id: str, day: date) -> Policy:
        """Raises KeyError for a library that has no policy here."""
        return self.libraries[library_id].in_force(day)

    def by_hash(self, policy_hash: str) -> Policy | None:
        """The version that a loan remembers, or None when its file is gone."""
        versions = (one for library in self.libraries.values() for one in library.versions)
        return next((one for one in versions if one.hash == policy_hash), None)

    def closing(self, days: Mapping[str, Iterable[date]]) -> "PolicySet":
        """The same policies with announced closures, by branch id.  Source: policies C-27."""
        known = {branch_id: frozenset(dates) for branch_id, dates in days.items()}
        closed = {
            library_id: LibraryPolicies(tuple(version.closing(known) for version in library.versions))
            for library_id, library in self.libraries.items()
        }
        return PolicySet(MappingProxyType(closed), self.warnings, self.networks)

    def network_of(self, library_id: str) -> Network | None:
        """The first network in which the library takes part."""
        return next((one for one in self.networks if library_id in one.members), None)


def load_policy(path: Path) -> Policy:
    """One library's file; raises PolicyError with everything that is wrong with it."""
    found = load_files([path])
    versions = [one for library in found.libraries.values() for one in library.versions]
    if not versions:
        raise PolicyError(
            [PolicyMistake(path.name, 1, "template", "is a pattern for other files, not a library's policy")]
        )
    return versions[0]


def load_policies(directory: Path) -> PolicySet:
    """Every policy in the `.toml` files of `directory`; raises PolicyError with all that is wrong with any of them."""
    return load_files(sorted(directory.glob("*.toml")))


def load_files(paths: Iterable[Path]) -> PolicySet:
    """All libraries' policies and networks, or PolicyError. Patterns that others are `like` are passed over."""
    found = examine(paths)
    if found.mistakes:
        raise PolicyError(found.mistakes)
    return PolicySet(
        MappingProxyType(_by_library(compiled(draft) for draft in found.drafts)), found.warnings, found.networks
    )


def examine(paths: Iterable[Path]) -> Examined:
    """Every library's file, read and judged by itself and beside the others."""
    drafts: list[Draft] = []
    networks: list[Network] = []
    mistakes: list[PolicyMistake] = []
    for path in paths:
        try:
            source = read_source(path)
            if is_a_library(source):
                drafts.append(draft_of(source, path.parent))
            elif source.content.get("schema") == NETWORK_SCHEMA:
                networks.append(load_network(path))
        except PolicyError as unreadable:
            mistakes.extend(unreadable.mistakes)
    for draft in drafts:
        check(draft)
    _check_versions(drafts)
    mistakes += [mistake for draft in drafts for mistake in draft.mistakes]
    warnings = {warning for draft in drafts for warning in draft.warnings}
    return Examined(tuple(drafts), tuple(sorted(set(mistakes))), tuple(sorted(warnings)), tuple(networks))


def is_a_library(source: Source) -> bool:
    """Whether a file is a library's own: neither the network's nor a template that others are `like`."""
    return source.content.get("schema") != NETWORK_SCHEMA and source.content.get("template") is not True


def draft_of(source: Source, directory: Path) -> Draft:
    """The file's pieces, those that it leaves out taken from the file it is `like`; its library table key by key."""
    like = source.content.get("like")
    if not isinstance(like, str):
        return read_draft(source.content, {"": source})
    pattern = directory / Path(like).name
    if not pattern.is_file():
        reason = f"there is no file {pattern.name} beside it"
        raise PolicyError([PolicyMistake(source.file, source.lines.line(("like",)), "like", reason)])
    base = read_source(pattern)
    library = {**_table(base, "library"), **_table(source, "library")}
    content = {**base.content, **source.content, "library": library}
    origins = {name: base for name in base.content if name not in source.content}
    return read_draft({key: content[key] for key in content if key != "template"}, {**origins, "": source})


def compiled(draft: Draft) -> Policy:
    """The policy of a draft without mistakes."""
    conventions = draft.section("conventions", Conventions)
    by_id = {branch.id: branch for branch in draft.branches.values()}
    branches: dict[str, Branch] = {
        branch.id: settled(branch, lineage(branch, by_id), conventions.due_on_closed) for branch in by_id.values()
    }
    return Policy(
        hash=content_hash(draft.content),
        effective_from=draft.effective_from,
        library=draft.section("library", Library),
        conventions=conventions,
        access=draft.section("access", Access),
        ill=draft.section("ill", InterLibrary),
        branches=MappingProxyType(branches),
        rows=PolicyRows(
            loan=draft.rows_of("loan", LoanRow),
            renewal=draft.rows_of("renewal", RenewalRow),
            hold=draft.rows_of("hold", HoldRow),
            overdue=draft.rows_of("overdue", OverdueRow),
            replacement=draft.rows_of("replacement", ReplacementRow),
            notice=draft.rows_of("notice", NoticeRow),
            fee=draft.rows_of("fee", FeeRow),
            exempt=draft.rows_of("exempt", ExemptRow),
            block=draft.rows_of("block", BlockRow),
            returns=draft.rows_of("return", ReturnRow),
        ),
        printed=MappingProxyType(where_printed(draft)),
    )


def where_printed(draft: Draft) -> dict[str, Printed]:
    """By id of the row or table; ids differ within a file."""
    found = {row.id: draft.printed(table, number) for table, rows in draft.rows.items() for number, row in rows.items()}
    tables = {"access": draft.section("access", Access).id, "ill": draft.section("ill", InterLibrary).id}
    return {named: draft.printed(table) for table, named in tables.items() if named} | found


def content_hash(content: Mapping[str, object]) -> str:
    """The same for the same rules, however the file is laid out and commented."""
    normal = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(normal.encode()).hexdigest()[:HASH_LENGTH]


def _table(source: Source, name: str) -> Mapping[str, object]:
    table = source.content.get(name)
    return table if isinstance(table, dict) else {}


def _check_versions(drafts: Iterable[Draft]) -> None:
    """Two files of one library must take turns: each with its own first day, all in one currency."""
    first_of: dict[tuple[str, date], str] = {}
    currency_of: dict[str, str] = {}
    for draft in drafts:
        try:
            library = draft.section("library", Library)
        except KeyError:
            continue  # its own mistakes say why it could not be read
        if not library.knows("id"):
            continue
        file = draft.sources[""].file
        other = first_of.setdefault((library.id, draft.effective_from), file)
        if other != file and draft.effective_from != date.min:  # date.min: it could not be read
            draft.mistake(("effective_from",), f"{other} of {library.id} begins on {draft.effective_from} too")
        if library.knows("currency") and currency_of.setdefault(library.id, library.currency) != library.currency:
            draft.mistake(("library", "currency"), f"{library.id} counts in {currency_of[library.id]} in another file")


def _by_library(policies: Iterable[Policy]) -> dict[str, LibraryPolicies]:
    versions: dict[str, list[Policy]] = {}
    for policy in sorted(policies, key=lambda one: one.effective_from):
        versions.setdefault(policy.library.id, []).append(policy)
    return {library_id: LibraryPolicies(tuple(ordered)) for library_id, ordered in versions.items()}
