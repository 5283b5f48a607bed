"""Money on the wire: fee types, the forms of a fee in a list, and 37/38."""

from collections.abc import Callable, Mapping
from typing import Final

from backend.commands import PayFee
from backend.lookup_outcomes import FeeView
from backend.model import FeeKind
from backend.money import Money
from backend.outcomes import Done, Outcome, Reason, Refusal, Refused
from backend.outcomes import FeePaid as Paid
from backend.staff_commands import WaiveFee
from protocols.sip2.codes import FeeType
from protocols.sip2.messages import FeeItem, FeePaid, FeePaidResponse
from server.desk.manner import Forms
from server.desk.sip2_answers import WrongOutcomeError, failed, refused, said, words_for
from server.desk.turn import Turn
from server.desk.wording import Wording

FEE_TYPES: Final[Mapping[FeeKind, FeeType]] = {  # policies 3.2
    FeeKind.OVERDUE: FeeType.OVERDUE,
    FeeKind.REMINDER: FeeType.ADMINISTRATIVE,
    FeeKind.REPLACEMENT: FeeType.REPLACEMENT,
    FeeKind.DAMAGE: FeeType.DAMAGE,
    FeeKind.ILL: FeeType.ADMINISTRATIVE,
    FeeKind.CARD: FeeType.ADMINISTRATIVE,
    FeeKind.MISC: FeeType.OTHER,
    FeeKind.HOLD: FeeType.HOLD,
    FeeKind.CHECKOUT: FeeType.RENTAL,
}
# Types that say which kind the money is for; 01 and 02 stand for several kinds and say nothing.
PAYS_FOR: Final[Mapping[str, FeeKind]] = {
    FeeType.DAMAGE: FeeKind.DAMAGE,
    FeeType.OVERDUE: FeeKind.OVERDUE,
    FeeType.RENTAL: FeeKind.CHECKOUT,
    FeeType.REPLACEMENT: FeeKind.REPLACEMENT,
    FeeType.HOLD: FeeKind.HOLD,
}
# Kiosks know three: a lost item, a fine, any other fee.
KIOSK_TYPES: Final[Mapping[FeeKind, str]] = {
    FeeKind.REPLACEMENT: "LOST",
    FeeKind.OVERDUE: "FINE",
}


def fee_type(kind: FeeKind | None) -> str:
    """BT of a fee; other when the kind is not known."""
    return FEE_TYPES[kind] if kind else FeeType.OTHER


def ask_fee_paid(message: FeePaid, turn: Turn) -> PayFee | WaiveFee | FeePaidResponse:
    """37: money was taken, or, by the account's own payment type, a fee is let go."""
    manner = turn.manner
    patron, fee = manner.patrons.normal(message.patron_identifier), message.fee_identifier or None
    amount = Money(message.fee_amount, message.currency_type)
    if message.payment_type == manner.fees.write_off_type:
        if fee is None:
            text = words_for(message, None, turn).reason(Refusal(reason=Reason.UNKNOWN_FEE))
            return failed(FeePaidResponse, message, turn, (text,))
        return WaiveFee(patron=patron, fee=fee, amount=amount or None, at=turn.instant(message.transaction_date))
    return PayFee(
        patron=patron,
        amount=amount,
        fee=fee,
        kind=PAYS_FOR.get(message.fee_type) if manner.fees.by_type else None,
        method=message.payment_type,
        transaction=message.transaction_id or None,
        pin=turn.pin,
        at=turn.instant(message.transaction_date),
    )


def answer_fee_paid(message: FeePaid, outcome: Outcome, turn: Turn) -> FeePaidResponse:
    """38; the machine's own transaction id comes back."""
    match outcome:
        case Refused():
            return refused(FeePaidResponse, message, outcome, turn)
        case Paid():
            amount = outcome.amount.minor
        case Done():
            amount = message.fee_amount
        case _:
            raise WrongOutcomeError(message, outcome)
    return FeePaidResponse(
        payment_accepted=True,
        transaction_date=turn.stamp(outcome.at),
        institution_id=turn.institution,
        patron_identifier=message.patron_identifier,
        transaction_id=message.transaction_id,
        fee_identifier=message.fee_identifier,
        paid_amount=amount,
        screen_message=said(message, outcome, turn),
    )


def fine_line(fee: FeeView, forms: Forms, words: Wording) -> str:
    """One AV, in the account's form; the slash is kept for systems that cut title from author with it."""
    return _FORMS[forms.fines](fee, forms, words)


def _title(fee: FeeView, words: Wording) -> str:
    """What it is about; of a damaged item it is said so, for none of the kiosks' types does."""
    damaged = fee.title and fee.kind is FeeKind.DAMAGE
    return f"{words.say(fee.kind)}: {_about(fee, words)}" if damaged else _about(fee, words)


def _about(fee: FeeView, words: Wording) -> str:
    return fee.title.replace("/", " ").strip() or words.say(fee.kind)


def _kiosk_type(fee: FeeView) -> str:
    return KIOSK_TYPES.get(fee.kind, "FEE")


def _legacy(fee: FeeView, forms: Forms, words: Wording) -> str:
    return f"{forms.currency_sign}{fee.owed.text()} {words.say(fee.kind)} {_about(fee, words)}"


def _three_m(fee: FeeView, forms: Forms, words: Wording) -> str:
    return f'{fee.id} {forms.currency_sign}{fee.owed.text()} "{_kiosk_type(fee)}" {_title(fee, words)}'


def _mk(fee: FeeView, forms: Forms, words: Wording) -> str:
    return f'{fee.id} {fee.owed.text()} "{_kiosk_type(fee)}" {_title(fee, words)}'


def _swyer_b(fee: FeeView, forms: Forms, words: Wording) -> str:
    parts = {
        "Charge-Number": fee.id,
        "Amount-Due": fee.owed.text(),
        "Fine-Type": _kiosk_type(fee),
        "Title": _title(fee, words),
    }
    return ", ".join(f"{name}: {value}" for name, value in parts.items())


def _template(fee: FeeView, forms: Forms, words: Wording) -> str:
    return forms.fine_template.format(
        id=fee.id,
        amount=fee.owed.text(),
        currency=fee.owed.currency,
        kind=words.say(fee.kind),
        type=_kiosk_type(fee),
        title=fee.title,
        barcode=fee.barcode,
        date=fee.raised.isoformat(),
    ).strip()


_FORMS: Final[Mapping[str, Callable[[FeeView, Forms, Wording], str]]] = {
    "legacy": _legacy,
    "3m": _three_m,
    "swyer_b": _swyer_b,
    "mk": _mk,
    "template": _template,
}


def fee_item(fee: FeeView, words: Wording) -> FeeItem:
    """One fee as Gossip lists it."""
    return FeeItem(
        amount=fee.owed.minor,
        item=fee.barcode or None,
        date=f"{fee.raised:%d.%m.%Y}",
        title=fee.title or None,
        cost_id=fee_type(fee.kind),
        description=words.say(fee.kind),
        fee_identifier=fee.id,
    )
