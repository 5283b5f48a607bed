"""Which numbers are given to nobody.

Source: policies ASK-05: a Norwegian library's register never holds an identity number that can be read.
"""

from typing import Final

from backend.numbers import compared, is_like_norwegian_identity
from backend.outcomes import Reason, Refusal
from backend.policy.model import Policy

NORWEGIAN: Final = "NOK"  # what every policy says, and what tells a Norwegian library from its neighbours


def refuse_number(policy: Policy, number: str) -> tuple[Refusal, ...]:
    """Why a number cannot be kept as somebody's card or user name; the reason never quotes it."""
    if not compared(number):
        return (Refusal(reason=Reason.NUMBER_EMPTY),)
    return refuse_identity_number(policy, number)


def refuse_identity_number(policy: Policy, number: str) -> tuple[Refusal, ...]:
    if policy.currency == NORWEGIAN and is_like_norwegian_identity(number):
        return (Refusal(reason=Reason.IDENTITY_NUMBER),)
    return ()
