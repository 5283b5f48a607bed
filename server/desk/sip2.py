"""One row per SIP2 request: how it is asked of circulation, and how the outcome is answered.  Pure functions.

    command = ask(message, turn)                    a Command, or the answer itself when nothing need be asked
    answer(message, outcome, turn)                  the response
    fail(error, turn), unavailable(message, turn)   the response when nothing could be asked

Where a message gives a PIN, `sip2_pin.pin_given` says which; the proof stands in `turn.pin` before `ask` is called,
or, for 23 and 63, before `answer` is.  93 and 97 are the conversation's own affair and have no row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from backend.commands import Command
from backend.outcomes import Outcome, Reason, Refusal
from protocols.sip2 import messages as m
from protocols.sip2.errors import MissingRequired, NotLoggedIn, Partial, RefusedByStrictness, Unanswerable
from protocols.sip2.failures import fail_form
from protocols.sip2.table import Message
from server.desk.phrases import Phrase, Said
from server.desk.sip2_answers import failed, language_code, screen
from server.desk.sip2_fees import answer_fee_paid, ask_fee_paid
from server.desk.sip2_holds import answer_hold, ask_hold
from server.desk.sip2_items import answer_item, answer_properties, ask_item, ask_properties
from server.desk.sip2_loans import (
    answer_checkout,
    answer_renew,
    answer_renew_all,
    ask_checkout,
    ask_renew,
    ask_renew_all,
)
from server.desk.sip2_machine import acs_status, answer_status, served
from server.desk.sip2_patron import (
    answer_block,
    answer_enable,
    answer_end_session,
    answer_patron_information,
    answer_patron_status,
    ask_block,
    ask_enable,
    ask_patron,
)
from server.desk.sip2_returns import answer_checkin, ask_checkin
from server.desk.turn import Turn

Request = TypeVar("Request", bound=Message)

OWN_AFFAIR: Final = frozenset({m.Login, m.RequestAcsResend})
"""Requests without a row: the conversation answers them."""

TELLS_STATUS: Final = frozenset({m.BlockPatron, m.PatronEnable})
"""Requests that an account without the right still gets the patron's unchanged status for."""

MISSING: Final[Mapping[str, Said]] = {"AA": Phrase.MISSING_PATRON, "AB": Phrase.MISSING_ITEM}


@dataclass(frozen=True, slots=True)
class Row(Generic[Request]):
    """How one request is asked and answered; `answer` is None where `ask` is the answer already."""

    ask: Callable[[Request, Turn], Command | Message]
    answer: Callable[[Request, Outcome, Turn], Message] | None = None


ROWS: Final[Mapping[type[Message], Row[Any]]] = {
    m.PatronStatusRequest: Row(ask_patron, answer_patron_status),
    m.Checkout: Row(ask_checkout, answer_checkout),
    m.Checkin: Row(ask_checkin, answer_checkin),
    m.BlockPatron: Row(ask_block, answer_block),
    m.ScStatus: Row(answer_status),
    m.PatronInformation: Row(ask_patron, answer_patron_information),
    m.EndPatronSession: Row(answer_end_session),
    m.FeePaid: Row(ask_fee_paid, answer_fee_paid),
    m.ItemInformation: Row(ask_item, answer_item),
    m.ItemStatusUpdate: Row(ask_properties, answer_properties),
    m.PatronEnable: Row(ask_enable, answer_enable),
    m.Hold: Row(ask_hold, answer_hold),
    m.Renew: Row(ask_renew, answer_renew),
    m.RenewAll: Row(ask_renew_all, answer_renew_all),
}


def ask(message: Message, turn: Turn) -> Command | Message:
    """What the message asks of circulation, or its answer when there is nothing to ask.

    Raises KeyError for 93, 97 and whatever an ACS says.
    """
    row = ROWS[type(message)]
    if _is_for_somebody_else(message, turn):
        return _no(message, turn, Phrase.OTHER_INSTITUTION)
    if message.layout.code not in served(turn) and type(message) not in TELLS_STATUS:
        return _no(message, turn, Reason.NOT_ALLOWED)
    return row.ask(message, turn)


def answer(message: Message, outcome: Outcome, turn: Turn) -> Message:
    """The response to `message` after circulation has spoken.

    Raises TypeError for an outcome that the message cannot have asked for: a fault of ours.
    """
    row = ROWS[type(message)]
    if row.answer is None:
        raise TypeError(f"{type(message).__name__} asks nothing of circulation")
    return row.answer(message, outcome, turn)


def fail(error: Unanswerable, turn: Turn) -> Message:
    """The response to a command that could not be read, or came before login: its own form, saying why not."""
    partial = error.partial
    said, facts = _reason_of(error)
    language = partial.fixed.get("language")
    words = turn.words(code=language if isinstance(language, str) else None)
    wrong = map(str, error.repairs) if isinstance(error, RefusedByStrictness) else ()  # in English, for testers
    texts = screen(turn, (words.say(said, **facts), *wrong))
    if partial.code == m.ScStatus.layout.code:
        return acs_status(turn, texts, online=turn.online)
    return _doubted(fail_form(partial, turn.stamp(), turn.institution, texts), said, partial, turn)


def _reason_of(error: Unanswerable) -> tuple[Said, dict[str, str]]:
    match error:
        case NotLoggedIn():
            return Phrase.NOT_LOGGED_IN, {}
        case MissingRequired(missing="AA", partial=Partial(fields={"AA": _})):
            return Reason.UNKNOWN_PATRON, {}  # sent empty: a number that nobody has
        case MissingRequired():
            return MISSING.get(error.missing, Phrase.MISSING_FIELD), {"field": error.missing}
        case _:
            return Phrase.UNREADABLE, {}


def _doubted(form: Message, said: Said, partial: Partial, turn: Turn) -> Message:
    """BL N wherever nobody was looked for; left out when we were asked and could not look: a client was seen to delete
    its user for it.

    CQ N wherever a PIN was sent, so that nobody is let in by an answer without it.
    """
    if not isinstance(form, m.PatronStatusResponse | m.PatronInformationResponse | m.PatronEnableResponse):
        return form
    unproven = False if partial.first("AD") else None
    valid = None if said is Phrase.TRY_AGAIN else False
    return replace(form, valid_patron=valid, valid_patron_password=unproven)


def unavailable(message: Message, turn: Turn) -> Message:
    """The response when circulation could not be reached or did not answer in time: nothing was done, try again."""
    if isinstance(message, m.ScStatus):
        return answer_status(message, replace(turn, online=False))
    return _no(message, turn, Phrase.TRY_AGAIN)


def _no(message: Message, turn: Turn, said: Said) -> Message:
    words = turn.words(code=language_code(message))
    text = words.reason(Refusal(reason=said)) if isinstance(said, Reason) else words.say(said)
    form = failed(Message, message, turn, (text,))
    pin = getattr(message, "patron_password", None)
    return _doubted(form, said, Partial(message.layout.code, fields={"AD": (pin,)} if pin else {}), turn)


def _is_for_somebody_else(message: Message, turn: Turn) -> bool:
    """Whether AO names another institution and the account minds; an empty AO means the account's own."""
    named: str = getattr(message, "institution_id", "")
    manner = turn.manner
    if manner.other_institutions == "accept" or not named:
        return False
    return named.casefold() not in {name.casefold() for name in (turn.institution, *manner.institution_aliases)}
