"""What a job's step may look at: the rules' own facts, and what went out before."""

from dataclasses import dataclass, field
from datetime import date

from backend.facts import Facts, PatronFacts
from backend.model import Hold, Patron, Sent
from backend.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBefore:
    """A notice that went out, and what the fee was that it brought."""

    sent: Sent
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronCase:
    """A patron on the day of a job; `facts.patron` is that patron. `dead` are addresses that nobody reads."""

    facts: Facts
    who: PatronFacts
    day: date
    sent: tuple[SentBefore, ...] = ()
    guardian: Patron | None = None
    dead: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCase:
    """An open hold on the day of a job; `facts.item` is the copy set aside for it, None while there is none."""

    facts: Facts
    hold: Hold
    holder: Patron
    title: str
    day: date
    sent: tuple[SentBefore, ...] = ()
    dead: frozenset[str] = field(default=frozenset(), repr=False)
