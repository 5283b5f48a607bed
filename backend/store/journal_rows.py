"""The journal's rows: written with every change and refusal, read to say why."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import bindparam, select

from backend.clock import to_epoch
from backend.journal import Entry, Recorded, write_command, write_outcome
from backend.store.records import Record
from backend.store.statement import Row, Scalar, Statement, inserts, without
from backend.tables import journal


class Reads(Protocol):
    """What of a session is needed here."""

    def rows(self, statement: Statement, parameters: Mapping[str, Scalar]) -> Sequence[Row]:
        """Executes and reads."""
        ...


RECORDED = Record(Recorded, journal)
ADD_ENTRY = inserts(journal, without(journal, "id"))


def entry_row(entry: Entry) -> Mapping[str, Scalar]:
    """The columns of a new row."""
    return {
        "at": to_epoch(entry.at),
        "account": entry.asked_by.account,
        "library": entry.asked_by.library,
        "branch": entry.asked_by.branch,
        "channel": entry.asked_by.channel.value,
        "command": type(entry.command).__name__,
        "asked": write_command(entry.command),
        "answer": type(entry.outcome).__name__,
        "outcome": write_outcome(entry.outcome),
        "granted": entry.granted,
        "reason": entry.reason,
        "policy_row": entry.policy_row,
        "policy": entry.policy,
        "patron": entry.patron,
        "item": entry.item,
        "frame": entry.key.frame.hex() if entry.key.frame is not None else None,
        "transaction_id": entry.transaction,
        "request": entry.key.request.hex() if entry.key.request is not None else None,
    }


def newest_first(column: str) -> Statement:
    """The last `count` rows of one account, item or patron."""
    rows = select(*RECORDED.columns).where(journal.c[column] == bindparam("of"))
    return Statement(rows.order_by(journal.c.id.desc()).limit(bindparam("count", type_=journal.c.id.type)))


WHY = {column: newest_first(column) for column in ("account", "item", "patron")}


def journal_of(session: Reads, column: str, of: Scalar, count: int) -> list[Recorded]:
    """What was asked and answered, newest first; `column` is account, item or patron."""
    return [RECORDED.read(row) for row in session.rows(WHY[column], {"of": of, "count": count})]
