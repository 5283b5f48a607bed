"""Records that a partner makes: AcceptItem, CreateItem, UpdateItem, DeleteItem, CreateUser, UpdateUser, and reports."""

import re
from dataclasses import replace
from datetime import date, time
from typing import Final

from backend.commands import Command
from backend.partner_commands import (
    AcceptItem as Accept,
)
from backend.partner_commands import (
    CreateItem as Create,
)
from backend.partner_commands import (
    CreatePatron,
    Described,
    PersonFields,
    Report,
    ReportItem,
    UpdatePatron,
)
from backend.partner_commands import (
    DeleteItem as Delete,
)
from backend.partner_commands import (
    UpdateItem as Change,
)
from backend.partner_outcomes import Accepted, ItemRecorded, PatronRecorded, Reported
from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.changes import AddUserFields, DeleteUserFields
from protocols.ncip.envelope import Message
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import AcceptItem, AcceptItemResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.moments import Moment
from protocols.ncip.people import NameInformation, PhysicalAddress, UserAddressInformation
from protocols.ncip.problems import ProblemName
from protocols.ncip.records import (
    CreateItem,
    CreateItemResponse,
    CreateUser,
    CreateUserResponse,
    DeleteItem,
    DeleteItemResponse,
    ReportCirculationStatusChange,
    ReportCirculationStatusChangeResponse,
    UpdateItem,
    UpdateItemResponse,
    UpdateUser,
    UpdateUserResponse,
)
from server.desk.ncip_loans import item_extras, user_extras
from server.desk.ncip_parts import (
    barcode_of,
    echoed_user,
    item_id,
    patron_of,
    pickup_of,
    request_number,
    user_id,
    user_number,
)
from server.desk.ncip_problems import missing, refused, say
from server.desk.ncip_turn import Heard, NcipTurn

YEAR: Final = re.compile(r"(?<!\d)(1[4-9]|20)\d\d(?!\d)")
SETS_ASIDE: Final = ("Hold For Pickup", "Hold For Pickup And Notify")
LENDS: Final = ("Circulate", "Circulate And Notify")
MEDIA: Final = {"dvd": "film", "blu-ray": "film", "compact disc (cd)": "music.cd", "magazine": "magazine"}
LANGUAGES: Final = {"nob": "nb", "nor": "nb", "nno": "nn", "swe": "sv", "eng": "en"}


def described(words: BibliographicDescription | None) -> Described:
    """A title in our words; an empty description says nothing."""
    if words is None:
        return Described()
    year = YEAR.search(words.publication_date or "")
    number = words.bibliographic_item_id
    return Described(
        title=words.title or "",
        author=words.author or "",
        year=int(year[0]) if year else None,
        isbn=number.bibliographic_item_identifier if number else None,
    )


def _no_right(message: CreateItem | UpdateItem | DeleteItem, turn: NcipTurn) -> Message | None:
    if turn.manner.may_catalogue:
        return None
    name = ProblemName.UNAUTHORIZED_COMBINATION_FOR_AGENCY
    return say(message, turn, name, detail="no right to change the catalogue")


# ---- AcceptItem -----------------------------------------------------------------


def ask_accept(message: AcceptItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Another library's item for one of ours: number and user are needed, an item number need not be there."""
    number = request_number(message.request_id, turn)
    if number is None:
        return missing(message, turn, "RequestIdentifierValue")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    action = message.requested_action_type
    if action.value.strip() and not action.says(*LENDS, *SETS_ASIDE):
        return say(message, turn, ProblemName.UNKNOWN_VALUE, element="RequestedActionType", value=action.value)
    fields = message.item_optional_fields
    words = fields.item_description if fields else None
    return (
        Accept(
            request=number,
            patron=patron_of(message, turn),
            item=barcode_of(message.item_id, turn),
            described=described(fields.bibliographic_description if fields else None),
            call_number=(words.call_number or "") if words else "",
            due=turn.until(message.date_for_return),
            renewable=not message.renewal_not_permitted,
            lend=message.requested_action_type.says(*LENDS),
            pickup=pickup_of(message.pickup_location, turn),
            pickup_by=turn.day(message.pickup_expiry_date),
            at=turn.now,
        ),
    )


def answer_accept(message: AcceptItem, heard: Heard, turn: NcipTurn) -> Message:
    """Both ids, always: some clients fail without either."""
    match heard.outcome:
        case Accepted() as outcome:
            return AcceptItemResponse(
                response_header=answer_header(message),
                request_id=message.request_id,
                item_id=message.item_id or item_id(outcome.barcode, turn),
            )
        case outcome:
            return refused(message, outcome, turn)


# ---- items ----------------------------------------------------------------------


def ask_create_item(message: CreateItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """A copy to be put on record, by a partner that may; its medium tells the material."""
    words = message.item_description
    kind = message.bibliographic_description.medium_type
    return _no_right(message, turn) or (
        Create(
            item=barcode_of(message.item_id, turn),
            described=described(message.bibliographic_description),
            call_number=(words.call_number or "") if words else "",
            material=MEDIA.get(kind.value.strip().casefold(), "book") if kind else None,
            lendable=not any(one.says("Not For Loan") for one in message.item_use_restriction_type),
            at=turn.now,
        ),
    )


def ask_update_item(message: UpdateItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """What is only deleted is emptied; what is added takes its place."""
    refusal = _no_right(message, turn)
    barcode = barcode_of(message.item_id, turn)
    if refusal or barcode is None:
        return refusal or missing(message, turn, "ItemIdentifierValue")
    added, deleted = message.add_item_fields, message.delete_item_fields
    words = added.bibliographic_description if added else None
    call = added.item_description.call_number if added and added.item_description else None
    if call is None and deleted and deleted.item_description and deleted.item_description.call_number:
        call = ""
    if words is None and call is None:
        detail = "only BibliographicDescription and CallNumber can be changed"
        return say(message, turn, ProblemName.UNABLE_TO_ADD_ELEMENT, detail=detail, element="AddItemFields")
    return (Change(item=barcode, described=described(words) if words else None, call_number=call, at=turn.now),)


def ask_delete_item(message: DeleteItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Only what a partner has put on record itself, unless its settings say any."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    return _no_right(message, turn) or (Delete(item=barcode, any_item=turn.manner.deletes_any_item, at=turn.now),)


def answer_item_record(message: CreateItem | UpdateItem | DeleteItem, heard: Heard, turn: NcipTurn) -> Message:
    """The id to use: the proposal, when there was one."""
    match heard.outcome:
        case ItemRecorded() as outcome:
            named = message.item_id if message.item_id and message.item_id.item_identifier_value else None
            item = named or item_id(outcome.barcode, turn)
            header = answer_header(message)
            if isinstance(message, CreateItem):
                return CreateItemResponse(response_header=header, item_id=item)
            if isinstance(message, UpdateItem):
                return UpdateItemResponse(response_header=header, item_id=item)
            return DeleteItemResponse(response_header=header, item_id=item)
        case outcome:
            return refused(message, outcome, turn)


# ---- patrons --------------------------------------------------------------------


def ask_create_user(message: CreateUser, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Somebody new; a family name is needed."""
    person = person_of(message.name_information, message.user_address_information, message.user_language)
    person = replace(person, birth_date=birthday(message.date_of_birth, turn))
    if not person.family_name:
        return missing(message, turn, "NameInformation")
    return _no_register(message, turn) or (CreatePatron(patron=patron_of(message, turn), person=person, at=turn.now),)


def ask_update_user(message: UpdateUser, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Deletes before adds: what is deleted and not added again is emptied."""
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    deleted, added = _fields(message.delete_user_fields, turn), _fields(message.add_user_fields, turn)
    if deleted.birth_date is not None and added.birth_date is None:
        return say(message, turn, ProblemName.UNABLE_TO_DELETE_ELEMENT, element="DateOfBirth")
    person = PersonFields(
        family_name=added.family_name,
        given_name=_new(deleted.given_name, added.given_name),
        birth_date=added.birth_date,
        language=added.language,
        address=_new(deleted.address, added.address),
        email=_new(deleted.email, added.email),
        phone=_new(deleted.phone, added.phone),
    )
    if person == PersonFields():
        detail = "only name, date of birth, address and language can be changed"
        return say(message, turn, ProblemName.UNABLE_TO_ADD_ELEMENT, detail=detail, element="AddUserFields")
    return _no_register(message, turn) or (UpdatePatron(patron=patron_of(message, turn), person=person, at=turn.now),)


def _new(deleted: str | None, added: str | None) -> str | None:
    """What is added, else nothing where something is deleted, else as it was."""
    return added if added is not None else "" if deleted is not None else None


def _fields(fields: AddUserFields | DeleteUserFields | None, turn: NcipTurn) -> PersonFields:
    if fields is None:
        return PersonFields()
    person = person_of(fields.name_information, fields.user_address_information, fields.user_language)
    return replace(person, birth_date=birthday(fields.date_of_birth, turn))


def birthday(said: Moment | None, turn: NcipTurn) -> date | None:
    """Midnight means the day that is written, in whatever zone; another hour is a midnight that was moved to one."""
    if said is None or said.value.time() == time():
        return said.value.date() if said else None
    return turn.library.time.today(said.at(turn.library.time.zone))


def _no_register(message: CreateUser | UpdateUser, turn: NcipTurn) -> Message | None:
    if turn.manner.may_register and turn.persons:
        return None
    name = ProblemName.USER_ACCESS_DENIED if isinstance(message, UpdateUser) else None
    denied = name or ProblemName.UNAUTHORIZED_COMBINATION_FOR_AGENCY
    return say(message, turn, denied, detail="no right to change patrons")


def person_of(
    name: NameInformation | None, addresses: tuple[UserAddressInformation, ...], languages: tuple[Coded, ...]
) -> PersonFields:
    """Names, addresses and language, as far as they are said."""
    person = _named(name)
    if languages:
        person = replace(person, language=LANGUAGES.get(languages[0].value.casefold()))
    for one in addresses:
        person = _addressed(person, one)
    return person


def _addressed(person: PersonFields, said: UserAddressInformation) -> PersonFields:
    if said.physical_address is not None:
        return replace(person, address=postal(said.physical_address))
    if said.electronic_address is None:
        return person
    kind, text = said.electronic_address.electronic_address_type, said.electronic_address.electronic_address_data
    if kind.says("mailto", "email") or "@" in text:
        return replace(person, email=text)
    return replace(person, phone=text)


def _named(name: NameInformation | None) -> PersonFields:
    """Family and given name; an unstructured one is split at a comma, else at its last blank.  A library has one."""
    person = name.personal_name_information if name else None
    if person is None:
        organizations = name.organization_name_information if name else ()
        return PersonFields(family_name=organizations[0].organization_name) if organizations else PersonFields()
    if person.structured_personal_user_name is not None:
        parts = person.structured_personal_user_name
        return PersonFields(family_name=parts.surname, given_name=parts.given_name)
    text = (person.unstructured_personal_user_name or "").strip()
    if "," in text:
        family, _, given = text.partition(",")
    else:
        given, _, family = text.rpartition(" ")
    return PersonFields(family_name=family.strip(), given_name=given.strip()) if text else PersonFields()


def postal(address: PhysicalAddress) -> str:
    """One text, a line for each part."""
    if address.unstructured_address is not None:
        return address.unstructured_address.unstructured_address_data
    parts = address.structured_address
    if parts is None:
        return ""
    town = " ".join(text for text in (parts.postal_code, parts.locality or parts.region) if text)
    lines = (parts.care_of, parts.line1, parts.line2, parts.street, parts.post_office_box, town, parts.country)
    return "\n".join(line for line in lines if line)


def answer_user_record(message: CreateUser | UpdateUser, heard: Heard, turn: NcipTurn) -> Message:
    """The id to use: the proposal, when it was free."""
    match heard.outcome:
        case PatronRecorded() as outcome:
            header = answer_header(message)
            if isinstance(message, CreateUser):
                return CreateUserResponse(response_header=header, user_id=user_id(outcome.card, turn))
            return UpdateUserResponse(response_header=header, user_id=echoed_user(message, turn, outcome.card))
        case outcome:
            return refused(message, outcome, turn)


# ---- ReportCirculationStatusChange ----------------------------------------------


def ask_report(message: ReportCirculationStatusChange, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """The first of the four things that can be reported; a message that reports none is told so."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    report = _report(message)
    if report is None:
        return missing(message, turn, "ItemReportedReturned")
    return (ReportItem(patron=patron_of(message, turn), item=barcode, report=report, at=turn.now),)


def _report(message: ReportCirculationStatusChange) -> Report | None:
    said = {
        Report.RETURNED: message.item_reported_returned is not None,
        Report.NEVER_BORROWED: message.item_reported_never_borrowed,
        Report.LOST: message.item_reported_lost,
        Report.MISSING: message.item_reported_missing,
    }
    return next((report for report, is_said in said.items() if is_said), None)


def answer_report(message: ReportCirculationStatusChange, heard: Heard, turn: NcipTurn) -> Message:
    """Item and user as they were named."""
    match heard.outcome:
        case Reported():
            return ReportCirculationStatusChangeResponse(
                response_header=answer_header(message),
                item_id=message.item_id,
                user_id=echoed_user(message, turn),
                item_optional_fields=item_extras(message, heard, turn),
                user_optional_fields=user_extras(message, heard, turn),
            )
        case outcome:
            return refused(message, outcome, turn)
