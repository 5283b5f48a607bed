"""Partners' rows: one column a setting, named as docs/import.md says; secrets are hashed before they go anywhere."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError

from backend.model import LibraryId
from backend.plain_words import verdicts
from backend.policy.shelf import PolicyShelf
from backend.store.accounts import stored_accounts
from backend.store.agencies import StoredAgency, put_agency, stored_agencies
from backend.store.identifiers import IdentityHash
from backend.store.intake import Result, RowRefused, Taken
from backend.store.session import Session
from server.agencies.together import Configured, misplaced, settings_of, taken_by
from server.imports.cells import Cells, Count, Flag, MaybeNumber, Number, Text
from server.pins import hash_secret

Path = tuple[str, ...]  # of a setting, as tables within tables


def several(cell: object) -> object:
    """Words with `|` or blanks between; none is None, the setting's default."""
    return (tuple(cell.replace("|", " ").split()) or None) if isinstance(cell, str) else cell


def some(cell: object) -> object:
    """As `several`, where one must stand."""
    return tuple(cell.replace("|", " ").split()) if isinstance(cell, str) else cell


def maybe_number(cell: object) -> object:
    return None if cell == "" else cell


Several = Annotated[tuple[str, ...] | None, BeforeValidator(several)]
AskedSeveral = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(some)]
MaybeFlag = Annotated[Flag | None, BeforeValidator(maybe_number)]
MaybeCount = Annotated[Count | None, BeforeValidator(maybe_number)]
Seconds = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(maybe_number)]
Secret = Annotated[str, Field(repr=False, max_length=200)]


class AgencyCells(Cells):
    """One partner."""

    name: Number
    ids: AskedSeveral
    libraries: AskedSeveral
    branch: MaybeNumber = ""
    profile: MaybeNumber = ""
    endpoint: Text = ""
    services: Several = None
    strict: MaybeFlag = None
    trusts_patron: MaybeFlag = None
    mandates: MaybeFlag = None
    free_return_ok: MaybeFlag = None
    window: Seconds = None
    disabled: Flag = False
    secret: Secret = ""
    basic_user: MaybeNumber = ""
    basic_password: Secret = ""
    token: Secret = ""
    certificates: Several = None
    networks: Several = None
    system: MaybeNumber = ""
    system_secret: Secret = ""
    persons: MaybeFlag = None
    may_charge: MaybeFlag = None
    may_register: MaybeFlag = None
    may_catalogue: MaybeFlag = None
    deletes_any_item: MaybeFlag = None
    lent_already_is_ok: MaybeFlag = None
    institution_card: MaybeNumber = ""
    default_fee: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(maybe_number)] = None
    item_strip_prefix: MaybeNumber = ""
    item_add_prefix: MaybeNumber = ""
    item_strip_zeros: MaybeFlag = None
    item_length: MaybeCount = None
    item_upper: MaybeFlag = None
    patron_strip_prefix: MaybeNumber = ""
    patron_add_prefix: MaybeNumber = ""
    patron_strip_zeros: MaybeFlag = None
    patron_length: MaybeCount = None
    patron_upper: MaybeFlag = None


SECRETS: Final[Mapping[str, Path]] = {
    "secret": ("proofs", "secret_hash"),
    "basic_password": ("proofs", "basic_hash"),
    "token": ("proofs", "token_hash"),
}
OF_PROOFS: Final = frozenset({"basic_user", "certificates", "networks"})
OF_MANNER: Final = frozenset(
    {"persons", "may_charge", "may_register", "may_catalogue", "deletes_any_item", "lent_already_is_ok"}
    | {"institution_card", "default_fee"}
)
ELSEWHERE: Final = frozenset({"name", "disabled", "system", "system_secret", *SECRETS})  # not a setting by themselves


def path_of(column: str) -> Path:
    """Where the setting stands: `item_length` is `manner.items.length`."""
    if column in OF_PROOFS:
        return ("proofs", column)
    if column in OF_MANNER:
        return ("manner", column)
    for numbers in ("item", "patron"):
        if column.startswith(f"{numbers}_"):
            return ("manner", f"{numbers}s", column.removeprefix(f"{numbers}_"))
    return (column,)


SETTINGS: Final[Mapping[str, Path]] = {
    column: path_of(column) for column in AgencyCells.model_fields if column not in ELSEWHERE
}
COLUMN_OF: Final[Mapping[Path, str]] = {
    ("name",): "name",
    **{path: column for column, path in (*SETTINGS.items(), *SECRETS.items())},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyIntake:
    """A partner as a file has it; settings that the file leaves out stay as they are, None is the default."""

    name: str
    settings: Mapping[Path, Any]
    disabled: bool | None = None
    hashes: Mapping[Path, str] = field(default_factory=dict, repr=False)


def make_agency(identity: IdentityHash, cells: AgencyCells, library: LibraryId, now: datetime) -> AgencyIntake:
    """A secret takes 12 ms; its salt is the partner's own: the same file gives the same row."""
    given = cells.model_fields_set
    salt = bytes.fromhex(identity.of(f"agency {cells.name}").removeprefix("hmac:"))[:16]
    hashes = {path: hash_secret(getattr(cells, name), salt) for name, path in SECRETS.items() if getattr(cells, name)}
    if cells.system:
        hashes["proofs", "systems", cells.system] = (
            hash_secret(cells.system_secret, salt) if cells.system_secret else ""
        )
    return AgencyIntake(
        name=cells.name,
        settings={
            path: list(value) if isinstance(value, tuple) else value
            for column, path in SETTINGS.items()
            if column in given
            for value in [getattr(cells, column) if getattr(cells, column) != "" else None]
        },
        disabled=cells.disabled if "disabled" in given else None,
        hashes=hashes,
    )


def agency_taker(shelf: PolicyShelf, configured: Configured) -> Callable[[Session, AgencyIntake, datetime], Result]:
    """`configured` is asked anew for each row: the file may have been read again."""
    return partial(take_agency, shelf, configured)


def take_agency(
    shelf: PolicyShelf, configured: Configured, session: Session, agency: AgencyIntake, now: datetime
) -> Result:
    """Only what could be used is kept."""
    stored = stored_agencies(session)
    kept = next((row for row in stored if row.name == agency.name), None)
    row = merged(kept, agency)
    if kept == row:
        return Taken.SAME
    try:
        partner = settings_of(row)
        others = [settings_of(one) for one in stored if one.name != agency.name]
    except ValidationError as wrong:
        return refusal(wrong)
    in_file, names = configured()
    logins = {account.login for account in stored_accounts(session)}
    wrong_place = taken_by(partner, [*in_file, *others], {*names, *logins}) or misplaced(partner, shelf)
    if wrong_place:
        return RowRefused(*wrong_place)
    return Taken.ADDED if put_agency(session, row, now) else Taken.CHANGED


def merged(kept: StoredAgency | None, agency: AgencyIntake) -> StoredAgency:
    """What is on record with the file's values over it; a secret is never emptied by a file."""
    settings: dict[str, Any] = json.loads(kept.settings) if kept else {}
    for path, value in (*agency.settings.items(), *agency.hashes.items()):
        put(settings, path, value)
    disabled = agency.disabled if agency.disabled is not None else bool(kept and kept.disabled)
    return StoredAgency(name=agency.name, settings=json.dumps(settings, sort_keys=True), disabled=disabled)


def put(settings: dict[str, Any], path: Path, value: Any) -> None:
    """None takes the setting out."""
    *above, last = path
    for name in above:
        settings = settings.setdefault(name, {})
    if value is None:
        settings.pop(last, None)
    else:
        settings[last] = value


def refusal(wrong: ValidationError) -> RowRefused:
    """By the column of the first mistake."""
    where, reason = verdicts(wrong)[0]
    path = tuple(map(str, where))
    column = next((COLUMN_OF[path[:length]] for length in range(len(path), 0, -1) if path[:length] in COLUMN_OF), "")
    return RowRefused(column, reason)
