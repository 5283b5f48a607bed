"""What a policy row may look at, read off the records. It knows how facts are named on both sides, and no rule."""

from datetime import date, datetime
from typing import NamedTuple

from backend.facts import Facts
from backend.model import BranchId, CardState, Channel, Item, LibraryId, Loan, Patron
from backend.money import Money
from backend.policy.dates import age_on
from backend.policy.facts import Channel as PolicyChannel
from backend.policy.facts import Facts as Circumstances
from backend.policy.facts import Operation as PolicyOperation
from backend.policy.model import Policy
from backend.policy.places import Branch
from backend.policy.sections import WhoseRules

CHANNELS: dict[Channel, PolicyChannel] = {
    Channel.SELFCHECK: "selfcheck",
    Channel.DESK: "desk",
    Channel.WEB: "web",
    Channel.PARTNER: "partner",
    Channel.DROP: "drop",
    Channel.ENTRY: "entry",
    Channel.JOB: "desk",  # a job does what a person at the desk would do
}
UNKNOWN = Circumstances()  # what a row sees of a patron or an item that the question is not about


def policy_on(facts: Facts, library: LibraryId, on: date) -> Policy:
    """The version in force at `library` on its local day `on`, for money that arises that day (C-26)."""
    today = facts.policies.of(library, facts.now)
    if on == today.time.today(facts.now):
        return today
    return facts.policies.of(library, today.time.end_of(on))


def lenders_policy(facts: Facts, policy: Policy, owner: LibraryId, whose: WhoseRules, at: datetime) -> Policy:
    """The rules of the library of ours that lends, for a question that is the lender's to answer; else one's own.

    Source: policies NOR-14. What comes from outside the installation has its rules with the item.
    """
    if owner == policy.library.id or whose != "lender":
        return policy
    try:
        return facts.policies.of(owner, at)
    except KeyError:  # it has left the installation; its books have not
        return policy


def place(policy: Policy, branch: BranchId) -> Branch:
    """The branch as the policy has it; one that the file no longer names counts as the library's first."""
    return policy.branches.get(branch) or next(iter(policy.branches.values()))


def circumstances(
    facts: Facts,
    policy: Policy,
    op: PolicyOperation,
    *,
    patron: Patron | None = None,
    item: Item | None = None,
    branch: BranchId | None = None,
    waiting: int = 0,
    at: datetime | None = None,
) -> Circumstances:
    """One question's facts, where the asker stands or at `branch`, where the loan was made; now or at `at`."""
    asked = _Question(
        policy=policy,
        op=op,
        channel=CHANNELS[facts.asked_by.channel],
        branch=branch or facts.asked_by.branch,
        day=policy.time.today(at or facts.now),
    )
    return asked.about(patron, item, waiting)


def circumstances_of_loan(policy: Policy, loan: Loan, item: Item, patron: Patron | None, on: date) -> Circumstances:
    """The facts for a question about money: the same whoever asks and from wherever (C-09), at the loan's branch."""
    asked = _Question(policy=policy, op="return", channel="selfcheck", branch=loan.branch, day=on)
    return asked.about(patron, item)


def price_in(currency: str, item: Item) -> Money | None:
    """The item's recorded price; one in another currency says nothing here."""
    return item.price if item.price and item.price.currency == currency else None


class _Question(NamedTuple):
    """What is asked, where and when."""

    policy: Policy
    op: PolicyOperation
    channel: PolicyChannel
    branch: BranchId
    day: date

    def about(self, patron: Patron | None, item: Item | None, waiting: int = 0) -> Circumstances:
        """With what is known of patron and item; what is not known stays unknown."""
        there = self.policy.branches.get(self.branch)
        return Circumstances(
            category=patron.category if patron else UNKNOWN.category,
            age=age_on(patron.birth_date, self.day) if patron else UNKNOWN.age,
            home_branch=patron.home_branch if patron else UNKNOWN.home_branch,
            linked=patron is None or patron.card_state is not CardState.UNLINKED,
            material=item.material if item else UNKNOWN.material,
            audience=item.audience if item else UNKNOWN.audience,
            loan_type=item.loan_type if item else UNKNOWN.loan_type,
            language=item.language if item else UNKNOWN.language,
            flags=item.flags if item else UNKNOWN.flags,
            item_home_branch=item.home_branch if item else UNKNOWN.item_home_branch,
            price=price_in(self.policy.currency, item) if item else UNKNOWN.price,
            item_age_days=(self.day - item.acquired).days if item and item.acquired else UNKNOWN.item_age_days,
            branch=self.branch,
            branch_kind=there.kind if there else None,
            channel=self.channel,
            op=self.op,
            waiting=waiting,
            day=self.day,
            day_kind=there.calendar.kind(self.day) if there else None,
        )
