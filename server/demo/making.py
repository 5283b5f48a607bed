"""Making a world: everything out, the town in, then what happened there, in one transaction of the store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from backend.changes import AddBlock, AddCharge, AddHold, Change, MarkCards, OpenLoan, PutItem, PutPinFailures
from backend.model import (
    AccountId,
    Block,
    BlockId,
    BranchId,
    Charge,
    ChargeId,
    FeeKind,
    Hold,
    HoldId,
    HoldState,
    ItemState,
    LibraryId,
    Loan,
    LoanId,
    PatronId,
)
from backend.money import Money
from backend.policy.dates import age_on, due_instant, pickup_deadline
from backend.policy.facts import Facts
from backend.policy.model import Policy
from backend.policy.shelf import PolicyShelf
from backend.store.fresh import Shelved, add_items, add_patrons, clear
from backend.store.session import Session
from server.demo.rows import TownItem, TownPatron
from server.demo.town import Town
from server.demo.world_rows import BlockRow, ChargeRow, HoldRow, ItemChange, LoanRow, PatronChange, When
from server.demo.worlds import World, another_branch, wanted_title

NOON: Final = time(12)
NOBODY: Final = AccountId("world")  # made the loans of a world that name no terminal

PinHashes = Mapping[str, str]  # by patron's name; whoever is not in it has no PIN


@dataclass(frozen=True, slots=True)
class Settled:
    """The numbers under which the town's names are kept."""

    patrons: Mapping[str, PatronId]
    items: Mapping[str, Shelved]


def settle(session: Session, town: Town, pins: PinHashes, now: datetime) -> Settled:
    """Everybody moves in; the tables are empty before."""
    people = [patron.intake(pins.get(name)) for name, patron in town.patrons.items()]
    copies = []
    for item in town.items.values():
        library = town.library_of(item.home)
        copies.append(item.intake(library, town.policies[library].currency))
    patrons = add_patrons(session, people, now)
    items = add_items(session, copies)
    return Settled(dict(zip(town.patrons, patrons, strict=True)), dict(zip(town.items, items, strict=True)))


def make(session: Session, world: World, pins: PinHashes, policies: PolicyShelf, now: datetime) -> None:
    """The world instead of whatever was there."""
    clear(session)
    making = Making(world, settle(session, world.town, pins, now), policies, now, session.ids)
    session.apply(tuple(making.changes()), now)


@dataclass(frozen=True, slots=True)
class Making:
    """What happened in a world, as changes."""

    world: World
    settled: Settled
    policies: PolicyShelf
    now: datetime
    ids: Iterator[int]

    def changes(self) -> Iterator[Change]:
        rows = self.world.rows
        for patron in rows.patron:
            yield from self.marks(patron)
        for item in rows.item:
            yield from self.state(item)
        loans = {row: self.loan(row) for row in rows.loan}
        yield from (change for row, loan in loans.items() for change in self.lend(row, loan))
        for hold in rows.hold:
            yield from self.hold(hold)
        about = {(row.patron, row.item): loan.id for row, loan in loans.items()}
        for charge in rows.charge:
            yield self.charge(charge, about.get((charge.patron, charge.item or "")))
        for block in rows.block:
            yield self.block(block)

    # ---- patrons and copies ---------------------------------------------------------

    def marks(self, row: PatronChange) -> Iterator[Change]:
        patron = self.settled.patrons[row.id]
        if row.card_state == "lost":
            yield MarkCards(patron=patron, lost=True)
        if row.pin_failures:
            library = LibraryId(self.town.patrons[row.id].library)
            today = self.policies.of(library, self.now).time.today(self.now)
            yield PutPinFailures(patron=patron, count=row.pin_failures, on=today)

    def state(self, row: ItemChange) -> Iterator[Change]:
        home = BranchId(self.town.items[row.barcode].home)
        item = self.settled.items[row.barcode].item
        if row.state is ItemState.TRANSIT:
            yield PutItem(item=item, state=row.state, branch=another_branch(self.town, home), destination=home)
        elif row.state is not ItemState.SHELF:
            yield PutItem(item=item, state=row.state, branch=home)

    # ---- loans ------------------------------------------------------------------------

    def loan(self, row: LoanRow) -> Loan:
        item, patron = self.town.items[row.item], self.town.patrons[row.patron]
        branch = BranchId(row.branch or item.home)
        library = self.town.library_of(branch)
        lent = self.instant(library, row.lent)
        policy = self.policies.of(library, lent)
        decided = policy.loan_row(circumstances(policy, patron, item, branch, policy.time.today(lent)))
        return Loan(
            id=LoanId(next(self.ids)),
            library=library,
            branch=branch,
            patron=self.settled.patrons[row.patron],
            item=self.settled.items[row.item].item,
            account=AccountId(row.terminal) if row.terminal else NOBODY,
            lent=lent,
            due=due_instant(policy, row.due),
            due_on=row.due,
            renewals=row.renewals,
            policy=policy.hash,
            row=decided.id,
            group=decided.counted_in,
            fine_paid=policy.zero,
            claimed_returned=row.claimed_returned,
            billed_on=row.billed,
        )

    def lend(self, row: LoanRow, loan: Loan) -> Iterator[Change]:
        """The copy left the branch that lent it."""
        yield OpenLoan(loan=loan)
        if loan.branch != self.town.items[row.item].home:
            yield PutItem(item=loan.item, state=ItemState.SHELF, branch=loan.branch)

    # ---- holds ------------------------------------------------------------------------

    def hold(self, row: HoldRow) -> Iterator[Change]:
        patron = self.town.patrons[row.patron]
        library = LibraryId(patron.library)
        pickup = BranchId(row.pickup or patron.home)
        ready = (row.since or self.today(library)) if row.shelf else None
        hold = Hold(
            id=HoldId(next(self.ids)),
            library=library,
            patron=self.settled.patrons[row.patron],
            title_id=self.settled.items[self.a_copy(row).barcode].title,
            item=self.settled.items[row.item].item if row.copy_only and row.item else None,
            trapped=self.settled.items[row.trapped].item if row.trapped else None,
            state=HoldState.READY if row.shelf else HoldState.TRANSIT if row.transit else HoldState.WAITING,
            pickup=pickup,
            placed=self.now if row.placed is None else self.instant(library, row.placed),
            expires=row.expires,
            ready_on=ready,
            pickup_by=self.last_pickup(row, pickup, ready) if ready else None,
        )
        yield AddHold(hold=hold)
        if hold.trapped is not None and row.shelf:
            yield PutItem(item=hold.trapped, state=ItemState.HOLD_SHELF, branch=pickup)
        elif hold.trapped is not None:
            sent_from = another_branch(self.town, pickup)
            yield PutItem(item=hold.trapped, state=ItemState.TRANSIT, branch=sent_from, destination=pickup)

    def a_copy(self, row: HoldRow) -> TownItem:
        title = wanted_title(row, self.town)
        if title is None:
            raise KeyError(row.item)
        return self.town.titles[title]

    def last_pickup(self, row: HoldRow, pickup: BranchId, ready: date) -> date:
        patron, item = self.town.patrons[row.patron], self.town.items[row.trapped or ""]
        library = self.town.library_of(pickup)
        policy = self.policies.of(library, self.instant(library, ready))
        branch = policy.branch(pickup)
        return pickup_deadline(branch, policy.hold_row(circumstances(policy, patron, item, pickup, ready)), ready)

    # ---- money and blocks -----------------------------------------------------------------

    def charge(self, row: ChargeRow, loan: LoanId | None) -> Change:
        library = LibraryId(self.town.patrons[row.patron].library)
        raised = self.now if row.at is None else self.instant(library, row.at)
        policy = self.policies.of(library, raised)
        amount = Money.parse(row.amount, policy.currency)
        item = self.town.items[row.item] if row.item else None
        return AddCharge(
            charge=Charge(
                id=ChargeId(next(self.ids)),
                library=library,
                patron=self.settled.patrons[row.patron],
                kind=row.kind,
                amount=amount,
                owed=amount,
                raised=raised,
                row=self.deciding_row(row, policy, policy.time.today(raised)),
                policy=policy.hash,
                loan=loan,
                item=self.settled.items[item.barcode].item if item else None,
                title=item.name if item else "",
                barcode=item.barcode if item else "",
            )
        )

    def deciding_row(self, row: ChargeRow, policy: Policy, day: date) -> str:
        """The policy row that such a charge comes from; without a copy it was somebody at the desk."""
        item = self.town.items[row.item] if row.item else None
        if item is None or row.kind not in (FeeKind.REPLACEMENT, FeeKind.OVERDUE):
            return "staff"
        asked = circumstances(policy, self.town.patrons[row.patron], item, BranchId(item.home), day)
        return policy.replacement_row(asked).id if row.kind is FeeKind.REPLACEMENT else policy.overdue_row(asked).id

    def block(self, row: BlockRow) -> Change:
        return AddBlock(
            block=Block(
                id=BlockId(next(self.ids)),
                library=LibraryId(self.town.patrons[row.patron].library),
                patron=self.settled.patrons[row.patron],
                stops=frozenset(row.stops),
                note=row.note,
                since=self.now,
                until=row.until,
                reason="suspended" if row.until else "manual_block",
            )
        )

    # ---- days -------------------------------------------------------------------------------

    @property
    def town(self) -> Town:
        return self.world.town

    def today(self, library: LibraryId) -> date:
        return self.policies.of(library, self.now).time.today(self.now)

    def instant(self, library: LibraryId, when: When) -> datetime:
        """A day is its noon there."""
        if isinstance(when, datetime):
            return when
        return self.policies.of(library, self.now).time.at(when, NOON)


def circumstances(policy: Policy, patron: TownPatron, item: TownItem, branch: BranchId, day: date) -> Facts:
    """What a policy row may look at, at a self-check of `branch`."""
    there = policy.branches.get(branch)
    return Facts(
        category=patron.category,
        age=age_on(patron.born, day),
        home_branch=patron.home,
        material=item.material,
        audience=item.audience,
        loan_type=item.loan_type,
        language=item.language or None,
        flags=frozenset(item.flags),
        item_home_branch=item.home,
        branch=branch,
        branch_kind=there.kind if there else None,
        day=day,
        day_kind=there.calendar.kind(day) if there else None,
    )
