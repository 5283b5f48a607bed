"""What a configuration names elsewhere: policies, places of accounts in them, and accounts of its listeners."""

from dataclasses import replace

from backend.policy.loader import PolicySet, load_policies
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.network import load_network
from backend.policy.shelf import PolicyShelf
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
