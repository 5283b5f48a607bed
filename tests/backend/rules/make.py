"""Facts made by hand: the patrons and items that the scenarios name, and short ways to lend, hold and charge."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from backend import policies as shipped_files
from backend.facts import Facts, HoldFacts, ItemFacts, LoanFacts, PatronFacts
from backend.model import (
    AccountId,
    AskedBy,
    Block,
    BlockId,
    BranchId,
    Channel,
    Charge,
    ChargeId,
    FeeKind,
    Hold,
    HoldId,
    HoldState,
    Item,
    ItemId,
    LibraryId,
    Loan,
    LoanId,
    Operation,
    Patron,
    PatronId,
    TitleId,
)
from backend.money import Money
from backend.policy.dates import due_instant
from backend.policy.loader import PolicySet, load_files
from backend.policy.model import Policy
from backend.policy.network import Network

INVENTED = Path(__file__).with_name("invented.toml")
THURSDAY = "2026-02-12 12:00"  # when a scenario says nothing else
ADULT = date(1985, 4, 12)


@cache
def policy_set() -> PolicySet:
    folder = Path(shipped_files.__path__[0])
    return load_files([*sorted(folder.glob("*.toml")), INVENTED])


@dataclass(frozen=True)
class FilePolicies:
    """The shipped files and the invented library, as the daemon hands them to rules."""

    found: PolicySet

    def of(self, library: LibraryId, at: datetime) -> Policy:
        first = self.found.libraries[library].versions[0]
        return self.found.in_force(library, first.time.today(at))

    def version(self, policy_hash: str) -> Policy | None:
        return self.found.by_hash(policy_hash)

    def library_of(self, branch: BranchId) -> LibraryId:
        return library_of(branch)

    def network_of(self, library: LibraryId) -> Network | None:
        return self.found.network_of(library)


def library_of(branch: str) -> LibraryId:
    return LibraryId(branch[:3])


def policy_of(branch: str, when: str = THURSDAY) -> Policy:
    return policy_set().in_force(branch[:3], date.fromisoformat(when[:10]))


def moment(branch: str, when: str) -> datetime:
    """`"2026-02-12 12:00"`, or a day at noon, on the wall clock of the branch's library."""
    text = when if " " in when else f"{when} 12:00"
    return datetime.fromisoformat(text).replace(tzinfo=policy_of(branch).time.zone)


def day(text: str) -> date:
    return date.fromisoformat(text)


def money(text: str, library: str = "KAL") -> Money:
    return Money.parse(text, policy_of(library).currency)


# ---- patrons ------------------------------------------------------------------

BORN = {
    "K2": date(2011, 5, 20),
    "K4": date(2012, 2, 29),
    "K5": None,
    "K6": date(2015, 9, 1),
    "A2": date(2008, 9, 15),
    "A7": date(2010, 1, 10),
    "L4": date(2012, 3, 3),
    "L5": date(2016, 5, 5),
    "N2": date(2011, 10, 4),
}
CATEGORIES = {"L2": "home_service", "L3": "eldercare", "N3": "institution"}
HOME = {"K": "KAL-S", "A": "ASK-H", "L": "LYS-S", "N": "NYN-1", "I": "INV-1"}


def patron(name: str, **changes: Any) -> Patron:
    """One of the scenarios' patrons, or another adult: the first letter is the library's."""
    home = HOME[name[0]]
    made = Patron(
        id=PatronId(sum(ord(letter) << 8 * n for n, letter in enumerate(name))),
        library=library_of(home),
        card=name,
        birth_date=BORN.get(name, ADULT),
        category=CATEGORIES.get(name, "adult"),
        home_branch=BranchId(home),
        guardian_consent=name == "A7",
    )
    return replace(made, **changes)


# ---- items --------------------------------------------------------------------

ITEMS: dict[str, dict[str, Any]] = {
    "KB1": {"title": "KT1"},
    "KB2": {"title": "KT1"},
    "KB3": {"title": "KT3", "price": "310.00"},
    "KX1": {"title": "KT1", "loan_type": "express"},
    "KM1": {"material": "magazine"},
    "KG1": {"material": "game"},
    "KFF1": {"material": "film.feature"},
    "KFD1": {"material": "film.documentary"},
    "KFM1": {"material": "film.music"},
    "KCD1": {"material": "music.cd"},
    "AB1": {"title": "AT1"},
    "AX1": {"title": "AT1", "loan_type": "express"},
    "AC1": {"audience": "child"},
    "AD1": {"material": "film.dvd"},
    "AXF1": {"material": "film.dvd", "loan_type": "express"},
    "AG1": {"material": "game"},
    "AL1": {"material": "language_course"},
    "AP1": {"material": "puzzle"},
    "AE1": {"material": "equipment"},
    "LB1": {"price": "289.00"},
    "L7": {"loan_type": "7-day"},
    "L14": {"loan_type": "14-day"},
    "LC1": {"audience": "child"},
    "LC7": {"audience": "child", "loan_type": "7-day"},
    "LD1": {"material": "film.dvd"},
    "LDC1": {"material": "film.dvd", "audience": "child"},
    "LM1": {"material": "magazine"},
    "LR1": {"material": "reading_device"},
    "LT1": {"material": "talking_book"},
    "NF1": {"material": "film.dvd"},
    "NS1": {"material": "language_course"},
    "NCB1": {"audience": "child"},
}


def item(name: str, **changes: Any) -> Item:
    """One of the scenarios' items, or another adult book of the library of the first letter."""
    told = dict(ITEMS.get(name, {}))
    home = BranchId(HOME[name[0]])
    price = told.pop("price", None)
    title = str(told.pop("title", name))
    made = Item(
        id=ItemId(_number(name)),
        library=library_of(home),
        barcode=name,
        title_id=TitleId(_number(title)),
        title=title,
        home_branch=home,
        present_branch=home,
        price=money(str(price), home) if price else None,
    )
    return replace(made, **{**told, **changes})


def _number(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


# ---- what they have -------------------------------------------------------------


def loan(
    of: Item, who: Patron, due: str, *, branch: str | None = None, lent: str = "2026-01-02", **changes: Any
) -> LoanFacts:
    """An open loan that is due on the day `due`, made at the item's home branch unless told."""
    place = branch or of.home_branch
    policy = policy_of(place)
    made = Loan(
        id=LoanId(1000 + of.id),
        library=library_of(place),
        branch=BranchId(place),
        patron=who.id,
        item=of.id,
        account=AccountId("kasse1"),
        lent=moment(place, lent),
        due=due_instant(policy, day(due)),
        due_on=day(due),
        policy=policy.hash,
        row="row",
        fine_paid=policy.zero,
    )
    return LoanFacts(loan=replace(made, **changes), item=of)


def hold(for_item: Item, who: Patron, *, number: int = 1, ready: bool = False, **changes: Any) -> HoldFacts:
    """A hold on the item's title, waiting, or with this very item on the hold shelf."""
    made = Hold(
        id=HoldId(number),
        library=who.library,
        patron=who.id,
        title_id=for_item.title_id,
        trapped=for_item.id if ready else None,
        state=HoldState.READY if ready else HoldState.WAITING,
        pickup=for_item.home_branch,
        placed=moment(who.home_branch, "2026-01-20"),
    )
    return HoldFacts(hold=replace(made, **changes))


def charge(who: Patron, amount: str, kind: FeeKind = FeeKind.OVERDUE, number: int = 1) -> Charge:
    owed = money(amount, who.library)
    return Charge(
        id=ChargeId(number),
        library=who.library,
        patron=who.id,
        kind=kind,
        amount=owed,
        owed=owed,
        raised=moment(who.home_branch, "2026-02-01"),
        row="row",
        policy="hash",
    )


def block(who: Patron, *stops: Operation, reason: str = "manual_block", **changes: Any) -> Block:
    made = Block(
        id=BlockId(1),
        library=who.library,
        patron=who.id,
        stops=frozenset(stops) or frozenset({Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD}),
        note="",
        since=moment(who.home_branch, "2026-01-20"),
        reason=reason,
    )
    return replace(made, **changes)


# ---- facts ----------------------------------------------------------------------


def asked_by(branch: str, **changes: Any) -> AskedBy:
    made = AskedBy(
        account=AccountId(f"T-{branch}"),
        library=library_of(branch),
        branch=BranchId(branch),
        channel=Channel.SELFCHECK,
        trusts_patron=True,  # PINs are tested by themselves
    )
    return replace(made, **changes)


def facts(
    branch: str,
    when: str = THURSDAY,
    *,
    who: Patron | PatronFacts | None = None,
    what: Item | ItemFacts | None = None,
    by: AskedBy | None = None,
    found: PolicySet | None = None,
) -> Facts:
    """What a rule sees at `branch` at `when`; a bare patron or item has nothing but itself."""
    return Facts(
        now=moment(branch, when),
        asked_by=by or asked_by(branch),
        policies=FilePolicies(found or policy_set()),
        patron=PatronFacts(patron=who) if isinstance(who, Patron) else who,
        item=ItemFacts(item=what) if isinstance(what, Item) else what,
        ids=count(1),
    )


def lent_out(of: LoanFacts, who: Patron, holds: Iterable[HoldFacts] = ()) -> ItemFacts:
    """The item of an open loan."""
    return ItemFacts(item=of.item, loan=of.loan, borrower=who, holds=tuple(holds))
