"""Who is on a line: the account, by its login or by what the line itself shows, and the patron whose PIN was right."""

from collections.abc import Iterable
from dataclasses import dataclass

from protocols.sip2.dialects import STANDARD, Dialect
from protocols.sip2.session import Limits
from server.log import logger
from server.logins import PENANCE, Shut
from server.metrics import Metrics
from server.registry import Entry, Registry

log = logger("sip2")


@dataclass(slots=True)
class Proven:
    """The patron whose PIN was right in a 23 or 63, by every number seen of them, and the last message before this."""

    numbers: set[str]  # as they are compared
    last: float


class Presence:
    """Nobody at first."""

    def __init__(self, registry: Registry, metrics: Metrics) -> None:
        self._registry = registry
        self._metrics = metrics
        self._address = ""
        self._entry: Entry | None = None
        self._by_line: Entry | None = None  # who it is without a login
        self._fresh = self._left = False
        self._over = False
        self._proven: Proven | None = None

    @property
    def known(self) -> bool:
        """Whether an account is logged in."""
        return self._entry is not None

    @property
    def name(self) -> str:
        """The account's name, for the log."""
        return self._entry.name if self._entry else "-"

    @property
    def dialect(self) -> Dialect:
        """The account's, once there is one; the standard's until then."""
        return self._entry.dialect if self._entry else STANDARD

    @property
    def limits(self) -> Limits | None:
        """What the account's conversations bear; None before a login."""
        return self._entry.session_limits if self._entry else None

    @property
    def idle(self) -> float:
        """Seconds of silence after which this account's line is closed; 0 is never."""
        return float(self._entry.settings.limits.idle) if self._entry else 0.0

    def arrive(self, address: str) -> None:
        """A connection came from this network address."""
        self._address = address

    def bind(self, name: str | None) -> bool:
        """Whether the listener (its account's `name`) or the address says who it is: then no login is needed."""
        if name is None:
            return self._enter_by_line(self._registry.trusted(self._address))
        entry = self._registry.get(name)
        if entry is None:
            log.warning("sip2.listener_without_account", account=name, peer=self._address)
        return self._enter_by_line(entry)

    def show_certificate(self, names: Iterable[str]) -> bool:
        """Whether the names in a verified client certificate say who it is."""
        return self._enter_by_line(self._registry.certified(names))

    def just_logged_in(self) -> bool:
        """Whether the last answer was a good login; asked once."""
        fresh, self._fresh = self._fresh, False
        return fresh

    def just_logged_out(self) -> bool:
        """Whether the last answer was a wrong login that left nobody here; asked once."""
        left, self._left = self._left, False
        return left

    async def log_in(
        self, login: str, password: str, location: str | None = None, delimiter: str = STANDARD.delimiter
    ) -> bool:
        """Judge a login, written with this delimiter; a bad one ends the login that was before it."""
        entry = await self._registry.admit(login, password, location, self._address)
        known = (STANDARD.delimiter, self.dialect.delimiter)
        if isinstance(entry, Shut):
            good = self._shut_out(entry)
        elif delimiter not in (*known, entry.dialect.delimiter):
            good = self._shut_out(Shut.WRONG)
        else:
            good = self._enter(entry)
        return good or self._fall_back()

    def _shut_out(self, why: Shut) -> bool:
        """False, counted and told; of those that are shut out already the log hears no more."""
        self._metrics.logins_refused.labels(why.value).inc()
        if why in (Shut.WRONG, Shut.LOCKING):
            log.warning("sip2.login_refused", peer=self._address)
        if why is Shut.LOCKING:
            log.warning("sip2.address_locked", peer=self._address, seconds=PENANCE)
        if why is Shut.BUSY:
            log.warning("sip2.logins_overrun", peer=self._address)
        return False

    def _enter(self, entry: Entry | None) -> bool:
        """Whether there is such an account, and a place for this line."""
        if entry is None or self._over or not entry.settings.sources.admit(self._address):
            return False
        if entry.is_full and entry.name != self.name:
            log.warning("sip2.account_full", account=entry.name, peer=self._address)
            return False
        self._vacate()
        self._entry, self._proven, self._fresh = entry, None, True
        entry.patience.connections += 1
        log.info("sip2.login", account=entry.name, peer=self._address)
        return True

    def _enter_by_line(self, entry: Entry | None) -> bool:
        """By what the line itself shows, which no wrong login takes away."""
        self._by_line = entry
        return self._enter(entry)

    def _fall_back(self) -> bool:
        """False: who asks for an account and does not get it works under none; who is told 940 believes it."""
        if self._entry is None or self._entry is self._by_line or self._over:
            return False
        log.info("sip2.logged_out", account=self.name, peer=self._address)
        if not self._enter(self._by_line):
            self._vacate()
            self._entry, self._proven, self._left = None, None, True
        return False

    def _vacate(self) -> None:
        if self._entry is not None:
            self._entry.patience.connections -= 1

    def leave(self) -> None:
        """The connection is gone. What is in work is finished in the account's name, and nobody logs in any more."""
        if not self._over:
            self._over = True
            self._vacate()
