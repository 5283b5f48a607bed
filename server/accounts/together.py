"""All accounts of an installation: those of its configuration file, and those that staff added to the database.

The file wins where both use a name. A row that cannot be used costs its own account and no other, and is complained of
in one line.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from backend.model import BranchId
from backend.plain_words import in_one_line
from backend.policy.shelf import PolicyShelf
from backend.store.accounts import StoredAccount
from server.accounts.settings import AccountSettings

OF_THE_ROW = ("login", "library", "branch", "profile", "password_hash")  # columns beside the settings


class AccountError(ValueError):
    """An account that cannot be used; the message says which and why, in one line."""


@dataclass(frozen=True, slots=True)
class Joined:
    """`accounts` to be served, and a line for each row of the database that cannot be.

    `idle` are logins of rows that are not served: those complained of, and those that staff disabled.
    """

    accounts: tuple[AccountSettings, ...]
    complaints: tuple[str, ...] = ()
    idle: frozenset[str] = frozenset()

    def unserved(self, wanted: Iterable[str | None]) -> list[str]:
        """Those of the accounts wanted by name that are not served now, each once."""
        return sorted({name for name in wanted if name} - {account.name for account in self.accounts})


def joined(
    configured: Sequence[AccountSettings], stored: Iterable[StoredAccount], misplaced: Callable[[AccountSettings], str]
) -> Joined:
    """Both kinds together. `misplaced` says what is wrong with where an account stands, "" when nothing is."""
    stored = tuple(stored)
    taken = {name for account in configured for name in (account.name, account.user_id)}
    accounts, complaints = list(configured), []
    for row in stored:
        if row.disabled:
            continue
        if row.login in taken:
            complaints.append(f"terminal {row.login}: the configuration file has one of this name, which is used")
            continue
        try:
            accounts.append(placed(settings_of(row), misplaced))
        except AccountError as why:
            complaints.append(str(why))
    idle = frozenset(row.login for row in stored) - {account.name for account in accounts}
    return Joined(tuple(accounts), tuple(complaints), idle)


def settings_of(row: StoredAccount) -> AccountSettings:
    """The row as the configuration file would have it. Raises AccountError with every mistake in one line."""
    try:
        own = json.loads(row.settings)
        written = {
            **own,
            "name": row.login,
            "library": row.library,
            "branch": row.branch,
            "profile": row.profile or "self-check",
            "password_hash": row.password_hash,
        }
        return AccountSettings.model_validate(written)
    except ValidationError as why:
        raise AccountError(f"terminal {row.login}: {in_one_line(why)}") from why
    except (TypeError, ValueError) as why:
        raise AccountError(f"terminal {row.login}: its settings are not a JSON object") from why


def placed(account: AccountSettings, misplaced: Callable[[AccountSettings], str]) -> AccountSettings:
    """The account itself. Raises AccountError when it stands nowhere that there are rules for."""
    if why := misplaced(account):
        raise AccountError(f"terminal {account.name}: {why}")
    return account


def misplaced_by(shelf: PolicyShelf) -> Callable[[AccountSettings], str]:
    """Says which library or branch of an account has no policy; every one of its terminals counts."""
    libraries = frozenset(shelf.libraries())
    return misplaced_among(libraries, lambda branch: known(shelf, branch))


def misplaced_among(libraries: Collection[str], is_known: Callable[[str], bool]) -> Callable[[AccountSettings], str]:
    """The same, of libraries and branches by id."""

    def misplaced(account: AccountSettings) -> str:
        if account.library not in libraries:
            return f"no library {account.library} has a policy file here"
        branches = (account.branch, *(terminal.branch for terminal in account.terminals.values()))
        unknown = sorted({branch for branch in branches if branch and not is_known(branch)})
        return f"no policy file has a branch {', '.join(unknown)}" if unknown else ""

    return misplaced


def known(shelf: PolicyShelf, branch: str) -> bool:
    try:
        shelf.library_of(BranchId(branch))
    except KeyError:
        return False
    return True
