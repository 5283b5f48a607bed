"""The libraries as the desk names them, read off the policies in force."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from backend.clock import Clock
from backend.model import AccountId, AskedBy, BranchId, LibraryId
from backend.policy.model import Policy
from backend.policy.shelf import PolicyShelf
from server.desk.turn import Library

LONG_AGO = datetime.min.replace(tzinfo=UTC)
FAR_OFF = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Front:
    """What the installation as a whole says of itself to a machine that has not logged in: AO and AM."""

    institution: str = ""
    name: str = ""


class Libraries:
    """Every library of the installation, as its policy of today has it."""

    def __init__(self, shelf: PolicyShelf, clock: Clock, front: Front) -> None:
        self._shelf = shelf
        self._clock = clock
        self._front = front
        self._known: dict[LibraryId, Library] = {}
        self._since, self._until = LONG_AGO, FAR_OFF  # while no library's day changes, what is known holds
        self.rebuild()

    def rebuild(self) -> None:
        """After new policy files were put on the shelf, and when a day begins: another version may come into force."""
        now = self._clock.now()
        self._since, self._until = LONG_AGO, FAR_OFF
        policies = {library: self._shelf.of(library, now) for library in self._shelf.libraries()}
        branches = {
            BranchId(branch.id): branch.name for policy in policies.values() for branch in policy.branches.values()
        }
        names = {library: policy.library.name for library, policy in policies.items()}
        self._known = {library: described(policy, branches, names) for library, policy in policies.items()}
        for policy in policies.values():
            today = policy.time.today(now)
            self._since = max(self._since, policy.time.at(today, time.min))
            self._until = min(self._until, policy.time.at(today + timedelta(days=1), time.min))

    def of(self, library: LibraryId) -> Library:
        """Raises KeyError for a library without a policy."""
        if not self._since <= self._clock.now() < self._until:
            self.rebuild()
        return self._known[library]

    def front(self) -> Library:
        """As whoever has not logged in sees it: a library by name only where there is but one, or the file says so."""
        first = self.of(next(iter(self._known)))
        only = len(self._known) == 1
        return replace(
            first,
            institution=self._front.institution or (first.institution if only else ""),
            name=self._front.name or (first.name if only else ""),
        )

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
        pin_lasts=policy.access.pin_lasts_seconds,
    )
