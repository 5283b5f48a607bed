"""One partner of `[[agency]]`, checked as it is read: every setting with its default, and what is derived from it.

Holds hashes, never a password; its repr holds neither.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.plain_words import spelled
from protocols.ncip.agencies import agency_key, institution_and_library
from protocols.ncip.messages import SERVICES
from protocols.ncip.profiles import PROFILES, Profile
from server.accounts.settings import Hash
from server.accounts.sources import Networks, lies_in
from server.desk.manner import Settings
from server.desk.ncip_manner import NcipManner

LONGEST_WINDOW: Final = 30 * 86_400  # seconds in which a repeated request is still recognised

ProfileName = Literal["ncip-2.02", "nncipp-1.0", "reshare", "vufind", "alma-p2p", "danish-1.01"]
Name = Annotated[str, spelled(r"[^\s@]{1,60}", "must be one word of 60 characters at most, without @")]
Filled = Annotated[str, Field(min_length=1, max_length=200)]
PUBLIC: Final = frozenset({"LookupAgency", "LookupItem", "LookupItemSet", "LookupVersion"})
"""What a partner may ask that is known by its name alone: nothing about persons, and nothing that changes anything."""


class Proofs(Settings):
    """How a partner shows that it is the partner.  Every one that is set must hold."""

    secret_hash: Hash | None = Field(default=None, repr=False)
    """argon2id of FromAgencyAuthentication."""
    basic_user: str = ""
    basic_hash: Hash | None = Field(default=None, repr=False)
    """HTTP Basic."""
    token_hash: Hash | None = Field(default=None, repr=False)
    """`Authorization: Bearer`, `X-Api-Key`, or `?apikey=` in the address."""
    certificates: tuple[Filled, ...] = Field(default=(), strict=False)
    """Names (common name or DNS name), one of which the client certificate bears."""
    networks: Networks = ()
    """Addresses it calls from."""
    systems: dict[Filled, Hash | Literal[""]] = Field(default_factory=dict, repr=False)
    """FromSystemId and the hash of FromSystemAuthentication; empty where the name is enough."""

    @model_validator(mode="after")
    def _whole(self) -> "Proofs":
        if bool(self.basic_user) != (self.basic_hash is not None):
            raise ValueError("basic_user and basic_hash go together")
        return self

    @property
    def any(self) -> bool:
        """Whether there is anything to prove."""
        return self.in_message or self.in_transport

    @property
    def in_message(self) -> bool:
        """Does the message hold a secret? Not for sure where the name of one system is enough."""
        return self.secret_hash is not None or (bool(self.systems) and all(self.systems.values()))

    @property
    def in_transport(self) -> bool:
        """Can it be told from others before its message was read?"""
        return bool(self.basic_hash or self.token_hash or self.certificates or self.networks)

    @property
    def is_more_than_an_address(self) -> bool:
        """Does the transport carry something that only this partner has?"""
        return bool(self.basic_hash or self.token_hash or self.certificates)

    def admit(self, address: str) -> bool:
        """May it call from there?"""
        return not self.networks or lies_in(address, self.networks)


class AgencySettings(Settings):
    """A partner."""

    name: Name
    """In logs, journal and commands."""
    ids: Annotated[tuple[Filled, ...], Field(min_length=1, strict=False)]
    """Agency ids; `NO-` and `ISIL:` are understood with and without."""
    libraries: Annotated[tuple[Filled, ...], Field(min_length=1, strict=False)]
    """Libraries of ours it may speak to; a message that names none goes to the only one, if there is but one."""
    branch: str = ""
    """Where its loans are made and its returns arrive; empty: the library's first branch."""
    profile: ProfileName = "ncip-2.02"
    endpoint: str = ""
    """Where we reach it."""
    proofs: Proofs = Proofs()
    services: Annotated[frozenset[str] | None, Field(strict=False)] = None
    """Services it may ask for; None: all that are served."""
    strict: bool = False
    """Messages that the schema refuses are refused."""
    trusts_patron: bool = True
    """Vouches for its users: no PIN (C-18)."""
    mandates: bool = True
    """MandatedAction is honoured; the standard says it shall be."""
    free_return_ok: bool = False
    """CheckInItem of an item that is not on loan is answered with success."""
    window: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] = 86_400
    """Seconds in which the same request with the same RequestId gets its first answer again."""
    answers: NcipManner = Field(default=NcipManner(), alias="manner")
    """Written as `manner`."""

    @field_validator("ids")
    @classmethod
    def _never_empty(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        if not all(agency_key(one) for one in ids):
            raise ValueError("an empty agency id would match a message without one")
        return ids

    @field_validator("services")
    @classmethod
    def _known(cls, services: frozenset[str] | None) -> frozenset[str] | None:
        if unknown := sorted((services or frozenset()) - SERVICES.keys()):
            raise ValueError(f"no such service: {', '.join(unknown)}")
        return services

    @property
    def shape(self) -> Profile:
        """What its messages look like: namespaces, schemes, dates."""
        return PROFILES[self.profile]

    def is_called(self, agency: str) -> bool:
        """Is it the agency of that id?  An empty id is nobody's."""
        key = agency_key(agency)
        institution = agency_key(institution_and_library(agency, self.shape)[0])
        own = {agency_key(one) for one in self.ids}
        return key != "" and (key in own or (institution != "" and institution in own))

    def may_ask(self, service: str) -> bool:
        """Is it allowed the service?  Who proves nothing gets what anybody may know."""
        if not self.proofs.any and service not in PUBLIC:
            return False
        return self.services is None or service in self.services

    @property
    def sees_persons(self) -> bool:
        """Whether it is told who somebody is: it proves itself, and its settings allow it."""
        return self.proofs.any and self.answers.persons

    def asked_by(self, library: LibraryId, branches: Mapping[str, BranchId]) -> AskedBy:
        """Who asks.  `branches` has the first branch of each library."""
        return AskedBy(
            account=AccountId(self.name),
            library=library,
            branch=BranchId(self.branch) if self.branch else branches[library],
            channel=Channel.PARTNER,
            offline=self.mandates,
            may_backdate=self.mandates,
            free_return_ok=self.free_return_ok,
            trusts_patron=self.trusts_patron,
            may_block_cards=False,
        )
