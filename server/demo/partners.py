"""The town's partner systems: one for each NCIP profile, trusted on this machine, and some that prove themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")
LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {  # our own agency ids
    "KAL": ("SE-KAL",),
    "LYS": ("SE-LYS",),
    "ASK": ("NO-0220000",),
    "NYN": ("NO-1420000",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A partner of the town; `secret` is what it says in FromAgencyAuthentication, `basic` what it says to HTTP."""

    agency: str
    profile: str
    secret: str = field(default="", repr=False)
    basic: str = field(default="", repr=False)
    manner: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)  # other settings


def neighbours(secret: str, password: str) -> Mapping[str, Neighbour]:
    """By name."""
    return {
        "plain": Neighbour(agency="EX-PLAIN", profile="ncip-2.02", manner={"may_register": True}),
        "nncipp": Neighbour(agency="NO-0602510", profile="nncipp-1.0"),
        "reshare": Neighbour(agency="ISIL:EX-RESHARE", profile="reshare", manner={"default_fee": 2500}),
        "vufind": Neighbour(agency="EX-VUFIND", profile="vufind"),
        "alma": Neighbour(agency="47BIBSYS_NB", profile="alma-p2p"),
        "danish": Neighbour(agency="DK-700400", profile="danish-1.01"),
        "secretive": Neighbour(agency="EX-SECRET", profile="ncip-2.02", secret=secret),
        "basic": Neighbour(agency="EX-BASIC", profile="ncip-2.02", basic=password),
        "strict": Neighbour(agency="EX-STRICT", profile="ncip-2.02", beside={"strict": True}),
        "wary": Neighbour(agency="EX-WARY", profile="ncip-2.02", beside={"trusts_patron": False}),
        "limited": Neighbour(
            agency="EX-LIMITED", profile="ncip-2.02", beside={"libraries": ["KAL"], "services": ["LookupItem"]}
        ),
        "unproven": Neighbour(agency="EX-UNPROVEN", profile="ncip-2.02"),
    }


def settings(partners: Mapping[str, Neighbour], hashes: Mapping[str, str]) -> list[dict[str, Any]]:
    """A table of settings for each, as `AgencySettings` reads them; `hashes` by name of those with a secret."""
    return [
        {
            "name": f"partner-{name}",
            "ids": [one.agency],
            "libraries": list(LIBRARIES),
            "profile": one.profile,
            "proofs": proofs(name, one, hashes),
            "manner": dict(one.manner),
            **one.beside,
        }
        for name, one in partners.items()
    ]


def proofs(name: str, partner: Neighbour, hashes: Mapping[str, str]) -> dict[str, Any]:
    if partner.secret:
        return {"secret_hash": hashes[name]}
    if partner.basic:
        return {"basic_user": name, "basic_hash": hashes[name]}
    return {} if name == "unproven" else {"networks": list(LOOPBACK)}


def own_agencies() -> list[dict[str, Any]]:
    """`[[ncip.library]]`."""
    return [
        {"id": library, "agencies": list(ids), "address": f"{library}\nBiblioteksgatan 1\n123 45 Demostad"}
        for library, ids in LIBRARIES.items()
    ]


def told_of(partners: Mapping[str, Neighbour]) -> dict[str, dict[str, str]]:
    """For `demo.json`."""
    return {
        name: {
            "agency": one.agency,
            "profile": one.profile,
            "secret": one.secret,
            "user": name if one.basic else "",
            "password": one.basic,
        }
        for name, one in partners.items()
    }
