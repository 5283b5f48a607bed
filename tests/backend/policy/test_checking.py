"""Files checked on their own terms: what the loader finds, patterns, networks, and what is only worth a look."""

from pathlib import Path

import pytest

from backend.policy.checking import check_files
from tests.backend.policy.samples import FOLDER, written
from tests.backend.policy.test_loader import SOUND

BLOCK = '\n[[block]]\nid = "{}"\nwhen = {{ {} }}\nstops = {}\n'


def test_all_that_is_shipped_is_sound() -> None:
    found = check_files([FOLDER])
    assert found.mistakes == ()
    assert set(found.libraries) == {"ASK", "LYS", "KAL", "NYN", "BAR", "LIE", "LAR", "SAN", "TON", "BER"}
    assert [str(one) for one in found.warnings] == [
        "kalmar.toml:136: overdue.KAL-25.amount: is not set: nothing is charged"
    ]


def test_a_pattern_is_judged_by_itself(tmp_path: Path) -> None:
    text = (FOLDER / "generic.toml").read_text("utf-8").replace("days = 28", "weeks = 4")
    found = check_files([written(tmp_path, text, "generic.toml")])
    assert [one.key for one in found.mistakes] == ["loan.GEN-loan.weeks"]
    assert found.libraries == ()


def test_a_network_is_judged_as_one(tmp_path: Path) -> None:
    text = (FOLDER / "norgeslan.toml").read_text("utf-8").replace("[network]", "[network]\ncolour = 3")
    assert [one.key for one in check_files([written(tmp_path, text, "net.toml")]).mistakes] == ["network.colour"]


# the first block's condition and stops, the second's, whether the second can never stand
BLOCKS = [
    ('debt_from = "100.00"', '["checkout"]', 'debt_from = "50.00"', '["checkout"]', True),
    ('debt_from = "100.00"', '["checkout"]', 'debt_from = "50.00"', '["checkout", "web"]', False),
    ('debt_from = "100.00"', '["checkout"]', "items_out_from = 5", '["checkout"]', False),
    ('category = ["child"], debt_from = "100.00"', '["checkout"]', 'debt_from = "50.00"', '["checkout"]', False),
    ('debt_from = "50.00"', '["web"]', 'category = ["child"], debt_from = "9.00"', '["web"]', True),
]


@pytest.mark.parametrize(("when", "stops", "then", "halts", "dead"), BLOCKS)
def test_a_block_behind_another(tmp_path: Path, when: str, stops: str, then: str, halts: str, dead: bool) -> None:
    text = SOUND + BLOCK.format("T-one", when, stops) + BLOCK.format("T-two", then, halts)
    found = check_files([written(tmp_path, text)]).mistakes
    assert [one.key for one in found] == (["block.T-two"] if dead else [])


def test_a_return_to_nowhere(tmp_path: Path) -> None:
    text = SOUND + '\n[[return]]\nid = "T-return"\naccepted_at = ["TST-1", "TST-9"]\n'
    (found,) = check_files([written(tmp_path, text)]).mistakes
    assert (found.key, found.reason) == ("return.T-return.accepted_at", "there is no branch TST-9")
    assert text.splitlines()[found.line - 1].startswith("accepted_at")


STEP = '\n[[notice]]\nid = "T-{0}"\nkind = "after_due"\nafter_days = {0}\n{1}\n'


def test_a_step_behind_the_bill(tmp_path: Path) -> None:
    text = SOUND + STEP.format(30, "bill = true") + STEP.format(14, "") + STEP.format(40, "")
    (found,) = check_files([written(tmp_path, text)]).warnings
    assert (found.key, found.reason) == ("notice.T-40", "is never sent: T-30 bills the item before")
    some = text.replace("bill = true", 'bill = true\nwhen = { category = ["adult"] }')
    assert check_files([written(tmp_path, some)]).warnings == ()


def test_a_letter_that_nobody_wrote(tmp_path: Path) -> None:
    text = SOUND + STEP.format(14, 'letter = "clam"')
    (found,) = check_files([written(tmp_path, text)], letters={"claim"}).warnings
    assert found.key == "notice.T-14.letter"


def test_what_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    assert [one.key for one in check_files([tmp_path / "none.toml"]).mistakes] == ["file"]
