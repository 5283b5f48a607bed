"""09: an item comes back; 10 tells the machine where it goes and whether to make a noise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from backend.commands import CheckIn, UndoCheckOut
from backend.outcomes import CheckedIn, CheckOutUndone, Outcome, Reason, Refused, Route
from protocols.sip2.codes import AlertType
from protocols.sip2.messages import Checkin, CheckinResponse
from server.desk.phrases import Phrase
from server.desk.sip2_answers import (
    WrongOutcomeError,
    destination,
    find,
    magnetic,
    media_type,
    paper,
    place,
    reasons_of,
    refused,
    screen,
    words_for,
)
from server.desk.sip2_loans import happened
from server.desk.turn import Turn
from server.desk.wording import Wording

ALERTS: Final[Mapping[Route, AlertType]] = {  # sip2 10.1, policies 3.4
    Route.HOLD_HERE: AlertType.HOLD_HERE,
    Route.HOLD_ELSEWHERE: AlertType.HOLD_ELSEWHERE,
    Route.OTHER_LIBRARY: AlertType.HOLD_FOR_ILL,
    Route.HOME: AlertType.SEND_TO_BRANCH,
    Route.STAFF: AlertType.OTHER,
}
ROUTES: Final[Mapping[Route, Phrase]] = {
    Route.HOLD_HERE: Phrase.HOLD_HERE,
    Route.HOLD_ELSEWHERE: Phrase.HOLD_ELSEWHERE,
    Route.OTHER_LIBRARY: Phrase.OTHER_LIBRARY,
    Route.HOME: Phrase.OTHER_BRANCH,
    Route.STAFF: Phrase.TO_STAFF,
}


def ask_checkin(message: Checkin, turn: Turn) -> CheckIn | UndoCheckOut:
    """09: take the item back, or undo a loan that did not come about."""
    item, at = turn.manner.items.normal(message.item_identifier), turn.instant(message.transaction_date)
    if message.cancel:
        return UndoCheckOut(item=item, at=at)
    return CheckIn(
        item=item,
        returned=turn.instant(message.return_date),
        at=at,
        happened=happened(message, turn),
        properties=message.item_properties or None,
        branch=turn.library.find_branch(message.current_location),
    )


def answer_checkin(message: Checkin, outcome: Outcome, turn: Turn) -> CheckinResponse:
    """10."""
    match outcome:
        case CheckedIn():
            return _returned(message, outcome, turn)
        case CheckOutUndone():
            return _undone(message, outcome, turn)
        case Refused():
            return _not_returned(message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def _returned(message: Checkin, outcome: CheckedIn, turn: Turn) -> CheckinResponse:
    about, privacy = outcome.about, turn.manner.privacy
    words = words_for(message, outcome, turn)
    alert_type = _alert_type(outcome.route, turn)
    return CheckinResponse(
        ok=_is_ok(outcome),
        resensitize=about.magnetic is not True,
        magnetic_media=magnetic(outcome),
        alert=_alerts(outcome, alert_type, turn),
        transaction_date=turn.stamp(outcome.at),
        institution_id=turn.institution,
        item_identifier=message.item_identifier,
        permanent_location=place(turn, outcome.home_branch),
        title_identifier=about.title,
        sort_bin=_bin(outcome, turn),
        patron_identifier=outcome.patron_card if privacy.borrower and outcome.loan is not None else None,
        media_type=media_type(about.media_type),
        item_properties=about.properties,
        alert_type=alert_type,
        destination_location=_destination(outcome, turn),
        call_number=outcome.call_number,
        collection_code=outcome.collection,
        hold_patron_id=outcome.hold_patron_card if privacy.hold_patron_id else None,
        hold_patron_name=outcome.hold_patron_name if privacy.hold_patron_name else None,
        screen_message=screen(turn, _said(outcome, words, turn)),
        print_line=paper(turn, _slip(outcome, words)),
    )


def _is_ok(outcome: CheckedIn) -> bool:
    """An item that was not on loan is no return, where circulation minds; whether it does is not decided here."""
    return find(outcome.notes, Reason.NOT_ON_LOAN) is None


def _alerts(outcome: CheckedIn, alert_type: AlertType | None, turn: Turn) -> bool:
    rules = turn.manner.returns
    if not rules.alert_at_own_branch and _stays(outcome, turn):
        return False
    if rules.alert_follows_type:
        return alert_type not in (None, AlertType.UNKNOWN)
    return outcome.route in rules.alert_on


def _stays(outcome: CheckedIn, turn: Turn) -> bool:
    if outcome.route in (Route.STAFF, Route.OTHER_LIBRARY):
        return False
    return outcome.destination in (None, turn.asked_by.branch)


def _alert_type(route: Route, turn: Turn) -> AlertType | None:
    """CV."""
    if route is Route.SHELF:
        return AlertType.UNKNOWN if turn.manner.returns.type_on_success else None
    return ALERTS[route]


def _destination(outcome: CheckedIn, turn: Turn) -> str | None:
    """CT: the branch, also of another library, as 18 tells it."""
    if outcome.destination is not None and outcome.route is not Route.SHELF:
        return destination(turn, outcome.destination)
    if outcome.route is Route.HOLD_HERE or turn.manner.returns.destination_always:
        return destination(turn, outcome.destination or turn.asked_by.branch)
    return None


def _other_library(outcome: CheckedIn, turn: Turn) -> str | None:
    library = outcome.destination_library
    return None if library is None else turn.library.others.get(library, str(library))


def _bin(outcome: CheckedIn, turn: Turn) -> str | None:
    """CL: the bin of the branch it goes to, else the bin of its route."""
    bins = turn.manner.returns.bins
    goes_to = outcome.destination or (None if outcome.route is Route.STAFF else turn.asked_by.branch)
    if outcome.route is not Route.SHELF and goes_to == turn.asked_by.branch:
        return bins.get(outcome.route)
    return bins.get(str(goes_to)) or bins.get(outcome.route)


def _said(outcome: CheckedIn, words: Wording, turn: Turn) -> tuple[str, ...]:
    """AF: what the return cost or settled, then where the item goes."""
    texts = words.reasons(outcome.notes)
    if outcome.route is Route.SHELF or (outcome.route is Route.STAFF and texts):
        return texts
    goes_to = words.branch(outcome.destination)
    if outcome.route is Route.OTHER_LIBRARY:
        goes_to = _other_library(outcome, turn) or goes_to
    return (*texts, words.say(ROUTES[outcome.route], branch=goes_to))


def _slip(outcome: CheckedIn, words: Wording) -> tuple[str, ...]:
    """AG: the slip that goes into a held item; a reference stands where the name would."""
    if outcome.route not in (Route.HOLD_HERE, Route.HOLD_ELSEWHERE):
        return ()
    return (
        words.say(Phrase.HOLD_SLIP, reference=outcome.hold_reference),
        outcome.about.title or "",
        words.branch(outcome.destination) or "",
    )


def _undone(message: Checkin, outcome: CheckOutUndone, turn: Turn) -> CheckinResponse:
    """As if the loan had not been: nothing caught, nothing sent, no noise."""
    about = outcome.about
    return CheckinResponse(
        ok=True,
        resensitize=about.magnetic is not True,
        magnetic_media=magnetic(outcome),
        alert=False,
        transaction_date=turn.stamp(outcome.at),
        institution_id=turn.institution,
        item_identifier=message.item_identifier,
        permanent_location=place(turn, outcome.home_branch),
        title_identifier=about.title,
        media_type=media_type(about.media_type),
        item_properties=about.properties,
        screen_message=screen(turn, words_for(message, outcome, turn).reasons(outcome.notes)),
    )


def _not_returned(message: Checkin, outcome: Refused, turn: Turn) -> CheckinResponse:
    """An unknown item must not go on unnoticed; one that was not on loan may."""
    reasons, about = reasons_of(outcome), outcome.about
    answer = replace(refused(CheckinResponse, message, outcome, turn), title_identifier=about.title)
    if Reason.UNKNOWN_ITEM in reasons:
        return replace(answer, alert=True, alert_type=AlertType.OTHER)
    if Reason.NOT_ON_LOAN in reasons:
        return replace(answer, resensitize=about.magnetic is not True, magnetic_media=magnetic(outcome))
    return answer
