"""Who calls whom: every way to prove it, and every way to fail."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool

from backend.model import LibraryId
from protocols.ncip.envelope import InitiationHeader
from protocols.ncip.identifiers import FromAgencyId, OnBehalfOfAgency, ToAgencyId
from protocols.ncip.kinds import Coded
from protocols.ncip.problems import ProblemName
from server.agencies.registry import BUSY, MOST_AT_ONCE, MOST_OF_ADDRESS, Agencies, Call, Known, Stranger
from server.agencies.settings import AgencySettings
from server.pins import hash_secret
from server.reactor import Reactor

pytestmark = pytest.mark.slow

HASH = hash_secret("open sesame")
OURS = {LibraryId("KAL"): ("SE-KAL", "KAL"), LibraryId("ASK"): ("NO-0220000", "ASK")}
HERE = "192.0.2.7"
P = ProblemName


def partner(name: str, **written: Any) -> AgencySettings:
    return AgencySettings.model_validate({"name": name, "ids": [f"EX-{name}"], "libraries": ["KAL", "ASK"], **written})


PARTNERS = (
    partner("SECRET", proofs={"secret_hash": HASH}),
    partner("BASIC", proofs={"basic_user": "b", "basic_hash": HASH}),
    partner("TOKEN", proofs={"token_hash": HASH}),
    partner("CERT", proofs={"certificates": ["partner.example.org"]}),
    partner("NET", proofs={"networks": ["192.0.2.0/24"]}),
    partner("SYSTEM", proofs={"systems": {"ORIA": "", "SECRETIVE": HASH}}),
    partner("ONE", libraries=["KAL"], proofs={"networks": ["198.51.100.0/24"]}),
    partner("BARE"),
    partner("NAMED", libraries=["KAL"], proofs={"networks": ["203.0.113.64/26"], "systems": {"ORIA": ""}}),
)


@pytest.fixture
def agencies() -> Iterator[Agencies]:
    pool = ThreadPool(1, 1)
    pool.start()
    yield Agencies(PARTNERS, OURS, cast(Reactor, reactor), pool)
    pool.stop()


def header(
    sender: str,
    to: str = "SE-KAL",
    secret: str | None = None,
    system: str | None = None,
    system_secret: str | None = None,
) -> InitiationHeader:
    return InitiationHeader(
        from_system_id=Coded(system) if system else None,
        from_system_authentication=system_secret,
        from_agency_id=FromAgencyId(agency_id=Coded(sender)),
        from_agency_authentication=secret,
        to_agency_id=ToAgencyId(agency_id=Coded(to)),
    )


GOOD = [
    (Call(address=HERE), header("EX-SECRET", secret="open sesame"), "SECRET"),
    (Call(address=HERE, basic=("b", "open sesame")), header("EX-BASIC"), "BASIC"),
    (Call(address=HERE, token="open sesame"), header("EX-TOKEN"), "TOKEN"),
    (Call(address=HERE, certificate=("partner.example.org",)), header("EX-CERT"), "CERT"),
    (Call(address=HERE), header("ex-net"), "NET"),
    (Call(address=HERE), header("EX-SYSTEM", system="ORIA"), "SYSTEM"),
    (Call(address=HERE), header("EX-SYSTEM", system="SECRETIVE", system_secret="open sesame"), "SYSTEM"),
    (Call(address=HERE), header("EX-BARE"), "BARE"),
    # without a header: by what the transport proves
    (Call(address="203.0.113.1", library=LibraryId("KAL"), basic=("b", "open sesame")), None, "BASIC"),
    (Call(address=HERE, library=LibraryId("KAL"), token="open sesame"), None, "TOKEN"),
    (Call(address=HERE, library=LibraryId("KAL")), None, "NET"),
    (Call(address="198.51.100.9"), None, "ONE"),
    (Call(address="203.0.113.65"), header("EX-NAMED", system="ORIA"), "NAMED"),
    (Call(address="203.0.113.65"), header("", system="ORIA"), "NAMED"),
]
BAD = [
    (Call(address=HERE), header("NOBODY"), P.UNKNOWN_AGENCY),
    (Call(address="203.0.113.1"), header(""), P.UNKNOWN_AGENCY),
    (Call(address="203.0.113.1"), None, P.UNKNOWN_AGENCY),
    (Call(address=HERE), header("EX-SECRET"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE), header("EX-SECRET", secret=""), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE), header("EX-SECRET", secret="wrong"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE, basic=("b", "wrong")), header("EX-BASIC"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE, basic=("c", "open sesame")), header("EX-BASIC"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE, token="wrong"), header("EX-TOKEN"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE, certificate=("other.example.org",)), header("EX-CERT"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address="203.0.113.1"), header("EX-NET"), P.AGENCY_AUTHENTICATION_FAILED),
    (Call(address=HERE), header("EX-SYSTEM"), P.UNKNOWN_SYSTEM),
    (Call(address=HERE), header("EX-SYSTEM", system="OTHER"), P.UNKNOWN_SYSTEM),
    (Call(address=HERE), header("EX-SYSTEM", system="SECRETIVE"), P.SYSTEM_AUTHENTICATION_FAILED),
    (Call(address=HERE), header("EX-NET", to="NO-9999999"), P.UNKNOWN_AGENCY),
    (Call(address=HERE), header("EX-NET", to=""), P.UNKNOWN_AGENCY),
    (Call(address=HERE, library=LibraryId("ASK")), header("EX-NET", to="SE-KAL"), P.UNKNOWN_AGENCY),
    (Call(address="198.51.100.9"), header("EX-ONE", to="NO-0220000"), P.UNAUTHORIZED_COMBINATION_FOR_AGENCY),
    # a system must be named wherever the partner's are, in a message without an agency and in one without a header too
    (Call(address="203.0.113.65"), header("EX-NAMED"), P.UNKNOWN_SYSTEM),
    (Call(address="203.0.113.65"), header("", system="EVIL"), P.UNKNOWN_AGENCY),
    (Call(address="203.0.113.65"), header(""), P.UNKNOWN_AGENCY),
    (Call(address="203.0.113.65"), None, P.UNKNOWN_AGENCY),
]


@pytest.mark.parametrize(("call", "said", "name"), GOOD)
async def test_partners(agencies: Agencies, call: Call, said: InitiationHeader | None, name: str) -> None:
    who = await agencies.identify(call, said)
    assert isinstance(who, Known), who
    assert (who.partner.name, who.library) == (name, "KAL")


@pytest.mark.parametrize(("call", "said", "problem"), BAD)
async def test_strangers(agencies: Agencies, call: Call, said: InitiationHeader | None, problem: ProblemName) -> None:
    who = await agencies.identify(call, said)
    assert isinstance(who, Stranger), who
    assert who.problem is problem


async def test_alma_names_the_library_on_whose_behalf_it_asks(agencies: Agencies) -> None:
    said = InitiationHeader(
        from_agency_id=FromAgencyId(agency_id=Coded("EX-NET")),
        on_behalf_of_agency=OnBehalfOfAgency(agency_id=Coded("NO-0220000")),
        to_agency_id=ToAgencyId(agency_id=Coded("ALMA-NETWORK")),
    )
    who = await agencies.identify(Call(address=HERE), said)
    assert isinstance(who, Known)
    assert who.library == "ASK"


async def test_partners_are_replaced_whole(agencies: Agencies) -> None:
    agencies.replace([], OURS)
    assert isinstance(await agencies.identify(Call(address=HERE), header("EX-NET")), Stranger)


async def test_only_so_many_secrets_are_checked_at_once() -> None:
    """Whoever comes beyond that is told to try again, at once; of other addresses there is still room."""
    pool = ThreadPool(1, 1)
    agencies = Agencies(PARTNERS, OURS, cast(Reactor, reactor), pool)

    def call(address: str) -> Deferred[Known | Stranger]:
        wrong = header("EX-SECRET", secret="guess")
        return Deferred.fromCoroutine(agencies.identify(Call(address=address), wrong))

    flood = [call(HERE) for _ in range(MOST_OF_ADDRESS + 3)]  # nobody works yet
    assert [one.called for one in flood] == [False] * MOST_OF_ADDRESS + [True] * 3
    assert [await one for one in flood[MOST_OF_ADDRESS:]] == [BUSY] * 3
    others = [call(f"198.51.100.{n}") for n in range(MOST_AT_ONCE - MOST_OF_ADDRESS)]
    assert not any(one.called for one in others)
    assert await call("198.51.100.255") == BUSY
    pool.start()
    try:
        assert {cast(Stranger, await one).problem for one in (*flood[:3], others[-1])} == {
            P.AGENCY_AUTHENTICATION_FAILED
        }
        known = await agencies.identify(Call(address=HERE), header("EX-SECRET", secret="open sesame"))
        assert isinstance(known, Known)
    finally:
        pool.stop()


def test_a_disabled_partner_is_a_stranger(agencies: Agencies) -> None:
    """Whoever is left out of the new partners has nothing that was proven before."""
    agencies.replace([one for one in PARTNERS if one.name != "SECRET"], OURS)
    assert agencies.partner_called("EX-SECRET") is None
    assert agencies.partner_called("EX-BASIC") is not None
