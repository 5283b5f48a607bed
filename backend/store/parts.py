"""The branches of the facts statement: one function for each part, all hanging on who asks and on the thing in hand.

`who` finds the patron by the presented number, at the asking library first and then in its network; `what` finds the
item by barcode, the asking library's first and then any of the installation (return anywhere), or a copy of a title.
Lists come unordered; whoever reads them puts them in order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.sql.expression import literal_column

from backend.model import TEMPORARY
from backend.store.needs import Part
from backend.store.rows import BLOCK, CHARGE, HOLD, ITEM, LOAN, ONE, PATRON, patron_record, readable_card
from backend.store.union import Branch
from backend.tables import blocks, charges, holds, identifiers, items, loans, patrons, titles

ZERO: ColumnElement[int] = literal_column("0")
VALID: ColumnElement[str] = literal_column("'valid'")
OPEN_LOAN = loans.c.closed_at.is_(None)
OPEN_HOLD = holds.c.closed_at.is_(None)
copies = items.alias("copies")

# ---- who and what ---------------------------------------------------------------


def presented_patron() -> CTE:
    """`who(id, state)`: at most one row.

    Asked one after the other and not sorted by preference, which costs SQLite twice as much: whoever has the number at
    the asking library, whoever has it there as an identity number, and whoever has it elsewhere in the network.
    """
    value, state = identifiers.c.value, case((identifiers.c.lost, literal_column("'lost'")), else_=VALID)
    known = select(identifiers.c.patron.label("id"), state.label("state"))
    here = identifiers.c.library == bindparam("library")
    visiting = (
        select(identifiers.c.patron.label("id"), literal_column("'unlinked'").label("state"))
        .where(or_(value == bindparam("number"), value == bindparam("identity")), ~here)
        .where(text("identifiers.kind = 'national'"), identifiers.c.scope == bindparam("network"))
        .order_by(identifiers.c.lost, identifiers.c.patron)
        .limit(ONE)
        .subquery("elsewhere")
    )
    found = union_all(
        known.where(here, value == bindparam("number")),
        known.where(here, value == bindparam("identity")),
        select(visiting),
    )
    return found.limit(ONE).cte("who")


NOT_GONE = text(f"not (items.state = 'withdrawn' and items.flags like '%{TEMPORARY}%')")  # as `Item.is_gone`


def item_by_barcode() -> CTE:
    """`what(id, title_id)`: the asking library's copy, else whoever's."""
    copy = select(items.c.id, items.c.title_id).where(items.c.barcode_key == bindparam("barcode"))
    ours = items.c.library == bindparam("library")
    others = copy.where(~ours).order_by(items.c.id).limit(ONE).subquery("elsewhere")
    return union_all(copy.where(ours), select(others)).limit(ONE).cte("what")


def named_title() -> ColumnElement[int]:
    """A title of the asking library by record number, by ISBN or ISSN, or by its exact title when only one has it.

    One whose copies are all gone again is none.
    """
    copy = exists().where(items.c.title_id == titles.c.id).correlate(titles)
    ours = and_(titles.c.library == bindparam("library"), or_(copy.where(NOT_GONE), ~copy))
    record = select(titles.c.id).where(ours, titles.c.record == bindparam("record"))
    isbn = select(func.min(titles.c.id)).where(ours, titles.c.isbn == bindparam("isbn"))
    issn = select(func.min(titles.c.id)).where(ours, titles.c.match_key == bindparam("issn"))
    exact = (
        select(func.min(titles.c.id))
        .where(ours, titles.c.title_key == bindparam("title_key"))
        .having(func.count() == ONE)
    )
    return func.coalesce(*(way.scalar_subquery() for way in (record, isbn, issn, exact)))


def copy_of_title(who: CTE) -> CTE:
    """`what(id, title_id)`: the copy that the patron has, else one on the shelf, else any."""
    theirs = exists().where(loans.c.item == items.c.id, OPEN_LOAN, loans.c.patron == who_id(who)).correlate(items)
    return (
        select(items.c.id, items.c.title_id)
        .where(items.c.title_id == named_title(), NOT_GONE)
        .order_by(
            case((theirs, ZERO), else_=ONE),
            case((text("items.state = 'shelf'"), ZERO), else_=ONE),
            items.c.id,
        )
        .limit(ONE)
        .cte("what")
    )


def held_copy() -> CTE:
    """`what(id, title_id)`: the copy that is set aside for the hold, else the one it wants, else any of its title.

    Whoever's it is: another library may have the same barcode.
    """
    held = holds.alias("held")
    named = held.c.id == bindparam("hold", type_=holds.c.id.type)
    wanted = select(func.coalesce(held.c.trapped, held.c.item)).where(named).scalar_subquery()
    of_title = select(held.c.title_id).where(named).scalar_subquery()
    return (
        select(items.c.id, items.c.title_id)
        .where(items.c.title_id == of_title)
        .order_by(case((items.c.id == wanted, ZERO), else_=ONE), items.c.id)
        .limit(ONE)
        .cte("what")
    )


def who_id(who: CTE) -> ScalarSelect[int]:
    """The patron that the number led to, as a value of the statement."""
    return select(who.c.id).scalar_subquery()


def own_patron(who: CTE) -> ScalarSelect[int]:
    """The patron's number, if he is one of the asking library's: what he does elsewhere is not for our eyes."""
    return select(who.c.id).where(text("who.state <> 'unlinked'")).scalar_subquery()


# ---- about the patron --------------------------------------------------------------


def patron(who: CTE) -> Branch:
    record = patron_record(who.c.state)
    return Branch(Part.PATRON, record.columns, lambda rows: rows.join_from(patrons, who, patrons.c.id == who.c.id))


def patron_loans(who: CTE) -> Branch:
    def complete(rows: Select[Any]) -> Select[Any]:
        joined = rows.select_from(
            loans.join(items, items.c.id == loans.c.item).join(titles, titles.c.id == items.c.title_id)
        )
        return joined.where(loans.c.patron == own_patron(who), OPEN_LOAN)

    return Branch(Part.PATRON_LOANS, [*LOAN.columns, *ITEM.columns], complete)


def loans_holds(who: CTE) -> Branch:
    theirs = (
        select(copies.c.title_id)
        .join_from(loans, copies, copies.c.id == loans.c.item)
        .where(loans.c.patron == own_patron(who), OPEN_LOAN)
    )
    return Branch(Part.LOANS_HOLDS, HOLD.columns, lambda rows: rows.where(holds.c.title_id.in_(theirs), OPEN_HOLD))


def open_charges(who: CTE) -> Branch:
    owed = text("charges.owed > 0")
    return Branch(Part.CHARGES, CHARGE.columns, lambda rows: rows.where(charges.c.patron == own_patron(who), owed))


def standing_blocks(who: CTE) -> Branch:
    stands = and_(blocks.c.lifted_at.is_(None), or_(blocks.c.until.is_(None), blocks.c.until >= bindparam("yesterday")))
    return Branch(Part.BLOCKS, BLOCK.columns, lambda rows: rows.where(blocks.c.patron == own_patron(who), stands))


def ahead() -> ScalarSelect[int]:
    """How many wait for the same title and were there before the hold; of one instant, the first on record."""
    before = holds.alias("before")
    return (
        select(func.count())
        .select_from(before)
        .where(
            before.c.title_id == holds.c.title_id,
            before.c.closed_at.is_(None),
            text("before.state = 'waiting'"),
            or_(before.c.placed < holds.c.placed, and_(before.c.placed == holds.c.placed, before.c.id < holds.c.id)),
        )
        .correlate(holds)
        .scalar_subquery()
    )


def patron_holds(who: CTE) -> Branch:
    """With title, barcode of the copy concerned, and how many stand before it."""

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = holds.join(titles, titles.c.id == holds.c.title_id).outerjoin(
            copies, copies.c.id == func.coalesce(holds.c.trapped, holds.c.item)
        )
        return rows.select_from(joined).where(holds.c.patron == own_patron(who), OPEN_HOLD)

    return Branch(
        Part.PATRON_HOLDS, [*HOLD.columns, titles.c.title, copies.c.barcode, titles.c.library, ahead()], complete
    )


def number_holder() -> Branch:
    """Who of the library's own has the number that is to be given out, lost or not."""
    same = or_(identifiers.c.value == bindparam("new_number"), identifiers.c.value == bindparam("new_identity"))
    columns = [identifiers.c.patron, identifiers.c.kind]
    here = identifiers.c.library == bindparam("library")
    return Branch(Part.HOLDER, columns, lambda rows: rows.where(here, same))


# ---- about the item -----------------------------------------------------------------


def item(what: CTE) -> Branch:
    def complete(rows: Select[Any]) -> Select[Any]:
        joined = rows.select_from(items.join(titles, titles.c.id == items.c.title_id))
        return joined.where(items.c.id == item_id(what))

    return Branch(Part.ITEM, ITEM.columns, complete)


def open_loan(what: CTE) -> Branch:
    def complete(rows: Select[Any]) -> Select[Any]:
        joined = rows.select_from(loans.join(patrons, patrons.c.id == loans.c.patron))
        return joined.where(loans.c.item == item_id(what), OPEN_LOAN)

    return Branch(Part.LOAN, [*LOAN.columns, *PATRON.columns], complete)


def may_be_barred() -> ColumnElement[bool]:
    """Whether a block by hand says that no copy is set aside for who waits."""
    by_hand = blocks.alias("by_hand")
    stops = text("by_hand.stops like '%capture%'")
    return exists().where(by_hand.c.patron == holds.c.patron, by_hand.c.lifted_at.is_(None), stops).correlate(holds)


def queue(what: CTE) -> Branch:
    """With the copy's barcode, and the card and name of who waits."""
    columns = [
        *HOLD.columns,
        copies.c.barcode,
        readable_card(holds.c.patron),
        patrons.c.family_name,
        patrons.c.given_name,
        may_be_barred(),
    ]

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = holds.join(patrons, patrons.c.id == holds.c.patron).outerjoin(
            copies, copies.c.id == func.coalesce(holds.c.trapped, holds.c.item)
        )
        title = select(what.c.title_id).scalar_subquery()
        return rows.select_from(joined).where(holds.c.title_id == title, OPEN_HOLD)

    return Branch(Part.QUEUE, columns, complete)


def shelf(what: CTE) -> Branch:
    """Copies of the title at the item's own library that stand on a shelf and are not out."""
    out = exists().where(loans.c.item == items.c.id, OPEN_LOAN).correlate(items)
    owner = select(copies.c.library).where(copies.c.id == item_id(what)).scalar_subquery()

    def complete(rows: Select[Any]) -> Select[Any]:
        joined = rows.select_from(items.join(titles, titles.c.id == items.c.title_id))
        title = select(what.c.title_id).scalar_subquery()
        return joined.where(items.c.title_id == title, text("items.state = 'shelf'"), items.c.library == owner, ~out)

    return Branch(Part.SHELF, ITEM.columns, complete)


def loan_charges(what: CTE) -> Branch:
    loan = select(loans.c.id).where(loans.c.item == item_id(what), OPEN_LOAN).scalar_subquery()
    return Branch(Part.LOAN_CHARGES, CHARGE.columns, lambda rows: rows.where(charges.c.loan == loan))


def newest_closed_loan(what: CTE) -> ScalarSelect[int]:
    """The loan that a return ended; one that was taken back never was."""
    ended = [
        loans.c.item == item_id(what),
        loans.c.closed_at.is_not(None),
        ~loans.c.undone,
        loans.c.patron.is_not(None),
    ]
    newest = select(loans.c.id).where(*ended).order_by(loans.c.closed_at.desc(), loans.c.id.desc())
    return newest.limit(ONE).scalar_subquery()


def last_loan(what: CTE) -> Branch:
    return Branch(Part.LAST_LOAN, LOAN.columns, lambda rows: rows.where(loans.c.id == newest_closed_loan(what)))


def last_charges(what: CTE) -> Branch:
    newest = newest_closed_loan(what)
    return Branch(Part.LAST_CHARGES, CHARGE.columns, lambda rows: rows.where(charges.c.loan == newest))


def item_id(what: CTE) -> ScalarSelect[int]:
    """The item in hand, as a value of the statement."""
    return select(what.c.id).scalar_subquery()


ABOUT_PATRON: Mapping[Part, Callable[[CTE], Branch]] = {
    Part.PATRON: patron,
    Part.PATRON_LOANS: patron_loans,
    Part.LOANS_HOLDS: loans_holds,
    Part.CHARGES: open_charges,
    Part.BLOCKS: standing_blocks,
    Part.PATRON_HOLDS: patron_holds,
}
ABOUT_ITEM: Mapping[Part, Callable[[CTE], Branch]] = {
    Part.ITEM: item,
    Part.LOAN: open_loan,
    Part.QUEUE: queue,
    Part.SHELF: shelf,
    Part.LOAN_CHARGES: loan_charges,
    Part.LAST_LOAN: last_loan,
    Part.LAST_CHARGES: last_charges,
}
ABOUT_ACCOUNT: Mapping[Part, Callable[[], Branch]] = {Part.HOLDER: number_holder}
