"""What the library of `rules.toml` would do, written as plainly as can be: whole objects, loops, no cleverness.

It shares nothing with the backend but the words of its reasons. Money is øre, a day a date; whatever people do happens
at noon, what jobs do at six.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.model.records import (
    DAMAGED,
    LOST,
    MIDNIGHT,
    MOVING,
    NOON,
    ON_SHELF,
    SET_ASIDE,
    Calendar,
    Copy,
    Fee,
    Hold,
    Loan,
    Person,
)


@dataclass(eq=False)
class Library:
    """All there is. Methods answer with the reasons why not, an empty list for yes."""

    today: date
    people: list[Person]
    copies: list[Copy]
    holds: list[Hold] = field(default_factory=list)  # open ones, in the order in which they were placed
    fees: list[Fee] = field(default_factory=list)  # in the order in which they arose
    paid: int = 0
    days: Calendar = field(default_factory=Calendar)

    # ---- looking

    def person(self, card: str) -> Person | None:
        return next((one for one in self.people if card == one.card or card in one.old_cards), None)

    def copy(self, barcode: str) -> Copy | None:
        return next((one for one in self.copies if one.barcode == barcode), None)

    def fine(self, loan: Loan) -> int:
        """Gross."""
        if loan.billed:
            return 0
        return min(2000, 100 * max((self.today - loan.due).days, 0))

    def loans_of(self, who: Person) -> list[tuple[Copy, Loan]]:
        return [(copy, copy.loan) for copy in self.copies if copy.loan and copy.loan.who is who]

    def open_fees(self, who: Person) -> list[tuple[tuple[date, int], Fee | Loan, int]]:
        """Oldest first: what it is, and what is owed of it."""
        found: list[tuple[tuple[date, int], Fee | Loan, int]] = []
        found += [(fee.since, fee, fee.owed) for fee in self.fees if fee.who is who and fee.owed]
        for _, loan in self.loans_of(who):
            left = self.fine(loan) - loan.paid
            if left > 0:
                found.append(((loan.due, MIDNIGHT), loan, left))
        return sorted(found, key=lambda one: one[0])

    def debt(self, who: Person) -> int:
        return sum(owed for _, _, owed in self.open_fees(who))

    def queue(self, title: str) -> list[Hold]:
        return [hold for hold in self.holds if hold.title == title]

    def waits(self, title: str, but: Person) -> bool:
        return any(hold.state == "waiting" and hold.who is not but for hold in self.queue(title))

    def kept_for(self, copy: Copy) -> Hold | None:
        return next((hold for hold in self.holds if hold.copy is copy), None)

    # ---- who may

    def against(self, card: str, *, debt_counts: bool) -> Iterator[str]:
        who = self.person(card)
        if who is None:
            yield "unknown_patron"
            return
        if who.lost or card in who.old_cards:
            yield "card_lost"
        if who.blocks:
            yield "manual_block"
        if debt_counts and self.debt(who) >= 5000:
            yield "debt_limit"

    # ---- borrowing and returning

    def check_out(self, card: str, barcode: str, branch: str) -> list[str]:
        who, copy = self.person(card), self.copy(barcode)
        why = list(self.against(card, debt_counts=True))
        if who is None:
            return why
        if copy is None:
            return [*why, "unknown_item"]
        if copy.loan and copy.loan.who is who:
            return [*why, "already_yours"]
        if copy.state in (LOST, DAMAGED):
            why.append("not_for_loan")
        if copy.loan:
            why.append("on_loan_other")
        kept = self.kept_for(copy)
        if kept and kept.who is not who:
            why.append("held_for_other")
        if why:
            return why
        days = 7 if copy.material == "magazine" or self.waits(copy.title, who) else 14
        copy.loan = Loan(who, branch, self.days.next_open(branch, self.today + timedelta(days=days)))
        copy.place, copy.state, copy.goes_to = branch, ON_SHELF, None
        filled = kept or next(
            (one for one in self.queue(copy.title) if one.who is who and one.state == "waiting"), None
        )
        if filled and copy.material != "magazine":
            self.holds.remove(filled)
        return []

    def check_in(self, barcode: str, branch: str) -> list[str]:
        copy = self.copy(barcode)
        if copy is None:
            return ["unknown_item"]
        for_staff = copy.state in (LOST, DAMAGED)
        if copy.loan:
            for_staff = for_staff or copy.loan.claimed or copy.loan.billed
            self.end_loan(copy, copy.loan)
        copy.place, copy.goes_to = branch, None
        if for_staff:
            copy.state = DAMAGED if copy.state == DAMAGED else ON_SHELF
            return []
        self.send_on(copy)
        return []

    def end_loan(self, copy: Copy, loan: Loan) -> None:
        if loan.billed:
            for fee in self.fees:
                if fee.loan is loan and fee.kind == "replacement":
                    fee.owed = 0
        self.fix_fine(loan)
        copy.loan, copy.last = None, (loan, self.today)

    def fix_fine(self, loan: Loan, hour: int = NOON) -> None:
        fine = self.fine(loan)
        if fine:
            self.fees.append(Fee(loan.who, "overdue", fine, max(fine - loan.paid, 0), (self.today, hour), loan))

    def send_on(self, copy: Copy) -> None:
        """To whoever it is kept for or waits first, home, or on the shelf where it is."""
        hold = self.kept_for(copy)
        if hold is None and copy.material != "magazine":
            hold = next((one for one in self.queue(copy.title) if one.state == "waiting"), None)
        if hold is None:
            here = copy.place == copy.home
            copy.state, copy.goes_to = (ON_SHELF, None) if here else (MOVING, copy.home)
        elif hold.pickup == copy.place:
            if hold.state != "ready":
                hold.last_day = self.days.next_open(hold.pickup, self.today + timedelta(days=5))
            hold.state, hold.copy = "ready", copy
            copy.state, copy.goes_to = SET_ASIDE, None
        else:
            hold.state, hold.copy, hold.last_day = "transit", copy, None
            copy.state, copy.goes_to = MOVING, hold.pickup

    def stays_here(self, barcode: str, branch: str) -> None:
        """A loan was undone: the copy is where it was to be lent, or goes on to whom it is kept for."""
        copy = self.copy(barcode)
        if copy is None:
            return
        kept = self.kept_for(copy)
        copy.place, copy.state, copy.goes_to = branch, ON_SHELF, None
        if kept and kept.state == "ready":
            copy.place, copy.state = kept.pickup, SET_ASIDE
        elif kept:
            copy.state, copy.goes_to = MOVING, kept.pickup

    # ---- renewing

    def renew(self, card: str, barcode: str) -> list[str]:
        why = list(self.against(card, debt_counts=True))
        who, copy = self.person(card), self.copy(barcode)
        if who is None:
            return why
        if copy is None:
            return [*why, "unknown_item"]
        if copy.loan is None or copy.loan.who is not who:
            return [*why, "not_on_loan"]
        why += self.against_renewal(copy, copy.loan)
        if not why:
            self.extend(copy.loan)
        return why

    def renew_all(self, card: str) -> tuple[list[str], set[str]]:
        """Why nothing was tried; else what was renewed."""
        why, who = list(self.against(card, debt_counts=True)), self.person(card)
        if why or who is None:
            return why, set()
        fit = [(copy, loan) for copy, loan in self.loans_of(who) if not self.against_renewal(copy, loan)]
        for _, loan in sorted(fit, key=lambda one: one[1].due):
            self.extend(loan)
        return [], {copy.barcode for copy, _ in fit}

    def against_renewal(self, copy: Copy, loan: Loan) -> list[str]:
        why = ["billed"] if loan.billed else []
        if copy.material == "magazine":
            return [*why, "not_renewable", *(["waiting_list"] if self.waits(copy.title, loan.who) else [])]
        if loan.renewals >= 2:
            why.append("max_renewals")
        if self.waits(copy.title, loan.who):
            why.append("waiting_list")
        if self.renewed_until(loan) <= loan.due:
            why.append("no_gain")
        return why

    def renewed_until(self, loan: Loan) -> date:
        return self.days.next_open(loan.branch, self.today + timedelta(days=14))

    def extend(self, loan: Loan) -> None:
        self.fix_fine(loan)
        loan.due, loan.renewals, loan.paid = self.renewed_until(loan), loan.renewals + 1, 0

    # ---- waiting

    def place_hold(self, card: str, barcode: str, pickup: str) -> list[str]:
        why = list(self.against(card, debt_counts=False))
        who, copy = self.person(card), self.copy(barcode)
        if why or who is None or copy is None:
            return why or ["unknown_item"]
        if copy.material == "magazine":
            why.append("not_holdable")
        if any(hold.who is who for hold in self.queue(copy.title)):
            why.append("duplicate_hold")
        if not why:
            self.holds.append(Hold(who, copy.title, pickup))
        return why

    def cancel_hold(self, card: str, barcode: str) -> list[str]:
        who, copy = self.person(card), self.copy(barcode)
        if who is None:
            return ["unknown_patron"]
        if copy is None:
            return ["unknown_item"]
        mine = next((hold for hold in self.queue(copy.title) if hold.who is who), None)
        if mine is None:
            return ["no_such_hold"]
        self.holds.remove(mine)
        if mine.state == "ready" and mine.copy:
            at_home = mine.copy is not copy or mine.copy.place == mine.copy.home
            mine.copy.state, mine.copy.goes_to = (ON_SHELF, None) if at_home else (MOVING, mine.copy.home)
        return []

    def change_pickup(self, card: str, barcode: str, pickup: str) -> list[str]:
        who, copy = self.person(card), self.copy(barcode)
        mine = next((hold for hold in self.queue(copy.title) if hold.who is who), None) if copy and who else None
        if mine is None:
            return ["unknown_patron" if who is None else "unknown_item" if copy is None else "no_such_hold"]
        if mine.state != "waiting" and mine.pickup != pickup:
            return ["unknown_branch"]
        mine.pickup = pickup
        return []

    # ---- money

    def pay(self, card: str, amount: int) -> list[str]:
        who = self.person(card)
        if who is None:
            return ["unknown_patron"]
        if amount <= 0:
            return ["amount_invalid"]
        if amount > self.debt(who):
            return ["amount_too_high"]
        self.paid += amount
        for _, what, owed in self.open_fees(who):
            part = min(amount, owed)
            amount -= part
            self.settle(what, part)
        return []

    def settle(self, what: Fee | Loan, amount: int) -> None:
        if isinstance(what, Fee):
            what.owed -= amount
        else:
            what.paid += amount

    def waive(self, card: str, number: int) -> None:
        """The n-th of the open fees, whole."""
        who = self.person(card)
        if who is not None:
            _, what, owed = self.open_fees(who)[number]
            self.settle(what, owed)

    def charge(self, card: str, amount: int) -> list[str]:
        who = self.person(card)
        if who is None:
            return ["unknown_patron"]
        if amount <= 0:
            return ["amount_invalid"]
        self.fees.append(Fee(who, "misc", amount, amount, (self.today, NOON)))
        return []

    def card_fee(self, who: Person) -> Fee:
        return Fee(who, "card", 1500, 1500, (self.today, NOON))

    # ---- losses

    def report_lost(self, barcode: str) -> list[str]:
        copy = self.copy(barcode)
        if copy is None:
            return ["unknown_item"]
        if copy.loan and copy.loan.billed:
            return ["billed"]
        if copy.loan:
            self.bill(copy, copy.loan)
        self.take_away(copy, LOST)
        return []

    def bill(self, copy: Copy, loan: Loan, hour: int = NOON) -> None:
        self.fix_fine(loan, hour)
        if copy.price:
            self.fees.append(Fee(loan.who, "replacement", copy.price, copy.price, (self.today, hour), loan))
        loan.billed = True
        copy.state = LOST

    def report_damaged(self, barcode: str) -> list[str]:
        copy = self.copy(barcode)
        if copy is None:
            return ["unknown_item"]
        spoiled_by = copy.loan or (copy.last[0] if copy.last else None)
        if copy.loan:
            if not copy.loan.billed:
                self.fix_fine(copy.loan)
            copy.last, copy.loan = (copy.loan, self.today), None
        if spoiled_by and copy.price:
            self.fees.append(Fee(spoiled_by.who, "damage", copy.price, copy.price, (self.today, NOON), spoiled_by))
        self.take_away(copy, DAMAGED)
        return []

    def take_away(self, copy: Copy, state: str) -> None:
        """Nobody gets it: whoever it was kept for waits again."""
        kept = self.kept_for(copy)
        if kept:
            kept.state, kept.copy, kept.last_day = "waiting", None, None
        copy.state, copy.goes_to = state, None

    def claim(self, barcode: str, claimed: bool) -> list[str]:
        copy = self.copy(barcode)
        if copy is None or copy.loan is None:
            return ["unknown_item" if copy is None else "not_on_loan"]
        copy.loan.claimed = claimed
        return []

    def found(self, barcode: str, branch: str) -> list[str]:
        copy = self.copy(barcode)
        if copy is None:
            return ["unknown_item"]
        if copy.state == DAMAGED and copy.loan is None:
            copy.place, copy.state, copy.goes_to = branch, ON_SHELF, None
            return []
        return self.check_in(barcode, branch)
