"""What a block stops, from the policy's words to ours."""

from collections.abc import Iterable

from backend.model import Operation
from backend.policy.rows import Stop

LENDING = frozenset({Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD, Operation.COLLECT})
WITH_CARD = LENDING | {Operation.WEB}  # all that a card is good for


def operations(stops: Iterable[Stop]) -> frozenset[Operation]:
    """What a row's `stops` stop here; a stopped checkout stops collecting too (policies 6.3.1)."""
    return with_implied(frozenset(Operation(stop) for stop in stops))


def with_implied(stops: frozenset[Operation]) -> frozenset[Operation]:
    """`stops` and what they imply."""
    return stops | {Operation.COLLECT} if Operation.CHECKOUT in stops else stops
