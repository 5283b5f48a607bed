"""All partners of an installation: those of its configuration file, and those that were brought into the database.

The file wins where both use a name or an agency id. A row that cannot be used costs its own partner and no other, and
is complained of in one line.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from backend.model import BranchId, LibraryId
from backend.plain_words import in_one_line
from backend.policy.shelf import PolicyShelf
from backend.store.agencies import StoredAgency
from protocols.ncip.agencies import agency_key
from server.agencies.settings import AgencySettings


@dataclass(frozen=True, slots=True)
class Partners:
    """`agencies` that may call, and a line for each row of the database that is left out."""

    agencies: tuple[AgencySettings, ...]
    complaints: tuple[str, ...] = ()


def partners_of(
    configured: Sequence[AgencySettings],
    stored: Iterable[StoredAgency],
    shelf: PolicyShelf,
    account_names: Collection[str] = (),
) -> Partners:
    """Both kinds together; `account_names` are those of terminals, which no partner may have."""
    found, complaints = list(configured), []
    for row in stored:
        if row.disabled:
            continue
        try:
            partner = settings_of(row)
        except ValidationError as why:
            complaints.append(f"agency {row.name}: {in_one_line(why)}")
            continue
        except ValueError as why:
            complaints.append(f"agency {row.name}: {why}")
            continue
        wrong = taken_by(partner, found, account_names) or misplaced(partner, shelf)
        if wrong:
            complaints.append(f"agency {row.name}: {': '.join(wrong)}")
        else:
            found.append(partner)
    return Partners(tuple(found), tuple(complaints))


def settings_of(row: StoredAgency) -> AgencySettings:
    """Raises ValidationError, and ValueError where the settings are no JSON object."""
    written = json.loads(row.settings)
    if not isinstance(written, dict):
        raise ValueError("its settings are not a JSON object")
    return AgencySettings.model_validate({**written, "name": row.name})


Wrong = tuple[str, str]  # setting and reason


def taken_by(partner: AgencySettings, others: Iterable[AgencySettings], names: Collection[str]) -> Wrong | None:
    """A name or an agency id that somebody else has."""
    if partner.name in names:
        return "name", "is a terminal's account"
    own = {agency_key(one) for one in partner.ids}
    for other in others:
        if other.name == partner.name:
            return "name", "stands in the configuration file: change it there, then reload"
        if shared := own & {agency_key(one) for one in other.ids}:
            return "ids", f"{', '.join(sorted(shared))} is {other.name}"
    return None


def misplaced(partner: AgencySettings, shelf: PolicyShelf) -> Wrong | None:
    """A library or a branch that nobody has rules for."""
    known = shelf.libraries()
    if unknown := [one for one in partner.libraries if LibraryId(one) not in known]:
        return "libraries", f"no library {', '.join(unknown)} has a policy file here"
    if partner.branch and not has_branch(shelf, partner.branch, partner.libraries):
        return "branch", f"{', '.join(partner.libraries)} has no branch {partner.branch}"
    return None


def has_branch(shelf: PolicyShelf, branch: str, libraries: Collection[str]) -> bool:
    try:
        return shelf.library_of(BranchId(branch)) in libraries
    except KeyError:
        return False


Configured = Callable[[], tuple[Sequence[AgencySettings], Collection[str]]]  # partners, and names of accounts
