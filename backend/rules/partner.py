"""One partner's command, one rule; the sibling of `decide` for what only another system asks."""

from typing import assert_never

from backend.facts import Decision, Facts
from backend.partner_commands import (
    AcceptItem,
    CreateItem,
    CreatePatron,
    DeleteItem,
    LookUpRequest,
    LookUpTitle,
    PartnerChange,
    PartnerLookUp,
    RecallItem,
    ReportItem,
    TakeNotice,
    UndoLoan,
    UpdateItem,
    UpdatePatron,
)
from backend.rules import partner_acts, partner_lookup, partner_records, undo


def decide(facts: Facts, command: PartnerChange | PartnerLookUp) -> Decision:
    """The outcome of `command`, and the changes that make it true."""
    match command:
        case LookUpTitle():
            return partner_lookup.title(facts, command)
        case LookUpRequest():
            return partner_lookup.request(facts, command)
        case AcceptItem() | CreateItem() | UpdateItem() | DeleteItem() | CreatePatron() | UpdatePatron():
            return _record(facts, command)
        case UndoLoan():
            return undo.undo_loan(facts, command)
        case RecallItem():
            return partner_acts.recall(facts, command)
        case ReportItem():
            return partner_acts.report(facts, command)
        case TakeNotice():
            return partner_acts.take_notice(facts, command)
        case _:
            assert_never(command)


def _record(
    facts: Facts, command: AcceptItem | CreateItem | UpdateItem | DeleteItem | CreatePatron | UpdatePatron
) -> Decision:
    match command:
        case AcceptItem():
            return partner_records.accept(facts, command)
        case CreateItem():
            return partner_records.create_item(facts, command)
        case UpdateItem():
            return partner_records.update_item(facts, command)
        case DeleteItem():
            return partner_records.delete_item(facts, command)
        case CreatePatron():
            return partner_records.create_patron(facts, command)
        case UpdatePatron():
            return partner_records.update_patron(facts, command)
        case _:
            assert_never(command)
