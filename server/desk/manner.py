"""How one account likes its answers: what the desk says and leaves out. Knows no message; every default stands here.

Written by people in configuration files, so each group checks itself. Nothing here grants anything: what an account
may do is `AskedBy`, how its bytes look is the protocol's `Dialect`.
"""

from string import Formatter
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from backend.outcomes import Route
from backend.plain_words import spelled

LONGEST_WAIT: Final = 998  # tenths of a second; 000 says "not on-line", 999 "unknown"; SIP 2.00, ACS Status
MOST_RETRIES: Final = 998  # 999 is "unknown"
FINE_FACTS: Final = frozenset({"id", "amount", "currency", "kind", "type", "title", "barcode", "date"})


def _from_list(value: object) -> object:
    return frozenset(value) if isinstance(value, list | tuple | set) else value


RequestId = Literal["23", "11", "09", "01", "63", "35", "37", "17", "19", "25", "15", "29", "65"]
RequestIds = Annotated[frozenset[RequestId], BeforeValidator(_from_list)]
LanguageTag = Literal["sv", "nb", "nn", "en"]
RouteName = Annotated[Route, BeforeValidator(lambda value: Route(value) if value in list(Route) else value)]
Routes = Annotated[frozenset[RouteName], BeforeValidator(_from_list)]


class Settings(BaseModel):
    """A table of settings: every key known, every type exact, never changed after loading."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Screen(Settings):
    """AF and AG: the language, and how much a line holds."""

    language: LanguageTag | None = None
    """When neither patron nor message names one; None: the library's first."""
    language_codes: dict[Annotated[str, spelled("[0-9]{3}", "must be three digits")], LanguageTag | Literal["no"]] = (
        Field(default_factory=dict)
    )
    """SIP2 language codes that this machine uses in its own way, such as `"012" = "nn"`."""
    width: Annotated[int, Field(ge=0, le=255)] = 0
    """Characters on a line of the screen; longer AF texts are broken into several. 0: not broken."""
    receipts: bool = True
    """AG lines: the due date after a loan, the slip of a trapped hold."""
    confirm_loans: bool = False
    """AF says the due date as well."""
    tell_pickup_days: bool = True
    """AF of 64 names title and last pickup day of each hold that can be fetched, when hold items are asked for."""


class Forms(Settings):
    """How values without a standard are written."""

    due_date: str = "sip"
    """AH: `sip` for eighteen characters, `iso` for `2026-03-02 23:59:59`, or a strftime pattern such as `%d.%m.%Y`."""
    name: Literal["last-first", "first-last"] = "first-last"
    """AE and DA. VuFind wants `last-first`: it splits at the last comma."""
    loan_lists: Literal["barcode", "title"] = "barcode"
    """AT, AU, BU, BM and BN. Machines that renew from the list need barcodes."""
    hold_lists: Literal["barcode", "title"] = "barcode"
    """AS and CD; a hold without a copy shows its title."""
    hold_items: Literal["available", "all"] = "available"
    """AS and its count: holds that can be fetched, or every hold (clients made for Evergreen and Sierra)."""
    unrenewed_reasons: bool = False
    """BN carries the reason after the item."""
    longest_list: Annotated[int, Field(ge=0)] = 0
    """Entries in a list of 64 when the machine names no end. 0: all."""
    fines: Literal["3m", "swyer_b", "legacy", "mk", "template"] = "3m"
    """AV: see `sip2_fees`. swyer_a is `3m`."""
    fine_template: str = "{id} {amount} {currency} {kind} {title}"
    """With `fines = "template"`; any of {id} {amount} {currency} {kind} {type} {title} {barcode} {date}."""
    currency_sign: str = ""
    """Before the amount in AV."""
    locations: Literal["name", "id"] = "name"
    """AQ and AP."""
    destination: Literal["name", "id"] = "id"
    """CT, which sorters compare."""
    patron_expiry: Literal["off", "expiry", "access"] = "off"
    """PA: `expiry`, the card's last day (Evergreen, EnvisionWare), or `access`, the Finnish open-library level."""
    birth_date: Literal["off", "YYYYMMDD", "MMDDYYYY"] = "off"
    """PB."""
    patron_class: bool = False
    """PC: the patron's category."""
    internet_profiles: dict[str, str] = Field(default_factory=dict)
    """PI by patron category."""

    @field_validator("due_date")
    @classmethod
    def _a_date(cls, pattern: str) -> str:
        if pattern not in ("sip", "iso") and "%" not in pattern:
            raise ValueError('must be "sip", "iso" or a strftime pattern such as "%d.%m.%Y"')
        return pattern

    @field_validator("fine_template")
    @classmethod
    def _known_facts(cls, template: str) -> str:
        names = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        if unknown := sorted(names - FINE_FACTS):
            raise ValueError(f"{', '.join(unknown)}: not one of {', '.join(sorted(FINE_FACTS))}")
        return template


class Returns(Settings):
    """10: what a returned item sets off at the machine."""

    alert_on: Routes = frozenset(Route) - {Route.SHELF}
    """Routes that sound or light the alarm."""
    alert_at_own_branch: bool = True
    """False: silent when the item stays at this branch, whatever awaits it here."""
    alert_follows_type: bool = False
    """The alarm goes with every CV but 00, whatever `alert_on` says."""
    type_on_success: bool = False
    """CV 00 when nothing is special; some sorters take any CV for an exception."""
    destination_always: bool = False
    """CT also when the item stays."""
    bins: dict[str, str] = Field(default_factory=dict)
    """CL by branch id of the destination, or by route: shelf, hold_here, hold_elsewhere, other_library, home, staff."""


class Fees(Settings):
    """12, 30 and 37."""

    always_accepted: bool = False
    """BO is taken for Y: a machine that cannot ask, where a notice on the wall does."""
    by_type: bool = False
    """The fee type of 37 chooses which fees are paid; otherwise the oldest first. Many machines send a constant."""
    write_off_type: Annotated[str, spelled("[0-9]{2}", "must be two digits")] | None = None
    """Payment type that means: let this fee go. Needs CG."""


class Privacy(Settings):
    """What is told of persons."""

    name: bool = True
    """AE; otherwise empty."""
    name_without_pin: bool = True
    """AE also when the PIN was wrong."""
    borrower: bool = True
    """AA in 10: who had it."""
    hold_patron_id: bool = False
    """CY."""
    hold_patron_name: bool = False
    """DA."""
    contact: bool = False
    """BD, BE and BF."""


class Status(Settings):
    """Patron status and validity, as e-content vendors need them bent."""

    permit_loans: bool = False
    """Positions 0 and 1 stay blank for a known patron whose card is not lost."""
    permit_all: bool = False
    """All positions stay blank for a known patron whose card is not lost."""
    always_say_pin: bool = False
    """CQ Y when no PIN was sent: accounts that use no PINs."""


class Pins(Settings):
    """AD, beside what the library's policy asks for."""

    rule: Literal["never", "if_sent", "always"] = "if_sent"
    """`never`: AD is not looked at. `always`: every command for a patron needs the PIN, an empty AD is a wrong one."""
    empty_in_queries: Literal["wrong", "absent"] = "wrong"
    """How an empty AD in 23 and 63 is read; in transactions it is absent."""


class Numbers(Settings):
    """What to do with a number before it is looked up; answers echo it as received."""

    strip_prefix: str = ""
    """Taken off the front, such as a country and owner code of an RFID tag."""
    strip_zeros: bool = False
    """Leading zeros are taken off."""
    add_prefix: str = ""
    """Put before a number that does not have it."""
    length: Annotated[int, Field(ge=0, le=64)] = 0
    """Zeros are put before a shorter number of digits. 0: as it is."""
    upper: bool = False
    """Letters become capitals."""

    def normal(self, number: str) -> str:
        """The number as the library wrote it on the card or in the book."""
        plain = number.strip().removeprefix(self.strip_prefix)
        if self.strip_zeros:
            plain = plain.lstrip("0") or plain[-1:]
        if not plain.startswith(self.add_prefix):
            plain = self.add_prefix + plain
        if plain.isdigit():
            plain = plain.zfill(self.length)
        return plain.upper() if self.upper else plain


class Manner(Settings):
    """Everything the desk needs to know of an account's taste."""

    institution: str = ""
    """AO; empty: the library's own id."""
    institution_aliases: tuple[str, ...] = Field(default=(), strict=False)
    """Other AO values that mean this library."""
    other_institutions: Literal["accept", "refuse"] = "accept"
    """A request whose AO names somebody else."""
    library_name: str = ""
    """AM; empty: the library's own name."""
    terminal_location: str = ""
    """AN; empty: the branch's name."""
    serves: RequestIds = frozenset(get_args(RequestId))
    """Requests this account's role may send, beside 93, 97 and 99; BX and the flags of 98 are read off it."""
    timeout: Annotated[int, Field(ge=1, le=LONGEST_WAIT)] = 100
    """Tenths of a second the machine waits for an answer; 98."""
    retries: Annotated[int, Field(ge=0, le=MOST_RETRIES)] = 3
    """How often it asks again; 98."""
    desensitize_renewals: bool = False
    """30 says that the security is to be switched off."""
    screen: Screen = Screen()
    forms: Forms = Forms()
    returns: Returns = Returns()
    fees: Fees = Fees()
    privacy: Privacy = Privacy()
    status: Status = Status()
    pin: Pins = Pins()
    items: Numbers = Numbers()
    patrons: Numbers = Numbers()
