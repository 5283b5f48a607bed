"""What we are: LookupAgency, and LookupVersion of version 1.  Nothing is asked of circulation."""

from collections.abc import Sequence
from typing import Final

from backend.model import BranchId
from protocols.ncip.agencies import as_sent, same_agency
from protocols.ncip.envelope import Message
from protocols.ncip.extension import Ext
from protocols.ncip.holdings import LocationName, LocationNameInstance
from protocols.ncip.identifiers import FromAgencyId, ToAgencyId
from protocols.ncip.kinds import Coded
from protocols.ncip.legacy import LookupVersion, LookupVersionResponse
from protocols.ncip.lookups import LookupAgency, LookupAgencyResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.people import (
    AgencyAddressInformation,
    AuthenticationPrompt,
    OrganizationNameInformation,
    PhysicalAddress,
    PromptInput,
    PromptOutput,
    UnstructuredAddress,
)
from protocols.ncip.problems import ProblemName
from protocols.ncip.profiles import PROFILES, VERSIONS
from server.desk.ncip_problems import say
from server.desk.ncip_records import wants
from server.desk.ncip_turn import NcipTurn

ROLES: Final = ("Official", "Ship To")
PLAIN_TEXT: Final = Coded("text/plain")


def ask_agency(message: LookupAgency, turn: NcipTurn) -> Message:
    """The library that is spoken to; of others we tell nothing."""
    asked = message.agency_id.value
    if asked.strip() and not any(same_agency(asked, one) for one in (turn.agency, *turn.own_ids)):
        return say(message, turn, ProblemName.UNKNOWN_AGENCY, element="AgencyId", value=asked)
    kinds = message.agency_element_type
    nncipp = bool(turn.profile.application_profiles)  # whose answer names the library unasked
    named = nncipp or wants(kinds, "Organization Name Information")
    return LookupAgencyResponse(
        response_header=answer_header(message),
        agency_id=Coded(as_sent(turn.agency, turn.profile)),
        organization_name_information=_names(turn) if named else (),
        agency_address_information=_addresses(turn) if wants(kinds, "Agency Address Information") else (),
        authentication_prompt=_prompts() if wants(kinds, "Authentication Prompt") else (),
        application_profile_supported_type=(
            tuple(map(Coded, spoken(turn))) if wants(kinds, "Application Profile Supported Type") else ()
        ),
        ext=Ext(content=(_places(turn),)) if turn.profile.locations_in_ext else None,
    )


def spoken(turn: NcipTurn) -> Sequence[str]:
    """The rule sets that we keep: the partner's own first."""
    own = turn.profile.application_profiles
    others = [name for profile in PROFILES.values() for name in profile.application_profiles if name not in own]
    return (*own, *others)


def _names(turn: NcipTurn) -> tuple[OrganizationNameInformation, ...]:
    return (
        OrganizationNameInformation(organization_name_type=Coded("Official Name"), organization_name=turn.library.name),
    )


def _addresses(turn: NcipTurn) -> tuple[AgencyAddressInformation, ...]:
    """One address for both purposes; an address that nobody has written down is not made up."""
    if not turn.postal_address:
        return ()
    unstructured = UnstructuredAddress(
        unstructured_address_type=Coded("Newline-Delimited Text"), unstructured_address_data=turn.postal_address
    )
    address = PhysicalAddress(unstructured_address=unstructured, physical_address_type=Coded("Postal Address"))
    return tuple(
        AgencyAddressInformation(agency_address_role_type=Coded(role), physical_address=address) for role in ROLES
    )


def _prompts() -> tuple[AuthenticationPrompt, ...]:
    """A card number, and the PIN that belongs to it."""
    return tuple(
        AuthenticationPrompt(
            prompt_output=PromptOutput(authentication_prompt_data=text, authentication_prompt_type=Coded(kind)),
            prompt_input=PromptInput(
                authentication_input_type=Coded(kind),
                authentication_data_format_type=PLAIN_TEXT,
                sensitive_data_flag=secret,
            ),
        )
        for text, kind, secret in (("Card number", "Barcode Id", False), ("PIN", "PIN", True))
    )


def _places(turn: NcipTurn) -> LocationName:
    """Pickup places as VuFind reads them: a number and a name."""
    names = [turn.library.branches.get(branch, str(branch)) for branch in own_branches(turn)]
    return LocationName(
        location_name_instance=tuple(
            LocationNameInstance(location_name_level=number, location_name_value=name)
            for number, name in enumerate(names, start=1)
        )
    )


def own_branches(turn: NcipTurn) -> tuple[BranchId, ...]:
    return turn.own_branches or (turn.asked_by.branch,)


def ask_version(message: LookupVersion, turn: object = None) -> Message:
    """The versions that are read and written; anybody may know."""
    header = message.initiation_header
    sender = message.from_agency_id.agency_id if message.from_agency_id else None
    meant = message.to_agency_id.agency_id if message.to_agency_id else None
    if header is not None:
        sender, meant = sender or header.from_agency_id.agency_id, meant or header.to_agency_id.agency_id
    return LookupVersionResponse(
        response_header=answer_header(message),
        from_agency_id=FromAgencyId(agency_id=meant) if meant else None,
        to_agency_id=ToAgencyId(agency_id=sender) if sender else None,
        version_supported=VERSIONS,
    )
