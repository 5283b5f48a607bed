"""The demonstration town: the fixtures of its file, and the people and books that the generator adds."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.resources import files

from backend.model import LibraryId
from backend.policy.model import Policy
from backend.policy.shelf import PolicyShelf
from server.demo.people import people, things, with_names
from server.demo.rows import TownItem, TownPatron, TownShelf, TownTerminal


@dataclass(frozen=True, kw_only=True)
class Town:
    """Who lives there, what stands on the shelves, which machines are at the desks; `policies` by library, in force."""

    policies: Mapping[str, Policy]
    terminals: tuple[TownTerminal, ...]
    patrons: Mapping[str, TownPatron]  # by name; fixtures first, guardians before children
    items: Mapping[str, TownItem]  # by barcode; fixtures first
    fixtures: frozenset[str]  # the patrons and copies that the file names

    @cached_property
    def branches(self) -> Mapping[str, str]:
        """The library of each branch."""
        return {branch: library for library, policy in self.policies.items() for branch in policy.branches}

    @cached_property
    def titles(self) -> Mapping[str, TownItem]:
        """A copy of each title, by the title's name."""
        return {item.title: item for item in reversed([*self.items.values()])}

    def library_of(self, branch: str) -> LibraryId:
        """Raises KeyError."""
        return LibraryId(self.branches[branch])


def load_town(policies: PolicyShelf, now: datetime, seed: int = 1) -> Town:
    """The town as its file and `seed` have it."""
    written = tomllib.loads((files("server.demo") / "town.toml").read_text("utf-8"))
    known = {str(library): policies.of(library, now) for library in policies.libraries()}
    branches = {library: tuple(policy.branches) for library, policy in known.items()}
    named = with_names((TownPatron.model_validate(row) for row in written["patron"]), seed)
    copies = [copy for row in written["item"] for copy in TownShelf.model_validate(row).copies()]
    everybody, everything = [*named, *people(branches, seed)], [*copies, *things(branches, seed)]
    return Town(
        policies=known,
        terminals=tuple(TownTerminal.model_validate(row) for row in written["terminal"]),
        patrons={patron.id: patron for patron in everybody},
        items={item.barcode: item for item in everything},
        fixtures=frozenset([*(patron.id for patron in named), *(copy.barcode for copy in copies)]),
    )


def guardians_first(patrons: Iterable[TownPatron]) -> list[TownPatron]:
    """In the given order, but nobody before the guardian. A guardian who is not there is nobody's."""
    return sorted(patrons, key=lambda patron: bool(patron.guardian))
