"""A library with a few patrons and copies, that a test may bring more into: with its desk, and its office."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from backend import policies as shipped
from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.commands import Command, LookUpItem, LookUpPatron, RepeatKey
from backend.jobs.run import Jobs
from backend.lookup_outcomes import ItemFound, PatronFound
from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.outcomes import Outcome, Reason, Refused
from backend.policy.loader import load_policies
from backend.policy.shelf import PolicyShelf
from backend.store.store import Store
from server.imports.running import Report, import_file
from server.imports.taking import importers_of
from server.office.clerk import Clerk
from server.office.client import OwnClerk
from tests.backend.store.world import KAL, MAIN, PLACES

NOW = datetime(2026, 2, 12, 11, 0, tzinfo=UTC)
INVENTED = Path(__file__).parents[1] / "policy"  # where the invented libraries' files are
PATRONS = """card,home_branch,name,birth_date
A1,{0},Anna Berg,1985-04-12
B1,{0},Bo Berg,1980-01-01
C1,{0},Cy Ek,1970-01-01
"""
ITEMS = "barcode,title,home_branch,record,isbn,price\n" + "".join(
    f"{barcode},{title},{{0}},{record},,310.00\n"
    for barcode, title, record in (
        ("301", "Sult", "r1"),
        ("302", "Sult", "r1"),
        ("303", "Pan", "r2"),
        ("304", "Victoria", "r3"),
    )
)


@cache
def shelf(folder: Path | None = None) -> PolicyShelf:
    return PolicyShelf(load_policies(folder or Path(shipped.__path__[0])))


@dataclass
class Library:
    """One library with three patrons and four copies, and its desk."""

    store: Store
    folder: Path
    name: LibraryId = KAL
    branch: BranchId = MAIN
    policies: Path | None = None
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def __post_init__(self) -> None:
        self.circulation = Circulation(self.store, shelf(self.policies), self.clock)
        importers = importers_of(shelf(self.policies), PLACES.identity)
        self.office = OwnClerk(
            Clerk(self.store, self.circulation, shelf(self.policies), self.clock, importers=importers)
        )
        self.take("patrons", PATRONS.format(self.branch))
        self.take("items", ITEMS.format(self.branch))

    def take(self, kind: str, content: str) -> Report:
        path = self.folder / f"{kind}.csv"
        path.write_text(content, "utf-8")
        *_, report = import_file(self.office, kind, path, self.name)
        return report

    def do(
        self, command: Command, account: str = "desk", branch: str | None = None, key: RepeatKey | None = None
    ) -> Outcome:
        by = AskedBy(
            account=AccountId(account),
            library=self.name,
            branch=BranchId(branch or self.branch),
            channel=Channel.DESK,
            trusts_patron=True,
            free_return_ok=True,
        )
        return self.circulation.handle(command, by, key or RepeatKey())

    def patron(self, card: str) -> PatronFound:
        found = self.do(LookUpPatron(patron=card))
        assert isinstance(found, PatronFound)
        return found

    def item(self, barcode: str) -> ItemFound:
        found = self.do(LookUpItem(item=barcode))
        assert isinstance(found, ItemFound)
        return found

    def run_jobs(self, day: date) -> None:
        Jobs(self.store, shelf(self.policies), self.clock, "test").run(self.name, day)


def refusals(outcome: Outcome) -> list[Reason]:
    assert isinstance(outcome, Refused), outcome
    return [refusal.reason for refusal in outcome.refusals]
