"""LookupItemSet, page after page: everything asked for is told once, in its order, and the pages end."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.commands import LookUpItem
from backend.lookup_outcomes import ItemFound
from backend.model import TEMPORARY, BranchId, Item, ItemId, ItemState, LibraryId, TitleId
from backend.outcomes import Outcome, Reason, Refusal, Refused
from backend.partner_commands import LookUpTitle
from backend.partner_outcomes import CopyView, TitleFound
from protocols.ncip.bibliography import BibliographicId, BibliographicItemId
from protocols.ncip.codec import encode
from protocols.ncip.envelope import Message
from protocols.ncip.identifiers import ItemId as NamedItem
from protocols.ncip.lookups import LookupItemSet, LookupItemSetResponse
from protocols.ncip.problems import ProblemName
from server.desk.ncip_items import answer_set, ask_set
from server.desk.ncip_turn import Heard, NcipTurn
from tests.server.desk.test_ncip_rows import KALMAR, NOON, turn

UNKNOWN = Refused(at=NOON, refusals=(Refusal(reason=Reason.UNKNOWN_TITLE),))
KAL = LibraryId("KAL")


def item(barcode: str, *, gone: bool = False) -> Item:
    return Item(
        id=ItemId(1),
        library=KAL,
        barcode=barcode,
        title_id=TitleId(1),
        title="Sider",
        home_branch=BranchId("KAL-S"),
        present_branch=BranchId("KAL-S"),
        state=ItemState.WITHDRAWN if gone else ItemState.SHELF,
        flags=frozenset({TEMPORARY}) if gone else frozenset(),
    )


def title(number: int, copies: int | None, *, gone: int = 0) -> Outcome:
    """With that many copies, and some that are gone; None for a title that nobody knows."""
    if copies is None:
        return UNKNOWN
    here = [item(f"{number}-{copy}") for copy in range(copies)] + [item("gone", gone=True)] * gone
    return TitleFound(at=NOON, title="Sider", copies=tuple(CopyView(item=one, state=one.state) for one in here))


def found(commands: Sequence[object], titles: Sequence[Outcome]) -> Heard:
    outcomes: list[Outcome] = []
    for command in commands:
        assert isinstance(command, LookUpTitle | LookUpItem)
        if isinstance(command, LookUpTitle):
            outcomes.append(titles[int(command.title)])
        else:
            known = item(command.item)
            outcomes.append(ItemFound(at=NOON, item=known, state=known.state))
    return Heard(outcomes=tuple(outcomes))


def pages(message: LookupItemSet, titles: Sequence[Outcome], asker: NcipTurn) -> list[LookupItemSetResponse]:
    """What a client gets that asks until there is nothing more."""
    told: list[LookupItemSetResponse] = []
    for _ in range(10_000):
        asked = ask_set(message, asker)
        assert isinstance(asked, tuple)
        answer = answer_set(message, found(asked, titles), asker)
        assert isinstance(answer, LookupItemSetResponse)
        encode(answer)
        told.append(answer)
        if answer.next_item_token is None:
            return told
        message = replace(message, next_item_token=answer.next_item_token)
    raise AssertionError("no end")


def barcodes(answer: LookupItemSetResponse) -> list[str]:
    """Of every item and every title that is told of, a problem as a blank."""
    found = []
    for bib in answer.bib_information:
        copies = [one for holdings in bib.holdings_set for one in holdings.item_information if one.item_id]
        found += [one.item_id.item_identifier_value for one in copies if one.item_id] if not bib.problem else [""]
    return found


def by_title(titles: int, most: int | None = None) -> LookupItemSet:
    ids = (
        BibliographicId(bibliographic_item_id=BibliographicItemId(bibliographic_item_identifier=str(n)))
        for n in range(titles)
    )
    return LookupItemSet(bibliographic_id=tuple(ids), maximum_items_count=most)


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 4)), st.integers(0, 1)), min_size=1, max_size=12),
    st.one_of(st.none(), st.integers(-1, 5)),
)
def test_every_copy_and_every_unknown_title_is_told_once(shelf: list[tuple[int | None, int]], most: int | None) -> None:
    titles = [title(number, copies, gone=gone) for number, (copies, gone) in enumerate(shelf)]
    told = pages(by_title(len(titles), most), titles, turn())
    wanted: list[str] = []
    for number, (copies, _) in enumerate(shelf):
        wanted += [f"{number}-{copy}" for copy in range(copies or 0)] or [""]
    assert [one for answer in told for one in barcodes(answer)] == wanted
    assert all(len(barcodes(answer)) <= (most if most and most > 0 else 100) for answer in told)


def test_more_titles_than_one_answer_holds() -> None:
    titles = [title(number, 1) for number in range(601)]
    told = pages(by_title(601, 500), titles, turn())
    assert [len(barcodes(answer)) for answer in told] == [500, 101]


@pytest.mark.parametrize("most", [-1, 0, 1, 2, 3, 4])
def test_items_by_their_own_numbers(most: int) -> None:
    items = tuple(NamedItem(item_identifier_value=f"B{number}") for number in range(3))
    told = pages(LookupItemSet(item_id=items, maximum_items_count=most), [], turn())
    assert [one for answer in told for one in barcodes(answer)] == ["B0", "B1", "B2"]


def refused_with(answer: Message | tuple[object, ...]) -> ProblemName:
    assert isinstance(answer, LookupItemSetResponse)
    return ProblemName(answer.problem[0].problem_type.value)


def test_a_token_is_good_for_its_question_alone() -> None:
    first = pages(by_title(1, 1), [title(0, 2)], turn())[0]
    message = replace(by_title(1, 1), next_item_token=first.next_item_token)
    elsewhere = replace(turn(), library=replace(KALMAR, id=LibraryId("LYS")))
    assert isinstance(ask_set(message, turn()), tuple)
    assert refused_with(ask_set(message, elsewhere)) is ProblemName.ELEMENT_RULE_VIOLATED
    assert refused_with(ask_set(replace(message, maximum_items_count=2), turn())) is ProblemName.ELEMENT_RULE_VIOLATED


def test_copies_that_went_between_two_pages() -> None:
    first = pages(by_title(1, 1), [title(0, 2)], turn())[0]
    message = replace(by_title(1, 1), next_item_token=first.next_item_token)
    asked = ask_set(message, turn())
    assert isinstance(asked, tuple)
    answer = answer_set(message, found(asked, [title(0, 1)]), turn())
    assert refused_with(answer) is ProblemName.ELEMENT_RULE_VIOLATED
