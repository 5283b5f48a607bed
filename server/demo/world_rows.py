"""A world's rows as TOML has them: every table, every key, and what each means when it is left out.

The tables are those of `conformance/worlds/README.md`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from backend.model import FeeKind, ItemState, Operation
from backend.plain_words import place, verdicts
from server.demo.rows import Amount, Name, Words, Written

When = date | AwareDatetime  # a day alone is a day in the library's own zone; an instant has its offset
CardMark = Literal["valid", "lost", "unlinked"]
Stops = Annotated[
    tuple[Operation, ...], BeforeValidator(lambda given: tuple(map(Operation, given))), Field(min_length=1)
]
State = Annotated[ItemState, BeforeValidator(ItemState)]
Kind = Annotated[FeeKind, BeforeValidator(FeeKind)]
Times = Annotated[int, Field(ge=0, le=1000)]


class PatronChange(Written):
    """A fixture patron who is different, or a new one."""

    id: Name
    library: Name | None = None
    home: Name | None = None
    card_state: CardMark = "valid"
    expires: date | None = None
    language: str | None = None
    category: str | None = None
    born: date | None = None
    guardian: str | None = None
    guardian_consent: bool | None = None
    rules_accepted: bool | None = None
    unstaffed_agreement: bool | None = None
    wants_notices: bool | None = None
    email: str | None = None
    phone: str | None = None
    pin_failures: Times = 0


class ItemChange(Written):
    """A fixture copy that is different, or a new one."""

    barcode: Name
    state: State = ItemState.SHELF
    title: Name | None = None
    name: str | None = None
    author: str | None = None
    material: str | None = None
    audience: str | None = None
    loan_type: str | None = None
    language: str | None = None
    flags: Words | None = None
    price: Amount | None = None
    home: Name | None = None
    lender_due: date | None = None

    @model_validator(mode="after")
    def _stands_somewhere(self) -> "ItemChange":
        if self.state is ItemState.HOLD_SHELF:
            raise ValueError("state: a copy is on the pickup shelf by a [[hold]] with `shelf`")
        return self


class LoanRow(Written):
    """An open loan."""

    item: Name
    patron: Name
    lent: When
    due: date
    branch: Name | None = None
    terminal: Name | None = None
    renewals: Times = 0
    billed: date | None = None
    claimed_returned: bool = False


class HoldRow(Written):
    """An open hold."""

    patron: Name
    title: Name | None = None
    item: Name | None = None
    copy_only: bool = Field(default=False, alias="copy")
    pickup: Name | None = None
    placed: When | None = None
    shelf: Name | None = None
    transit: Name | None = None
    since: date | None = None
    expires: date | None = None

    @model_validator(mode="after")
    def _is_for_one_thing(self) -> "HoldRow":
        if (self.title is None) == (self.item is None):
            raise ValueError("a hold has either title or item")
        if self.copy_only and self.item is None:
            raise ValueError("copy: of which item?")
        if self.shelf is not None and self.transit is not None:
            raise ValueError("a hold has shelf or transit, not both")
        return self

    @property
    def trapped(self) -> str | None:
        """Barcode of the copy set aside."""
        return self.shelf or self.transit


class ChargeRow(Written):
    """An open fee, posted."""

    patron: Name
    amount: Amount
    kind: Kind = FeeKind.MISC
    item: Name | None = None
    at: date | None = None


class BlockRow(Written):
    """A block set by staff."""

    patron: Name
    note: str = ""
    stops: Stops = (Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD)
    until: date | None = None


class Rows(Written):
    """A whole world."""

    extends: Literal["fixtures"]
    patron: tuple[PatronChange, ...] = ()
    item: tuple[ItemChange, ...] = ()
    loan: tuple[LoanRow, ...] = ()
    hold: tuple[HoldRow, ...] = ()
    charge: tuple[ChargeRow, ...] = ()
    block: tuple[BlockRow, ...] = ()


WORLD: TypeAdapter[Rows] = TypeAdapter(Rows)


class WorldError(Exception):
    """A world that cannot be: `mistakes`, one line each; nothing was changed."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def read_rows(written: dict[str, Any]) -> Rows:
    """Raises WorldError with everything that is wrong with the rows' shape."""
    tables = {name: tuple(rows) if isinstance(rows, list) else rows for name, rows in written.items()}
    try:
        return WORLD.validate_python(tables)
    except ValidationError as wrong:
        raise WorldError(f"{place(where)}: {reason}" for where, reason in verdicts(wrong)) from wrong
