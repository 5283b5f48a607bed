"""The outbox: messages that wait, and what became of each attempt to send one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, exists, insert, select, text, update

from backend.clock import to_epoch
from backend.model import Letter, LetterId
from backend.store.apply_jobs import LETTER
from backend.store.session import Session
from backend.store.statement import Scalar, Statement
from backend.tables import patrons
from backend.tables_jobs import dead_addresses, outbox

LETTER_WIDTH = len(LETTER.columns)
ONE: BindParameter[int] = bindparam("of")
WAITS = text("outbox.sent_at is null and outbox.given_up_at is null")
WAITING = Statement(
    select(
        *LETTER.columns,
        outbox.c.attempts,
        patrons.c.given_name,
        patrons.c.family_name,
        patrons.c.address,
        patrons.c.email,
        patrons.c.phone,
    )
    .select_from(outbox.join(patrons, patrons.c.id == outbox.c.addressee))
    .where(WAITS, outbox.c.next_try <= bindparam("now"), outbox.c.channel == bindparam("by"))
    .order_by(outbox.c.next_try, outbox.c.id)
    .limit(bindparam("most", type_=outbox.c.id.type))
)
DELIVERED = Statement(update(outbox).where(outbox.c.id == ONE), ("sent_at", "attempts", "error"))
DELAYED = Statement(update(outbox).where(outbox.c.id == ONE), ("next_try", "attempts", "error"))
GIVEN_UP = Statement(update(outbox).where(outbox.c.id == ONE), ("given_up_at", "attempts", "error"))
BY_POST = Statement(update(outbox).where(outbox.c.id == ONE), ("channel", "recipient", "next_try", "attempts", "error"))
_KNOWN = exists().where(dead_addresses.c.address == bindparam("address"))
BURY = Statement(
    insert(dead_addresses)
    .inline()
    .from_select(
        ["address", "since", "why"],
        select(
            bindparam("address", type_=dead_addresses.c.address.type),
            bindparam("since", type_=dead_addresses.c.since.type),
            bindparam("why", type_=dead_addresses.c.why.type),
        ).where(~_KNOWN),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message and who it is for; `recipient` is where it goes."""

    letter: Letter
    attempts: int
    recipient: str = field(repr=False)


def waiting(session: Session, channel: str, now: datetime, most: int) -> Sequence[Waiting]:
    """Those whose time has come, the longest due first."""
    rows = session.rows(WAITING, {"now": to_epoch(now), "by": channel, "most": most})
    found = []
    for row in rows:
        letter = LETTER.read(row)
        attempts, given, family, address, email, phone = row[LETTER_WIDTH:]
        own = {"email": email, "sms": phone, "post": f"{given} {family}\n{address}".strip()}
        recipient = own[channel] if channel == "post" or not letter.recipient else letter.recipient
        found.append(Waiting(letter=letter, attempts=attempts, recipient=recipient))
    return found


def delivered(session: Session, one: Waiting, now: datetime) -> None:
    """Somebody else has it."""
    row: dict[str, Scalar] = {
        "of": one.letter.id,
        "sent_at": to_epoch(now),
        "attempts": one.attempts + 1,
        "error": "",
    }
    session.change(DELIVERED, row)


def delayed(session: Session, one: Waiting, next_try: datetime, why: str) -> None:
    """It stays, and is tried again then."""
    row: dict[str, Scalar] = {
        "of": one.letter.id,
        "next_try": to_epoch(next_try),
        "attempts": one.attempts + 1,
        "error": why,
    }
    session.change(DELAYED, row)


def rejected(session: Session, one: Waiting, now: datetime, why: str, *, by_post: bool) -> None:
    """The address is no good: nobody uses it again; the message goes by post, or nowhere."""
    bury(session, one.recipient, now, why)
    if not by_post:
        given_up(session, one, now, why)
        return
    row: dict[str, Scalar] = {
        "of": one.letter.id,
        "channel": "post",
        "recipient": "",
        "next_try": to_epoch(now),
        "attempts": 0,
        "error": why,
    }
    session.change(BY_POST, row)


def bury(session: Session, address: str, now: datetime, why: str) -> None:
    """Nobody reads this address any more."""
    session.change(BURY, {"address": address, "since": to_epoch(now), "why": why})


def given_up(session: Session, one: Waiting, now: datetime, why: str) -> None:
    """It stays in the outbox, for people to look at, and is not tried again."""
    row: dict[str, Scalar] = {
        "of": one.letter.id,
        "given_up_at": to_epoch(now),
        "attempts": one.attempts + 1,
        "error": why,
    }
    session.change(GIVEN_UP, row)


def unsent(session: Session) -> dict[LetterId, str]:
    """Every message that waits, with what its last attempt met."""
    return {LetterId(row[0]): row[1] for row in session.query(select(outbox.c.id, outbox.c.error).where(WAITS))}
