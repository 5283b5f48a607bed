"""Partner systems at the office: all are listed, and those that were brought into the database can be changed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from backend.plain_words import in_one_line
from backend.store.agencies import StoredAgency, disable_agency, remove_agency, stored_agencies
from server.agencies.settings import AgencySettings
from server.agencies.together import settings_of
from server.office.errors import OrderRefused
from server.office.orders import (
    Changed,
    ListPartners,
    Order,
    PartnerLine,
    RemovePartner,
    SetPartnerDisabled,
)

if TYPE_CHECKING:
    from server.office.clerk import Clerk


def list_partners(clerk: "Clerk", order: ListPartners) -> list[PartnerLine]:
    """The file's first, then the database's by name, each with what keeps it from calling."""
    configured, _ = clerk.configured_partners()
    joined = clerk.partners()
    used = {one.name for one in joined.agencies}
    lines = [line_of(one, "file") for one in configured]
    for row in clerk.store.call(stored_agencies, write=False):
        head = f"agency {row.name}: "
        why = next((one.removeprefix(head) for one in joined.complaints if one.startswith(head)), "")
        state = "disabled" if row.disabled else why or ("in use" if row.name in used else "hidden by the file's")
        lines.append(stored_line(row, state))
    return lines


def stored_line(row: StoredAgency, state: str) -> PartnerLine:
    try:
        return line_of(settings_of(row), "database", state)
    except ValidationError as why:
        wrong = in_one_line(why)
    except ValueError as why:
        wrong = str(why)
    return PartnerLine(
        name=row.name, ids=(), libraries=(), profile="", kept_in="database", proves=(), state=f"{state}; {wrong}"
    )


def line_of(partner: AgencySettings, kept_in: Any, state: str = "in use") -> PartnerLine:
    proofs = partner.proofs
    ways = {
        "secret": proofs.secret_hash,
        "basic": proofs.basic_hash,
        "token": proofs.token_hash,
        "certificate": proofs.certificates,
        "address": proofs.networks,
        "system": proofs.systems,
    }
    return PartnerLine(
        name=partner.name,
        ids=partner.ids,
        libraries=partner.libraries,
        profile=partner.profile,
        kept_in=kept_in,
        proves=tuple(way for way, there in ways.items() if there),
        state=state,
    )


def set_disabled(clerk: "Clerk", order: SetPartnerDisabled) -> Changed:
    """Raises OrderRefused for a partner that is not in the database."""
    put = partial(disable_agency, name=order.name, now=clerk.clock.now(), disabled=order.disabled)
    return changed(clerk, order.name, put, "is disabled" if order.disabled else "is in use again")


def remove(clerk: "Clerk", order: RemovePartner) -> Changed:
    """Raises OrderRefused for a partner that is not in the database."""
    return changed(clerk, order.name, partial(remove_agency, name=order.name), "is removed")


def changed(clerk: "Clerk", name: str, put: Callable[..., bool], words: str) -> Changed:
    configured, _ = clerk.configured_partners()
    if any(name == one.name for one in configured):
        raise OrderRefused(f"partner {name} stands in the configuration file: change it there, then reload")
    if not clerk.store.call(put, write=True):
        raise OrderRefused(f"there is no partner {name} in the database")
    return Changed(words=(f"Partner {name} {words}",))


OF_PARTNERS: Final[Mapping[type[Order[Any]], Callable[["Clerk", Any], Any]]] = {
    ListPartners: list_partners,
    SetPartnerDisabled: set_disabled,
    RemovePartner: remove,
}
