"""The journal's rows: written with every change and refusal, read to say why."""

from collections.abc import Mapping

from backend.clock import to_epoch
from backend.journal import Entry, Recorded, write_command, write_outcome
from backend.store.records import Record
from backend.store.statement import Scalar, inserts, without
from backend.tables import journal

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
