"""AD: which PIN a message gives, for whom, and what CQ says of it.  Verifying is the server's work, not done here."""

from dataclasses import dataclass, field

from backend.commands import PinProof
from protocols.sip2.messages import (
    Checkout,
    FeePaid,
    Hold,
    Message,
    PatronEnable,
    PatronInformation,
    PatronStatusRequest,
    Renew,
    RenewAll,
)
from server.desk.manner import Manner
from server.desk.turn import Turn

Query = PatronStatusRequest | PatronInformation
Transaction = Checkout | Renew | RenewAll | Hold | FeePaid | PatronEnable
GIVES_PIN = Query | Transaction


@dataclass(frozen=True, slots=True)
class PinToProve:
    """A PIN as typed, and the patron identifier as circulation looks it up."""

    patron: str
    pin: str = field(repr=False)


def pin_given(message: Message, manner: Manner) -> PinToProve | PinProof:
    """The PIN to verify, or what is known without verifying: absent (an earlier proof may stand in), or wrong.

    An empty AD says nothing in a transaction, where machines send it for want of a PIN; in 23 and 63 it is a wrong
    one, or whoever knows a card number would be let in.
    """
    if manner.pin.rule == "never" or not isinstance(message, GIVES_PIN):
        return PinProof.ABSENT
    if message.patron_password:
        return PinToProve(manner.patrons.normal(message.patron_identifier), message.patron_password)
    if message.patron_password is None or not _empty_is_wrong(message, manner):
        return PinProof.ABSENT
    return PinProof.WRONG


def _empty_is_wrong(message: Query | Transaction, manner: Manner) -> bool:
    return manner.pin.rule == "always" or (isinstance(message, Query) and manner.pin.empty_in_queries == "wrong")


def valid_pin(message: Query | PatronEnable, turn: Turn, *, known: bool) -> bool | None:
    """CQ: whether the PIN is right; left out when none was given.  Of an unknown patron no PIN is right."""
    given = pin_given(message, turn.manner)
    if given is PinProof.ABSENT:
        return True if known and turn.manner.status.always_say_pin else None
    return known and turn.pin is PinProof.RIGHT


def keeps_silent(turn: Turn) -> bool:
    """Whether fees, lists and address are withheld: the PIN is wrong, or none came where the account demands one."""
    if turn.pin in (PinProof.WRONG, PinProof.LOCKED):
        return True
    return turn.manner.pin.rule == "always" and turn.pin is not PinProof.RIGHT
