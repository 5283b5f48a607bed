"""A partner's settings: what is refused when they are read, who is meant by an id, what may be asked."""

import pytest
from pydantic import ValidationError

from backend.model import BranchId, Channel, LibraryId
from server.agencies.settings import AgencySettings
from server.pins import hash_secret

HASH = hash_secret("a secret")


def partner(**written: object) -> AgencySettings:
    return AgencySettings.model_validate({"name": "p", "ids": ["NO-0602510"], "libraries": ["KAL"], **written})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"ids": [""]}, "ids"),
        ({"ids": ["  "]}, "empty agency id"),
        ({"ids": []}, "ids"),
        ({"libraries": []}, "libraries"),
        ({"profile": "other"}, "profile"),
        ({"services": ["MakeCoffee"]}, "no such service: MakeCoffee"),
        ({"proofs": {"basic_user": "x"}}, "go together"),
        ({"proofs": {"secret_hash": "plain text"}}, "secret_hash"),
        ({"proofs": {"networks": ["not a network"]}}, "networks"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_mistakes(written: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        partner(**written)


@pytest.mark.parametrize("name", ["NO-0602510", "0602510", "no-0602510", " NO-0602510 ", "ISIL:NO-0602510"])
def test_an_agency_is_known_however_it_is_written(name: str) -> None:
    assert partner().is_called(name)


@pytest.mark.parametrize("name", ["", " ", "NO-", "NO-0602511", "0602510||MAIN", "60251"])
def test_nobody_else_is(name: str) -> None:
    assert not partner().is_called(name)


@pytest.mark.parametrize(("name", "known"), [("47BIBSYS_NB||MAIN", True), ("47bibsys_nb", True), ("||MAIN", False)])
def test_institution_and_library(name: str, known: bool) -> None:
    assert partner(ids=["47BIBSYS_NB"], profile="alma-p2p").is_called(name) is known


def test_who_proves_nothing_may_ask_what_anybody_may_know() -> None:
    bare = partner()
    assert bare.may_ask("LookupItem")
    assert not bare.may_ask("LookupUser")
    assert not bare.may_ask("CheckInItem")
    assert not bare.sees_persons
    named = partner(proofs={"systems": {"ORIA": "", "OTHER": HASH}})  # a name, where it is enough, proves nothing
    assert not named.may_ask("LookupUser")
    assert not named.sees_persons
    proven = partner(proofs={"networks": ["192.0.2.0/24"]})
    assert proven.may_ask("LookupUser")
    assert proven.sees_persons


def test_only_the_services_that_are_named() -> None:
    some = partner(services=["LookupItem"], proofs={"secret_hash": HASH})
    assert some.may_ask("LookupItem")
    assert not some.may_ask("LookupUser")


def test_who_asks() -> None:
    by = partner(trusts_patron=False).asked_by(LibraryId("KAL"), {LibraryId("KAL"): BranchId("KAL-S")})
    assert (by.account, by.library, by.branch, by.channel) == ("p", "KAL", "KAL-S", Channel.PARTNER)
    assert not by.trusts_patron
    assert not by.may_block_cards


def test_no_secret_is_shown() -> None:
    shown = repr(partner(proofs={"secret_hash": HASH, "systems": {"S": HASH}}))
    assert HASH not in shown
