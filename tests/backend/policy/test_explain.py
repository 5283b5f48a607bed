"""Why: the deciding row of every table, where it stands, what it comes to, and what stood aside."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backend.money import Money
from backend.policy.answers import Case
from backend.policy.explain import Deciding, about_a_loan, explain, of_the_item, of_the_patron
from backend.policy.facts import Account, Facts
from backend.policy.loader import load_policy
from tests.backend.policy.samples import FOLDER, at, policy_of, written
from tests.backend.policy.test_invented import harbour, mountain
from tests.backend.policy.test_loader import SOUND
from tests.backend.policy.test_properties import FACTS, POLICIES

PRICELESS = FACTS.map(lambda facts: facts._replace(price=None))  # a price has its library's currency


def asked(library: str = "KAL", day: str = "2026-02-12", **facts: object) -> Case:
    policy = policy_of(library)
    return Case(policy=policy, facts=Facts()._replace(**facts), at=at(policy, day))


def by_table(case: Case) -> dict[str, Deciding]:
    return {each.table: each for each in explain(case)}


def test_a_row_for_every_table() -> None:
    found = by_table(asked("LYS", material="talking_book", language="en"))
    ids = {table: each.row.id for table, each in found.items() if each.row}
    assert ids["loan"] == "LYS-32"
    assert ids["overdue"] == "LYS-05"
    assert ids["exempt overdue"] == "LYS-28-talking-book"
    assert ids["fee ill_collected"] == "LYS-19"
    assert ids["block"] == "LYS-26"
    assert "exempt card" not in ids


def test_a_row_is_shown_where_it_stands() -> None:
    loan = by_table(asked(material="film.music"))["loan"]
    assert loan.row is not None
    assert loan.printed is not None
    file = (FOLDER / "kalmar.toml").read_text("utf-8").splitlines()
    assert (loan.printed.table, loan.printed.number, loan.printed.file) == ("loan", 3, "kalmar.toml")
    assert file[loan.printed.line - 1] == "[[loan]]"
    assert loan.printed.words.splitlines() == file[loan.printed.line : loan.printed.line + 3]
    assert [(passed.row, passed.unmet) for passed in loan.passed_over] == [
        ("KAL-14", ("material",)),
        ("KAL-13", ("material",)),
    ]


def test_the_last_row_of_a_file_ends_with_it(tmp_path) -> None:
    policy = load_policy(written(tmp_path, SOUND))
    assert policy.printed["T-replacement"].words == 'id = "T-replacement"\nprice = "item"'
    assert policy.printed["T-access"].line == 11


# library, facts, day, due, table, what its row comes to
ANSWERS = [
    ("KAL", {}, "2026-02-12", "loan", "lent now, due Thursday 2026-03-12 23:59"),
    ("KAL", {"waiting": 1}, "2026-02-12", "loan", "lent now, due Thursday 2026-02-26 23:59"),
    ("KAL", {"material": "game", "age": 14}, "2026-02-12", "loan", "refused: from 15 years"),
    ("KAL", {"material": "game", "age": 15}, "2026-02-12", "loan", "; from 15 years"),
    ("KAL", {"loan_type": "express"}, "2026-02-12", "renewal", "never renewed"),
    (
        "KAL",
        {},
        "2026-02-12",
        "renewal",
        "at most 3; not while others wait; renewed now, due Thursday 2026-03-12 23:59",
    ),
    ("KAL", {}, "2026-02-12", "hold", "put on the shelf now, kept until Thursday 2026-02-19; only while every copy"),
    ("KAL", {"branch_kind": "bus"}, "2026-02-12", "overdue", "not set: nothing is charged"),
    ("KAL", {}, "2026-02-12", "overdue", "2.00 SEK a day"),
    ("KAL", {}, "2026-02-12", "replacement", "staff set the amount"),
    ("KAL", {"price": Money(31000, "SEK")}, "2026-02-12", "replacement", "310.00 SEK"),
    ("KAL", {}, "2026-02-12", "fee ill_collected", "10.00 SEK; to be accepted first"),
    ("KAL", {}, "2026-02-12", "notice 60 days after due", "message by email, sms, post; the item is billed"),
    ("KAL", {}, "2026-02-12", "block", "debt from 75.00 SEK: stops checkout, renewal"),
    ("KAL", {"material": "film.dvd"}, "2026-02-12", "ill", "film.dvd is not borrowed in"),
    (
        "KAL",
        {"flags": frozenset({"course"})},
        "2026-02-12",
        "ill",
        "book is borrowed in from other libraries; a course",
    ),
    (
        "LYS",
        {},
        "2026-02-12",
        "ill",
        "book is borrowed in from other libraries; a title of our own is reserved instead",
    ),
    ("ASK", {}, "2026-02-12", "ill", "book is borrowed in from other libraries; orders need a national card"),
    ("KAL", {"age": 17}, "2026-02-12", "access", "PIN for checkout, renewal, hold; bills to the guardian"),
    ("LYS", {"material": "film.dvd"}, "2026-02-12", "overdue", "10.00 SEK a day; at most 100.00 SEK"),
    ("LYS", {}, "2026-02-12", "notice 42 days after due", "claim by email, sms, post; 50.00 SEK in all so far"),
    ("LYS", {}, "2026-02-12", "return", "goes home"),
    ("ASK", {"loan_type": "equipment"}, "2026-02-12", "loan", "not for loan"),
    ("ASK", {}, "2026-02-12", "exempt", "not let off"),
    ("ASK", {}, "2026-02-12", "block", "nothing stops this patron"),
    ("ASK", {"age": 17}, "2026-02-12", "access", "a guardian's signature below 18 years"),
]


def test_what_a_row_comes_to() -> None:
    for library, facts, day, table, words in ANSWERS:
        assert words in by_table(asked(library, day, **facts))[table].answer


def test_what_an_open_loan_has_come_to() -> None:
    case = replace(asked(), due=date(2026, 2, 2))
    assert by_table(case)["overdue"].answer == "2.00 SEK a day; 10 days late now: 20.00 SEK"
    barred = Case(
        policy=mountain(), facts=Facts(audience="adult"), at=at(mountain(), "2026-02-12"), due=date(2026, 2, 2)
    )
    assert by_table(barred)["overdue"].answer.endswith("10 days late now: barred until 2026-03-04")


def test_a_block_stands_or_not() -> None:
    owing = replace(asked(), account=Account(debt=Money(7500, "SEK")))
    assert by_table(owing)["block"].answer.endswith("stands now")
    less = replace(asked(), account=Account(debt=Money(7499, "SEK")))
    assert by_table(less)["block"].answer.endswith("does not stand now")


def test_an_invented_library_is_explained_too() -> None:
    case = Case(policy=harbour(), facts=Facts(material="toy", channel="web", age=30), at=at(harbour(), "2026-02-12"))
    found = by_table(case)
    assert found["loan"].answer.endswith("at most 2 at a time of group H-toys")
    assert "not before 3 days are left" in found["renewal"].answer
    assert "called back from who has had it 14 days" in found["hold"].answer
    assert "2 days of grace, free" in found["overdue"].answer
    assert found["fee checkout"].answer.startswith("not set")
    assert found["notice 30 days after due"].answer.endswith("the item is billed")
    assert found["return"].answer == "stays, and this branch is its home; accepted at HAR-1"
    reading_room = replace(case, facts=Facts(flags=frozenset({"reading_room"})))
    assert by_table(reading_room)["loan"].answer == "lent now, due Thursday 2026-02-12 15:00"


@given(POLICIES, PRICELESS)
def test_it_names_the_row_that_the_rules_would_use(policy, facts) -> None:
    case = Case(policy=policy, facts=facts, at=at(policy, "2026-02-12"))
    found = by_table(case)
    late = about_a_loan(facts)
    assert found["loan"].row is policy.loan_row(facts)
    assert found["renewal"].row is policy.renewal_row(facts._replace(op="renewal"))
    assert found["hold"].row is policy.hold_row(facts._replace(op="hold"))
    assert found["overdue"].row is policy.overdue_row(late)
    assert found["replacement"].row is policy.replacement_row(late)
    ladder = [each.row for table, each in found.items() if table.endswith("after due") and each.row]
    assert tuple(ladder) == policy.ladder(late)
    early = [each.row for table, each in found.items() if table.endswith("before due") and each.row]
    assert tuple(early) == policy.advance_notices(late)
    blocks = {each.row.id for each in explain(case) if each.table == "block" and each.row}
    assert blocks == {block.row.id for block in policy.possible_blocks(of_the_patron(facts))}
    assert found["return"].row is None or found["return"].row is policy.return_row(of_the_item(facts))


@given(st.sampled_from((harbour(), mountain())), PRICELESS)
def test_it_explains_whatever_is_asked(policy, facts) -> None:
    assert all(each.answer for each in explain(Case(policy=policy, facts=facts, at=at(policy, "2026-02-12"))))
