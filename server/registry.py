"""Who may speak SIP2: accounts from the configuration and from the database, by login, address and certificate."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from backend.model import AskedBy
from protocols.sip2.dialects import Dialect
from protocols.sip2.session import Limits
from server.accounts.settings import AccountSettings
from server.desk.manner import Manner
from server.pins import hash_secret, matches
from server.rates import Patience
from server.reactor import Reactor

BAD_LOGINS = 20  # of one address in PENANCE seconds; then its logins are refused without a look at the password
PENANCE = 60.0  # seconds
ADDRESSES = 10_000  # whose failures are remembered at most; the oldest go first


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
        return self.settings.asked_by(self.location)

    @cached_property
    def manner(self) -> Manner:
        return self.settings.manner(self.location)

    def at(self, location: str | None) -> "Entry":
        """The same account at the terminal that a location code names."""
        return Entry(self.settings, self.patience, location) if location in self.settings.terminals else self


@dataclass
class BadLogins:
    """Failures by network address, for a while."""

    _seen: dict[str, list[float]] = field(default_factory=dict)

    def note(self, address: str, now: float) -> None:
        self._seen.setdefault(address, []).append(now)
        while len(self._seen) > ADDRESSES:
            del self._seen[next(iter(self._seen))]

    def too_many(self, address: str, now: float) -> bool:
        recent = [when for when in self._seen.get(address, ()) if now - when < PENANCE]
        if recent:
            self._seen[address] = recent
        else:
            self._seen.pop(address, None)
        return len(recent) >= BAD_LOGINS


class Registry:
    """All accounts. `key` is a secret of the installation, for digests of frames."""

    def __init__(self, accounts: Iterable[AccountSettings], key: bytes, reactor: Reactor, pool: ThreadPool) -> None:
        self.key = key
        self._reactor = reactor
        self._pool = pool
        self._bad = BadLogins()
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

    def get(self, name: str) -> Entry | None:
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

    async def admit(self, login: str, password: str, location: str | None, address: str) -> Entry | None:
        """The account, when login, password and address are right. The password is checked off the reactor."""
        now = self._reactor.seconds()
        if self._bad.too_many(address, now):
            return None
        entry = self._by_login.get(login)
        stored = (entry.settings.password_hash if entry else None) or self._nobody
        threads = cast(IReactorFromThreads, self._reactor)
        right = await deferToThreadPool(threads, self._pool, matches, stored, password)
        if entry is None or not right or not entry.settings.sources.admit(address):
            self._bad.note(address, now)
            return None
        return entry.at(location)

    def __len__(self) -> int:
        return len(self._by_name)
