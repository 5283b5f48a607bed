"""The rows of a policy file's decision tables: what each may answer. The meaning of every key is policies 6.3.1."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from backend.money import Money
from backend.policy.facts import Account
from backend.policy.fields import (
    Age,
    Agreement,
    Amount,
    AmountOrUnset,
    Count,
    Days,
    FeeAmount,
    Id,
    Ids,
    Price,
    SomeDays,
    Tuple,
    Word,
    Written,
    in_a_tuple,
)
from backend.policy.when import When

Counting = Literal["calendar", "open"]
Rounding = Literal["started", "completed"]
OnClosed = Literal["next_open", "previous_open", "keep"]
FeeKind = Literal["overdue", "reminder", "replacement", "ill", "card", "copy", "hold"]
Stop = Literal["checkout", "renewal", "hold", "collect", "web", "capture"]
Threshold = Literal["debt", "overdue_items", "items_out", "billed_items"]
NoticeChannel = Literal["email", "sms", "post"]

MOST_HOURS = 24 * 366  # the longest loan that is counted in hours

MOST_RENEWALS = 10_000  # beyond that a library means "unlimited"

FEE_KINDS: dict[str, FeeKind] = {
    "card_replaced": "card",
    "ill_collected": "ill",
    "ill_uncollected": "ill",
    "ill_copy": "copy",
    "hold_placed": "hold",
    "checkout": "copy",
    "renewal": "copy",
}
DESK_FEE = "copy_"  # what staff sell at the desk: copy_a4_colour and whatever else the library names so


def as_dates(value: object) -> object:
    """One date, or a list of them in any order: the ends of terms."""
    return (value,) if isinstance(value, date) else in_a_tuple(value)


def as_fee_event(value: object) -> object:
    if isinstance(value, str) and value not in FEE_KINDS and not value.startswith(DESK_FEE):
        raise ValueError(f'must be one of {", ".join(FEE_KINDS)}, or begin with "{DESK_FEE}"')
    return value


def as_times(value: object) -> object:
    """How often: a whole number, or `"unlimited"`."""
    if value != "unlimited" and (type(value) is not int or not 0 <= value <= MOST_RENEWALS):
        raise ValueError(f'must be a whole number up to {MOST_RENEWALS}, or "unlimited"')
    return value


class Row(Written):
    """What all rows have: an id that charges, logs and `explain` quote, its printed source, its conditions."""

    id: Id
    source: str | None = None
    when: When = When()


class LoanRow(Row):
    """May it go out, and until when?"""

    days: SomeDays | None = None
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] | None = None
    until: Annotated[tuple[date, ...] | None, BeforeValidator(as_dates)] = None  # the next of these is the last day
    count: Counting = "calendar"
    waiting_days: SomeDays | None = None
    min_age: Age | None = None
    loanable: bool = True
    max_items: Count | None = None
    group: Word | None = None

    @property
    def counted_in(self) -> str | None:
        """The group that this row's loans count in, or None when nothing counts them."""
        return self.group or (self.id if self.max_items is not None else None)

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._has_a_length, self._has_one_length)

    def _has_a_length(self) -> str | None:
        if self.loanable and self.days is None and self.hours is None and not self.until:
            return "a loan needs days, hours or until; or loanable = false"
        return None

    def _has_one_length(self) -> str | None:
        if self.hours is not None and (self.days is not None or self.until is not None):
            return "a loan counted in hours has neither days nor until"
        return None


class RenewalRow(Row):
    """May it be extended?"""

    max: Annotated[int | Literal["unlimited"], BeforeValidator(as_times)]
    days: SomeDays | None = None
    counted_from: Annotated[Literal["today", "due"] | None, Field(alias="from")] = None  # None: as the conventions say
    until_due: bool = False
    while_waiting: bool = True
    not_before_days: Days | None = None
    automatic: bool = False
    staff_only: bool = False

    def is_used_up(self, renewals: int) -> bool:
        """Whether a loan that was renewed so often may not be again."""
        return self.max != "unlimited" and renewals >= self.max


class HoldRow(Row):
    """May it be requested, and how long is it kept?"""

    allowed: bool = True
    on_shelf_holds: Literal["any", "none_on_shelf"] = "any"
    pickup_days: SomeDays | None = None
    pickup_count: Counting = "calendar"
    max_holds: Count | None = None
    min_age: Age | None = None
    recall_days: SomeDays | None = None  # a borrower keeps an item that others want at least so long

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._is_kept_some_time,)

    def _is_kept_some_time(self) -> str | None:
        if self.allowed and self.pickup_days is None:
            return "a hold needs pickup_days; or allowed = false"
        return None


class OverdueRow(Row):
    """What does lateness cost: money, or days without borrowing?"""

    amount: AmountOrUnset | None = None
    per: Literal["hour", "day", "week"] = "day"
    rounding: Rounding | None = None  # None: as the conventions say
    count_closed: bool | None = None  # None: as the conventions say
    grace_days: Days = 0
    grace_is_free: bool = False
    cap: Amount | None = None
    cap_to_price: bool = False
    suspend_days: SomeDays | None = None
    suspend_stops: Annotated[tuple[Stop, ...], Tuple] = ("checkout", "renewal", "hold")

    @property
    def is_unset(self) -> bool:
        """The library has not decided yet: nothing is charged and staff are told."""
        return self.amount == "unset"

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._costs_one_thing,)

    def _costs_one_thing(self) -> str | None:
        if (self.amount is None) == (self.suspend_days is None):
            return "lateness costs either an amount or suspend_days"
        return None


class NoticeRow(Row):
    """What is sent when? Each step of a reminder ladder is a row."""

    kind: Literal["before_due", "after_due", "hold_ready"]
    before_days: SomeDays | None = None
    after_days: SomeDays | None = None
    fee: AmountOrUnset | None = None
    bill: bool = False
    mode: Literal["level", "additive"] = "level"
    per: Literal["notice", "item"] = "notice"
    opt_in: bool = False
    channels: Annotated[tuple[NoticeChannel, ...], Tuple, Field(min_length=1)] = ("email", "sms", "post")
    letter: Word | None = None  # which text is sent; None: the usual one of its kind
    reference_number: bool = False  # the message carries a number to find the item by

    @property
    def named(self) -> str:
        """Which message this is; rows of one name are alternatives."""
        if self.kind == "hold_ready":
            return "hold ready"
        days = self.before_days or self.after_days
        return f"{days} days {'before' if self.before_days else 'after'} due"

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._knows_its_day_before, self._knows_its_day_after, self._costs_only_the_late)

    def _knows_its_day_before(self) -> str | None:
        if (self.before_days is not None) != (self.kind == "before_due"):
            return 'kind = "before_due" and before_days go together'
        return None

    def _knows_its_day_after(self) -> str | None:
        if (self.after_days is not None) != (self.kind == "after_due"):
            return 'kind = "after_due" and after_days go together'
        return None

    def _costs_only_the_late(self) -> str | None:
        if self.kind != "after_due" and (self.fee or self.bill):
            return "only a notice after the due date costs or bills"
        return None


class ReplacementRow(Row):
    """What does loss cost?"""

    price: Price
    minimum: Amount | None = None
    processing_fee: Amount | None = None
    refund_days: SomeDays | None = None  # a paid replacement is given back when the item turns up so soon; None: never
    cancel_on_return: bool = True

    def amount(self, item_price: Money | None, lender_price: Money | None = None) -> Money | None:
        """What is charged for the item itself, or None when staff set it.  Source: policies 6.3.1."""
        match self.price:
            case "staff" | "unset":
                return None
            case "lender":
                return lender_price
            case "item":
                if item_price is None or self.minimum is None:
                    return item_price or self.minimum
                return max(item_price, self.minimum)
            case Money() as fixed:
                return fixed


class FeeRow(Row):
    """What else is charged? `amount = "order"` is the amount that the order or the member of staff states."""

    event: Annotated[Word, BeforeValidator(as_fee_event)]
    amount: FeeAmount
    ask_first: bool = False

    @property
    def kind(self) -> FeeKind:
        """What exemptions call it."""
        return FEE_KINDS.get(self.event, "copy")

    @property
    def is_unset(self) -> bool:
        """Nobody has set the amount: nothing is charged."""
        return self.amount == "unset"


class ExemptRow(Row):
    """Who or what is let off?"""

    kinds: Annotated[tuple[FeeKind, ...], Tuple, Field(min_length=1)]


class BlockWhen(When):
    """A block's conditions: the facts, and exactly one threshold on the account."""

    debt_from: Amount | None = None
    overdue_items_from: Count | None = None
    items_out_from: Count | None = None
    billed_items_from: Count | None = None

    @property
    def thresholds(self) -> dict[Threshold, Money | int]:
        """Those that are written."""
        every: dict[Threshold, Money | int | None] = {
            "debt": self.debt_from,
            "overdue_items": self.overdue_items_from,
            "items_out": self.items_out_from,
            "billed_items": self.billed_items_from,
        }
        return {name: value for name, value in every.items() if value is not None}

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._has_one_threshold, self._waits_for_something)

    def _has_one_threshold(self) -> str | None:
        if len(self.thresholds) != 1:
            return "a block has exactly one of debt_from, overdue_items_from, items_out_from, billed_items_from"
        return None

    def _waits_for_something(self) -> str | None:
        if not all(self.thresholds.values()):
            return "a threshold of 0 stops everybody, always"
        return None


class BlockRow(Row):
    """When is a patron stopped, and from what?"""

    when: BlockWhen
    stops: Annotated[tuple[Stop, ...], Tuple, Field(min_length=1)]
    lifts_below: Amount | None = None  # None: the block lifts as soon as the debt is below debt_from

    @cached_property
    def threshold(self) -> Threshold:
        """The one that `when` names."""
        return next(iter(self.when.thresholds))

    def agreements(self) -> tuple[Agreement, ...]:
        return (self._lifts_within_reach,)

    def _lifts_within_reach(self) -> str | None:
        if self.lifts_below is None:
            return None
        if self.when.debt_from is None:
            return "lifts_below goes with debt_from"
        if not Money.zero(self.lifts_below.currency) < self.lifts_below <= self.when.debt_from:
            return "lifts_below is more than 0.00 and no more than debt_from"
        return None

    def stands(self, account: Account, stood_before: bool) -> bool:
        """Whether the account has reached the threshold, or has not yet come down below `lifts_below`."""
        match self.threshold:
            case "debt":
                limit = self.lifts_below if stood_before else None
                return account.debt >= (limit or self.when.debt_from or account.debt)
            case "overdue_items":
                return account.overdue_items >= (self.when.overdue_items_from or 0)
            case "items_out":
                return account.items_out >= (self.when.items_out_from or 0)
            case "billed_items":
                return account.billed_items >= (self.when.billed_items_from or 0)


class ReturnRow(Row):
    """Where does it go next? `float` makes this branch its home, `stay` keeps it here until somebody wants it."""

    to: Literal["home", "float", "stay"] = "home"
    accepted_at: Ids | None = None  # None: at every branch
