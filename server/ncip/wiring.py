"""NCIP's part of the daemon: partners, log and ports out of the configuration."""

from collections.abc import Sequence
from dataclasses import replace

from twisted.python.threadpool import ThreadPool

from backend.clock import Clock
from backend.model import LibraryId
from backend.policy.shelf import PolicyShelf
from backend.store.store import Store
from protocols.ncip.codec import LIMITS
from server.agencies.registry import Agencies
from server.agencies.settings import AgencySettings
from server.config import Address, Config, NcipWeb
from server.conversation import House
from server.listening import Ear, listen
from server.ncip.exchanges import ExchangeLog
from server.ncip.stream import NcipStreamFactory
from server.ncip.talk import Hall, Talk
from server.ncip.web import make_site
from server.reactor import Reactor


class Ncip:
    """What the daemon holds of NCIP while it runs."""

    def __init__(
        self,
        partners: Sequence[AgencySettings],
        web: NcipWeb,
        house: House,
        shelf: PolicyShelf,
        store: Store,
        clock: Clock,
        reactor: Reactor,
        pool: ThreadPool,
    ) -> None:
        self._web = web
        self._reactor = reactor
        self._house = house
        own = own_ids(web, house)
        self.agencies = Agencies(partners, own, reactor, pool)
        self.log = ExchangeLog(store, clock, reactor, web.keep_days)
        self.talk = Talk(
            Hall(
                bridge=house.bridge,
                agencies=self.agencies,
                libraries=house.libraries,
                shelf=shelf,
                pins=house.pins,
                metrics=house.metrics,
                log=self.log,
                reactor=reactor,
                own_ids=own,
                postal={LibraryId(one.id): one.address for one in web.library},
                pool=pool,
                limits=replace(LIMITS, size=web.largest_message),
            )
        )

    def listen(self) -> dict[str, Ear]:
        """Open the ports, by name.  Raises PortError."""
        web = self._web
        site = make_site(self.talk, self._house.libraries, web.largest_message)
        ears = {"ncip": listen(self._reactor, web.address, site, web.tls)}
        if web.stream is not None:
            factory = NcipStreamFactory(self.talk, web.largest_message)
            ears["ncip-stream"] = listen(self._reactor, Address.parse(web.stream), factory, web.stream_tls)
        return ears

    def replace(self, partners: Sequence[AgencySettings], config: Config) -> None:
        """New partners, whole."""
        self.agencies.replace(partners, own_ids(config.ncip or self._web, self._house))

    def drain(self) -> None:
        """Answer what is in work, carry out nothing more."""
        self.talk.drain()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self.talk.busy

    async def close(self) -> None:
        """Write what was not written yet."""
        await self.log.write()


def own_ids(web: NcipWeb, house: House) -> dict[LibraryId, tuple[str, ...]]:
    """The agency ids of every library of ours; its own id always is one."""
    written = {LibraryId(one.id): one.agencies for one in web.library}
    return {library: (*written.get(library, ()), library) for library in house.libraries.ids()}
