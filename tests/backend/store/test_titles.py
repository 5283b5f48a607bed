"""A title by the numbers that it is known by, on both databases."""

from pathlib import Path

import pytest

from backend.outcomes import Reason
from backend.partner_commands import LookUpTitle
from backend.partner_outcomes import TitleFound
from backend.store.store import Store
from tests.backend.store.moving import Library, refusals


@pytest.fixture
def kalmar(store: Store, tmp_path: Path) -> Library:
    library = Library(store, tmp_path)
    library.take("items", "barcode,title,home_branch,issn\n401,Nature 1/2026,KAL-S,0028-0836\n")
    return library


@pytest.mark.parametrize("number", ["0028-0836", "00280836", " 0028 0836 "])
def test_a_serial_is_found_by_its_issn(kalmar: Library, number: str) -> None:
    found = kalmar.do(LookUpTitle(title=number))
    assert isinstance(found, TitleFound)
    assert [copy.item.barcode for copy in found.copies] == ["401"]


@pytest.mark.parametrize("number", ["0028-0837", "2434-561X", "issn:00280836"])
def test_another_number_finds_none(kalmar: Library, number: str) -> None:
    assert refusals(kalmar.do(LookUpTitle(title=number))) == [Reason.UNKNOWN_TITLE]


def test_a_record_s_own_number_goes_before(kalmar: Library) -> None:
    kalmar.take("items", "barcode,title,home_branch,record\n402,Another,KAL-S,00280836\n")
    found = kalmar.do(LookUpTitle(title="00280836"))
    assert isinstance(found, TitleFound)
    assert [copy.item.barcode for copy in found.copies] == ["402"]
