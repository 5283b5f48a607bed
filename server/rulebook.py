"""What a configuration names elsewhere: policies, places of accounts in them, and accounts of its listeners.

And what is on record holds it to: libraries keep their policies, and their currencies.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.model import LibraryId
from backend.policy.loader import PolicySet, load_policies
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.model import Policy
from backend.policy.network import load_network
from backend.policy.shelf import PolicyShelf
from backend.store.kept import Kept, kept, needed
from backend.store.store import Store
from server.accounts.together import Joined, misplaced_by
from server.config import Config, ConfigError


def read_policies(config: Config) -> PolicySet:
    """Every library's policy, and the networks: those of the same folder, unless the configuration names a file.

    Raises PolicyError, and ConfigError for accounts of libraries that have none.
    """
    found = load_policies(config.policies)
    if config.network is not None:
        found = replace(found, networks=(load_network(config.network),))
    if not found.libraries:
        raise PolicyError([PolicyMistake(str(config.policies), 1, "policies", "no library's policy file is here")])
    misplaced = misplaced_by(PolicyShelf(found))
    mistakes = tuple(f"account {one.name}: {why}" for one in config.account if (why := misplaced(one)))
    if mistakes:
        raise ConfigError(mistakes)
    return found


def refuse_unknown_accounts(config: Config, accounts: Joined) -> None:
    """Raises ConfigError for listeners of accounts that are neither in the file nor in the database.

    One that is there and not served, disabled say, does not keep the others from work: its listener lets nobody in.
    """
    wanted = (listener.account for listener in config.sip2)
    if unknown := [name for name in accounts.unserved(wanted) if name not in accounts.idle]:
        where = "neither the configuration file nor the database has it"
        raise ConfigError(tuple(f"sip2.account: no such account: {name}; {where}" for name in unknown))


def refuse_to_forsake(store: Store, policies: PolicySet, before: PolicySet | None = None) -> None:
    """Raises ConfigError where records would be left without rules, or amounts of two currencies meet; and StoreError.

    A branch may go when nothing is there; one that was gone already `before` counts as the library's first.
    """
    mistakes = list(forsaken(store.call(kept, write=False), policies))
    if gone := places_in(before) - places_in(policies) if before else None:
        mistakes += [
            f"policies: no file has a branch {branch} any more, and copies belong or lie there, or are fetched there"
            for branch in store.call(lambda session: needed(session, gone), write=False)
        ]
    if mistakes:
        raise ConfigError(tuple(mistakes))


def places_in(policies: PolicySet) -> frozenset[str]:
    """The branches of every version."""
    versions = (one for library in policies.libraries.values() for one in library.versions)
    return frozenset(branch for version in versions for branch in version.branches)


def forsaken(kept: Kept, policies: PolicySet) -> Iterator[str]:
    """One line for each library that no file speaks of any more, or whose money is no longer its file's."""
    for library in sorted(kept.keys() - policies.libraries.keys()):
        yield f"policies: no file is {library}'s, and its patrons, copies or loans are on record; it keeps its file"
    yield from strange_money(kept, (one.versions[0] for one in policies.libraries.values()))


def strange_money(kept: Kept, policies: Iterable[Policy]) -> Iterator[str]:
    """One line for each policy whose library has money on record in another currency."""
    for policy in policies:
        if others := sorted(kept.get(LibraryId(policy.library.id), frozenset()) - {policy.currency}):
            yield (
                f"policies: {policy.library.id} counts in {policy.currency}, and its loans and fees on record are in"
                f" {', '.join(others)}: a library's currency stays what it was at its first loan"
            )


def refuse_strange_money(kept: Kept, policies: Iterable[Policy]) -> None:
    """Raises ConfigError: such a policy can be asked about rules, not about records."""
    if mistakes := tuple(strange_money(kept, policies)):
        raise ConfigError(mistakes)
