"""Who may speak SIP2: accounts from the configuration and from the database, by login, address and certificate."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from backend.model import AskedBy
from protocols.sip2.dialects import STANDARD, Dialect
from protocols.sip2.session import Limits
from server.accounts.settings import AccountSettings
from server.desk.manner import Manner
from server.logins import BadLogins, Shut
from server.pins import Proofs, hash_secret, matches
from server.rates import Patience
from server.reactor import Reactor


@dataclass(frozen=True)
class Entry:
    """An account as a conversation uses it: what its settings mean, worked out once. `location` is CP."""

    settings: AccountSettings
    patience: Patience  # of every connection of the account, however many terminals
    location: str | None = None

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def is_full(self) -> bool:
        """Whether the account has as many connections as it may have."""
        return 0 < self.settings.limits.connections <= self.patience.connections

    @cached_property
    def session_limits(self) -> Limits:
        """What the conversation bears."""
        limits = self.settings.limits
        return Limits(
            longest_frame=limits.longest_frame, bad_frames=limits.bad_frames, failed_logins=limits.failed_logins
        )

    @cached_property
    def dialect(self) -> Dialect:
        return self.settings.dialect()

    @cached_property
    def asked_by(self) -> AskedBy:
        """Who asks, as the journal will have it."""
        return self.settings.asked_by(self.location)

    @cached_property
    def manner(self) -> Manner:
        """How the desk words answers for it."""
        return self.settings.manner(self.location)

    def at(self, location: str | None) -> "Entry":
        """The same account at the terminal that a location code names."""
        return Entry(self.settings, self.patience, location) if location in self.settings.terminals else self


class Registry:
    """All accounts."""

    def __init__(self, accounts: Iterable[AccountSettings], reactor: Reactor, pool: ThreadPool) -> None:
        self._reactor = reactor
        self._pool = pool
        self.bad = BadLogins(reactor.seconds)
        self._proofs = Proofs()
        self._by_name: dict[str, Entry] = {}
        self._by_login: dict[str, Entry] = {}
        self._nobody = hash_secret(secrets.token_hex())  # so that an unknown login takes as long as a known one
        self.replace(accounts)

    def replace(self, accounts: Iterable[AccountSettings]) -> None:
        """New accounts, whole; conversations under way keep the settings they began with."""
        entries = [Entry(account, self._patience(account)) for account in accounts]
        self._by_name = {entry.name: entry for entry in entries}
        self._by_login = {entry.settings.user_id: entry for entry in entries}

    def _patience(self, account: AccountSettings) -> Patience:
        """What an account of this name has used before counts on, with the limits it has now."""
        before = self._by_name.get(account.name)
        limits = account.limits
        patience = before.patience if before else Patience()
        return patience.bear(limits.messages_per_minute, limits.blocked_cards_per_hour)

    @property
    def delimiters(self) -> frozenset[str]:
        """By which accounts' machines end their fields, beside the usual one."""
        return frozenset(entry.dialect.delimiter for entry in self._by_name.values()) - {STANDARD.delimiter}

    def get(self, name: str) -> Entry | None:
        """By name; None where there is no such account."""
        return self._by_name.get(name)

    def trusted(self, address: str) -> Entry | None:
        """The account of an address that needs no login."""
        return next((entry for entry in self._by_name.values() if entry.settings.sources.trust(address)), None)

    def certified(self, names: Iterable[str]) -> Entry | None:
        """The account of a client certificate with these names."""
        known = frozenset(names)
        return next(
            (entry for entry in self._by_name.values() if known & frozenset(entry.settings.sources.certificates)), None
        )

    async def admit(self, login: str, password: str, location: str | None, address: str) -> Entry | Shut:
        """The account, when login, password and address are right. The password is checked off the reactor."""
        entry = self._by_login.get(login)
        if entry is not None and not self.bad.is_locked(address) and self._is_proven(entry, password, address):
            return entry.at(location)
        shut = await self.bad.begin(address)
        if shut is not None:
            return shut
        good = False
        try:
            right = await self._matches(entry, password)
            good = right and entry is not None and entry.settings.sources.admit(address)
        finally:
            shut = self.bad.end(address, good=good)
        if entry is None or shut is not None:
            return shut or Shut.WRONG
        return entry.at(location)

    def _is_proven(self, entry: Entry, password: str, address: str) -> bool:
        """Whether this very password was right a moment ago: whoever connects for each patron is not hashed again."""
        stored, now = entry.settings.password_hash, self._reactor.seconds()
        proven = stored is not None and self._proofs.holds((entry.name, stored), password, now)
        return proven and entry.settings.sources.admit(address)

    async def _matches(self, entry: Entry | None, password: str) -> bool:
        stored = (entry.settings.password_hash if entry else None) or self._nobody
        threads = cast(IReactorFromThreads, self._reactor)
        right = await deferToThreadPool(threads, self._pool, matches, stored, password)
        if right and entry is not None:
            self._proofs.remember((entry.name, stored), password, self._reactor.seconds())
        return right

    def __len__(self) -> int:
        return len(self._by_name)
