"""A small library to try the store with, and rules short enough to see through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from backend import changes
from backend.circulation import Circulation, Decide
from backend.clock import FixedClock, to_epoch
from backend.commands import (
    CheckIn,
    CheckOut,
    Command,
    LookUpItem,
    LookUpPatron,
    PayFee,
    PlaceHold,
    Renew,
    RenewAll,
    RepeatKey,
)
from backend.facts import Decision, Facts, LoanFacts
from backend.model import (
    AccountId,
    AskedBy,
    BranchId,
    Hold,
    HoldId,
    IdentifierKind,
    Item,
    ItemId,
    ItemState,
    LibraryId,
    Loan,
    LoanId,
    Patron,
    PatronId,
    Payment,
    PaymentId,
    TitleId,
)
from backend.money import Money
from backend.numbers import compared
from backend.outcomes import (
    About,
    CheckedIn,
    CheckedOut,
    Done,
    FeePaid,
    HoldPlaced,
    LoanLine,
    Outcome,
    Reason,
    Refusal,
    Refused,
    Renewed,
    RenewedAll,
)
from backend.store.apply import add_identifier
from backend.store.identifiers import IdentityHash
from backend.store.intake_items import ADD_ITEM, ADD_TITLE
from backend.store.intake_patrons import ADD_PATRON
from backend.store.places import Places
from backend.store.rows import ITEM, PATRON
from backend.store.session import Session
from backend.store.store import Store
from backend.store.titles import TitleIntake, title_row
from tests.backend.rules.make import FilePolicies, policy_set

NOON = datetime(2026, 2, 12, 11, 0, tzinfo=UTC)
PLACES = Places(identity=IdentityHash(b"a key of tests, sixteen or more"))
KAL, ASK = LibraryId("KAL"), LibraryId("ASK")
MAIN, BRANCH = BranchId("KAL-S"), BranchId("KAL-B")
KIOSK = AskedBy(account=AccountId("kasse1"), library=KAL, branch=MAIN)
ASKER = AskedBy(account=AccountId("asker1"), library=ASK, branch=BranchId("ASK-H"))
CARD, NATIONAL, IDENTITY = IdentifierKind.CARD, IdentifierKind.NATIONAL, IdentifierKind.IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(TitleIntake):
    """A title with its number."""

    id: TitleId
    library: LibraryId


def title(number: int, library: LibraryId, words: str, **told: Any) -> Title:
    return Title(id=TitleId(number), library=library, title=words, author="Hamsun, Knut", **told)


def patron(number: int, library: LibraryId, name: str, **told: Any) -> Patron:
    home = MAIN if library == KAL else BranchId("ASK-H")
    made = Patron(id=PatronId(number), library=library, card="", family_name=name, given_name="Kim", home_branch=home)
    return replace(made, **told)


def item(number: int, barcode: str, of: Title, **told: Any) -> Item:
    home = MAIN if of.library == KAL else BranchId("ASK-H")
    made = Item(
        id=ItemId(number),
        library=of.library,
        barcode=barcode,
        title_id=of.id,
        title=of.title,
        author=of.author,
        home_branch=home,
        present_branch=home,
    )
    return replace(made, **told)


SULT = title(9_001, KAL, "Sult", isbn="978-82-05-27748-9", record="b1")
PAN = title(9_002, KAL, "Pan")
VICTORIA = title(9_003, KAL, "Victoria")
VICTORIA_1898 = title(9_004, KAL, "Victoria", year=1898)
SULT_ELSEWHERE = title(9_005, ASK, "Sult", isbn="978-82-05-27748-9")
TITLES = (SULT, PAN, VICTORIA, VICTORIA_1898, SULT_ELSEWHERE)

ITEMS = {
    made.barcode: made
    for made in (
        item(
            8_001,
            "KB1",
            SULT,
            price=Money(31000, "SEK"),
            flags=frozenset({"rfid", "large"}),
            acquired=date(2020, 2, 29),
        ),
        item(8_002, "KB2", SULT),
        item(8_003, "KB3", PAN),
        item(8_004, "KB4", VICTORIA),
        item(8_005, "AB1", SULT_ELSEWHERE),
        item(8_006, "SAME", PAN),
        item(8_007, "SAME", SULT_ELSEWHERE),
    )
    if made.barcode != "SAME"
}
TWINS = (item(8_006, "SAME", PAN), item(8_007, "SAME", SULT_ELSEWHERE))

K1 = patron(
    7_001, KAL, "Strand", birth_date=date(1985, 4, 12), language="sv", pin_hash="$argon2id$1", wants_notices=True
)
K3 = patron(7_003, KAL, "Berg")
A1 = patron(7_011, ASK, "Dahl", pin_hash="$argon2id$2")
A3 = patron(7_013, ASK, "Lund")
NUMBERS = {
    K1.id: [(CARD, "2000 1001"), (IDENTITY, "19850412-0000"), (IdentifierKind.USER_NAME, "kim.strand")],
    K3.id: [(CARD, "20001003")],
    A1.id: [(CARD, "30001001"), (NATIONAL, "N000111222")],
    A3.id: [(NATIONAL, "N000333444")],
}


def add_item(session: Session, made: Item) -> None:
    session.change(ADD_ITEM, {**ITEM.write(made), "barcode_key": compared(made.barcode)})


def add_patron(session: Session, made: Patron, numbers: Sequence[tuple[IdentifierKind, str]]) -> None:
    session.change(ADD_PATRON, {**PATRON.write(made), "created": to_epoch(NOON)})
    for kind, value in numbers:
        number = changes.AddIdentifier(patron=made.id, library=made.library, kind=kind, value=value)
        add_identifier(session, number, NOON)


def found(session: Session) -> None:
    """Put everybody and everything on record."""
    for one in TITLES:
        session.change(ADD_TITLE, {**title_row(one), "id": one.id, "library": one.library})
    for copy in (*ITEMS.values(), *TWINS):
        add_item(session, copy)
    for person in (K1, K3, A1, A3):
        add_patron(session, person, NUMBERS[person.id])


# ---- rules --------------------------------------------------------------------------


def refused(facts: Facts, reason: Reason) -> Decision:
    return Decision(outcome=Refused(at=facts.now, refusals=(Refusal(reason=reason, row="KAL-08"),)))


def new_loan(facts: Facts, of: Item, who: Patron) -> Loan:
    return Loan(
        id=LoanId(next(facts.ids)),
        library=facts.asked_by.library,
        branch=facts.asked_by.branch,
        patron=who.id,
        item=of.id,
        account=facts.asked_by.account,
        lent=facts.now,
        due=facts.now + timedelta(days=28),
        due_on=(facts.now + timedelta(days=28)).date(),
        policy=facts.policy.hash,
        row="KAL-08",
        fine_paid=Money(0, "SEK"),
    )


def stand(of: Item, facts: Facts) -> changes.PutItem:
    return changes.PutItem(item=of.id, state=ItemState.SHELF, branch=facts.asked_by.branch)


def check_out(facts: Facts, command: CheckOut) -> Decision:
    if facts.patron is None or facts.item is None:
        return refused(facts, Reason.UNKNOWN_PATRON if facts.patron is None else Reason.UNKNOWN_ITEM)
    if facts.item.loan is not None:
        return refused(facts, Reason.ON_LOAN_OTHER)
    loan = new_loan(facts, facts.item.item, facts.patron.patron)
    outcome = CheckedOut(at=facts.now, about=About(patron_known=True), loan=loan.id, due=loan.due)
    return Decision(outcome=outcome, changes=(changes.OpenLoan(loan=loan), stand(facts.item.item, facts)))


def check_in(facts: Facts, command: CheckIn) -> Decision:
    if facts.item is None:
        return refused(facts, Reason.UNKNOWN_ITEM)
    item, loan = facts.item.item, facts.item.loan
    borrower = facts.item.borrower
    outcome = CheckedIn(
        at=facts.now,
        loan=loan.id if loan else None,
        patron_card=borrower.card if borrower else None,
        home_branch=item.home_branch,
        owner=item.library,
    )
    closing = (changes.CloseLoan(loan=loan.id, at=facts.now),) if loan else ()
    return Decision(outcome=outcome, changes=(*closing, stand(item, facts)))


def longer(facts: Facts, loan: Loan) -> Loan:
    return replace(loan, due=facts.now + timedelta(days=28), renewals=loan.renewals + 1)


def renew(facts: Facts, command: Renew) -> Decision:
    if facts.item is None or facts.item.loan is None:
        return refused(facts, Reason.NOT_ON_LOAN)
    after = longer(facts, facts.item.loan)
    outcome = Renewed(at=facts.now, loan=after.id, due=after.due, renewals=after.renewals)
    return Decision(outcome=outcome, changes=(changes.PutLoan(loan=after), stand(facts.item.item, facts)))


def renew_all(facts: Facts, command: RenewAll) -> Decision:
    loans: Sequence[LoanFacts] = facts.patron.loans if facts.patron else ()
    after = [longer(facts, one.loan) for one in loans]
    lines = tuple(
        LoanLine(barcode=one.item.barcode, title=one.item.title, due=put.due)
        for one, put in zip(loans, after, strict=True)
    )
    return Decision(
        outcome=RenewedAll(at=facts.now, renewed=lines), changes=tuple(changes.PutLoan(loan=put) for put in after)
    )


def place_hold(facts: Facts, command: PlaceHold) -> Decision:
    if facts.patron is None or facts.item is None:
        return refused(facts, Reason.UNKNOWN_TITLE)
    hold = Hold(
        id=HoldId(next(facts.ids)),
        library=facts.asked_by.library,
        patron=facts.patron.patron.id,
        title_id=facts.item.item.title_id,
        pickup=BranchId(command.pickup or MAIN),
        placed=facts.now,
    )
    if any(one.hold.patron == hold.patron for one in facts.item.holds):
        return refused(facts, Reason.DUPLICATE_HOLD)
    outcome = HoldPlaced(at=facts.now, hold=hold.id, position=len(facts.item.holds) + 1, pickup=hold.pickup)
    return Decision(outcome=outcome, changes=(changes.AddHold(hold=hold),))


def pay(facts: Facts, command: PayFee) -> Decision:
    if facts.patron is None:
        return refused(facts, Reason.UNKNOWN_PATRON)
    payment = Payment(
        id=PaymentId(next(facts.ids)),
        library=facts.asked_by.library,
        patron=facts.patron.patron.id,
        account=facts.asked_by.account,
        amount=command.amount,
        method=command.method,
        received=facts.now,
        transaction=command.transaction,
    )
    outcome = FeePaid(at=facts.now, payment=payment.id, amount=command.amount, owed=Money(0, "SEK"))
    return Decision(outcome=outcome, changes=(changes.AddPayment(payment=payment),))


RULES: dict[type[Command], Callable[[Facts, Any], Decision]] = {
    CheckOut: check_out,
    CheckIn: check_in,
    Renew: renew,
    RenewAll: renew_all,
    PlaceHold: place_hold,
    PayFee: pay,
}


def decide(facts: Facts, command: Command) -> Decision:
    rule = RULES.get(type(command))
    return rule(facts, command) if rule else Decision(outcome=Done(at=facts.now))


# ---- the desk ------------------------------------------------------------------------


class Desk:
    """A library at noon, with a clock that a test can set."""

    def __init__(self, store: Store, rule: Decide = decide) -> None:
        self.store = store
        self.clock = FixedClock(NOON)
        self.seen: Facts | None = None
        self._rule = rule
        self.circulation = Circulation(store, FilePolicies(policy_set()), self.clock, self._decide)

    def _decide(self, facts: Facts, command: Command) -> Decision:
        self.seen = facts
        return self._rule(facts, command)

    def ask(self, command: Command, by: AskedBy = KIOSK, key: RepeatKey | None = None) -> Outcome:
        return self.circulation.handle(command, by, key or RepeatKey())

    def look(self, command: LookUpPatron | LookUpItem | Command, by: AskedBy = KIOSK) -> Facts:
        """The facts that the rule was shown."""
        self.ask(command, by)
        assert self.seen is not None
        return self.seen

    def write(self, *made: changes.Change) -> None:
        """Changes by themselves."""
        self.store.call(lambda session: session.apply(made, self.clock.now()), write=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a table holds."""
        from sqlalchemy import text

        return [tuple(row) for row in self.store.call(lambda session: session.query(text(query)), write=False)]
