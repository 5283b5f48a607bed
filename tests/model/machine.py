"""The machine: people, items and days as Hypothesis sends them, every command, jobs and power cuts between.

Whatever the backend answers is what `reference.Library` says, and after each step the records are what it holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend import commands as ask
from backend import staff_commands as staff
from backend.lookup_outcomes import PatronFound
from backend.model import BranchId
from backend.money import Money
from backend.outcomes import CheckedOut, HoldPlaced, LoanLine, Outcome, Refused, Renewed, RenewedAll
from backend.store.errors import StoreError
from tests.model import office
from tests.model.records import MAIN, SIDE
from tests.model.reference import Library
from tests.model.reference_days import close_day, run_jobs
from tests.model.town import CARDS, STOCK, Town, asking, new_reference

STRANGER, NOTHING = "999", "Z9"
BARCODES = [told[0] for told in STOCK]
cards = st.sampled_from([*CARDS * 3, STRANGER])
barcodes = st.sampled_from([*BARCODES * 3, NOTHING])
branches = st.sampled_from([MAIN, MAIN, SIDE])
amounts = st.sampled_from([0, 100, 1000, 2000, 4999, 5000])


def kroner(minor: int) -> Money:
    return Money(minor, "NOK")


def why_not(outcome: Outcome) -> list[str]:
    return [refusal.reason.value for refusal in outcome.refusals] if isinstance(outcome, Refused) else []


class Model(RuleBasedStateMachine):
    """One town beside its reference. `undo` is what takes the last act back, until anything else happens."""

    @initialize()
    def move_in(self) -> None:
        self.town = Town()
        self.says: Library = new_reference()
        self.undo: tuple[ask.Change, Library, str] | None = None
        self.acts: Counter[str] = Counter()
        self.fault: int | None = None

    def teardown(self) -> None:
        if hasattr(self, "town"):
            self.town.close()

    def tell(self, command: ask.Command, branch: str = MAIN) -> Outcome | None:
        """The outcome; None when the power went away in the middle, and nothing may have happened."""
        self.undo = None
        self.acts[type(command).__name__] += 1
        if self.fault is None:
            return self.town.ask(command, branch)
        after, self.fault = self.fault, None
        try:
            with self.town.failing(after):
                return self.town.ask(command, branch)
        except StoreError:
            return None

    def both(self, command: ask.Command, branch: str, expected: Callable[[], list[str]]) -> Outcome | None:
        """Ask the town, and the reference when the town answered: they give the same reasons."""
        outcome = self.tell(command, branch)
        if outcome is not None:
            assert why_not(outcome) == expected(), (command, outcome)
        return outcome

    # ---- borrowing and returning

    @rule(card=cards, barcode=barcodes, branch=branches)
    def check_out(self, card: str, barcode: str, branch: str) -> None:
        before = deepcopy(self.says)
        command = ask.CheckOut(patron=card, item=barcode)
        outcome = self.both(command, branch, lambda: self.says.check_out(card, barcode, branch))
        if isinstance(outcome, CheckedOut):
            self.undo = (ask.UndoCheckOut(item=barcode), before, branch)

    @rule(card=cards, barcode=barcodes, branch=branches)
    def check_out_or_renew(self, card: str, barcode: str, branch: str) -> None:
        copy = self.says.copy(barcode)
        mine = copy and copy.loan and copy.loan.who is self.says.person(card)
        command = ask.CheckOut(patron=card, item=barcode, renew_if_mine=True)
        act = self.says.renew if mine else self.says.check_out
        self.both(command, branch, lambda: act(card, barcode, *([] if mine else [branch])))

    @rule(barcode=barcodes, branch=branches)
    def check_in(self, barcode: str, branch: str) -> None:
        before = deepcopy(self.says)
        copy = before.copy(barcode)
        command = ask.CheckIn(item=barcode)
        outcome = self.both(command, branch, lambda: self.says.check_in(barcode, branch))
        if outcome is not None and copy and copy.loan:
            self.undo = (ask.UndoCheckIn(patron=copy.loan.who.card, item=barcode), before, branch)

    @precondition(lambda self: self.undo is not None)
    @rule()
    def take_it_back(self) -> None:
        """The machine could not finish: all is as if it had not been."""
        if self.undo is None:
            return
        command, before, branch = self.undo
        outcome = self.tell(command, branch)
        if outcome is not None:
            assert why_not(outcome) == []
            self.says = before
            if isinstance(command, ask.UndoCheckOut):
                self.says.stays_here(command.item, branch)

    @rule(card=cards, barcode=barcodes, branch=branches, own=st.booleans())
    def renew(self, card: str, barcode: str, branch: str, own: bool) -> None:
        of = self.says.copy(barcode)
        card = of.loan.who.card if own and of and of.loan else card
        outcome = self.both(ask.Renew(patron=card, item=barcode), branch, lambda: self.says.renew(card, barcode))
        copy = self.says.copy(barcode)
        if isinstance(outcome, Renewed) and copy and copy.loan:
            assert outcome.renewals == copy.loan.renewals

    @rule(card=cards)
    def renew_all(self, card: str) -> None:
        outcome = self.tell(ask.RenewAll(patron=card))
        if outcome is None:
            return
        why, renewed = self.says.renew_all(card)
        assert why_not(outcome) == why
        lines: Iterable[LoanLine] = outcome.renewed if isinstance(outcome, RenewedAll) else ()
        assert {line.barcode for line in lines} == renewed

    # ---- waiting

    @rule(card=cards, barcode=barcodes, pickup=branches)
    def place_hold(self, card: str, barcode: str, pickup: str) -> None:
        command = ask.PlaceHold(patron=card, item=barcode, scope=ask.HoldScope.ANY_COPY, pickup=pickup)
        outcome = self.both(command, MAIN, lambda: self.says.place_hold(card, barcode, pickup))
        if isinstance(outcome, HoldPlaced):
            copy = self.says.copy(barcode)
            waiting = [one for one in self.says.queue(copy.title if copy else "") if one.state == "waiting"]
            assert outcome.position == len(waiting)

    @rule(card=cards, barcode=barcodes)
    def cancel_hold(self, card: str, barcode: str) -> None:
        command = ask.CancelHold(patron=card, item=barcode)
        self.both(command, MAIN, lambda: self.says.cancel_hold(card, barcode))

    @rule(card=cards, barcode=barcodes, pickup=branches)
    def change_hold(self, card: str, barcode: str, pickup: str) -> None:
        command = ask.ChangeHold(patron=card, item=barcode, pickup=pickup)
        self.both(command, MAIN, lambda: self.says.change_pickup(card, barcode, pickup))

    # ---- money

    @rule(card=cards, amount=amounts)
    def pay(self, card: str, amount: int) -> None:
        command = ask.PayFee(patron=card, amount=kroner(amount))
        self.both(command, MAIN, lambda: self.says.pay(card, amount))

    @rule(card=st.sampled_from(CARDS))
    def pay_all(self, card: str) -> None:
        who = self.says.person(card)
        debt = self.says.debt(who) if who else 0
        command = ask.PayFee(patron=card, amount=kroner(debt))
        self.both(command, MAIN, lambda: self.says.pay(card, debt))

    @rule(card=cards, amount=amounts)
    def charge(self, card: str, amount: int) -> None:
        command = staff.ChargePatron(patron=card, amount=kroner(amount))
        self.both(command, MAIN, lambda: self.says.charge(card, amount))

    @rule(card=st.sampled_from(CARDS), which=st.integers(0, 3))
    def waive(self, card: str, which: int) -> None:
        found = self.town.ask(ask.LookUpPatron(patron=card), MAIN)
        if isinstance(found, PatronFound) and which < len(found.fees):
            outcome = self.tell(staff.WaiveFee(patron=card, fee=found.fees[which].id))
            if outcome is not None:
                assert why_not(outcome) == []
                self.says.waive(card, which)

    @rule(card=st.sampled_from(CARDS))
    def invoice(self, card: str) -> None:
        """Money stays what it is."""
        self.tell(staff.IssueInvoice(patron=card))

    # ---- people

    @rule(card=st.sampled_from(CARDS), act=st.sampled_from(["block", "unblock", "lose", "find", "replace"]))
    def change_person(self, card: str, act: str) -> None:
        who = next(one for one in self.says.people if card == one.card[:3])
        number = f"{card}{len(who.old_cards) + 1}"
        self.town.clock.advance(timedelta(seconds=1))  # of two cards one is the newer
        command = office.of_person(act, who.card, number)
        outcome = self.tell(command)
        if outcome is not None:
            assert why_not(outcome) == []
            office.done_to_person(self.says, who, act, number)

    # ---- losses

    @rule(barcode=barcodes)
    def report_lost(self, barcode: str) -> None:
        self.both(staff.ReportLost(item=barcode), MAIN, lambda: self.says.report_lost(barcode))

    @rule(barcode=barcodes)
    def report_damaged(self, barcode: str) -> None:
        self.both(staff.ReportDamaged(item=barcode), MAIN, lambda: self.says.report_damaged(barcode))

    @rule(barcode=barcodes, claimed=st.booleans())
    def claim(self, barcode: str, claimed: bool) -> None:
        command = staff.ClaimReturned(item=barcode) if claimed else staff.WithdrawClaim(item=barcode)
        self.both(command, MAIN, lambda: self.says.claim(barcode, claimed))

    @rule(barcode=barcodes, branch=branches)
    def found(self, barcode: str, branch: str) -> None:
        self.both(staff.Found(item=barcode), branch, lambda: self.says.found(barcode, branch))

    # ---- what changes nothing that the reference holds

    @rule(command=office.aside(CARDS, BARCODES), branch=branches)
    def something_else(self, command: ask.Command, branch: str) -> None:
        self.tell(command, branch)

    # ---- days and power

    @rule(days=st.sampled_from([1, 1, 2, 5, 10]), working=st.booleans(), fault=st.none() | st.integers(0, 40))
    def days_pass(self, days: int, working: bool, fault: int | None) -> None:
        """With jobs every morning, or only on the last: an outage. A morning that fails begins again."""
        self.undo = None
        for left in reversed(range(days)):
            self.says.today += timedelta(days=1)
            if working or not left:
                self.morning(self.says.today, fault if not left else None)
        self.town.clock.set(office.noon(self.says.today))

    def morning(self, day: date, fault: int | None) -> None:
        run_jobs(self.says)
        if fault is not None:
            try:
                with self.town.failing(fault):
                    self.town.run_jobs(day)
            except StoreError:
                self.town.lose_power()
        self.town.run_jobs(day)

    @rule(branch=branches, ahead=st.integers(1, 16))
    def close_a_day(self, branch: str, ahead: int) -> None:
        day = self.says.today + timedelta(days=ahead)
        self.undo = None
        self.town.jobs.close_days(
            asking(MAIN).library, staff.CloseDays(branch=BranchId(branch), days=(day,)), asking(MAIN)
        )
        close_day(self.says, branch, day)

    @rule()
    def lose_power(self) -> None:
        self.undo = None
        self.town.lose_power()

    @rule(after=st.integers(0, 12))
    def fail_soon(self, after: int) -> None:
        """The next command meets a statement that fails; 0 is its commit."""
        self.fault = after

    # ---- what always holds

    @invariant()
    def records_are_as_the_reference_says(self) -> None:
        if hasattr(self, "town"):
            office.compare(self.town, self.says)
