"""Items and patrons as NCIP describes them: only the fields that were asked for."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Final

from backend.lookup_outcomes import ItemFound, LoanView, PatronFound
from backend.model import REPORTED, BranchId, Item, ItemState, Operation
from protocols.ncip.accounts import BlockOrTrap, UserPrivilege, UserPrivilegeStatus
from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.holdings import ItemDescription, Location, LocationName, LocationNameInstance
from protocols.ncip.kinds import Coded
from protocols.ncip.moments import Moment
from protocols.ncip.people import (
    ElectronicAddress,
    NameInformation,
    PersonalNameInformation,
    PhysicalAddress,
    StructuredAddress,
    StructuredPersonalUserName,
    UnstructuredAddress,
    UserAddressInformation,
)
from protocols.ncip.transactions import ItemOptionalFields, UserOptionalFields
from protocols.ncip.vocabulary import plain
from server.desk.ncip_parts import user_id
from server.desk.ncip_turn import NcipTurn

STATUS: Final[Mapping[ItemState, str]] = {  # policies 3.3
    ItemState.SHELF: "Available On Shelf",
    ItemState.HOLD_SHELF: "Available For Pickup",
    ItemState.TRANSIT: "In Transit Between Library Locations",
    ItemState.MISSING: "Missing",
    ItemState.LOST: "Lost",
    ItemState.DAMAGED: "Not Available",
    ItemState.WITHDRAWN: "Not Available",
    ItemState.ON_ORDER: "On Order",
    ItemState.IN_PROCESS: "In Process",
}
MEDIA: Final[Mapping[str, str]] = {  # MARC-like material kinds: MediumType
    "book": "Book",
    "magazine": "Magazine",
    "music.cd": "Compact Disc (CD)",
    "film.bluray": "Blu-ray",
    "film": "DVD",
}
BLOCKS: Final[Mapping[Operation, str]] = {
    Operation.CHECKOUT: "Block Check Out",
    Operation.RENEWAL: "Block Renewal",
    Operation.HOLD: "Block Request Item",
}
MIDNIGHT: Final = time(0, tzinfo=UTC)  # so that the first ten characters are the day


def wants(asked: Iterable[Coded], name: str) -> bool:
    """Was this element asked for?"""
    return plain(name) in [plain(one.value) for one in asked]


def medium(material: str) -> Coded | None:
    """The kind of thing, by the longest part of its name that has a word."""
    parts = material.split(".")
    for length in range(len(parts), 0, -1):
        if word := MEDIA.get(".".join(parts[:length])):
            return Coded(word)
    return None


def description(item: Item) -> BibliographicDescription:
    return BibliographicDescription(
        author=item.author or None,
        title=item.title or None,
        language=Coded(item.language) if item.language else None,
        medium_type=medium(item.material),
    )


def status_of(found: ItemFound) -> str:
    """CirculationStatus: a loan comes before where the item stood, and what its borrower reported before the loan."""
    if found.claimed_returned:
        return "Claimed Returned Or Never Borrowed"
    if found.billed:
        return "Lost"
    if found.on_loan and found.state not in REPORTED:
        return "Recalled" if found.recalled_on else "On Loan"
    return STATUS[found.state]


def location(kind: str, branch: BranchId, turn: NcipTurn, shelf: str = "") -> Location:
    """A branch by name, and within it the shelf."""
    steps = [turn.library.branches.get(branch, str(branch)), *([shelf] if shelf else [])]
    names = tuple(
        LocationNameInstance(location_name_level=level, location_name_value=name)
        for level, name in enumerate(steps, start=1)
    )
    return Location(location_type=Coded(kind), location_name=LocationName(location_name_instance=names))


def locations(item: Item, turn: NcipTurn) -> tuple[Location, ...]:
    home = location("Permanent Location", item.home_branch, turn, item.collection)
    if item.present_branch == item.home_branch:
        return (home,)
    return (home, location("Current Location", item.present_branch, turn))


def item_fields(found: ItemFound, asked: tuple[Coded, ...], turn: NcipTurn) -> ItemOptionalFields | None:
    """What was asked of the item; None when nothing was."""
    if not asked:
        return None
    item = found.item
    restricted = "no_loan" in item.flags or item.state is ItemState.WITHDRAWN
    words = ItemDescription(call_number=item.call_number or None, copy_number=item.barcode)
    return ItemOptionalFields(
        bibliographic_description=description(item) if wants(asked, "Bibliographic Description") else None,
        item_use_restriction_type=(
            (Coded("Not For Loan"),) if restricted and wants(asked, "Item Use Restriction Type") else ()
        ),
        circulation_status=Coded(status_of(found)) if wants(asked, "Circulation Status") else None,
        hold_queue_length=found.queue if wants(asked, "Hold Queue Length") else None,
        item_description=words if wants(asked, "Item Description") else None,
        location=locations(item, turn) if wants(asked, "Location") else (),
        security_marker=Coded("None") if wants(asked, "Security Marker") and item.security_marker == "00" else None,
        date_due=turn.due(found.due) if found.due and wants(asked, "Date Due") else None,
    )


# ---- patrons --------------------------------------------------------------------


def name_information(found: PatronFound) -> NameInformation | None:
    patron = found.patron
    if not patron.family_name and not patron.given_name:
        return None
    parts = StructuredPersonalUserName(given_name=patron.given_name or None, surname=patron.family_name)
    whole = f"{patron.given_name} {patron.family_name}".strip()
    return NameInformation(
        personal_name_information=PersonalNameInformation(
            structured_personal_user_name=parts, unstructured_personal_user_name=whole
        )
    )


def addresses(found: PatronFound, turn: NcipTurn) -> tuple[UserAddressInformation, ...]:
    patron = found.patron
    said = []
    if patron.address:
        said.append(
            UserAddressInformation(user_address_role_type=Coded("Home"), physical_address=postal(patron.address, turn))
        )
    for kind, text in (("mailto", patron.email), ("tel", patron.phone)):
        if text:
            electronic = ElectronicAddress(electronic_address_type=Coded(kind), electronic_address_data=text)
            said.append(
                UserAddressInformation(user_address_role_type=Coded("Multi-Purpose"), electronic_address=electronic)
            )
    return tuple(said)


def postal(text: str, turn: NcipTurn) -> PhysicalAddress:
    """An address of several lines; ReShare takes two of them from Line1 and Line2."""
    lines = [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    if turn.profile.user_privileges:
        address = StructuredAddress(line1=lines[0] if lines else text, line2=", ".join(lines[1:]) or None)
        return PhysicalAddress(structured_address=address, physical_address_type=Coded("Postal Address"))
    unstructured = UnstructuredAddress(
        unstructured_address_type=Coded("Newline-Delimited Text"), unstructured_address_data="\n".join(lines)
    )
    return PhysicalAddress(unstructured_address=unstructured, physical_address_type=Coded("Postal Address"))


def blocks(found: PatronFound, turn: NcipTurn) -> tuple[BlockOrTrap, ...]:
    """What the patron is barred from, in a fixed order."""
    return tuple(
        BlockOrTrap(agency_id=turn.agency_id, block_or_trap_type=Coded(word))
        for operation, word in BLOCKS.items()
        if operation in found.standing.stops
    )


def privileges(found: PatronFound, turn: NcipTurn) -> tuple[UserPrivilege, ...]:
    """The patron's category; for ReShare as STATUS and PROFILE."""
    stopped = bool(found.standing.stops & {Operation.CHECKOUT, Operation.HOLD}) or found.standing.card_lost
    if not turn.profile.user_privileges:
        return (privilege(found.patron.category, "blocked" if stopped else "active", turn, found),)
    return (
        privilege("STATUS", "BLOCKED" if stopped else "ACTIVE", turn, found),
        privilege("PROFILE", found.patron.category, turn, found),
    )


def privilege(kind: str, status: str, turn: NcipTurn, found: PatronFound) -> UserPrivilege:
    expires = found.patron.expires
    return UserPrivilege(
        agency_id=turn.agency_id,
        agency_user_privilege_type=Coded(kind),
        valid_to_date=turn.last_day(expires) if expires else None,
        user_privilege_status=UserPrivilegeStatus(user_privilege_status_type=Coded(status)),
    )


LANGUAGES: Final[Mapping[str, str]] = {"nb": "nob", "nn": "nno", "sv": "swe", "en": "eng", "se": "sme"}


def user_fields(found: PatronFound, asked: tuple[Coded, ...], turn: NcipTurn) -> UserOptionalFields | None:
    """What was asked of the patron; ReShare cannot do without its privileges."""
    always = turn.profile.user_privileges
    if not asked and not always:
        return None
    patron = found.patron
    born = patron.birth_date if wants(asked, "Date Of Birth") else None
    language = LANGUAGES.get(patron.language or "") if wants(asked, "User Language") else None
    return UserOptionalFields(
        name_information=name_information(found) if wants(asked, "Name Information") else None,
        user_address_information=addresses(found, turn) if wants(asked, "User Address Information") else (),
        date_of_birth=Moment(datetime.combine(born, MIDNIGHT)) if born else None,
        user_language=(Coded(language),) if language else (),
        user_privilege=privileges(found, turn) if always or wants(asked, "User Privilege") else (),
        block_or_trap=blocks(found, turn) if wants(asked, "Block Or Trap") else (),
        user_id=(user_id(patron.card, turn),) if patron.card and wants(asked, "User Id") else (),
    )


def is_overdue(loan: LoanView) -> int | None:
    """ReminderLevel: 1 for a loan that is late."""
    return 1 if loan.overdue else None
