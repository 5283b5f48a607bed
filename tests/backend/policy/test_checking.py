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


CROSSED = (  # a mistake that only shows when regions and libraries are compared, and its key
    ('cooperates_with = ["vestfold"]', 'cooperates_with = ["nowhere"]', "region.0.cooperates_with"),
    ('"NYN", "BER"', '"NYN", "BER", "ASK"', "region.2.libraries"),
    ('id = "TON"', 'id = "SAN"', "library.{}.id"),
)
WRONG = (  # a value that is wrong by itself, wherever it stands, and its key
    ("can_supply = false", 'can_supply = "no"', "can_supply"),
    ("[network]", "[network]\ncolour = 3", "network.colour"),
    ("[network]", "shape = 3\n[network]", "shape"),
    ('name = "Norgesl', "name = 3 #", "network.name"),
)


@pytest.mark.parametrize(("old", "new", "key"), WRONG)
def test_one_wrong_value_of_a_network_hides_no_other_mistake(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = (FOLDER / "norgeslan.toml").read_text("utf-8")
    for sound, crossed, _ in CROSSED:
        assert sound in text
        text = text.replace(sound, crossed)
    crossed_only = {one.key for one in check_files([written(tmp_path, text, "net.toml")]).mistakes}
    assert len(crossed_only) == len(CROSSED)
    assert old in text
    found = {one.key for one in check_files([written(tmp_path, text.replace(old, new, 1), "net.toml")]).mistakes}
    assert crossed_only < found
    (more,) = found - crossed_only
    assert more.endswith(key)


def test_a_pattern_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    text = (FOLDER / "lier.toml").read_text("utf-8")
    file = written(tmp_path, text.replace('like = "generic.toml"', 'like = "nothere.toml"'), "lier.toml")
    (found,) = check_files([file]).mistakes
    line = next(number for number, words in enumerate(text.splitlines(), 1) if words.startswith("like"))
    assert str(found) == f"lier.toml:{line}: like: there is no file nothere.toml beside it"


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


BROKEN_NETWORK = """schema = "skranke-network/1"

[network]
id = "net"
name = 3
national_card = '('

[[region]]
id = "west"
name = 5
libraries = ["ASK", "BAR"]
cooperates_with = ["nowhere"]

[[region]]
id = "west"
name = "Again"
libraries = ["BAR", "NYN"]
also_supplied_by = "elsewhere"
colour = "red"

[[library]]
id = "ASK"
can_supply = "perhaps"

[[library]]
id = "XXX"
"""


def test_a_wrong_value_of_a_region_hides_nothing_that_regions_say_of_one_another(tmp_path: Path) -> None:
    found = check_files([written(tmp_path, BROKEN_NETWORK, "net.toml")])
    assert sorted((one.line, one.key) for one in found.mistakes) == [
        (5, "network.name"),
        (6, "network.national_card"),
        (10, "region.0.name"),
        (12, "region.0.cooperates_with"),
        (15, "region.1.id"),
        (17, "region.1.libraries"),
        (18, "region.1.also_supplied_by"),
        (19, "region.1.colour"),
        (23, "library.0.can_supply"),
        (26, "library.1.id"),
    ]
    assert {one.file for one in found.mistakes} == {"net.toml"}


def test_what_cannot_be_read_makes_no_mistakes_of_others(tmp_path: Path) -> None:
    text = BROKEN_NETWORK.replace('libraries = ["ASK", "BAR"]', "libraries = 7").replace('id = "west"', "id = 1", 1)
    keys = {one.key for one in check_files([written(tmp_path, text, "net.toml")]).mistakes}
    assert {"region.0.id", "region.0.libraries"} <= keys
    assert keys.isdisjoint({"library.0.id", "library.1.id", "region.1.also_supplied_by", "region.1.id"})
