"""The whole daemon: `Daemon(config, reactor, clock)`, prepared, then started. Wires the parts; decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import LoopingCall, deferLater
from twisted.internet.threads import deferToThread
from twisted.python.threadpool import ThreadPool
from twisted.web.server import Site

from backend.circulation import Circulation
from backend.clock import Clock, FixedClock
from backend.jobs.run import Jobs
from backend.policy.loader import PolicySet
from backend.policy.mistakes import PolicyError
from backend.policy.shelf import PolicyShelf
from backend.store.accounts import stored_accounts
from backend.store.agencies import stored_agencies
from backend.store.identifiers import IdentityHash
from backend.store.opening import open_store
from backend.store.places import Places
from backend.store.store import Store
from server.accounts.together import Joined, joined, misplaced_by
from server.agencies.together import Partners, partners_of
from server.almanac import Almanac, this_process
from server.bridge import Bridge, deliverer
from server.config import Config, ConfigError, Listener
from server.conversation import House
from server.directory import locked, opened_key
from server.imports.taking import importers_of
from server.keys import derived
from server.last_frames import LastFrames
from server.libraries import Front, Libraries
from server.listening import Credentials, Ear, PortError, listen, tell_systemd
from server.log import logger
from server.logins import Locked
from server.metrics import Metrics
from server.ncip.wiring import Ncip
from server.office.clerk import Clerk
from server.office.errors import OrderRefused
from server.office.orders import Changed
from server.office.site import Door, open_door
from server.page import make_page
from server.pins import PinChecker
from server.post.delivery import Delivery
from server.post.fates import Carrier
from server.post.rendering import Templates
from server.reactor import Port, Reactor
from server.recording import Recorder
from server.registry import Registry
from server.rulebook import read_policies, refuse_to_forsake, refuse_unknown_accounts
from server.sip2 import Sip2Factory
from server.steady import steady_seconds

log = logger("service")

Known = TypeVar("Known", Joined, Partners)
HASHERS = 2  # threads that verify PINs, and as many for passwords, beside the reactor and the store's own
GRACE = 5.0  # seconds that connections get at the end, to take the answer to what is in work
WATCH = 2.0  # seconds between two looks at whether the database is there
RECORDINGS = "recordings"


@dataclass(eq=False)
class Daemon(Service):
    """Everything that runs. `furnish` adds to what is there before the ports open (the demo's controls)."""

    config: Config
    reactor: Reactor
    clock: Clock
    furnish: Callable[["Daemon"], None] | None = None
    reread: Callable[[], Config] | None = None  # the configuration file once more, for `reload`
    metrics: Metrics = field(default_factory=Metrics)
    ears: dict[str, Ear] = field(default_factory=dict)
    factories: list[Sip2Factory] = field(default_factory=list)
    office: Port | None = None

    def prepare(self) -> None:
        """Open what can fail, before a port is: policies, key, database. Raises one of the mendable errors."""
        self.policies: PolicySet = read_policies(self.config)
        self.shelf = PolicyShelf(self.policies)
        self._lock = locked(self.config.data)
        key = opened_key(self.config)
        identity = IdentityHash(derived(key, "identity numbers"))
        self.store: Store = open_store(self.config.database_url, Places(identity=identity))
        refuse_to_forsake(self.store, self.policies)
        self.circulation = Circulation(self.store, self.shelf, self.clock)
        self.engage(identity)
        accounts = told(self.clerk.accounts())
        refuse_unknown_accounts(self.config, accounts)
        self.mind_listeners(accounts)
        self.door = Door(self.clerk, self, self.reactor)
        self.hashers = ThreadPool(1, HASHERS, "hashers")
        self.doorkeepers = ThreadPool(1, HASHERS, "doorkeepers")  # a flood of logins holds up no patron's PIN
        self.gatekeepers = ThreadPool(1, 1, "gatekeepers")  # and one of partners' secrets no login of a machine
        self.house = self.housed(accounts, key)
        self.ncip = self.partners()

    def engage(self, identity: IdentityHash) -> None:
        """Who works behind the counter: the almanac of jobs, the post, the clerk for staff's orders."""
        node = this_process(self.config.data)
        jobs = Jobs(self.store, self.shelf, self.clock, node)
        jobs.reread_closures()
        self.almanac = Almanac(jobs, self.reactor)
        words = Templates(self.config.templates)
        self.post = Delivery(self.store, self.reactor, self.clock, node, carriers(self.config, self.reactor), words)
        self.clerk = Clerk(
            self.store,
            self.circulation,
            self.shelf,
            self.clock,
            lambda: self.config.account,
            importers_of(self.shelf, identity, lambda: self.config.partners()),
            lambda: self.config.partners(),
            node,
        )

    def housed(self, accounts: Joined, key: bytes) -> House:
        """What every conversation with a machine shares."""
        bridge = Bridge(self.circulation, self.store, self.shelf, self.clock)
        return House(
            bridge=bridge,
            registry=Registry(accounts.accounts, self.reactor, self.doorkeepers),
            libraries=Libraries(self.shelf, self.clock, Front(self.config.institution, self.config.name)),
            pins=PinChecker(bridge, self.reactor, self.hashers),
            metrics=self.metrics,
            recorder=Recorder(self.config.data / RECORDINGS, self.clock),
            seconds=steady_seconds(self.reactor, self.clock),
            last_frames=LastFrames(derived(key, "frames")),
            traces=self.config.log.level == "debug",
        )

    def partners(self) -> Ncip | None:
        """NCIP, if it is spoken at all."""
        web = self.config.ncip
        if web is None:
            return None
        known = told(self.clerk.partners()).agencies
        return Ncip(known, web, self.house, self.shelf, self.store, self.clock, self.reactor, self.gatekeepers)

    def startService(self) -> None:
        """Open the ports. Raises PortError; what was opened before is closed again by stopService."""
        super().startService()
        self.door.thread.start()  # not before: a program whose start fails would wait for them and never end
        self.hashers.start()
        self.doorkeepers.start()
        self.gatekeepers.start()
        self.store.on_batch = deliverer(self.reactor)  # until now whoever asked waited; from now on nobody may
        self.root = make_page(self.metrics, lambda: self.house.bridge.online, tuple(self.config.addresses()))
        if self.furnish is not None:
            self.furnish(self)
        for listener in self.config.sip2:
            factory = Sip2Factory(self.house, listener, self.reactor)
            self.factories.append(factory)
            ear = listen(self.reactor, listener.address, factory, listener.tls, proxied=listener.proxy_protocol)
            self.ears[self.name_of(listener, ear)] = ear
        if self.ncip is not None:
            self.ears |= self.ncip.listen()
        if self.config.page is not None:
            self.ears["page"] = listen(self.reactor, self.config.page.address, Site(self.root))
        self.office = open_door(self.reactor, self.config.data, self.door)
        self.watch = LoopingCall(self.house.bridge.look)
        self.watch.clock = cast(IReactorTime, self.reactor)
        self.watch.start(WATCH, now=False)
        self.post.start()
        self.almanac.start(by_itself=not isinstance(self.clock, FixedClock))
        log.info("service.started", **{name: str(ear.address) for name, ear in self.ears.items()})
        tell_systemd("READY=1")

    def name_of(self, listener: Listener, ear: Ear) -> str:
        """`sip2`, `telnet`, `sip2+tls`; another one of a kind has the address added at which it really listens."""
        name = ("sip2" if listener.transport == "raw" else "telnet") + ("+tls" if listener.tls else "")
        return f"{name} {ear.address}" if name in self.ears else name

    async def close(self) -> None:
        """Fall silent, then let go of everything, whatever goes wrong on the way."""
        tell_systemd("STOPPING=1")
        try:
            await self.fall_silent()
        finally:
            await self.let_go()

    async def fall_silent(self) -> None:
        """Stop listening, let messages in work be answered, then close the lines."""
        for ear in self.ears.values():
            await maybeDeferred(ear.port.stopListening)
        self.ears.clear()
        if self.office is not None:
            await maybeDeferred(self.office.stopListening)
            self.watch.stop()
        await self.answer_what_is_in_work()
        if self.ncip is not None:
            await self.ncip.close()
        await self.post.stop()
        await self.almanac.stop()

    async def answer_what_is_in_work(self) -> None:
        """For as long as it takes, within reason; then no line is open."""
        for factory in self.factories:
            factory.drain()
        if self.ncip is not None:
            self.ncip.drain()
        for _ in range(int(GRACE * 20)):
            if not (any(factory.open for factory in self.factories) or (self.ncip is not None and self.ncip.busy)):
                break
            await deferLater(cast(IReactorTime, self.reactor), 0.05)
        for factory in self.factories:
            factory.cut()

    async def let_go(self) -> None:
        """Of the database, the threads, which would keep the program alive, and the data directory."""
        try:
            await deferToThread(self.store.close)
        finally:
            for threads in (self.hashers, self.doorkeepers, self.gatekeepers, self.door.thread):
                threads.stop()
        self._lock.close()  # nothing was written to it, so closing has nothing to flush that could fail
        if self.office is not None:  # otherwise it never started, and somebody is told why
            log.info("service.stopped")

    def stopService(self) -> Deferred[None]:
        super().stopService()
        return Deferred.fromCoroutine(self.close())

    # What staff's orders change beside the database (server.office.site.Premises).

    def admit(self, accounts: Joined) -> None:
        """These accounts from now on."""
        self.mind_listeners(accounts)
        self.house.registry.replace(told(accounts).accounts)

    def mind_listeners(self, accounts: Joined) -> None:
        """One line in the log for each account of a listener that is not served: disabled, or wrong in the database."""
        for name in accounts.unserved(listener.account for listener in self.config.sip2):
            log.warning("sip2.listener_without_account", account=name)

    def locked(self) -> tuple[Locked, ...]:
        """Addresses that are shut out after too many bad logins."""
        return self.house.registry.bad.locked()

    def let_in(self, address: str) -> bool:
        """Forget the bad logins of an address; whether it was shut out."""
        lifted = self.house.registry.bad.lift(address)
        if lifted:
            log.info("sip2.address_let_in", peer=address)
        return lifted

    def admit_partners(self, partners: Partners) -> None:
        """These partners from now on."""
        if self.ncip is not None:
            self.ncip.replace(told(partners).agencies, self.config)

    def forget_proofs(self) -> None:
        """A PIN was changed."""
        self.house.pins.proofs.forget()

    def start_anew(self) -> None:
        """All records are new, as only a demonstration's can be."""
        self.forget_proofs()
        self.shelf.close({})

    async def reload(self) -> Changed:
        """Policies, accounts and certificates read again, whole or not at all; addresses and data directory stay.

        Raises OrderRefused with everything as it was.
        """
        try:
            config, policies, accounts, partners, certificates = await self.door.on_thread(self.read_again)
        except (ConfigError, PolicyError, PortError) as why:
            for line in str(why).splitlines():
                log.error("service.not_reloaded", why=line)
            raise OrderRefused(str(why)) from why
        self.config, self.policies = config, policies
        self.shelf.swap(policies)
        self.house.libraries.rebuild()
        self.admit(accounts)
        for credentials, options in certificates:
            credentials.use(options)
        self.admit_partners(partners)
        log.info("service.reloaded", accounts=len(self.house.registry), libraries=len(policies.libraries))
        return Changed(
            words=(f"{len(policies.libraries)} policies and {len(self.house.registry)} accounts read again",)
        )

    def read_again(self) -> tuple[Config, PolicySet, Joined, Partners, list[tuple[Credentials, CertificateOptions]]]:
        """What `reload` puts in place. Blocks. Raises ConfigError, PolicyError, PortError and StoreError."""
        read = self.reread() if self.reread else self.config
        taken = {"account": read.account, "policies": read.policies, "network": read.network, "agency": read.agency}
        config = self.config.model_copy(update=taken)
        policies = read_policies(config)
        refuse_to_forsake(self.store, policies, self.policies)
        shelf = PolicyShelf(policies)
        accounts = joined(config.account, self.store.call(stored_accounts, write=False), misplaced_by(shelf))
        refuse_unknown_accounts(config, accounts)
        configured, names = config.partners()
        partners = partners_of(configured, self.store.call(stored_agencies, write=False), shelf, names)
        certificates = [(ear.credentials, ear.credentials.read()) for ear in self.ears.values() if ear.credentials]
        return config, policies, accounts, partners, certificates


def carriers(config: Config, reactor: Reactor) -> dict[str, Carrier]:
    """By channel, as far as the configuration has them."""
    from server.post.carriers import ByMail, ByPost, BySms  # Twisted's mail client wants the reactor installed

    found: dict[str, Carrier] = {}
    if config.mail is not None:
        found["email"] = ByMail(config.mail, reactor)
    if config.sms is not None:
        found["sms"] = BySms(config.sms)
    if config.letters is not None:
        found["post"] = ByPost(config.letters)
    return found


def told(known: Known) -> Known:
    """The same; one line in the log for each that is left out."""
    for complaint in known.complaints:
        log.warning("accounts.left_out", why=complaint)
    return known
