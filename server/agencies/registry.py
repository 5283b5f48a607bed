"""Which partner calls, and which library of ours it calls: by agency id, by address of the page, by what it proves.

An empty or unknown id never matches anybody.  Secrets are checked off the reactor; a proof is remembered for a while.
Only so many are checked at once, of one address and of all: whoever comes beyond that is told to try again.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from backend.model import LibraryId
from backend.value import value
from protocols.ncip.agencies import agency_key
from protocols.ncip.envelope import InitiationHeader
from protocols.ncip.problems import ProblemName
from server.agencies.settings import AgencySettings
from server.pins import Proofs, hash_secret, matches
from server.reactor import Reactor

MOST_AT_ONCE: Final = 100  # secrets under way, of all addresses: some 1.2 seconds of one thread's work
MOST_OF_ADDRESS: Final = 10


class Overrun(Exception):
    """Too many secrets are being checked already."""


@value(frozen=True, slots=True, kw_only=True)
class Call:
    """What is known of a caller before its message is read.  `library` is what the address of the page names."""

    address: str
    library: LibraryId | None = None
    basic: tuple[str, str] | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    certificate: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class Known:
    """A partner that proved itself, and the library it speaks to."""

    partner: AgencySettings
    library: LibraryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Nobody we know, and how that is said.  With `challenge` it is said by HTTP, in words that no message needs."""

    problem: ProblemName
    element: str
    value: str | None = None
    challenge: bool = False


UNKNOWN = Stranger(problem=ProblemName.UNKNOWN_AGENCY, element="FromAgencyId")
UNPROVEN = Stranger(problem=ProblemName.AGENCY_AUTHENTICATION_FAILED, element="FromAgencyAuthentication")
CHALLENGED = Stranger(
    problem=ProblemName.AGENCY_AUTHENTICATION_FAILED, element="FromAgencyAuthentication", challenge=True
)

BUSY = Stranger(problem=ProblemName.TEMPORARY_PROCESSING_FAILURE, element="FromAgencyAuthentication")


class Agencies:
    """All partners.  `ours` gives each library's own agency ids, the first of them the one that is sent."""

    def __init__(
        self,
        partners: Iterable[AgencySettings],
        ours: Mapping[LibraryId, tuple[str, ...]],
        reactor: Reactor,
        pool: ThreadPool,
    ) -> None:
        self._reactor = reactor
        self._pool = pool
        self._proofs = Proofs()
        self._under_way: Counter[str] = Counter()  # by address
        self._nobody = hash_secret(secrets.token_hex())
        self.replace(partners, ours)

    def replace(self, partners: Iterable[AgencySettings], ours: Mapping[LibraryId, tuple[str, ...]]) -> None:
        """New partners, whole."""
        self._partners = tuple(partners)
        self._by_agency = {agency_key(one): partner for partner in reversed(self._partners) for one in partner.ids}
        self._compounded = tuple(one for one in self._partners if one.shape.agency_separator is not None)
        self._ours = dict(ours)
        self._libraries = {agency_key(one): library for library, ids in reversed(self._ours.items()) for one in ids}
        self._proofs.forget()

    def __len__(self) -> int:
        return len(self._partners)

    def agency_of(self, library: LibraryId) -> str:
        """The id under which a library of ours speaks."""
        return self._ours.get(library, (library,))[0]

    def library_called(self, agency: str) -> LibraryId | None:
        """The library of ours that has this agency id, None for an empty one and for everybody else's."""
        return self._libraries.get(agency_key(agency)) if agency_key(agency) else None

    def partner_called(self, agency: str) -> AgencySettings | None:
        """The partner that has this agency id, with its library written behind it where its profile does so."""
        partner = self._by_agency.get(agency_key(agency)) if agency_key(agency) else None
        return partner or next((one for one in self._compounded if one.is_called(agency)), None)

    async def identify(self, call: Call, header: InitiationHeader | None) -> Known | Stranger:
        """Who speaks to whom."""
        try:
            partner = await self._partner(call, header)
        except Overrun:
            return BUSY
        if isinstance(partner, Stranger):
            return partner
        library = self._library(partner, call, header)
        return library if isinstance(library, Stranger) else Known(partner, library)

    async def _partner(self, call: Call, header: InitiationHeader | None) -> AgencySettings | Stranger:
        named = header.from_agency_id.agency_id.value if header else ""
        if not agency_key(named):
            return await self._unnamed(call, header)
        partner = self.partner_called(named)
        if partner is None:
            return Stranger(problem=ProblemName.UNKNOWN_AGENCY, element="FromAgencyId", value=named)
        return await self._proven(partner, call, header)

    async def _unnamed(self, call: Call, header: InitiationHeader | None) -> AgencySettings | Stranger:
        """A message without a sender: the one partner that the transport proves, if it proves but one.

        Where a partner's systems have names, one of them must have been named all the same.
        """
        reachable = [one for one in self._partners if one.proofs.in_transport and not one.proofs.in_message]
        proven = [one for one in reachable if await self._by_transport(one, call) is None]
        found = [one for one in proven if await self._by_message(one, call, header) is None]
        by_secret = [one for one in found if one.proofs.is_more_than_an_address]
        if len(by_secret or found) == 1:
            return (by_secret or found)[0]
        refused = call.basic is not None or call.token is not None
        return CHALLENGED if refused and not proven else UNKNOWN

    async def _proven(
        self, partner: AgencySettings, call: Call, header: InitiationHeader | None
    ) -> AgencySettings | Stranger:
        stranger = await self._by_transport(partner, call)
        if stranger is None:
            stranger = await self._by_message(partner, call, header)
        return stranger or partner

    async def _by_transport(self, partner: AgencySettings, call: Call) -> Stranger | None:
        proofs = partner.proofs
        if not proofs.admit(call.address):
            return UNPROVEN
        if proofs.certificates and not set(proofs.certificates) & set(call.certificate):
            return UNPROVEN
        if proofs.basic_hash is not None:
            user, password = call.basic or ("", "")
            if user != proofs.basic_user or not await self._matches(partner, call, proofs.basic_hash, password):
                return CHALLENGED
        if proofs.token_hash is not None and not await self._matches(partner, call, proofs.token_hash, call.token):
            return CHALLENGED
        return None

    async def _by_message(
        self, partner: AgencySettings, call: Call, header: InitiationHeader | None
    ) -> Stranger | None:
        proofs = partner.proofs
        given = header.from_agency_authentication if header else None
        if proofs.secret_hash is not None and not await self._matches(partner, call, proofs.secret_hash, given):
            return UNPROVEN
        if not proofs.systems:
            return None
        system = header.from_system_id.value if header and header.from_system_id else ""
        if system not in proofs.systems:
            return Stranger(problem=ProblemName.UNKNOWN_SYSTEM, element="FromSystemId", value=system or None)
        stored = proofs.systems[system]
        secret = header.from_system_authentication if header else None
        if stored and not await self._matches(partner, call, stored, secret):
            return Stranger(problem=ProblemName.SYSTEM_AUTHENTICATION_FAILED, element="FromSystemAuthentication")
        return None

    async def _matches(self, partner: AgencySettings, call: Call, stored: str, secret: str | None) -> bool:
        """Is it the secret?  An empty one is none.  Raises Overrun."""
        if not secret:
            return False
        whose, now = (partner.name, stored), self._reactor.seconds()
        if self._proofs.holds(whose, secret, now):
            return True
        right = await self._hashed(call.address, stored, secret)
        if right:
            self._proofs.remember(whose, secret, now)
        return right

    async def _hashed(self, address: str, stored: str, secret: str) -> bool:
        """12 ms of another thread's time, as long as there is a place.  Raises Overrun."""
        if self._under_way[address] >= MOST_OF_ADDRESS or self._under_way.total() >= MOST_AT_ONCE:
            raise Overrun
        self._under_way[address] += 1
        try:
            return await deferToThreadPool(
                cast(IReactorFromThreads, self._reactor), self._pool, matches, stored, secret
            )
        finally:
            self._under_way[address] -= 1
            if not self._under_way[address]:
                del self._under_way[address]

    def _library(self, partner: AgencySettings, call: Call, header: InitiationHeader | None) -> LibraryId | Stranger:
        """The library that is meant, if the partner may speak to it: by header and address, which must agree."""
        named = _meant(header)
        by_header = next((one for text in named if (one := self.library_called(text)) is not None), None)
        library = call.library or by_header
        if library is None and not named and len(partner.libraries) == 1:
            library = LibraryId(partner.libraries[0])
        if library is None or (named and by_header != library):
            return Stranger(problem=ProblemName.UNKNOWN_AGENCY, element="ToAgencyId", value=named[0] if named else None)
        if library not in partner.libraries:
            return Stranger(
                problem=ProblemName.UNAUTHORIZED_COMBINATION_FOR_AGENCY, element="ToAgencyId", value=library
            )
        return library


def _meant(header: InitiationHeader | None) -> tuple[str, ...]:
    """The ids that may name us: whom it is for, and, as Alma writes it, on whose behalf."""
    if header is None:
        return ()
    on_behalf = (header.on_behalf_of_agency.agency_id.value,) if header.on_behalf_of_agency else ()
    return tuple(text for text in (header.to_agency_id.agency_id.value, *on_behalf) if agency_key(text))
