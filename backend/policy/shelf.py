"""The policies in force, held in memory: asked for every message, swapped whole when files change (decision 6)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from backend.clock import as_utc
from backend.model import BranchId, LibraryId
from backend.policy.loader import PolicySet
from backend.policy.model import Policy
from backend.policy.network import Network

MOST_REMEMBERED = 4096  # instants
KNOWN_LOAN_TYPES = frozenset({"normal", "reference", "ill"})  # the usual one, and those of orders between libraries


class PolicyShelf:
    """Every library's policies, with the closures announced so far. One assignment swaps them; readers never wait."""

    def __init__(self, policies: PolicySet, closures: Mapping[str, Iterable[date]] | None = None) -> None:
        self._printed = policies
        self._closures: dict[str, frozenset[date]] = {}
        self._policies = policies
        self._in_force: dict[tuple[LibraryId, datetime], Policy] = {}
        self._loan_types: frozenset[str] = frozenset()
        self.close(closures or {})

    def close(self, closures: Mapping[str, Iterable[date]]) -> None:
        """All announced closures by branch id, in place of those known before (C-27)."""
        self._closures = {branch: frozenset(days) for branch, days in closures.items()}
        self._policies = self._printed.closing(self._closures) if self._closures else self._printed
        self._in_force = {}
        self._loan_types = KNOWN_LOAN_TYPES.union(
            *(version.loan_types() for versions in self._policies.libraries.values() for version in versions.versions)
        )

    def loan_types(self) -> frozenset[str]:
        """Every loan type that a rule of any library speaks of, and those that are ours."""
        return self._loan_types

    def foreseeing(self, branch: str, days: Iterable[date]) -> "PolicyShelf":
        """A shelf of its own on which the branch is closed on these days too: to see what that would do."""
        closures = {**self._closures, branch: self._closures.get(branch, frozenset()) | frozenset(days)}
        return PolicyShelf(self._printed, closures)

    def swap(self, policies: PolicySet) -> None:
        """New files, whole: announced closures stay."""
        self._printed = policies
        self.close(self._closures)

    def of(self, library: LibraryId, at: datetime) -> Policy:
        """The version in force on the library's local day of `at` (C-26). Raises KeyError for an unknown library."""
        asked = (library, as_utc(at))
        found = self._in_force.get(asked)
        return found if found is not None else self._look(asked)

    def _look(self, asked: tuple[LibraryId, datetime]) -> Policy:
        """The same, and remember it: one message asks five times for the same instant."""
        library, at = asked
        remembered = self._in_force  # not read again: what the old policies say must not get among the new ones
        versions = self._policies.libraries[library]
        if len(remembered) >= MOST_REMEMBERED:
            remembered.clear()
        remembered[asked] = found = versions.in_force(versions.versions[0].time.today(at))
        return found

    def version(self, policy_hash: str) -> Policy | None:
        """The version a loan was made under, None when its file is gone."""
        return self._policies.by_hash(policy_hash)

    def library_of(self, branch: BranchId) -> LibraryId:
        """The library a branch belongs to. Raises KeyError for an unknown branch."""
        for library, versions in self._policies.libraries.items():
            if any(branch in version.branches for version in versions.versions):
                return LibraryId(library)
        raise KeyError(branch)

    def network_of(self, library: LibraryId) -> Network | None:
        """The libraries with which a library lends and shares cards, None for one that takes part in no network."""
        return self._policies.network_of(library)

    def libraries(self) -> tuple[LibraryId, ...]:
        """Every library that has a policy, in the order of the files."""
        return tuple(LibraryId(library) for library in self._policies.libraries)
