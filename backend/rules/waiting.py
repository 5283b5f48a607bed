"""Who waits for a title, and for whom a copy is set aside. It knows the queue and no policy."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from backend.facts import HoldFacts
from backend.model import Hold, HoldState, Item, PatronId

SET_ASIDE = frozenset({HoldState.READY, HoldState.TRANSIT})


def waiting_list(holds: Iterable[HoldFacts], patron: PatronId, today: date) -> int:
    """Open holds of others that still want a copy: not suspended, not lapsed, none set aside for them (C-13)."""
    return sum(_wants_a_copy(facts.hold, today) for facts in holds if facts.hold.patron != patron)


def queue_length(holds: Iterable[HoldFacts], today: date) -> int:
    """How many patrons wait for a copy."""
    return sum(_wants_a_copy(facts.hold, today) for facts in holds)


def set_aside(holds: Iterable[HoldFacts], item: Item) -> Hold | None:
    """The hold for which this copy lies on the hold shelf or travels to it."""
    return next((one.hold for one in holds if one.hold.trapped == item.id and one.hold.state in SET_ASIDE), None)


def lapsed_on_the_way(holds: Iterable[HoldFacts], item: Item, today: date) -> HoldFacts | None:
    """The hold to which this copy travels, when its last useful day went by meanwhile (LYS-21)."""
    travels = (one for one in holds if one.hold.trapped == item.id and one.hold.state is HoldState.TRANSIT)
    return next((one for one in travels if one.hold.expires is not None and one.hold.expires < today), None)


def waiting_again(hold: Hold) -> Hold:
    """As it was before a copy was set aside for it; its place in the queue is what it always was."""
    return replace(hold, state=HoldState.WAITING, trapped=None, ready_on=None, pickup_by=None)


def own_waiting_hold(holds: Iterable[HoldFacts], patron: PatronId, item: Item) -> Hold | None:
    """The patron's own place in the queue that this copy would fill."""
    mine = (one.hold for one in holds if one.hold.patron == patron and one.hold.state is HoldState.WAITING)
    return next((hold for hold in mine if hold.item in (None, item.id)), None)


def _wants_a_copy(hold: Hold, today: date) -> bool:
    lapsed = hold.expires is not None and hold.expires < today
    return hold.state is HoldState.WAITING and not hold.suspended and not lapsed
