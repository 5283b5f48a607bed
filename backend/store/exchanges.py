"""Exchanges with partners, kept for disputes: written in batches, read by agency and request, forgotten in time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, delete, func, insert, select

from backend.clock import to_epoch
from backend.store.records import Record
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, without
from backend.tables_partner import exchanges
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class Kept:
    """One exchange; question and reply are masked already."""

    at: datetime
    account: str = ""
    agency: str = ""
    library: str = ""
    direction: str = "in"
    service: str = ""
    request: str = ""
    address: str = ""
    valid: bool = False
    verdict: str = ""
    quirks: str = ""
    answer: str = ""
    effect: str = ""
    micros: int = 0
    status: int = 200
    question: str = ""
    reply: str = ""


KEPT = Record(Kept, exchanges)
ADD = Statement(insert(exchanges).inline(), without(exchanges, "id"))
FORGET = Statement(delete(exchanges).where(exchanges.c.at < bindparam("before")))


def keep(session: Session, found: Sequence[Kept]) -> None:
    """Write them all."""
    session.change_each(ADD, [KEPT.write(one) for one in found])


def forget(session: Session, before: datetime) -> int:
    """How many were older."""
    return session.change(FORGET, {"before": to_epoch(before)})


def kept_of(
    agencies: Sequence[str], request: str | None, service: str | None, count: int
) -> Select[tuple[Scalar, ...]]:
    """The last ones, newest first; of any agency when none is named, else by name or by id as sent, in any case."""
    rows: Select[tuple[Scalar, ...]] = select(*KEPT.columns).order_by(exchanges.c.id.desc()).limit(count)
    if agencies:
        wanted = [agency.casefold() for agency in agencies]
        rows = rows.where(func.lower(exchanges.c.account).in_(wanted) | func.lower(exchanges.c.agency).in_(wanted))
    if request:
        rows = rows.where((exchanges.c.request == request) | exchanges.c.request.endswith(f" {request}"))
    if service:
        rows = rows.where(func.lower(exchanges.c.service) == service.casefold())
    return rows
