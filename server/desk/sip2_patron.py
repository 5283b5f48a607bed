"""23, 63, 01, 25 and 35: who a patron is and how the patron stands; and the door that asks the same question."""

from dataclasses import replace
from typing import TypedDict, TypeVar

from backend.commands import BlockCard, EnablePatron, EnterBuilding, LookUpPatron
from backend.lookup_outcomes import PatronFound
from backend.model import Channel, Patron
from backend.outcomes import Entered, Outcome, PatronChanged, Reason, Refusal, Refused
from protocols.sip2.codes import ALL_PRIVILEGES_DENIED, PatronStatus
from protocols.sip2.messages import (
    BlockPatron,
    EndPatronSession,
    EndSessionResponse,
    PatronEnable,
    PatronEnableResponse,
    PatronInformation,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
)
from protocols.sip2.stamp import Stamp
from server.desk.manner import Forms
from server.desk.sip2_answers import WrongOutcomeError, failed, full_name, minor, place, reasons_of, screen, words_for
from server.desk.sip2_lists import NO_COUNTS, counts, lists, pickup_days
from server.desk.sip2_machine import served
from server.desk.sip2_pin import Query, keeps_silent, valid_pin
from server.desk.sip2_standing import UNKNOWN, is_unlinked, positions, refused_positions
from server.desk.turn import Turn

About = TypeVar("About", PatronStatusResponse, PatronEnableResponse, PatronInformationResponse)
Told = TypeVar("Told", PatronStatusResponse, PatronInformationResponse)

MAY_ENTER, MAY_NOT_ENTER = "1", "0"  # PA as the Finnish suppliers agreed on 2018-12-20


# ---- 23 and 63 ----------------------------------------------------------------


def ask_patron(message: Query, turn: Turn) -> LookUpPatron | EnterBuilding:
    """23 and 63: a look; from a door, a request to come in, which is journalled."""
    patron = turn.manner.patrons.normal(message.patron_identifier)
    if turn.asked_by.channel is Channel.ENTRY:
        return EnterBuilding(patron=patron, pin=turn.pin, at=turn.instant(message.transaction_date))
    return LookUpPatron(patron=patron)


def answer_patron_status(message: PatronStatusRequest, outcome: Outcome, turn: Turn) -> PatronStatusResponse:
    """24 to a 23."""
    match outcome:
        case Entered():
            return _entered(failed(PatronStatusResponse, message, turn, (), outcome.at), message, outcome, turn)
        case Refused():
            return _turned_away(_stranger(PatronStatusResponse, message, outcome, turn), turn)
        case PatronFound():
            return _status(message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def answer_patron_information(message: PatronInformation, outcome: Outcome, turn: Turn) -> PatronInformationResponse:
    """64."""
    match outcome:
        case Entered():
            return _entered(failed(PatronInformationResponse, message, turn, (), outcome.at), message, outcome, turn)
        case Refused():
            return _turned_away(_stranger(PatronInformationResponse, message, outcome, turn), turn)
        case PatronFound() if _tells_all(outcome, turn):
            return _information(message, outcome, turn)
        case PatronFound():
            return _without_details(message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def _tells_all(found: PatronFound, turn: Turn) -> bool:
    return not (keeps_silent(turn) or is_unlinked(found.patron))


def _status(message: PatronStatusRequest, found: PatronFound, turn: Turn) -> PatronStatusResponse:
    tells_all = _tells_all(found, turn)
    details = _details(found, turn) if tells_all else Details()
    return PatronStatusResponse(
        **_who(message, found, turn),
        **details,
        currency_type=found.owed.currency if tells_all else None,
        fee_amount=minor(found.owed) if tells_all else None,
        screen_message=screen(turn, _why(message, found, turn)),
    )


def _without_details(message: PatronInformation, found: PatronFound, turn: Turn) -> PatronInformationResponse:
    """The PIN is wrong or the card not linked: whether there is such a patron, and no more."""
    texts = screen(turn, _why(message, found, turn))
    return PatronInformationResponse(**_who(message, found, turn), **NO_COUNTS, screen_message=texts)


def _information(message: PatronInformation, found: PatronFound, turn: Turn) -> PatronInformationResponse:
    forms, words = turn.manner.forms, words_for(message, found, turn)
    texts = (*_why(message, found, turn), *pickup_days(message, found, turn, words))
    return PatronInformationResponse(
        **_who(message, found, turn),
        **counts(found, forms),
        **_limits(found),
        **lists(message, found, forms, words),
        **_contact(found.patron, turn),
        **_details(found, turn),
        permanent_location=place(turn, found.patron.home_branch),
        screen_message=screen(turn, texts),
    )


class Who(TypedDict):
    """The fields of 24 and 64 that say who it is and whether they are welcome."""

    patron_status: frozenset[PatronStatus]
    language: str
    transaction_date: Stamp
    institution_id: str
    patron_identifier: str
    personal_name: str
    valid_patron: bool
    valid_patron_password: bool | None


def _who(message: Query, found: PatronFound, turn: Turn) -> Who:
    known = not is_unlinked(found.patron)
    return Who(
        patron_status=positions(found.standing, found.patron, turn.manner.status, found.loans),
        language=message.language,
        transaction_date=turn.stamp(found.at),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
        personal_name=_name(found.patron, turn),
        valid_patron=known,
        valid_patron_password=valid_pin(message, turn, known=known),
    )


class Limits(TypedDict):
    """The fields of 64 that say how much a patron may have, and owes."""

    hold_items_limit: int | None
    charged_items_limit: int | None
    currency_type: str
    fee_amount: int | None
    fee_limit: int | None


def _limits(found: PatronFound) -> Limits:
    return Limits(
        hold_items_limit=found.holds_limit,
        charged_items_limit=found.items_limit,
        currency_type=found.owed.currency,
        fee_amount=minor(found.owed),
        fee_limit=minor(found.limit),
    )


class Contact(TypedDict, total=False):
    """BD, BE and BF."""

    home_address: str | None
    email_address: str | None
    home_phone: str | None


def _contact(patron: Patron, turn: Turn) -> Contact:
    """Where the account may see it."""
    if not turn.manner.privacy.contact:
        return Contact()
    return Contact(home_address=patron.address, email_address=patron.email, home_phone=patron.phone)


class Details(TypedDict, total=False):
    """PA, PB, PC and PI; they go out only where the account's dialect has them."""

    patron_expiry: str | None
    birth_date: str | None
    patron_class: str | None
    internet_profile: str | None


def _details(found: PatronFound, turn: Turn) -> Details:
    patron, forms = found.patron, turn.manner.forms
    return Details(
        patron_expiry=_expiry(found, forms),
        birth_date=_birth_date(patron, forms),
        patron_class=patron.category if forms.patron_class else None,
        internet_profile=forms.internet_profiles.get(patron.category),
    )


def _expiry(found: PatronFound, forms: Forms) -> str | None:
    """PA: three meanings in the field, two of them ours."""
    if forms.patron_expiry == "access":
        return MAY_ENTER if found.may_enter else MAY_NOT_ENTER
    if forms.patron_expiry == "expiry" and found.patron.expires:
        return f"{found.patron.expires:%Y%m%d}"
    return None


def _birth_date(patron: Patron, forms: Forms) -> str | None:
    if forms.birth_date == "off" or patron.birth_date is None:
        return None
    return f"{patron.birth_date:%Y%m%d}" if forms.birth_date == "YYYYMMDD" else f"{patron.birth_date:%m%d%Y}"


def _name(patron: Patron, turn: Turn) -> str:
    """AE; not of somebody whose card is not linked here, and after a wrong PIN only where the account allows."""
    privacy = turn.manner.privacy
    if not privacy.name or is_unlinked(patron) or (keeps_silent(turn) and not privacy.name_without_pin):
        return ""
    return full_name(turn.manner.forms, patron.given_name, patron.family_name)


def _why(message: Query | PatronEnable, found: PatronFound, turn: Turn) -> tuple[str, ...]:
    """AF: what stops the patron; after a wrong PIN, that it is wrong and nothing of debts."""
    words = words_for(message, found, turn)
    if is_unlinked(found.patron):
        return words.reasons((Refusal(reason=Reason.CARD_UNLINKED),))
    if keeps_silent(turn):
        given = valid_pin(message, turn, known=True) is not None
        return words.reasons((Refusal(reason=Reason.PIN_WRONG if given else Reason.PIN_REQUIRED),))
    return words.reasons((*found.standing.reasons, *found.notes))


def _stranger(form: type[About], message: Query | PatronEnable, outcome: Refused, turn: Turn) -> About:
    """Nobody of that number, or somebody who is refused: at a door only those who may enter are valid."""
    at_door = turn.asked_by.channel is Channel.ENTRY
    known = outcome.about.patron_known and not reasons_of(outcome) & UNKNOWN
    texts = words_for(message, outcome, turn).reasons(outcome.refusals)
    return replace(
        failed(form, message, turn, texts, outcome.at),
        patron_status=ALL_PRIVILEGES_DENIED if at_door else refused_positions(outcome),
        valid_patron=known and not at_door,
        valid_patron_password=valid_pin(message, turn, known=known),
    )


def _entered(answer: Told, message: Query, outcome: Entered, turn: Turn) -> Told:
    """Come in: valid, and nothing told of the person."""
    return replace(
        answer,
        patron_status=frozenset(),
        valid_patron=True,
        valid_patron_password=valid_pin(message, turn, known=True),
        patron_expiry=_access(turn, MAY_ENTER),
        screen_message=screen(turn, words_for(message, outcome, turn).reasons(outcome.notes)),
    )


def _turned_away(answer: Told, turn: Turn) -> Told:
    return replace(answer, patron_expiry=_access(turn, MAY_NOT_ENTER))


def _access(turn: Turn, level: str) -> str | None:
    """PA of a door; other accounts' answers are about persons."""
    at_door = turn.asked_by.channel is Channel.ENTRY
    return level if at_door and turn.manner.forms.patron_expiry == "access" else None


# ---- 01, 25 and 35 --------------------------------------------------------------


def ask_block(message: BlockPatron, turn: Turn) -> BlockCard | LookUpPatron:
    """01; where the account may not, a look: the answer tells the unchanged status."""
    patron = turn.manner.patrons.normal(message.patron_identifier)
    if "01" not in served(turn):
        return LookUpPatron(patron=patron)
    return BlockCard(
        patron=patron,
        retained=message.card_retained,
        message=message.blocked_card_msg,
        at=turn.instant(message.transaction_date),
    )


def answer_block(message: BlockPatron, outcome: Outcome, turn: Turn) -> PatronStatusResponse:
    """24 to an 01; positions 0 to 4 after a block, and no language, as the request has none."""
    match outcome:
        case PatronChanged():
            texts = words_for(message, outcome, turn).reasons(outcome.notes)
            status = positions(outcome.standing, outcome.patron, turn.manner.status)
        case PatronFound():
            texts = words_for(message, outcome, turn).reasons((Refusal(reason=Reason.NOT_ALLOWED),))
            status = positions(outcome.standing, outcome.patron, turn.manner.status, outcome.loans)
        case Refused():
            texts = words_for(message, outcome, turn).reasons(outcome.refusals)
            return replace(
                failed(PatronStatusResponse, message, turn, texts, outcome.at),
                patron_status=refused_positions(outcome),
                valid_patron=outcome.about.patron_known and not reasons_of(outcome) & UNKNOWN,
            )
        case _:
            raise WrongOutcomeError(message, outcome)
    return replace(
        failed(PatronStatusResponse, message, turn, texts, outcome.at),
        patron_status=status,
        personal_name=_name(outcome.patron, turn),
        valid_patron=not is_unlinked(outcome.patron),
    )


def ask_enable(message: PatronEnable, turn: Turn) -> EnablePatron | LookUpPatron:
    """25; a look where the account may not or the PIN is wrong: nothing is enabled then."""
    patron = turn.manner.patrons.normal(message.patron_identifier)
    if "25" not in served(turn) or keeps_silent(turn):
        return LookUpPatron(patron=patron)
    return EnablePatron(patron=patron, pin=turn.pin, at=turn.instant(message.transaction_date))


def answer_enable(message: PatronEnable, outcome: Outcome, turn: Turn) -> PatronEnableResponse:
    """26."""
    match outcome:
        case PatronChanged():
            texts = words_for(message, outcome, turn).reasons((*outcome.standing.reasons, *outcome.notes))
            status = positions(outcome.standing, outcome.patron, turn.manner.status)
        case PatronFound():
            texts = _why(message, outcome, turn)
            if "25" not in served(turn):
                texts = words_for(message, outcome, turn).reasons((Refusal(reason=Reason.NOT_ALLOWED),))
            status = positions(outcome.standing, outcome.patron, turn.manner.status, outcome.loans)
        case Refused():
            return _stranger(PatronEnableResponse, message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)
    known = not is_unlinked(outcome.patron)
    return replace(
        failed(PatronEnableResponse, message, turn, texts, outcome.at),
        patron_status=status,
        personal_name=_name(outcome.patron, turn),
        valid_patron=known,
        valid_patron_password=valid_pin(message, turn, known=known),
    )


def answer_end_session(message: EndPatronSession, turn: Turn) -> EndSessionResponse:
    """36: always yes, also when no session is known; the server forgets the proven PIN."""
    return EndSessionResponse(
        end_session=True,
        transaction_date=turn.stamp(),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
    )
