"""How long a loan lasts: rows, queues, calendars, clock changes, hours and terms."""

from datetime import datetime
from typing import Any

import pytest

from backend.changes import PutHold, PutItem
from backend.facts import ItemFacts
from backend.model import HoldState, ItemState
from backend.outcomes import CheckedOut, Reason
from tests.backend.rules.asking import check_out, due_on, reasons
from tests.backend.rules.make import day, facts, hold, item, moment, patron

# ---- how long -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "branch", "when", "who", "what", "due"),
    [
        ("S-001", "KAL-S", "2026-02-02", "K1", "KB3", "2026-03-02"),
        ("S-002", "KAL-S", "2026-02-02", "K1", "KX1", "2026-02-16"),
        ("S-006", "KAL-S", "2026-02-03", "K1", "KM1", "2026-02-17"),
        ("S-006", "KAL-S", "2026-02-03", "K1", "KFM1", "2026-02-17"),
        ("S-006", "KAL-S", "2026-02-03", "K1", "KFD1", "2026-02-10"),
        ("S-006", "KAL-S", "2026-02-03", "K1", "KCD1", "2026-03-03"),
        ("S-007", "ASK-H", "2026-03-09 23:30", "A1", "AB1", "2026-04-06"),
        ("S-008", "ASK-H", "2026-10-05 00:20", "A1", "AB1", "2026-11-02"),
        ("S-009", "ASK-H", "2026-02-01", "A1", "AD1", "2026-02-08"),
        ("S-009", "ASK-H", "2026-02-01", "A1", "AG1", "2026-02-08"),
        ("S-010", "ASK-H", "2026-02-03", "A1", "AX1", "2026-02-13"),
        ("S-010", "ASK-H", "2026-02-03", "A1", "AXF1", "2026-02-05"),
        ("S-010", "ASK-B", "2026-02-06", "A1", "AXF1", "2026-02-09"),
        ("S-011", "ASK-B", "2026-04-24", "A1", "AD1", "2026-05-02"),
        ("S-012", "LYS-F", "2026-04-30", "L1", "L14", "2026-05-18"),
        ("S-012", "LYS-S", "2026-04-30", "L1", "L14", "2026-05-15"),
        ("S-013", "NYN-1", "2026-02-07", "N1", "NB1", "2026-03-10"),
        ("S-014", "NYN-1", "2026-02-10", "N1", "NF1", "2026-02-17"),
        ("S-014", "NYN-1", "2026-02-11", "N1", "NS1", "2026-04-14"),
        ("S-015", "NYN-1", "2028-01-29", "N1", "NB1", "2028-02-29"),
        ("S-016", "KAL-S", "2026-12-03", "K1", "KB3", "2027-01-02"),
        ("S-019", "KAL-BUS", "2026-04-16", "K1", "KB3", "2026-05-14"),
        ("S-020", "ASK-H", "2026-02-03", "A1", "AL1", "2026-03-03"),
        ("S-020", "ASK-H", "2026-02-03", "A1", "AP1", "2026-03-03"),
        ("S-028", "KAL-S", "2026-05-20", "K2", "KG1", "2026-06-03"),
        ("S-028", "KAL-S", "2026-05-20", "K2", "KFF1", "2026-05-27"),
        ("S-030", "KAL-S", "2026-02-12", "K5", "KFD1", "2026-02-19"),
        ("S-031", "ASK-H", "2026-09-15", "A2", "AB1", "2026-10-13"),
        ("S-031", "NYN-1", "2026-10-06", "N2", "NB1", "2026-11-05"),
        ("S-035", "NYN-1", "2026-02-12", "N4", "NCB1", "2026-03-14"),
        ("the third open day", "INV-1", "2026-02-12", "I1", "score", "2026-02-17"),
        ("to the last day of term", "INV-1", "2026-05-04", "I1", "summer", "2026-08-17"),
        ("back to Friday", "INV-2", "2026-02-07", "I1", "Ibook", "2026-02-20"),
    ],
)
def test_a_loan_lasts_as_long_as_its_row_says(
    scenario: str, branch: str, when: str, who: str, what: str, due: str
) -> None:
    assert due_on(check_out(facts(branch, when, who=patron(who), what=invented(what) or item(what)))) == due


def invented(name: str) -> Any:
    kinds = {"score": {"material": "score"}, "summer": {"loan_type": "summer"}, "Ibook": {}}
    return item("I" + name, **kinds[name]) if name in kinds else None


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2026-03-09 23:30", "2026-04-06T23:59:59+02:00"),  # S-007
        ("2026-10-05 00:20", "2026-11-02T23:59:59+01:00"),  # S-008
    ],
)
def test_a_loan_ends_at_the_last_second_of_its_day_on_the_wall_clock(when: str, due: str) -> None:
    outcome = check_out(facts("ASK-H", when, who=patron("A1"), what=item("AB1"))).outcome
    assert isinstance(outcome, CheckedOut)
    assert outcome.due == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("what", "others", "due"),
    [
        ("KB1", ["K3"], "2026-02-16"),  # S-003: a queue shortens
        ("KB1", [], "2026-03-02"),  # S-004: one's own hold is no queue
        ("KFF1", ["K3"], "2026-02-09"),  # S-005: a queue never lengthens
    ],
)
def test_a_queue_shortens_the_loan_of_a_collected_item(what: str, others: list[str], due: str) -> None:
    k1, copy = patron("K1"), item(what, state=ItemState.HOLD_SHELF)
    queue = [hold(copy, k1, ready=True), *(hold(copy, patron(name), number=2) for name in others)]
    given = facts("KAL-S", "2026-02-02", who=k1, what=ItemFacts(item=copy, holds=tuple(queue)))
    decision = check_out(given)
    assert due_on(decision) == due
    assert [change.hold.state for change in decision.changes if isinstance(change, PutHold)] == [HoldState.SATISFIED]
    assert [change.state for change in decision.changes if isinstance(change, PutItem)] == [ItemState.SHELF]


@pytest.mark.parametrize(
    "of_others",
    [
        {"suspended": True},
        {"expires": day("2026-02-01")},
        {"state": HoldState.READY, "trapped": 99},
        {"state": HoldState.TRANSIT, "trapped": 99},
    ],
)
def test_who_does_not_want_a_copy_now_is_not_on_the_waiting_list(of_others: dict[str, Any]) -> None:
    copy = item("KB1")
    queue = (hold(copy, patron("K3"), **of_others),)
    assert due_on(
        check_out(facts("KAL-S", "2026-02-02", who=patron("K1"), what=ItemFacts(item=copy, holds=queue)))
    ) == ("2026-03-02")


def test_a_loan_by_the_hour_ends_on_the_hour_and_never_while_closed() -> None:
    laptop = item("Ilaptop", material="laptop")
    for lent, due in [("2026-02-12 12:30", "2026-02-12 16:30"), ("2026-02-12 16:00", "2026-02-13 10:00")]:
        outcome = check_out(facts("INV-1", lent, who=patron("I1"), what=laptop)).outcome
        assert isinstance(outcome, CheckedOut)
        assert outcome.due == moment("INV-1", due)


def test_a_term_that_is_over_lends_nothing() -> None:
    given = facts("INV-1", "2026-08-18", who=patron("I1"), what=invented("summer"))
    assert reasons(check_out(given)) == [Reason.NOT_FOR_LOAN]
