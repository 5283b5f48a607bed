"""The single tables of a policy file: library, conventions, access, ill."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from babel.core import get_global
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, StringConstraints

from backend.clock import LAST_SECOND
from backend.plain_words import spelled
from backend.policy.fields import Age, ClockTime, DayOfYear, Dotted, Id, Languages, Tuple, Word, Written
from backend.policy.rows import OnClosed, Rounding

ProofFor = Literal["checkout", "renewal", "hold", "patron_info", "entry"]
Tier = Literal["pickup_library", "region", "cooperating_regions", "origin"]
TieBreak = Literal["origin", "most_copies", "id"]
WhoseRules = Literal["lender", "own"]


def as_zone(value: object) -> object:
    """`"Europe/Oslo"`; raises ValueError for a place that has no time zone."""
    if not isinstance(value, str):
        raise ValueError('a time zone is written as "Europe/Oslo"')
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, ValueError) as unknown:
        raise ValueError(f'"{value}" is no time zone; write it as "Europe/Oslo"') from unknown


def in_use(code: str) -> str:
    """An ISO 4217 code that is money somewhere today; raises ValueError for any other, such as XXX, which is none."""
    every = (one for ever_used in get_global("territory_currencies").values() for one in ever_used)
    if not any(code == currency and until is None and is_money for currency, _, until, is_money in every):
        raise ValueError(f"{code} is no currency in use (ISO 4217), such as SEK")
    return code


class Library(Written):
    """Whose policy this is."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1)]
    timezone: Annotated[InstanceOf[ZoneInfo], BeforeValidator(as_zone)]
    currency: Annotated[str, spelled("[A-Z]{3}", "must be three capital letters, such as SEK"), AfterValidator(in_use)]
    languages: Languages  # the first is the library's own


class Conventions(Written):
    """How this library counts.  Source: policies section 2."""

    due_time: ClockTime = LAST_SECOND
    due_on_closed: OnClosed = "next_open"
    count_closed: bool = True
    rounding: Rounding = "started"
    renewal_from: Literal["today", "due"] = "today"
    running_fines_count: bool = True


class Access(Written):
    """Who may act, and with what proof?"""

    id: Id
    source: str | None = None
    identifiers: Annotated[tuple[Word, ...], Tuple, Field(min_length=1)] = ("card",)
    pin_for: Annotated[tuple[ProofFor, ...], Tuple] = ()
    pin_attempts: Annotated[int, Field(ge=1, le=100)] = 5  # then locked until midnight local
    pin_lasts_seconds: Annotated[int, Field(ge=0, le=86_400)] = 120  # idle time after which it is asked again; C-18
    consent_below_age: Age = 0  # a younger patron needs a guardian's signature
    liable_guardian_below_age: Age = 18  # bills of a younger patron go to the guardian
    needs_accepted_rules: bool = False  # the patron has accepted the lending rules
    age_for_unstaffed: Age | None = None  # None: nobody enters without staff
    needs_agreement: bool = False  # to enter without staff
    national_card: Literal["linked", "any", "none"] = "none"  # linked: good here once it is linked to this library
    card_from_age_year: Age | None = None  # a card from the calendar year in which the child turns so old
    card_from_day: DayOfYear = "08-01"  # ... and from this day of that year


class RulesFrom(Written):
    """Whose rules hold for an item that is borrowed in.  Source: policies NOR-14."""

    period: WhoseRules = "lender"
    renewal: WhoseRules = "lender"
    replacement: WhoseRules = "lender"
    pickup: WhoseRules = "own"


class InterLibrary(Written):
    """Who supplies, and on whose rules?"""

    id: Id | None = None
    source: str | None = None
    exclude_materials: Annotated[tuple[Dotted, ...], Tuple] = ()  # not borrowed in for our patrons
    never_lent_out: Annotated[tuple[Dotted, ...], Tuple] = ()  # not lent to other libraries
    refuse_owned: bool = False  # a title we own is reserved here instead
    course_advice: bool = False  # course books: accepted, with advice to ask the university library first
    needs_national_card: bool = False
    tiers: Annotated[tuple[Tier, ...], Tuple] = ("pickup_library", "region", "cooperating_regions", "origin")
    tie_breaks: Annotated[tuple[TieBreak, ...], Tuple] = ("origin", "most_copies", "id")
    rules_from: RulesFrom = RulesFrom()

    @property
    def is_written(self) -> bool:
        """Whether the file says anything of loans between libraries."""
        return bool(self.model_fields_set)
