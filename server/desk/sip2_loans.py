"""11, 29 and 65: lending and renewing."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from backend.commands import CheckOut, Happened, UndoCheckIn
from backend.commands import Renew as RenewLoan
from backend.commands import RenewAll as RenewLoans
from backend.outcomes import (
    CheckedOut,
    CheckInUndone,
    HandedOut,
    LoanLine,
    NoneRenewed,
    Outcome,
    Reason,
    Refused,
    Renewed,
    RenewedAll,
)
from protocols.sip2.codes import YesNoUnknown
from protocols.sip2.messages import (
    Checkin,
    Checkout,
    CheckoutResponse,
    Renew,
    RenewAll,
    RenewAllResponse,
    RenewResponse,
)
from server.desk.phrases import Phrase
from server.desk.sip2_answers import (
    WrongOutcomeError,
    due_date,
    failed,
    find,
    magnetic,
    media_type,
    minor,
    paper,
    reasons_of,
    refused,
    said,
    screen,
    told,
    words_for,
)
from server.desk.sip2_fees import fee_type
from server.desk.turn import Turn

Lending = TypeVar("Lending", CheckoutResponse, RenewResponse)

MOST_LISTED = 9999  # a count has four digits
# Only the one who has the item is told these: the answer then says that it would have been a renewal.
OF_ONES_OWN_LOAN = frozenset(
    {
        Reason.ALREADY_YOURS,
        Reason.NOT_RENEWABLE,
        Reason.MAX_RENEWALS,
        Reason.WAITING_LIST,
        Reason.OVERDUE_NO_RENEWAL,
        Reason.NO_GAIN,
        Reason.LENDER_DECIDES,
        Reason.BILLED,
    }
)


def happened(message: Checkout | Renew | Checkin, turn: Turn) -> Happened | None:
    """No block, where the account may upload what it did off line; elsewhere the flag is not believed.

    SIP2.NET sets it on every renewal and return, with now for a due date.
    """
    if not (message.no_block and turn.asked_by.offline):
        return None
    due = None if isinstance(message, Checkin) else turn.instant(message.nb_due_date)
    return Happened(at=turn.instant(message.transaction_date) or turn.now, due=due)


def accepts_fee(acknowledged: bool | None, turn: Turn) -> bool:
    """BO, or the account's standing consent."""
    return bool(acknowledged) or turn.manner.fees.always_accepted


def ask_checkout(message: Checkout, turn: Turn) -> CheckOut | UndoCheckIn:
    """11: lend, or undo a return that the machine could not finish."""
    manner, at = turn.manner, turn.instant(message.transaction_date)
    patron, item = manner.patrons.normal(message.patron_identifier), manner.items.normal(message.item_identifier)
    if message.cancel:
        return UndoCheckIn(patron=patron, item=item, at=at)
    return CheckOut(
        patron=patron,
        item=item,
        pin=turn.pin,
        at=at,
        renew_if_mine=message.sc_renewal_policy,
        fee_accepted=accepts_fee(message.fee_acknowledged, turn),
        happened=happened(message, turn),
        properties=message.item_properties or None,
    )


def answer_checkout(message: Checkout, outcome: Outcome, turn: Turn) -> CheckoutResponse:
    """12."""
    match outcome:
        case CheckedOut() | HandedOut() | Renewed() | CheckInUndone():
            renewed = isinstance(outcome, Renewed) or (isinstance(outcome, CheckedOut) and outcome.renewed)
            return _lent(CheckoutResponse, message, outcome, turn, renewed=renewed, desensitize=YesNoUnknown.YES)
        case Refused():
            answer = _not_lent(CheckoutResponse, message, outcome, turn)
            if outcome.due is not None or reasons_of(outcome) & OF_ONES_OWN_LOAN:
                return replace(answer, renewal_ok=True, magnetic_media=magnetic(outcome))
            return answer
        case _:
            raise WrongOutcomeError(message, outcome)


def ask_renew(message: Renew, turn: Turn) -> RenewLoan | RenewResponse:
    """29; an empty AB is no item."""
    if not (message.item_identifier or message.title_identifier):
        return failed(RenewResponse, message, turn, told(message, turn, Phrase.MISSING_ITEM))
    manner = turn.manner
    return RenewLoan(
        patron=manner.patrons.normal(message.patron_identifier),
        item=manner.items.normal(message.item_identifier) if message.item_identifier else None,
        title=message.title_identifier or None,
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
        third_party=message.third_party_allowed,
        fee_accepted=accepts_fee(message.fee_acknowledged, turn),
        happened=happened(message, turn),
        properties=message.item_properties or None,
    )


def answer_renew(message: Renew, outcome: Outcome, turn: Turn) -> RenewResponse:
    """30; nothing about the security of an item that stays with its reader, unless the account wants it."""
    match outcome:
        case Renewed() | CheckedOut():
            desensitize = YesNoUnknown.YES if turn.manner.desensitize_renewals else YesNoUnknown.NO
            return _lent(RenewResponse, message, outcome, turn, renewed=True, desensitize=desensitize)
        case Refused():
            return _not_lent(RenewResponse, message, outcome, turn)
        case _:
            raise WrongOutcomeError(message, outcome)


def _lent(
    form: type[Lending],
    message: Checkout | Renew,
    outcome: CheckedOut | HandedOut | Renewed | CheckInUndone,
    turn: Turn,
    *,
    renewed: bool,
    desensitize: YesNoUnknown,
) -> Lending:
    about = outcome.about
    until = None if isinstance(outcome, HandedOut) else outcome.due
    due: tuple[str, ...] = _due_line(message, outcome, until, turn)
    fee = None if isinstance(outcome, CheckInUndone) else outcome.fee
    return form(
        ok=True,
        renewal_ok=renewed,
        magnetic_media=magnetic(outcome),
        desensitize=desensitize,
        transaction_date=turn.stamp(outcome.at),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
        item_identifier=message.item_identifier or about.barcode or "",
        title_identifier=about.title or "",
        due_date=due_date(turn, until) if until else "",
        fee_type=_fee_type(outcome),
        currency_type=fee.currency if fee else None,
        fee_amount=minor(fee) if fee else None,
        media_type=media_type(about.media_type),
        item_properties=about.properties,
        transaction_id=_charge(outcome),
        valid_patron=True,
        screen_message=_confirmed(due, turn) + said(message, outcome, turn),
        print_line=paper(turn, (about.title or "", *due)),
    )


def _due_line(message: Checkout | Renew, outcome: Outcome, until: datetime | None, turn: Turn) -> tuple[str, ...]:
    """Until when, in words; nothing of what is handed out to keep."""
    return (words_for(message, outcome, turn).say(Phrase.DUE, date=_day(until, turn)),) if until else ()


def _confirmed(due: tuple[str, ...], turn: Turn) -> tuple[str, ...]:
    return screen(turn, due) if turn.manner.screen.confirm_loans else ()


def _fee_type(outcome: CheckedOut | HandedOut | Renewed | CheckInUndone) -> str | None:
    if isinstance(outcome, CheckInUndone) or not outcome.fee:
        return None
    return fee_type(outcome.fee_kind)


def _charge(outcome: CheckedOut | HandedOut | Renewed | CheckInUndone) -> str | None:
    """BK: our number, when a fee is involved."""
    if isinstance(outcome, CheckInUndone) or outcome.charge is None:
        return None
    return str(outcome.charge)


def _not_lent(form: type[Lending], message: Checkout | Renew, outcome: Refused, turn: Turn) -> Lending:
    """No due date: the loan, if there is one, stays as it is, and nobody shall take its date for a new one."""
    fee = find(outcome.refusals, Reason.FEE_ACK)
    amount = fee.amount if fee else None
    answer: Lending = refused(form, message, outcome, turn)
    return replace(
        answer,
        title_identifier=outcome.about.title or answer.title_identifier,
        fee_type=fee_type(fee.fee) if fee else None,
        currency_type=amount.currency if amount else None,
        fee_amount=minor(amount),
        valid_patron=outcome.about.patron_known,
    )


def ask_renew_all(message: RenewAll, turn: Turn) -> RenewLoans:
    """65; BO accepts every fee."""
    return RenewLoans(
        patron=turn.manner.patrons.normal(message.patron_identifier),
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
        fee_accepted=accepts_fee(message.fee_acknowledged, turn),
    )


def answer_renew_all(message: RenewAll, outcome: Outcome, turn: Turn) -> RenewAllResponse:
    """66: ok when something was renewed or there was nothing to renew."""
    match outcome:
        case NoneRenewed():
            return replace(
                refused(RenewAllResponse, message, outcome, turn),
                unrenewed_count=min(len(outcome.unrenewed), MOST_LISTED),
                unrenewed_items=tuple(_with_reason(line, message, outcome, turn) for line in outcome.unrenewed),
            )
        case Refused():
            return refused(RenewAllResponse, message, outcome, turn)
        case RenewedAll():
            return RenewAllResponse(
                ok=bool(outcome.renewed) or not outcome.unrenewed,
                renewed_count=min(len(outcome.renewed), MOST_LISTED),
                unrenewed_count=min(len(outcome.unrenewed), MOST_LISTED),
                transaction_date=turn.stamp(outcome.at),
                institution_id=turn.institution,
                renewed_items=tuple(_listed(line, turn) for line in outcome.renewed),
                unrenewed_items=tuple(_with_reason(line, message, outcome, turn) for line in outcome.unrenewed),
                screen_message=said(message, outcome, turn),
                print_line=paper(turn, _receipt(message, outcome, turn)),
            )
        case _:
            raise WrongOutcomeError(message, outcome)


def _listed(line: LoanLine, turn: Turn) -> str:
    return line.title if turn.manner.forms.loan_lists == "title" and line.title else line.barcode


def _with_reason(line: LoanLine, message: RenewAll, outcome: Outcome, turn: Turn) -> str:
    if not turn.manner.forms.unrenewed_reasons or not line.refusals:
        return _listed(line, turn)
    return f"{_listed(line, turn)} {words_for(message, outcome, turn).reason(line.refusals[0])}"


def _receipt(message: RenewAll, outcome: RenewedAll, turn: Turn) -> tuple[str, ...]:
    """Title and due date of each renewed loan."""
    words = words_for(message, outcome, turn)
    return tuple(
        text for line in outcome.renewed for text in (line.title, words.say(Phrase.DUE, date=_day(line.due, turn)))
    )


def _day(instant: datetime, turn: Turn) -> str:
    return turn.library.time.today(instant).isoformat()
