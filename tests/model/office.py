"""The rest of what can be asked, and the comparison of all records with the reference."""

from typing import Any

from hypothesis import strategies as st

from backend import commands as ask
from backend import partner_commands as partner
from backend import staff_commands as staff
from backend.lookup_outcomes import PatronFound
from tests.model.records import MAIN, Person
from tests.model.reference import Library
from tests.model.town import Town, noon

__all__ = ["aside", "compare", "done_to_person", "noon", "of_person"]

NUMBER = partner.RequestNumber(agency="EX", value="1")


# ---- people -------------------------------------------------------------------------


def of_person(act: str, card: str, new_card: str) -> ask.Change:
    match act:
        case "block":
            return staff.BlockPatron(patron=card, note="said so")
        case "unblock":
            return staff.UnblockPatron(patron=card)
        case "lose":
            return ask.BlockCard(patron=card)
        case "find":
            return ask.EnablePatron(patron=card)
        case _:
            return staff.ReplaceCard(patron=card, new_card=new_card)


def done_to_person(says: Library, who: Person, act: str, new_card: str) -> None:
    match act:
        case "block":
            who.blocks += 1
        case "unblock":
            who.blocks, who.lost = 0, False
        case "lose":
            who.lost = True
        case "find":
            who.lost = False
        case _:
            who.old_cards.add(who.card)
            who.card, who.lost = new_card, False
            says.fees.append(says.card_fee(who))


# ---- what leaves loans, holds and money alone -----------------------------------------


def aside(cards: tuple[str, ...], barcodes: list[str]) -> st.SearchStrategy[Any]:
    """Commands that the reference does not know; what it does know, they must not touch."""
    patron, item = st.sampled_from(cards), st.sampled_from(barcodes)
    of_patron = (
        ask.EnterBuilding,
        ask.NotePinFailure,
        ask.ClearPinFailures,
        ask.LookUpPatron,
        staff.LinkCard,
        partner.UpdatePatron,
    )
    return st.one_of(
        *(st.builds(one, patron=patron) for one in of_patron),
        st.builds(staff.ResetPin, patron=patron, pin_hash=st.none()),
        st.builds(ask.LookUpItem, item=item),
        st.builds(ask.StoreProperties, item=item, properties=st.sampled_from(["", "310 g"])),
        st.builds(partner.LookUpTitle, title=st.sampled_from(["Bread", "Wine"])),
        st.builds(partner.LookUpRequest, patron=patron, item=item),
        st.builds(partner.UpdateItem, item=item, call_number=st.sampled_from(["A", "B"])),
        st.builds(partner.DeleteItem, item=item),
        st.builds(partner.CreateItem, item=st.sampled_from(["X1", "X2"])),
        st.builds(partner.CreatePatron, patron=st.sampled_from(["700", "800"])),
        st.builds(partner.TakeNotice, service=st.just("ItemShipped"), item=item, patron=patron),
        st.builds(ask.UndoCheckIn, patron=patron, item=st.just("X1")),
        st.builds(partner.RecallItem, item=st.just("X1")),
        st.builds(
            partner.ReportItem, patron=st.just("700"), item=st.just("X1"), report=st.sampled_from(list(partner.Report))
        ),
        st.builds(partner.AcceptItem, request=st.just(NUMBER), patron=st.just("700"), item=st.just("X3")),
    )


# ---- comparing --------------------------------------------------------------------------


LOANS = """
    select i.barcode, p.family_name, l.branch, l.due_on, l.renewals, l.claimed_returned, l.billed_on is not null
    from loans l join items i on i.id = l.item join patrons p on p.id = l.patron
    where l.closed_at is null and i.id > 900000 order by 1
"""
HOLDS = """
    select t.title, p.family_name, h.state, h.pickup, i.barcode, h.pickup_by
    from holds h join titles t on t.id = h.title_id join patrons p on p.id = h.patron
        left join items i on i.id = h.trapped
    where h.closed_at is null and t.id > 900000 order by t.title, h.placed, h.id
"""
ITEMS = "select barcode, state, present_branch, destination from items where id > 900000 order by 1"
FEES = """
    select p.family_name, c.kind, c.amount, c.owed from charges c join patrons p on p.id = c.patron
    where p.id > 900000 order by 1, 2, 3, 4
"""
NEVER = {  # each finds nothing, ever
    "two open loans of an item": "select item from loans where closed_at is null group by item having count(*) > 1",
    "a fee without a row": "select id from charges where policy_row = '' or policy = ''",
    "a settlement too much": """
        select c.id from charges c where c.amount - c.owed <
            (select coalesce(sum(s.amount), 0) from settlements s where s.charge = c.id)
    """,
    "money from nowhere": """
        select p.id from payments p where p.amount <
            (select coalesce(sum(s.amount), 0) from settlements s where s.payment = p.id)
    """,
    "an open hold without its copy": """
        select h.id from holds h join items i on i.id = h.trapped where h.closed_at is null and not (
            (h.state = 'ready' and i.state = 'hold_shelf' and i.present_branch = h.pickup)
            or (h.state = 'transit' and i.state = 'transit' and i.destination = h.pickup))
    """,
    "a copy set aside for nobody": """
        select i.id from items i where i.state = 'hold_shelf' and i.id > 900000 and not exists
            (select 1 from holds h where h.trapped = i.id and h.closed_at is null)
    """,
}
KEPT = """
    select l.id from loans l where l.closed_at < {before} and l.patron is not null
        and not exists (select 1 from charges c where c.loan = l.id and c.owed > 0)
"""


def compare(town: Town, says: Library) -> None:
    """Raises AssertionError with what is otherwise."""
    for what, query in NEVER.items():
        assert town.rows(query) == [], what
    assert town.rows(LOANS) == loans(says)
    assert town.rows(HOLDS) == holds(says)
    assert town.rows(ITEMS) == items(says)
    assert town.rows(FEES) == fees(says)
    assert town.rows("select coalesce(sum(amount), 0) from payments") == [(says.paid,)]
    for who in says.people:
        found = town.ask(ask.LookUpPatron(patron=who.card), MAIN)
        assert isinstance(found, PatronFound)
        assert found.owed.minor == says.debt(who) == sum(fee.owed.minor for fee in found.fees)


def loans(says: Library) -> list[tuple[Any, ...]]:
    return [
        (one.barcode, one.loan.who.card[:3], one.loan.branch, str(one.loan.due), one.loan.renewals, *flags(one.loan))
        for one in sorted(says.copies, key=lambda copy: copy.barcode)
        if one.loan
    ]


def flags(loan: Any) -> tuple[int, int]:
    return int(loan.claimed), int(loan.billed)


def holds(says: Library) -> list[tuple[Any, ...]]:
    return [
        (
            one.title,
            one.who.card[:3],
            one.state,
            one.pickup,
            one.copy.barcode if one.copy else None,
            str(one.last_day) if one.last_day else None,
        )
        for one in sorted(says.holds, key=lambda hold: hold.title)
    ]


def items(says: Library) -> list[tuple[Any, ...]]:
    return [
        (one.barcode, one.state, one.place, one.goes_to) for one in sorted(says.copies, key=lambda copy: copy.barcode)
    ]


def fees(says: Library) -> list[tuple[Any, ...]]:
    return sorted((fee.who.card[:3], fee.kind, fee.amount, fee.owed) for fee in says.fees)
