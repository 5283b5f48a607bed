"""What rules may look at beside patron and item when a partner asks: the request it names, and a title's copies."""

from datetime import datetime

from backend.copy_commands import Article
from backend.model import Hold, Item, LibraryId
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A number that the partner has used already."""

    id: int
    service: str
    hold: int | None = None
    item: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class RequestedFacts:
    """The hold that is named, open or closed."""

    hold: Hold
    title: str
    record: str | None = None
    barcode: str | None = None  # trapped or wanted copy
    any_barcode: str | None = None
    card: str = ""
    owner: LibraryId | None = None  # whose catalogue has the title
    position: int | None = None
    made_by_asker: bool = False  # the same partner asked for it


@value(frozen=True, slots=True, kw_only=True)
class CopyFacts:
    """A copy of the title that was asked for, and its loan."""

    item: Item
    due: datetime | None = None
    claimed_returned: bool = False
    billed: bool = False


@value(frozen=True, slots=True, kw_only=True)
class TitleFacts:
    """A title and its copies."""

    record: str | None
    isbn: str | None
    year: int | None
    copies: tuple[CopyFacts, ...]


@value(frozen=True, slots=True, kw_only=True)
class ArticleFacts:
    """What an ordered copy is a copy of, and the item that stands for it."""

    article: Article
    item: Item


@value(frozen=True, slots=True, kw_only=True)
class PartnerFacts:
    """All of it; empty for every other command."""

    request: RequestFacts | None = None
    requested: RequestedFacts | None = None
    title: TitleFacts | None = None
    ordered: ArticleFacts | None = None  # of the request that is named


NOTHING = PartnerFacts()
