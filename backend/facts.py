"""All that a rule may look at: read in one statement by the store, handed over as frozen values.

`now` is a fact like any other. `ids` hands out fresh row ids, so that a decision is complete before it is written.
"""

from collections.abc import Iterator
from dataclasses import field
from datetime import datetime
from typing import Protocol

from backend.changes import Change
from backend.model import AskedBy, Block, BranchId, Charge, Hold, Item, ItemId, LibraryId, Loan, Patron, PatronId
from backend.money import Money
from backend.order_facts import NOTHING_ORDERED, OrderFacts
from backend.outcomes import Outcome
from backend.partner_facts import NOTHING, PartnerFacts
from backend.policy.model import Policy
from backend.policy.network import Network
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """An open hold with what screens and routes need of it."""

    hold: Hold
    title: str = ""
    barcode: str | None = None  # of the trapped or wanted copy
    owner: LibraryId | None = None  # whose copies they are
    position: int | None = None
    patron_card: str = ""
    patron_name: str = ""
    barred: bool = False  # a block by hand may keep copies from the patron: the account is read too


@value(frozen=True, slots=True, kw_only=True)
class LoanFacts:
    """An open loan with its item; the policy in force for each question is chosen by the rule (C-26)."""

    loan: Loan
    item: Item
    holds: tuple[HoldFacts, ...] = ()  # the title's open holds, read for RenewAll and for Renew by title only


@value(frozen=True, slots=True, kw_only=True)
class PatronFacts:
    """A patron with open loans, open charges, standing blocks and open holds, each in stable order."""

    patron: Patron
    loans: tuple[LoanFacts, ...] = ()
    charges: tuple[Charge, ...] = ()
    blocks: tuple[Block, ...] = ()
    holds: tuple[HoldFacts, ...] = ()


@value(frozen=True, slots=True, kw_only=True)
class LastAct:
    """The newest journal row that touched the item: what an undo takes back, what a repeat repeats."""

    journal: int
    at: datetime
    account: str
    command: str  # class name of the command
    patron: int | None
    granted: bool
    outcome: Outcome


@value(frozen=True, slots=True, kw_only=True)
class BorrowedIn:
    """What lending needs of the interlibrary request that an item is here for."""

    request: int
    due: datetime | None = None  # the lender's; lent to our patron until then
    course: bool = False  # staff marked the request as course literature
    copy_price: Money | None = None  # what the order of a copy costs
    fee_taken: bool = False  # once per request and item, however often it is lent under that request


@value(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """An item, its open loan, the title's open holds in queue order, and the copies of the title now on a shelf."""

    item: Item
    loan: Loan | None = None
    borrower: Patron | None = None
    holds: tuple[HoldFacts, ...] = ()
    shelf: tuple[Item, ...] = ()  # loanable or not, of the same library, state SHELF, not on loan
    charges: tuple[Charge, ...] = ()  # of the open loan, settled ones included
    last: LastAct | None = None
    last_loan: Loan | None = None  # newest closed loan, for an undo
    last_charges: tuple[Charge, ...] = ()  # of that loan
    lent_last: ItemId | None = None  # what the asker lent last to the borrower
    borrowed_in: BorrowedIn | None = None
    account: PatronFacts | None = None  # of the borrower, where what is let off may leave a block standing
    holders: tuple[PatronFacts, ...] = ()  # who wait, where a block may keep copies from them


class Policies(Protocol):
    """Every library's policy versions, cached by the daemon and never queried per message."""

    def of(self, library: LibraryId, at: datetime) -> Policy:
        """The version in force on the library's local day of `at` (C-26). Raises KeyError for an unknown library."""

    def version(self, policy_hash: str) -> Policy | None:
        """The version a loan was made under, None when its file is gone."""

    def library_of(self, branch: BranchId) -> LibraryId:
        """The library a branch belongs to. Raises KeyError for an unknown branch."""

    def network_of(self, library: LibraryId) -> Network | None:
        """The libraries with which a library lends and shares cards, None for one that takes part in no network."""


@value(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a command's rule may look at."""

    now: datetime
    asked_by: AskedBy
    policies: Policies
    patron: PatronFacts | None = None
    item: ItemFacts | None = None
    partner: PartnerFacts = NOTHING
    order: OrderFacts = NOTHING_ORDERED
    holder: PatronId | None = None  # who at this library has the number that a new card is to have
    paid_alike: bool = False  # the account has paid just this for the patron a moment ago, both without a number
    other: PatronFacts | None = None  # a second patron of the library, when the command names one
    ids: Iterator[int] = field(compare=False)

    @property
    def policy(self) -> Policy:
        """The asking library's policy in force today."""
        return self.policies.of(self.asked_by.library, self.now)


@value(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a rule answers: the outcome, and the changes that make it true.

    A refusal changes no circulation record, but may leave a note for staff.
    """

    outcome: Outcome
    changes: tuple[Change, ...] = ()
