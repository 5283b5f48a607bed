"""The libraries as the desk names them, read off the policies in force."""

from backend.clock import Clock
from backend.model import AccountId, AskedBy, BranchId, LibraryId
from backend.policy.model import Policy
from backend.policy.shelf import PolicyShelf
from server.desk.turn import Library


class Libraries:
    """Every library of the installation. Built anew when policies are swapped."""

    def __init__(self, shelf: PolicyShelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
        self._known: dict[LibraryId, Library] = {}
        self.rebuild()

    def rebuild(self) -> None:
        """After new policy files were put on the shelf."""
        now = self._clock.now()
        policies = {library: self._shelf.of(library, now) for library in self._shelf.libraries()}
        branches = {
            BranchId(branch.id): branch.name for policy in policies.values() for branch in policy.branches.values()
        }
        names = {library: policy.library.name for library, policy in policies.items()}
        self._known = {library: described(policy, branches, names) for library, policy in policies.items()}

    def of(self, library: LibraryId) -> Library:
        """Raises KeyError for a library without a policy."""
        return self._known[library]

    def ids(self) -> tuple[LibraryId, ...]:
        """In the order of the policy files."""
        return tuple(self._known)

    def stranger(self) -> AskedBy:
        """Whoever has not logged in; the first library's clock and languages serve.

        The session lets nobody do anything before a login; 98 tells what will be possible after it.
        """
        library = next(iter(self._known.values()))
        nowhere = BranchId("")
        return AskedBy(account=AccountId("-"), library=library.id, branch=nowhere)

    def __contains__(self, library: str) -> bool:
        return library in self._known


def described(policy: Policy, branches: dict[BranchId, str], names: dict[LibraryId, str]) -> Library:
    return Library(
        id=LibraryId(policy.library.id),
        institution=policy.library.id,
        name=policy.library.name,
        time=policy.time,
        currency=policy.currency,
        languages=policy.languages,
        branches=branches,
        others=names,
    )
