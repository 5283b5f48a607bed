"""A day's jobs on real databases: once, in order, safe to stop anywhere and to run again, and forgetful."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.changes import AddHold, OpenLoan, PutItem
from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.commands import CheckIn, CheckOut, PayFee, RenewAll
from backend.jobs.run import DayIsOver, Jobs, NotOurTurn
from backend.model import AccountId, AskedBy, BranchId, Hold, HoldId, HoldState, ItemState, Loan, LoanId
from backend.money import Money
from backend.outcomes import Reason, Refused
from backend.policy.dates import due_instant
from backend.policy.loader import load_files
from backend.policy.shelf import PolicyShelf
from backend.staff_commands import CloseDays
from backend.store.errors import StoreUnavailable
from backend.store.store import Store
from backend.store.turns import got_turn
from tests.backend.policy.samples import FOLDER
from tests.backend.rules.make import policy_set
from tests.backend.store.world import ITEMS, K1, K3, KAL, KIOSK, MAIN, PAN, found

pytestmark = pytest.mark.slow

MAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
BILLING = date(2026, 5, 1)  # sixty days after 2 March


class Town:
    """A library with a clock, jobs and a counter of rows."""

    def __init__(self, store: Store, now: datetime = MAY) -> None:
        store.call(found, write=True)
        self.store = store
        self.clock = FixedClock(now)
        self.shelf = PolicyShelf(policy_set())
        self.jobs = Jobs(store, self.shelf, self.clock, "node")
        self.circulation = Circulation(store, self.shelf, self.clock)

    def write(self, *made: Any) -> None:
        self.store.call(lambda session: session.apply(made, self.clock.now()), write=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.store.call(lambda session: session.query(text(query)), write=False)]

    def lend(self, barcode: str, who: Any, due: date, number: int) -> Loan:
        policy = self.shelf.of(KAL, self.clock.now())
        made = Loan(
            id=LoanId(number),
            library=KAL,
            branch=MAIN,
            patron=who.id,
            item=ITEMS[barcode].id,
            account=AccountId("kasse1"),
            lent=MAY - timedelta(days=100),
            due=due_instant(policy, due),
            due_on=due,
            policy=policy.hash,
            row="KAL-08",
            fine_paid=Money(0, "SEK"),
        )
        self.write(OpenLoan(loan=made))
        return made

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """What a run leaves behind, row numbers apart."""
        queries = (
            "select kind, amount, owed, barcode from charges order by kind, amount",
            "select loan, kind, for_day, step, sent_on from sent_notices order by loan, hold, step",
            "select addressee, channel, template from outbox order by template, addressee",
            "select id, billed_on, closed_at from loans order by id",
            "select id, state, trapped, pickup_by from holds order by id",
            "select barcode, library, state from items order by id",
            "select amount from invoices",
            "select command, patron, item from journal order by command, patron, item",
        )
        return [self.rows(query) for query in queries]


def busy(store: Store) -> Town:
    """Something for every job."""
    town = Town(store)
    town.lend("KB1", K1, date(2026, 3, 2), 601)
    town.lend("KB4", K1, date(2026, 5, 3), 602)
    pan = ITEMS["KB3"]
    aside = Hold(
        id=HoldId(501),
        library=KAL,
        patron=K3.id,
        title_id=PAN.id,
        trapped=pan.id,
        state=HoldState.READY,
        pickup=MAIN,
        placed=MAY - timedelta(days=20),
        ready_on=date(2026, 4, 20),
        pickup_by=date(2026, 4, 27),
    )
    waits = Hold(
        id=HoldId(502), library=KAL, patron=K1.id, title_id=PAN.id, pickup=MAIN, placed=MAY - timedelta(days=9)
    )
    town.write(AddHold(hold=aside), AddHold(hold=waits), PutItem(item=pan.id, state=ItemState.HOLD_SHELF, branch=MAIN))
    return town


def test_a_day_is_done_once(store: Store) -> None:
    town = busy(store)
    report = town.jobs.run(KAL, BILLING)
    assert report.failed == 0
    assert {name: done for name, done in report.done.items() if done} == {
        "holds_expired": 1,
        "holds_announced": 1,
        "reminders": 1,
    }
    after = town.everything()
    assert town.jobs.run(KAL, BILLING).done == dict.fromkeys(report.done, 0)
    assert town.everything() == after
    assert town.rows("select kind, amount from charges order by kind") == [("overdue", 12000), ("replacement", 31000)]
    assert town.rows("select state, pickup_by from holds order by id") == [
        ("expired", "2026-04-27"),
        ("ready", "2026-05-08"),
    ]


class Dies:
    """A store whose process is killed before its n-th write."""

    def __init__(self, store: Store, writes: int) -> None:
        self._store = store
        self._left = writes

    def call(self, work: Callable[[Any], Any], *, write: bool) -> Any:
        if write:
            self._left -= 1
            if self._left < 0:
                raise StoreUnavailable("killed")
        return self._store.call(work, write=write)


def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(store: Store) -> None:
    town = busy(store)
    for writes in range(1, 14):
        dying: Any = Dies(store, writes)
        with pytest.raises(StoreUnavailable):
            Jobs(dying, town.shelf, town.clock, "node").run(KAL, BILLING)
            raise StoreUnavailable("done")
    town.jobs.run(KAL, BILLING)
    assert len(town.rows("select id from charges")) == 2
    assert len(town.rows("select id from invoices")) == 1
    assert town.rows("select command from journal order by id") == [
        ("ExpireHold",),
        ("AnnounceHold",),
        ("RemindPatron",),
    ]


def test_an_earlier_day_comes_too_late(store: Store) -> None:
    town = Town(store)
    town.jobs.run(KAL, BILLING)
    with pytest.raises(DayIsOver):
        town.jobs.run(KAL, BILLING - timedelta(days=1))


def test_one_node_at_a_time(store: Store) -> None:
    town = Town(store)
    assert got_turn(store, "jobs:KAL", "another node", town.clock.now(), timedelta(minutes=5))
    with pytest.raises(NotOurTurn):
        town.jobs.run(KAL, BILLING)
    town.clock.advance(timedelta(minutes=6))
    town.jobs.run(KAL, BILLING)


# ---- renewals ------------------------------------------------------------------


def test_what_the_policy_renews_by_itself(store: Store, tmp_path: Path) -> None:
    text = (FOLDER / "kalmar.toml").read_text("utf-8").replace("max = 3\n", "max = 3\nautomatic = true\n")
    (tmp_path / "kalmar.toml").write_text(text, "utf-8")
    town = Town(store)
    shelf = PolicyShelf(load_files([tmp_path / "kalmar.toml"]))
    jobs = Jobs(store, shelf, town.clock, "node")
    town.lend("KB1", K1, date(2026, 5, 4), 601)
    town.lend("KB3", K1, date(2026, 5, 5), 602)
    town.clock.set(datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert jobs.run(KAL, date(2026, 5, 4)).done["loans_renewed"] == 1
    assert town.rows("select due_on, renewals from loans order by id") == [("2026-06-01", 1), ("2026-05-05", 0)]
    assert jobs.run(KAL, date(2026, 5, 4)).done["loans_renewed"] == 0
    assert town.rows("select command, granted from journal") == [("RenewDue", True)]


# ---- privacy ---------------------------------------------------------------------


def test_a_closed_loan_loses_its_patron_when_nothing_is_owed(store: Store) -> None:
    town = Town(store, MAY)
    desk = AskedBy(account=KIOSK.account, library=KAL, branch=BranchId(MAIN), trusts_patron=True)
    for barcode in ("KB1", "KB3"):
        town.circulation.handle(CheckOut(patron="20001001", item=barcode), desk)
    town.clock.advance(timedelta(days=31))
    late = "select patron from loans where patron is not null"
    town.circulation.handle(CheckIn(item="KB1"), desk)  # three days late: six kronor
    town.clock.set(town.clock.now() + timedelta(days=2))
    assert town.jobs.run(KAL, date(2026, 6, 3)).done["loans_forgotten"] == 0
    assert len(town.rows(late)) == 2
    [(charge, owed)] = town.rows("select id, owed from charges")
    town.circulation.handle(PayFee(patron="20001001", amount=Money(owed, "SEK"), fee=str(charge)), desk)
    town.clock.advance(timedelta(days=2))
    assert town.jobs.run(KAL, date(2026, 6, 5)).done["loans_forgotten"] == 1
    assert len(town.rows(late)) == 1  # KB3 is still out
    assert town.rows("select count(*) from loans") == [(2,)]
    acts = town.rows(f"select patron, outcome from journal where item = {ITEMS['KB1'].id}")
    assert [patron for patron, _ in acts] == [None, None]
    assert not any("20001001" in outcome for _, outcome in acts)
    assert town.rows("select title, barcode, loan from charges") == [("", "", None)]


def test_a_renewal_of_everything_is_forgotten_too(store: Store) -> None:
    town = Town(store, MAY)
    desk = AskedBy(account=KIOSK.account, library=KAL, branch=BranchId(MAIN), trusts_patron=True)
    town.circulation.handle(CheckOut(patron="20001001", item="KB1"), desk)
    town.clock.advance(timedelta(days=5))
    town.circulation.handle(RenewAll(patron="20001001"), desk)
    town.circulation.handle(CheckIn(item="KB1"), desk)
    town.clock.advance(timedelta(days=2))
    assert town.jobs.run(KAL, date(2026, 5, 8)).done["loans_forgotten"] == 1
    assert town.rows("select answer, patron from journal order by id") == [
        ("CheckedOut", None),
        ("Renewed", None),
        ("RenewedAll", None),
        ("CheckedIn", None),
    ]


# ---- closures -----------------------------------------------------------------------


def test_a_closure_moves_what_falls_on_it_forward(store: Store) -> None:
    town = Town(store)
    town.lend("KB1", K1, date(2026, 5, 11), 601)
    town.lend("KB3", K1, date(2026, 5, 8), 602)
    days = (date(2026, 5, 11), date(2026, 5, 12))
    command = CloseDays(branch=MAIN, days=days)
    assert town.jobs.close_days(KAL, command, KIOSK) == (1, 0)
    assert town.rows("select due_on from loans order by id") == [("2026-05-13",), ("2026-05-08",)]
    assert town.jobs.close_days(KAL, command, KIOSK) == (0, 0)
    assert town.rows("select command from journal order by id")[:2] == [("CloseDays",), ("MoveDueDate",)]


@pytest.mark.parametrize(
    ("branch", "days", "reason"),
    [
        (BranchId("NOWHERE"), (date(2026, 5, 11),), Reason.UNKNOWN_BRANCH),
        (MAIN, (date(2026, 4, 30),), Reason.DAY_PASSED),
        (MAIN, (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)), Reason.DAY_PASSED),
    ],
)
def test_a_closure_that_cannot_be_announced(
    store: Store, branch: BranchId, days: tuple[date, ...], reason: Reason
) -> None:
    """Rehearsed or meant: a refusal, and no day on record."""
    town = Town(store)
    command = CloseDays(branch=branch, days=days)
    for said in (town.jobs.foresee_closure(KAL, command), town.jobs.close_days(KAL, command, KIOSK)):
        assert isinstance(said, Refused)
        assert [one.reason for one in said.refusals] == [reason]
    assert town.rows("select * from closures") == []


def test_a_branch_can_still_close_today(store: Store) -> None:
    assert Town(store).jobs.close_days(KAL, CloseDays(branch=MAIN, days=(MAY.date(),)), KIOSK) == (0, 0)
