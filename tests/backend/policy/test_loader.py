"""Every mistake that a policy file can hold, each found, all found at once, with file, line and key."""

from datetime import date
from pathlib import Path

import pytest

from backend.policy.loader import load_files, load_policies, load_policy
from backend.policy.mistakes import PolicyError, PolicyMistake
from tests.backend.policy.samples import FOLDER, mistakes_of, written

SOUND = """\
schema = "skranke-policy/1"
effective_from = 2026-01-01

[library]
id = "TST"
name = "Test"
timezone = "Europe/Oslo"
currency = "NOK"
languages = ["nb"]

[access]
id = "T-access"

[[branch]]
id = "TST-1"
open = { mon = "10-18" }

[[loan]]
id = "T-film"
when = { material = ["film"] }
days = 7

[[loan]]
id = "T-loan"
days = 28

[[renewal]]
id = "T-renewal"
max = 3

[[hold]]
id = "T-hold"
pickup_days = 7

[[overdue]]
id = "T-overdue"
amount = "2.00"

[[replacement]]
id = "T-replacement"
price = "item"
"""

FILM = 'when = { material = ["film"] }\ndays = 7\n'
BOOK = '\n[[loan]]\nid = "T-book"\nwhen = { material = ["book"] }\ndays = 7\n'
BOTH = '\n[[loan]]\nid = "T-both"\nwhen = { material = ["book", "film.dvd"] }\ndays = 3\n'
OPEN = 'open = { mon = "10-18" }\n'

# what is wrong, text in the sound file, what stands there instead, key of the mistake, words in its reason
MISTAKES = [
    ("a row that never matches", FILM, FILM + BOTH.replace('"book", ', ""), "loan.T-both", "T-film above it"),
    ("two rows together cover it", FILM, FILM + BOOK + BOTH, "loan.T-both", "T-book, T-film"),
    ("an empty range of ages", 'material = ["film"]', "age_from = 15, age_below = 15", "loan.T-film", "exclude each"),
    ("no last row", 'id = "T-renewal"\n', 'id = "T-renewal"\nwhen = { linked = true }\n', "renewal", "last row"),
    ("a table left out", '[[hold]]\nid = "T-hold"\npickup_days = 7\n', "", "hold", "last row"),
    ("an id twice", 'id = "T-renewal"', 'id = "T-loan"', "T-loan", "taken by a row of loan"),
    ("three decimals", '"2.00"', '"2.000"', "overdue.T-overdue.amount", "two decimals"),
    ("no decimals", '"2.00"', '"2"', "overdue.T-overdue.amount", "two decimals"),
    ("a bare float", '"2.00"', "2.00", "overdue.T-overdue.amount", "in quotes"),
    ("a negative amount", '"2.00"', '"-2.00"', "overdue.T-overdue.amount", "never negative"),
    ("unset days", "pickup_days = 7", 'pickup_days = "unset"', "hold.T-hold.pickup_days", "whole number"),
    ("no calendar", OPEN, "", "branch.TST-1", "no calendar"),
    ("a branch that never opens", OPEN, "open = {}\n", "branch.TST-1", "never open"),
    ("a branch like nobody", OPEN, 'like = "TST-9"\n', "branch.TST-1", "no branch TST-9"),
    ("a branch like itself", OPEN, 'like = "TST-1"\n', "branch.TST-1", "like itself"),
    ("two branches of one id", OPEN, OPEN + '\n[[branch]]\nid = "TST-1"\n' + OPEN, "branch.TST-1", "two branches"),
    ("no branch", '[[branch]]\nid = "TST-1"\n' + OPEN, "", "branch", "at least one branch"),
    ("hours that end before they begin", '"10-18"', '"18-10"', "branch.TST-1.open.mon", "end after it begins"),
    ("hours that overlap", '"10-18"', '"10-14, 13-18"', "branch.TST-1.open.mon", "overlap"),
    ("hours in words", '"10-18"', '"all day"', "branch.TST-1.open.mon", "10-18"),
    ("an hour of 70 minutes", '"10-18"', '"10:70-18"', "branch.TST-1.open.mon", "no minute 70"),
    ("holidays of nowhere", OPEN, OPEN + 'national_holidays = "ZZ"\n', "branch.TST-1.national_holidays", "not known"),
    (
        "a day that some years lack",
        OPEN,
        OPEN + 'closed_every_year = ["02-29"]\n',
        "branch.TST-1.closed_every_year.0",
        "m",
    ),
    ("an unknown key", "days = 28", "days = 28\nweeks = 4", "loan.T-loan.weeks", "not known"),
    ("an unknown condition", "material = [", "materials = [", "loan.T-film.when.materials", "not known"),
    ("an unknown table", "[[overdue]]", "[[late]]\nid = 1\n\n[[overdue]]", "late", "not known"),
    ("a table that should be rows", "[[renewal]]", "[renewal]", "renewal", "[[renewal]]"),
    ("a missing table", '[access]\nid = "T-access"\n', "", "access", "must be written"),
    ("a missing key", 'name = "Test"\n', "", "library.name", "must be written"),
    ("no currency", '"NOK"', '"XXX"', "library.currency", "no currency in use"),
    ("a currency of the past", '"NOK"', '"FIM"', "library.currency", "no currency in use"),
    ("no such time zone", "Europe/Oslo", "Europe/Asker", "library.timezone", "no time zone"),
    ("a number in quotes", "days = 28", 'days = "28"', "loan.T-loan.days", "whole number"),
    ("a choice that is none", "max = 3", 'max = 3\nfrom = "yesterday"', "renewal.T-renewal.from", "'today' or 'due'"),
    ("a date in quotes", "effective_from = 2026-01-01", 'effective_from = "2026-01-01"', "effective_from", "a date"),
    ("another schema", "skranke-policy/1", "skranke-policy/9", "schema", "skranke-policy/1"),
    ("a loan without a length", "days = 28\n", "", "loan.T-loan", "days, hours or until"),
    ("two lengths", "days = 28\n", "days = 28\nhours = 4\n", "loan.T-loan", "neither days nor until"),
    ("a hold kept no time", "pickup_days = 7\n", "", "hold.T-hold", "pickup_days"),
    ("lateness without a price", 'amount = "2.00"\n', "", "overdue.T-overdue", "either an amount or suspend_days"),
    ("no such branch", 'material = ["film"] }', 'branch = ["TST-7"] }', "loan.T-film.when.branch", "no branch TST-7"),
]

# what is wrong, the table of the row that is added, its lines, key of the mistake within the row, words in its reason
ROWS = [
    ("a threshold of 0", "block", 'when = { debt_from = "0.00" }\nstops = ["web"]', ".when", "threshold of 0"),
    ("a count of 0", "block", 'when = { overdue_items_from = 0 }\nstops = ["web"]', ".when", "threshold of 0"),
    ("no threshold", "block", 'when = { category = ["child"] }\nstops = ["web"]', ".when", "exactly one"),
    ("nothing to say when", "block", 'stops = ["web"]', ".when", "must be written"),
    (
        "a block that lifts above where it begins",
        "block",
        'when = { debt_from = "50.00" }\nlifts_below = "60.00"\nstops = ["web"]',
        "",
        "no more than debt_from",
    ),
    (
        "lifting where no money is",
        "block",
        'when = { items_out_from = 5 }\nlifts_below = "60.00"\nstops = ["web"]',
        "",
        "goes with debt_from",
    ),
    ("a notice without its day", "notice", 'kind = "after_due"', "", "after_days go together"),
    ("a notice of two days", "notice", 'kind = "before_due"\nbefore_days = 3\nafter_days = 3', "", "go together"),
    (
        "an early notice that costs",
        "notice",
        'kind = "before_due"\nbefore_days = 3\nfee = "5.00"',
        "",
        "after the due date",
    ),
    ("a fee for nothing known", "fee", 'event = "breathing"\namount = "1.00"', ".event", "must be one of"),
    ("an unknown kind of fee", "exempt", 'kinds = ["bribes"]', ".kinds.0", "must be"),
]


@pytest.mark.parametrize(("what", "sound", "broken", "key", "words"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistake(tmp_path: Path, what: str, sound: str, broken: str, key: str, words: str) -> None:
    assert sound in SOUND
    found = mistakes_of(written(tmp_path, SOUND.replace(sound, broken, 1)))
    assert [mistake.key for mistake in found] == [key]
    assert words in found[0].reason
    assert found[0].file == "policy.toml"


@pytest.mark.parametrize(("what", "table", "lines", "key", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_mistake_in_a_row(tmp_path: Path, what: str, table: str, lines: str, key: str, words: str) -> None:
    found = mistakes_of(written(tmp_path, f'{SOUND}\n[[{table}]]\nid = "T-new"\n{lines}\n'))
    assert [mistake.key for mistake in found] == [f"{table}.T-new{key}"]
    assert words in found[0].reason


def test_the_sound_file_is_sound(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, SOUND))
    assert policy.library.id == "TST"
    assert len(policy.hash) == 12


def test_every_mistake_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        SOUND.replace("days = 28", 'days = "28"')
        .replace('"2.00"', "2.5")
        .replace('id = "T-hold"', 'id = "T-film"')
        .replace("10-18", "ten to six")
        .replace("[library]", "[library]\ncolour = 3")
    )
    found = mistakes_of(written(tmp_path, text))
    lines = text.splitlines()
    assert [(mistake.key, lines[mistake.line - 1].split(" =")[0]) for mistake in found] == [
        ("library.colour", "colour"),
        ("branch.TST-1.open.mon", "open"),
        ("loan.T-loan.days", "days"),
        ("T-film", "id"),
        ("overdue.T-overdue.amount", "amount"),
    ]


LATE = 'kind = "after_due"\n'
GUEST = 'id = "TST-2"\nlike = "TST-9"\n'
TEENS = "when = { age_from = 15, age_below = 10"
SAME_BOOKS = BOOK + BOOK.replace("T-book", "T-again").replace("days = 7", "days = 1.5")

# two mistakes of one table, rows that are added, keys of all that is told
TOGETHER = [
    ("an id twice", '[[loan]]\nid = "T-film"\ndays = 1.5\n', ["loan.T-film", "loan.T-film.days", "T-film"]),
    ("like nobody", f'[[branch]]\n{GUEST}kind = "mainn"\n', ["branch.TST-2", "branch.TST-2.kind"]),
    (
        "a dead hold",
        f'[[hold]]\nid = "T-x"\n{TEENS} }}\npickup_days = 0\n',
        ["hold", "hold.T-x", "hold.T-x.pickup_days"],
    ),
    (
        "an unreadable range beside an empty one",
        '[[fee]]\nid = "T-x"\nevent = "checkout"\namount = "1.00"\n'
        'when = { age_from = "ten", age_below = 5, waiting_from = 3, waiting_below = 2 }\n',
        ["fee.T-x", "fee.T-x.when.age_from"],
    ),
    ("no day", f'[[notice]]\nid = "T-x"\n{LATE}fee = "-5.00"\n', ["notice.T-x", "notice.T-x.fee"]),
    ("a day too many", f'[[notice]]\nid = "T-x"\n{LATE}before_days = 3\n', ["notice.T-x", "notice.T-x"]),
    (
        "no threshold",
        '[[block]]\nid = "T-x"\nwhen = { category = ["child"], age_from = 1.5 }\nstops = ["web"]\n',
        ["block.T-x.when", "block.T-x.when.age_from"],
    ),
    (
        "a branch nobody knows",
        '[[return]]\nid = "T-x"\naccepted_at = ["TST-9"]\nto = "nowhere"\n',
        ["return.T-x.accepted_at", "return.T-x.to"],
    ),
    (
        "an exception without its days",
        '[[branch]]\nid = "TST-2"\nlike = "TST-1"\nexceptions = [{ open = "ten" }]\n',
        ["branch.TST-2.exceptions.0", "branch.TST-2.exceptions.0.open"],
    ),
    ("no calendar", '[[branch]]\nid = "TST-2"\nkind = "mainn"\n', ["branch.TST-2", "branch.TST-2.kind"]),
    ("never open", '[[branch]]\nid = "TST-2"\nkind = "mainn"\nopen = {}\n', ["branch.TST-2", "branch.TST-2.kind"]),
    ("a branch twice", f'[[branch]]\nid = "TST-1"\nkind = "mainn"\n{OPEN}', ["branch.TST-1", "branch.TST-1.kind"]),
]

# one mistake, rows that are added, keys of all that is told: nothing that only follows from it
ALONE = [
    ("which day it is", f'[[notice]]\nid = "T-x"\n{LATE}after_days = 1.5\n', ["notice.T-x.after_days"]),
    ("which kind it is", '[[notice]]\nid = "T-x"\nkind = "late"\nafter_days = 5\n', ["notice.T-x.kind"]),
    (
        "the threshold",
        '[[block]]\nid = "T-x"\nwhen = { debt_from = 5 }\nstops = ["web"]\n',
        ["block.T-x.when.debt_from"],
    ),
    ("its hours", '[[branch]]\nid = "TST-2"\nopen = { mon = "ten" }\n', ["branch.TST-2.open.mon"]),
    ("whom it is like", '[[branch]]\nid = "TST-2"\nlike = 2\n', ["branch.TST-2.like"]),
    ("a misspelt key", '[[branch]]\nid = "TST-2"\nlikes = "TST-1"\n', ["branch.TST-2.likes"]),
    (
        "an id that another branch is like",
        f'[[branch]]\nid = "TST 2"\n{OPEN}[[branch]]\nid = "TST-3"\nlike = "TST-2"\n',
        ["branch.TST 2.id"],
    ),
    (
        "a condition that may tell two rows apart",
        '[[return]]\nid = "T-x"\nwhen = { materials = ["film"] }\n[[return]]\nid = "T-y"\n',
        ["return.T-x.when.materials"],
    ),
    (
        "two notices without a day",
        "".join(f'[[notice]]\nid = "T-{n}"\n{LATE}' for n in "xy"),
        ["notice.T-x", "notice.T-y"],
    ),
]


@pytest.mark.parametrize(("what", "rows", "keys"), [*TOGETHER, *ALONE], ids=[row[0] for row in [*TOGETHER, *ALONE]])
def test_no_mistake_hides_another_or_brings_one(tmp_path: Path, what: str, rows: str, keys: list[str]) -> None:
    found = mistakes_of(written(tmp_path, f"{SOUND}\n{rows}"))
    assert sorted(mistake.key for mistake in found) == sorted(keys)


def test_a_dead_row_with_a_wrong_value(tmp_path: Path) -> None:
    found = mistakes_of(written(tmp_path, SOUND.replace(FILM, FILM + SAME_BOOKS)))
    assert {mistake.key for mistake in found} == {"loan.T-again", "loan.T-again.days"}


def test_a_library_with_a_wrong_key_still_takes_turns(tmp_path: Path) -> None:
    found = mistakes_of(
        written(tmp_path, SOUND, "a.toml"), written(tmp_path, SOUND.replace("Europe/Oslo", "Europe/Asker"), "b.toml")
    )
    assert {(mistake.file, mistake.key) for mistake in found} == {
        ("b.toml", "effective_from"),
        ("b.toml", "library.timezone"),
    }


def test_mistakes_of_several_files_come_together(tmp_path: Path) -> None:
    one = written(tmp_path, SOUND.replace("max = 3", "max = -1"), "one.toml")
    two = written(tmp_path, SOUND.replace('"TST"', '"TWO"').replace("max = 3", "max = 3.5"), "two.toml")
    assert [mistake.file for mistake in mistakes_of(one, two)] == ["one.toml", "two.toml"]


def test_a_mistake_can_be_printed() -> None:
    assert str(PolicyMistake("a.toml", 3, "loan.X", "is wrong")) == "a.toml:3: loan.X: is wrong"


def test_unset_is_a_warning(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND.replace('"2.00"', '"unset"'))
    warnings = load_files([path]).warnings
    assert [(warning.key, warning.line) for warning in warnings] == [("overdue.T-overdue.amount", 37)]


def test_two_files_that_begin_on_one_day(tmp_path: Path) -> None:
    found = mistakes_of(written(tmp_path, SOUND, "a.toml"), written(tmp_path, SOUND, "b.toml"))
    assert [(mistake.file, mistake.line, mistake.key) for mistake in found] == [("b.toml", 2, "effective_from")]


def test_a_library_keeps_its_currency(tmp_path: Path) -> None:
    later = SOUND.replace("2026-01-01", "2027-01-01").replace("NOK", "SEK")
    found = mistakes_of(written(tmp_path, SOUND, "a.toml"), written(tmp_path, later, "b.toml"))
    assert [mistake.key for mistake in found] == ["library.currency"]


@pytest.mark.parametrize("content", [b"[library\n", b"id = \xff\n", b"a = 1\na = 2\n"])
def test_what_is_not_toml_is_a_mistake(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    assert [mistake.key for mistake in mistakes_of(path)] == ["file"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert [mistake.key for mistake in mistakes_of(tmp_path / "none.toml")] == ["file"]


def test_newest_version_not_after_the_day(tmp_path: Path) -> None:
    """A new rate holds from its day on, and the old version can still be found by its hash."""
    written(tmp_path, SOUND, "a.toml")
    written(tmp_path, SOUND.replace("2026-01-01", "2026-04-01").replace("2.00", "3.00"), "b.toml")
    found = load_policies(tmp_path)
    old, new = found.in_force("TST", date(2026, 3, 31)), found.in_force("TST", date(2026, 4, 1))
    assert (old.effective_from, new.effective_from) == (date(2026, 1, 1), date(2026, 4, 1))
    assert found.in_force("TST", date(2025, 1, 1)) is old
    assert found.by_hash(old.hash) is old
    assert found.by_hash(new.hash) is new
    assert found.by_hash("nothing") is None


def test_hash_sees_rules_and_not_layout(tmp_path: Path) -> None:
    plain = load_policy(written(tmp_path, SOUND))
    commented = load_policy(written(tmp_path, "# a comment\n" + SOUND.replace("days = 28", "days  =  28  # weeks")))
    changed = load_policy(written(tmp_path, SOUND.replace("days = 28", "days = 29")))
    assert plain.hash == commented.hash != changed.hash


def test_a_file_like_another(tmp_path: Path) -> None:
    """Tables are taken whole, the library's keys one by one; a mistake is told where it was made."""
    written(tmp_path, SOUND.replace("effective_from", "template = true\neffective_from"), "pattern.toml")
    own = written(
        tmp_path,
        """\
        schema = "skranke-policy/1"
        like = "pattern.toml"
        [library]
        id = "OWN"
        [[renewal]]
        id = "O-renewal"
        max = 1
        """,
        "own.toml",
    )
    policy = load_policy(own)
    assert (policy.library.id, policy.library.name) == ("OWN", "Test")
    assert [row.id for row in policy.rows.renewal] == ["O-renewal"]
    assert [row.id for row in policy.rows.loan] == ["T-film", "T-loan"]
    assert set(load_policies(tmp_path).libraries) == {"OWN"}
    written(tmp_path, SOUND.replace("days = 28", 'days = "28"'), "pattern.toml")
    assert [(mistake.file, mistake.line) for mistake in mistakes_of(own)] == [("pattern.toml", 25)]


def test_a_pattern_is_nobodys_policy() -> None:
    with pytest.raises(PolicyError, match="pattern for other files"):
        load_policy(FOLDER / "generic.toml")
