"""An order of a library that takes part in no network: its staff find a lender, and the copy is on record until then.

Source: policies LYS-23, KAL-30; what it costs and how long it is lent is decided when it is collected.
"""

from backend.changes import Change, NoteForStaff
from backend.facts import Facts
from backend.model import TEMPORARY, Item, ItemId, ItemState, TitleId
from backend.order_commands import OrderTitle
from backend.partner_changes import AddItem, AddTitle
from backend.partner_commands import Described
from backend.rules.hold import COURSE
from backend.rules.order_stock import LENT_IN

TO_ORDER = "ill_to_order"  # on our staff's list: a lender is to be found


def on_order(facts: Facts, command: OrderTitle, found: Item | None) -> tuple[Item, tuple[Change, ...]]:
    """The copy that will come, and what puts it on record: under a number of ours, that goes on its slip."""
    number = ItemId(next(facts.ids))
    described = words_of(facts, command, found)
    branch = facts.asked_by.branch
    copy = Item(
        id=number,
        library=facts.asked_by.library,
        barcode=f"ILL-{number}",
        title_id=TitleId(next(facts.ids)),
        title=described.title,
        author=described.author,
        material=found.material if found else command.material,
        audience=found.audience if found else "adult",
        loan_type=LENT_IN,
        language=found.language if found else None,
        flags=frozenset({TEMPORARY} | (found.flags & {COURSE} if found else set())),
        home_branch=branch,
        present_branch=branch,
        state=ItemState.ON_ORDER,
        media_type=found.media_type if found else "000",
    )
    todo = NoteForStaff(
        library=copy.library, reason=TO_ORDER, at=facts.now, item=copy.id, text=f"{copy.barcode} {described.title}"
    )
    return copy, (AddTitle(title=copy.title_id, library=copy.library, described=described), AddItem(item=copy), todo)


def words_of(facts: Facts, command: OrderTitle, found: Item | None) -> Described:
    """As a catalogue of ours has it, else as the order says."""
    if found is None:
        return command.described or Described()
    known = next(copy for copy in facts.order.copies if copy.item.id == found.id)
    return Described(title=found.title, author=found.author, year=known.year, isbn=known.isbn)
