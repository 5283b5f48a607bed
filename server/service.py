"""The whole daemon in one function: `make_service(config, reactor, clock)`. Wires the parts; decides nothing."""

import fcntl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.threadpool import ThreadPool
from twisted.web.server import Site

from backend.circulation import Circulation
from backend.clock import Clock
from backend.policy.loader import PolicySet, load_policies
from backend.policy.shelf import PolicyShelf
from backend.store.errors import StoreUnavailable
from backend.store.identifiers import IdentityHash
from backend.store.opening import open_store
from backend.store.places import Places
from backend.store.store import Store
from server.bridge import Bridge, deliverer
from server.config import Config
from server.conversation import House
from server.keys import derived, installation_key
from server.libraries import Libraries
from server.listening import Ear, PortError, listen, tell_systemd
from server.log import logger
from server.metrics import Metrics
from server.page import make_page
from server.pins import PinChecker
from server.reactor import Reactor
from server.registry import Registry
from server.sip2 import Sip2Factory

log = logger("service")

HASHERS = 2  # threads that verify PINs and passwords, beside the reactor and the store's own
GRACE = 5.0  # seconds that connections with a message in work get at the end
LOCK_FILE = "daemon.lock"


class AlreadyRunning(StoreUnavailable):
    """Another daemon has this data directory."""


@dataclass(eq=False)
class Daemon(Service):
    """Everything that runs. `furnish` adds to what is there before the ports open (the demo's controls)."""

    config: Config
    reactor: Reactor
    clock: Clock
    furnish: Callable[["Daemon"], None] | None = None
    metrics: Metrics = field(default_factory=Metrics)
    ears: dict[str, Ear] = field(default_factory=dict)

    def prepare(self) -> None:
        """Open what can fail, before a port is: policies, key, database. Raises one of the mendable errors."""
        self.policies: PolicySet = load_policies(self.config.policies)
        self.shelf = PolicyShelf(self.policies)
        self._lock = locked(self.config.data)
        key = installation_key(self.config.data)
        places = Places(identity=IdentityHash(derived(key, "identity numbers")))
        self.store: Store = open_store(self.config.database_url, places)
        self.hashers = ThreadPool(1, HASHERS, "hashers")
        self.hashers.start()
        self.circulation = Circulation(self.store, self.shelf, self.clock)
        bridge = Bridge(self.circulation, self.shelf, self.clock)
        self.house = House(
            bridge=bridge,
            registry=Registry(self.config.account, derived(key, "frames"), self.reactor, self.hashers),
            libraries=Libraries(self.shelf, self.clock),
            pins=PinChecker(bridge, self.reactor, self.hashers),
            metrics=self.metrics,
        )

    def startService(self) -> None:
        """Open the ports. Raises PortError; what was opened before is closed again by stopService."""
        super().startService()
        self.store.on_batch = deliverer(self.reactor)  # until now whoever asked waited; from now on nobody may
        self.root = make_page(self.metrics, lambda: self.house.bridge.online, tuple(self.config.addresses()))
        if self.furnish is not None:
            self.furnish(self)
        self.factories: list[Sip2Factory] = []
        for listener in self.config.sip2:
            factory = Sip2Factory(self.house, listener, self.reactor)
            self.factories.append(factory)
            name = "sip2+tls" if listener.tls else listener.transport.replace("raw", "sip2")
            self.ears[name] = listen(self.reactor, listener.address, factory, listener.tls)
        if self.config.page is not None:
            self.ears["page"] = listen(self.reactor, self.config.page.address, Site(self.root))
        log.info("service.started", **{name: str(ear.address) for name, ear in self.ears.items()})
        tell_systemd("READY=1")

    async def close(self) -> None:
        """Stop listening, let messages in work be answered, then close lines and database."""
        tell_systemd("STOPPING=1")
        for ear in self.ears.values():
            await maybeDeferred(ear.port.stopListening)
        self.ears.clear()
        for _ in range(int(GRACE * 20)):
            if not any(factory.working() for factory in self.factories):
                break
            await deferLater(self.reactor, 0.05)  # type: ignore[arg-type]
        for factory in self.factories:
            factory.hang_up()
        await deferToThread(self.store.close)
        self.hashers.stop()
        with suppress(OSError):
            self._lock.close()
        log.info("service.stopped")

    def forget(self) -> None:
        """All records are new: nothing that is remembered in memory is true any more."""
        self.house.pins.proofs.forget()

    def run(self, ready: Callable[["Daemon"], None]) -> None:
        """Open the ports, say so to `ready`, and serve until told to stop. Raises PortError before that."""
        try:
            self.startService()
        except PortError:
            self.store.close()
            self.hashers.stop()
            raise
        self.reactor.addSystemEventTrigger("before", "shutdown", self.stopService)
        ready(self)
        self.reactor.run()

    def stopService(self) -> Deferred[None]:
        super().stopService()
        return Deferred.fromCoroutine(self.close())

    def reload(self, config: Config) -> None:
        """New policies and accounts, whole or not at all. Raises what `prepare` raises, with everything as it was."""
        policies = load_policies(config.policies)
        self.policies = policies
        self.shelf.swap(policies)
        self.house.libraries.rebuild()
        self.house.registry.replace(config.account)
        log.info("service.reloaded", accounts=len(self.house.registry))


def data_directory(data: Path) -> None:
    """Make it if it is not there, for its owner only. Raises StoreUnavailable."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as why:
        raise StoreUnavailable(f"{data}: {why.strerror}") from why


def locked(data: Path) -> TextIOWrapper:
    """An exclusive lock on the data directory for as long as the returned file is open. Raises StoreUnavailable."""
    data_directory(data)
    try:
        lock = (data / LOCK_FILE).open("a", encoding="ascii")
    except OSError as why:
        raise StoreUnavailable(f"{data}: {why.strerror}") from why
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as why:
        lock.close()
        raise AlreadyRunning(f"{data}: another skranke daemon is running here") from why
    return lock


def make_service(config: Config, reactor: Reactor, clock: Clock) -> Daemon:
    """The daemon, prepared: what can fail has not. Raises ConfigError, PolicyError, StoreError."""
    daemon = Daemon(config, reactor, clock)
    daemon.prepare()
    return daemon
