"""Reference copies: lent by no row that does not speak of them."""

from pathlib import Path

import pytest

from backend.policy.facts import Facts
from backend.policy.loader import load_files
from backend.policy.model import NOT_LENT
from tests.backend.policy.samples import FOLDER, policy_of, shipped

FLAGGED = Facts(material="book", flags=frozenset({"reference"}))
TYPED = Facts(material="book", loan_type="reference")


@pytest.mark.parametrize("facts", [FLAGGED, TYPED])
@pytest.mark.parametrize("library", sorted(shipped().libraries))
def test_no_library_lends_them_unsaid(library: str, facts: Facts) -> None:
    policy = policy_of(library)
    assert policy.loan_row(facts) == NOT_LENT
    assert policy.loan_rows(facts) == (NOT_LENT,)
    assert policy.loan_row(Facts(material="book")).loanable


def test_a_library_may_say_otherwise(tmp_path: Path) -> None:
    text = (FOLDER / "nynorsk.toml").read_text("utf-8")
    row = '[[loan]]\nid = "over-night"\nwhen = { flags = ["reference"], material = ["book"] }\ndays = 1\n\n'
    file = tmp_path / "nynorsk.toml"
    first = text.index("[[loan]]")
    file.write_text(text[:first] + row + text[first:], "utf-8")
    policy = load_files([file]).libraries["NYN"].versions[-1]
    assert policy.loan_row(FLAGGED).id == "over-night"
    assert policy.loan_row(TYPED) == NOT_LENT
    assert policy.loan_row(FLAGGED._replace(material="film.dvd")) == NOT_LENT
