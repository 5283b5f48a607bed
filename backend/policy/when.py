"""The conditions of a row: each declared once, with the fact it reads, its test, and what it implies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from operator import attrgetter
from typing import Annotated, Generic, TypeVar

from backend.money import Money
from backend.policy.facts import BranchKind, Channel, DayKind, Facts, Operation, is_under
from backend.policy.fields import Age, Amount, Count, Days, Ids, Languages, Materials, Tuple, Words, Written

Wanted = TypeVar("Wanted")
Fact = TypeVar("Fact")
Ordered = TypeVar("Ordered", int, date, Money)
Predicate = Callable[[Facts], bool]

MOST_ALTERNATIVES = 200  # beyond so many combinations the search for dead rows treats a row as one


@dataclass(frozen=True, slots=True)
class Test(Generic[Wanted, Fact]):
    """`holds(wanted, fact)`; `implies(narrow, wide)` is true when every fact that passes narrow passes wide."""

    __test__ = False  # pytest takes every Test for one of its own

    fact: str
    holds: Callable[[Wanted, Fact], bool]
    implies: Callable[[Wanted, Wanted], bool]

    def predicate(self, wanted: Wanted) -> Predicate:
        read: Callable[[Facts], Fact] = attrgetter(self.fact)
        holds = self.holds
        return lambda facts: holds(wanted, read(facts))


def any_of(fact: str) -> Test[tuple[str, ...], str | None]:
    return Test(fact, lambda wanted, value: value in wanted, lambda narrow, wide: set(narrow) <= set(wide))


def none_of(fact: str) -> Test[tuple[str, ...], str | None]:
    """Known, and none of these."""
    return Test(
        fact,
        lambda wanted, value: value is not None and value not in wanted,
        lambda narrow, wide: set(narrow) >= set(wide),
    )


def under(fact: str) -> Test[tuple[str, ...], str]:
    return Test(
        fact,
        lambda wanted, value: any(is_under(value, one) for one in wanted),
        lambda narrow, wide: all(any(is_under(one, other) for other in wide) for one in narrow),
    )


def flagged(fact: str) -> Test[tuple[str, ...], frozenset[str]]:
    return Test(
        fact,
        lambda wanted, value: not value.isdisjoint(wanted),
        lambda narrow, wide: set(narrow) <= set(wide),
    )


def just(fact: str) -> Test[bool, bool]:
    return Test(fact, lambda wanted, value: value is wanted, lambda narrow, wide: narrow is wide)


def at_least(fact: str) -> Test[Ordered, Ordered | None]:
    return Test(fact, lambda wanted, value: value is not None and value >= wanted, lambda narrow, wide: narrow >= wide)


def below(fact: str) -> Test[Ordered, Ordered | None]:
    return Test(fact, lambda wanted, value: value is not None and value < wanted, lambda narrow, wide: narrow <= wide)


def at_most(fact: str) -> Test[Ordered, Ordered | None]:
    return Test(fact, lambda wanted, value: value is not None and value <= wanted, lambda narrow, wide: narrow <= wide)


class When(Written):
    """All that are written must hold; a list means any of; what is not written is not tested.  Source: policies 6.2."""

    category: Annotated[Words | None, any_of("category")] = None
    age_from: Annotated[Age | None, at_least("age")] = None
    age_below: Annotated[Age | None, below("age")] = None
    home_branch: Annotated[Ids | None, any_of("home_branch")] = None
    linked: Annotated[bool | None, just("linked")] = None

    material: Annotated[Materials | None, under("material")] = None
    audience: Annotated[Words | None, any_of("audience")] = None
    loan_type: Annotated[Words | None, any_of("loan_type")] = None
    language: Annotated[Languages | None, any_of("language")] = None
    language_not: Annotated[Languages | None, none_of("language")] = None
    flags: Annotated[Words | None, flagged("flags")] = None
    item_home_branch: Annotated[Ids | None, any_of("item_home_branch")] = None
    price_from: Annotated[Amount | None, at_least("price")] = None
    price_below: Annotated[Amount | None, below("price")] = None
    item_age_from_days: Annotated[Days | None, at_least("item_age_days")] = None
    item_age_below_days: Annotated[Days | None, below("item_age_days")] = None

    branch: Annotated[Ids | None, any_of("branch")] = None
    branch_kind: Annotated[tuple[BranchKind, ...] | None, Tuple, any_of("branch_kind")] = None
    channel: Annotated[tuple[Channel, ...] | None, Tuple, any_of("channel")] = None
    op: Annotated[tuple[Operation, ...] | None, Tuple, any_of("op")] = None
    waiting_from: Annotated[Count | None, at_least("waiting")] = None
    waiting_below: Annotated[Count | None, below("waiting")] = None
    date_from: Annotated[date | None, at_least("day")] = None
    date_until: Annotated[date | None, at_most("day")] = None
    day_kind: Annotated[tuple[DayKind, ...] | None, Tuple, any_of("day_kind")] = None


TESTS = {name: test for name, info in When.model_fields.items() for test in info.metadata if isinstance(test, Test)}

# A range written as two keys holds nothing when its lower end has reached its upper end.
RANGES = (
    ("age_from", "age_below", False),
    ("price_from", "price_below", False),
    ("item_age_from_days", "item_age_below_days", False),
    ("waiting_from", "waiting_below", False),
    ("date_from", "date_until", True),
)


def written(when: When) -> dict[str, Test[object, object]]:
    """The conditions that `when` really has, by key."""
    return {name: test for name, test in TESTS.items() if getattr(when, name) is not None}


def predicates(when: When) -> tuple[Predicate, ...]:
    """One function per condition; all must say yes."""
    return tuple(test.predicate(getattr(when, name)) for name, test in written(when).items())


def facts_read(when: When) -> frozenset[str]:
    """Names of the facts that its conditions look at."""
    return frozenset(test.fact for test in written(when).values())


def is_impossible(when: When) -> bool:
    """No facts at all can pass: a range is empty. An end that could not be read is taken for none."""
    for low_key, high_key, may_meet in RANGES:
        low, high = vars(when).get(low_key), vars(when).get(high_key)
        if low is not None and high is not None and (low > high or (low == high and not may_meet)):
            return True
    return False


def alternatives(when: When) -> Iterator[When]:
    """`when` with each list taken apart, one word at a time; together they say what `when` says."""
    lists = {name: getattr(when, name) for name in written(when) if isinstance(getattr(when, name), tuple)}
    lists.pop("language_not", None)  # a list of exceptions: all of them hold at once
    combinations = 1
    for words in lists.values():
        combinations *= len(words)
    if combinations > MOST_ALTERNATIVES:
        yield when
        return
    for choice in product(*lists.values()):
        yield when.model_copy(update={name: (word,) for name, word in zip(lists, choice, strict=True)})


def implies(narrow: When, wide: When) -> bool:
    """Whatever passes `narrow` passes `wide`."""
    for name, test in written(wide).items():
        mine = getattr(narrow, name)
        if mine is None or not test.implies(mine, getattr(wide, name)):
            return False
    return True
