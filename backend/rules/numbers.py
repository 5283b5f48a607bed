"""Which numbers are given to nobody.

Source: policies ASK-05 and C-30: a library's register never holds an identity number that can be read.
"""

from collections.abc import Callable, Mapping
from typing import Final

from backend.numbers import compared, is_like_norwegian_identity, is_like_swedish_identity, is_sendable
from backend.outcomes import Reason, Refusal
from backend.policy.model import Policy

# By currency, which every policy says and which tells a library's country.
LIKE_AN_IDENTITY: Final[Mapping[str, Callable[[str], bool]]] = {
    "NOK": is_like_norwegian_identity,
    "SEK": is_like_swedish_identity,
}


def refuse_number(policy: Policy, number: str) -> tuple[Refusal, ...]:
    """Why a number cannot be kept as somebody's card or user name; the reason never quotes it."""
    if not compared(number):
        return (Refusal(reason=Reason.NUMBER_EMPTY),)
    return refuse_unsendable(number) or refuse_identity_number(policy, number)


def refuse_unsendable(number: str) -> tuple[Refusal, ...]:
    """Why a number would be of no use to a machine: it could never send it."""
    return () if is_sendable(number) else (Refusal(reason=Reason.NUMBER_UNSENDABLE),)


def refuse_identity_number(policy: Policy, number: str) -> tuple[Refusal, ...]:
    """Why a number may not be kept readable: it looks like an identity number of the library's country."""
    is_like_one = LIKE_AN_IDENTITY.get(policy.currency)
    if is_like_one is not None and is_like_one(number):
        return (Refusal(reason=Reason.IDENTITY_NUMBER),)
    return ()
