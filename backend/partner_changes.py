"""What a decision does to records that partners make: titles, items, patrons, and the numbers of their requests."""

from datetime import datetime

from backend.copy_commands import Article
from backend.model import AccountId, HoldId, IdentifierKind, Item, ItemId, LibraryId, Patron, PatronId, TitleId
from backend.partner_commands import Described, RequestNumber
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class AddTitle:
    """A new title, in a partner's words."""

    title: TitleId
    library: LibraryId
    described: Described


@value(frozen=True, slots=True, kw_only=True)
class PutTitle:
    """A title's words from now on."""

    title: TitleId
    described: Described


@value(frozen=True, slots=True, kw_only=True)
class AddItem:
    """A new item; its barcode is unique in the library."""

    item: Item


@value(frozen=True, slots=True, kw_only=True)
class PutItemRecord:
    """An item as it is from now on, its title and where it stands included."""

    item: Item


@value(frozen=True, slots=True, kw_only=True)
class AddPatron:
    """A new patron with one number, which is unique in the library."""

    patron: Patron
    kind: IdentifierKind
    number: str


@value(frozen=True, slots=True, kw_only=True)
class PutPatron:
    """Name, language and addresses from now on."""

    patron: Patron


@value(frozen=True, slots=True, kw_only=True)
class NumberRequest:
    """A partner's number for a hold or an item; unique for the account and the agency that counts."""

    account: AccountId
    library: LibraryId
    request: RequestNumber
    service: str
    at: datetime
    hold: HoldId | None = None
    item: ItemId | None = None
    patron: PatronId | None = None
    due: datetime | None = None
    renewable: bool = True
    row: int | None = None  # fresh id, where something else is to refer to it


@value(frozen=True, slots=True, kw_only=True)
class AddArticle:
    """What an ordered copy is a copy of, beside its title."""

    title: TitleId
    article: Article


PartnerChange = AddTitle | PutTitle | AddItem | PutItemRecord | AddPatron | PutPatron | NumberRequest | AddArticle
