"""What can be asked of the office, each order once: its place on the socket, its fields, and what it is answered with.

Server and client are both read off this table. Numbers of patrons and items are as presented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import TypeAdapter

from backend.store.accounts import StoredAccount
from backend.store.invoiced import InvoiceLine
from backend.store.notes import StaffNote
from server.logins import Locked

A = TypeVar("A")
MOST_ROWS: Final = 500  # of one import: for longer nobody wants to keep machines waiting
OF_THE_INSTALLATION: Final = frozenset({"agencies"})  # kinds of rows that no library has to itself
MOST_LINES: Final = 1000  # of one look into journal or list


class Order(Generic[A]):
    """Something asked of the office, answered with an `A`."""

    method: ClassVar[Literal["GET", "POST"]] = "POST"
    path: ClassVar[str]
    answer: ClassVar[Any]


# ---- answers -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDone:
    """What circulation answered: the outcome by class name and fields, and in words. Nothing was kept in a dry run."""

    outcome: str
    granted: bool
    fields: Mapping[str, Any]
    words: tuple[str, ...]
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalLine:
    """One account. `kept_in` is where it can be changed; `opens_by` how it is known."""

    name: str
    library: str
    branch: str
    profile: str
    kept_in: Literal["file", "database"]
    opens_by: tuple[str, ...]
    state: str = "in use"  # or why it is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of a small change, in words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One row of the journal. `why` has every reason of a refusal in words, gravest first."""

    id: int
    at: datetime
    account: str
    branch: str
    command: str
    asked: Mapping[str, Any]
    answer: str
    granted: bool
    reason: str | None
    why: tuple[str, ...]
    policy_row: str | None
    policy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """An entry on staff's list, and its reason in words."""

    note: StaffNote
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTaken:
    """What became of one row: `added`, `changed`, `same`, or `refused` with the column it is about."""

    became: Literal["added", "changed", "same", "refused"]
    column: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """One partner system. `kept_in` is where it can be changed; `proves` how it shows who it is."""

    name: str
    ids: tuple[str, ...]
    libraries: tuple[str, ...]
    profile: str
    kept_in: Literal["file", "database"]
    proves: tuple[str, ...]
    state: str = "in use"  # or why it is not


# ---- orders --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DoWork(Order[WorkDone]):
    """One command of circulation by class name. `library` may be left out where there is only one.

    The numbers of rows that a dry run names are invented.
    """

    path = "/work"
    answer = WorkDone
    command: str
    args: Mapping[str, Any] = field(default_factory=dict, repr=False)
    who: str
    library: str = ""
    branch: str = ""
    language: str = "en"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTerminals(Order[list[TerminalLine]]):
    """Every account, in use or not."""

    method = "GET"
    path = "/terminals"
    answer = list[TerminalLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTerminal(Order[Changed]):
    """A new account, or with `replace` new settings for one, which stays disabled if it is."""

    path = "/terminals"
    answer = Changed
    account: StoredAccount
    replace: bool = False
    keep_password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword(Order[Changed]):
    """`password_hash` is argon2id; whoever asks has hashed it."""

    path = "/terminals/password"
    answer = Changed
    login: str
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDisabled(Order[Changed]):
    """No new connection from now on, or connections again."""

    path = "/terminals/disabled"
    answer = Changed
    login: str
    disabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPartners(Order[list[PartnerLine]]):
    """Every partner system, in use or not."""

    method = "GET"
    path = "/partners"
    answer = list[PartnerLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPartnerDisabled(Order[Changed]):
    """A partner is a stranger from now on, or known again."""

    path = "/partners/disabled"
    answer = Changed
    name: str
    disabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePartner(Order[Changed]):
    """A partner that was brought in is forgotten."""

    path = "/partners/removed"
    answer = Changed
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLocked(Order[list[Locked]]):
    """Network addresses that are shut out after too many bad logins; of this daemon, and of no other node."""

    method = "GET"
    path = "/logins/locked"
    answer = list[Locked]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn(Order[Changed]):
    """Forget the bad logins of a network address."""

    path = "/logins/let-in"
    answer = Changed
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload(Order[Changed]):
    """Read configuration and policies again: whole, or not at all."""

    path = "/reload"
    answer = Changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJournal(Order[list[JournalLine]]):
    """The newest rows that all that is given holds for."""

    method = "GET"
    path = "/journal"
    answer = list[JournalLine]
    library: str = ""
    account: str | None = None
    item: str | None = None
    patron: str | None = None
    refused_only: bool = False
    limit: int = 20
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNotes(Order[list[NoteLine]]):
    """Staff's list of a library, oldest first."""

    method = "GET"
    path = "/notes"
    answer = list[NoteLine]
    library: str = ""
    limit: int = 100
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesDone(Order[Changed]):
    """These entries are dealt with."""

    path = "/notes/done"
    answer = Changed
    notes: Sequence[int]
    who: str
    library: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Order[list[RowTaken]]):
    """Rows of a file by column name, at most MOST_ROWS at a time; one answer each, in order."""

    path = "/import"
    answer = list[RowTaken]
    kind: str
    rows: Sequence[Mapping[str, str]] = field(repr=False)
    library: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJobs(Order[Changed]):
    """The daily jobs of a day, of one library or (`library` empty) of all."""

    path = "/jobs"
    answer = Changed
    day: date
    library: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBranch(Order[Changed]):
    """A branch is closed on these days: due dates and pickup deadlines move forward."""

    path = "/closures"
    answer = Changed
    branch: str
    days: Sequence[date]
    who: str
    library: str = ""
    note: str = ""
    language: str = "en"
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInvoices(Order[list[InvoiceLine]]):
    """What was invoiced on a day, line by line, for whoever keeps the books; a dry run is not journalled."""

    path = "/invoices"
    answer = list[InvoiceLine]
    day: date
    who: str
    library: str = ""
    dry_run: bool = False


ORDERS: Final[Mapping[tuple[str, str], type[Order[Any]]]] = {
    (order.method, order.path): order
    for order in (
        DoWork,
        ListTerminals,
        PutTerminal,
        SetPassword,
        SetDisabled,
        ListPartners,
        SetPartnerDisabled,
        RemovePartner,
        ListLocked,
        LetIn,
        Reload,
        ReadJournal,
        ReadNotes,
        NotesDone,
        Import,
        RunJobs,
        CloseBranch,
        ReadInvoices,
    )
}


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def adapter_of(shape: Any) -> TypeAdapter[Any]:
    """Reads and writes one order or answer as JSON; made when first needed."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]
