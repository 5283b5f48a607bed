"""The policies that a configuration names, and whether its accounts stand at libraries and branches that have one."""

from backend.policy.loader import PolicySet, load_policies
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.shelf import PolicyShelf
from server.accounts.together import misplaced_by
from server.config import Config, ConfigError


def read_policies(config: Config) -> PolicySet:
    """Every library's policy. Raises PolicyError, and ConfigError for accounts of libraries that have none."""
    found = load_policies(config.policies)
    if not found.libraries:
        raise PolicyError([PolicyMistake(str(config.policies), 1, "policies", "no library's policy file is here")])
    misplaced = misplaced_by(PolicyShelf(found))
    mistakes = tuple(f"account {one.name}: {why}" for one in config.account if (why := misplaced(one)))
    if mistakes:
        raise ConfigError(mistakes)
    return found
