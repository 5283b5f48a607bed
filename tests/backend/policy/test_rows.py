"""Which row of the four libraries' files decides, rule by rule."""

from datetime import timedelta

import pytest

from backend.money import Money
from backend.policy.dates import due_instant, fine, loan_due, renewal_due
from backend.policy.facts import Account, Facts
from backend.policy.rows import FeeKind
from tests.backend.policy.samples import at, day, kroner, policy_of, shipped

# library, facts, the row, its days
LOANS = [
    ("ASK", Facts(material="book"), "ASK-11", 28),
    ("ASK", Facts(material="language_course"), "ASK-11", 28),
    ("ASK", Facts(material="other.puzzle"), "ASK-11", 28),
    ("ASK", Facts(material="film.dvd"), "ASK-12", 7),
    ("ASK", Facts(material="game"), "ASK-12", 7),
    ("ASK", Facts(material="book", loan_type="express"), "ASK-13", 10),
    ("ASK", Facts(material="film.dvd", loan_type="express"), "ASK-14", 2),
    ("ASK", Facts(material="game", loan_type="express"), "ASK-12", 7),
    ("ASK", Facts(material="equipment.ebike"), "ASK-21", None),
    ("ASK", Facts(material="book", loan_type="equipment"), "ASK-21-type", None),
    ("LYS", Facts(material="book"), "LYS-32", 28),
    ("LYS", Facts(material="book", loan_type="7-day"), "LYS-06-loan", 7),
    ("LYS", Facts(material="book", loan_type="14-day"), "LYS-07-loan", 14),
    ("LYS", Facts(material="film.dvd"), "LYS-32-dvd", 7),
    ("KAL", Facts(material="book"), "KAL-08", 28),
    ("KAL", Facts(material="music.cd"), "KAL-08", 28),
    ("KAL", Facts(material="book", loan_type="express"), "KAL-09-express", 14),
    ("KAL", Facts(material="magazine"), "KAL-10", 14),
    ("KAL", Facts(material="game"), "KAL-11", 14),
    ("KAL", Facts(material="film.music"), "KAL-12", 14),
    ("KAL", Facts(material="film.documentary"), "KAL-13", 7),
    ("KAL", Facts(material="film.feature", loan_type="express"), "KAL-14", 7),
    ("NYN", Facts(material="magazine"), "NYN-06", 30),
    ("NYN", Facts(material="film.dvd"), "NYN-09", 7),
    ("NYN", Facts(material="language_course"), "NYN-10", 60),
    ("BAR", Facts(material="film.dvd"), "GEN-film", 7),
    ("BER", Facts(), "GEN-loan", 28),
]


@pytest.mark.parametrize(("library", "facts", "row", "days"), LOANS)
def test_loan_row(library: str, facts: Facts, row: str, days: int | None) -> None:
    found = policy_of(library).loan_row(facts)
    assert (found.id, found.days, found.loanable) == (row, days, days is not None)


# library, facts, the row, how often, while others wait, after the due date
RENEWALS = [
    ("ASK", Facts(), "ASK-16", "unlimited", False, True),
    ("ASK", Facts(loan_type="express"), "ASK-16", "unlimited", False, True),
    ("LYS", Facts(), "LYS-32-renewal", 0, True, True),
    ("KAL", Facts(), "KAL-20", 3, False, True),
    ("KAL", Facts(material="audiobook"), "KAL-20", 3, False, True),
    ("KAL", Facts(material="game"), "KAL-21", 1, False, True),
    ("KAL", Facts(material="film.music"), "KAL-21", 1, False, True),
    ("KAL", Facts(material="film.feature", loan_type="express"), "KAL-19", 0, True, True),
    ("NYN", Facts(), "NYN-07", 3, False, False),
    ("NYN", Facts(material="film.bluray"), "NYN-09-renewal", 0, True, True),
    ("NYN", Facts(material="language_course"), "NYN-10-renewal", 3, False, False),
]


@pytest.mark.parametrize(("library", "facts", "row", "most", "while_waiting", "late"), RENEWALS)
def test_renewal_row(library: str, facts: Facts, row: str, most: int | str, while_waiting: bool, late: bool) -> None:
    found = policy_of(library).renewal_row(facts)
    assert (found.id, found.max, found.while_waiting, not found.until_due) == (row, most, while_waiting, late)


# library, facts, the row, allowed, days on the shelf, least age
HOLDS = [
    ("ASK", Facts(), "ASK-29", True, 5, None),
    ("ASK", Facts(loan_type="express"), "ASK-13-hold", False, None, None),
    ("ASK", Facts(material="film.dvd", loan_type="express"), "ASK-13-hold", False, None, None),
    ("LYS", Facts(), "LYS-32-hold", True, 7, None),
    ("KAL", Facts(loan_type="express"), "KAL-16", True, 7, None),
    ("KAL", Facts(material="film.documentary"), "KAL-17", True, 4, None),
    ("KAL", Facts(material="film.feature"), "KAL-17-age", True, 4, 15),
    ("KAL", Facts(material="game"), "KAL-17-age", True, 4, 15),
    ("NYN", Facts(), "NYN-26-hold", True, 7, None),
]


@pytest.mark.parametrize(("library", "facts", "row", "allowed", "days", "age"), HOLDS)
def test_hold_row(library: str, facts: Facts, row: str, allowed: bool, days: int | None, age: int | None) -> None:
    found = policy_of(library).hold_row(facts)
    assert (found.id, found.allowed, found.pickup_days, found.min_age) == (row, allowed, days, age)


# library, facts, days late, the row, what it costs
FINES = [
    ("ASK", Facts(), 30, "ASK-31", "0.00"),
    ("LYS", Facts(), 1, "LYS-05", "5.00"),
    ("LYS", Facts(), 20, "LYS-05", "15.00"),
    ("LYS", Facts(material="magazine"), 2, "LYS-05", "5.00"),
    ("LYS", Facts(material="reading_device"), 2, "LYS-05", "5.00"),
    ("LYS", Facts(loan_type="7-day"), 8, "LYS-06", "16.00"),
    ("LYS", Facts(loan_type="14-day"), 8, "LYS-07", "8.00"),
    ("LYS", Facts(audience="child"), 8, "LYS-09", "0.00"),
    ("LYS", Facts(audience="child", loan_type="7-day"), 8, "LYS-09", "0.00"),
    ("LYS", Facts(audience="adult", category="child"), 8, "LYS-05", "10.00"),
    ("LYS", Facts(material="film.dvd", audience="child"), 8, "LYS-10", "80.00"),
    ("LYS", Facts(material="film.dvd", loan_type="7-day"), 9, "LYS-10", "90.00"),
    ("LYS", Facts(material="film.dvd"), 49, "LYS-10", "100.00"),
    ("KAL", Facts(), 10, "KAL-23", "20.00"),
    ("KAL", Facts(material="game"), 5, "KAL-23", "10.00"),
    ("KAL", Facts(material="film.music"), 5, "KAL-24", "25.00"),
    ("KAL", Facts(material="film.documentary"), 49, "KAL-24", "245.00"),
    ("KAL", Facts(branch="KAL-BUS", branch_kind="bus"), 10, "KAL-25", "0.00"),
    ("KAL", Facts(material="film.feature", branch_kind="bus"), 10, "KAL-25", "0.00"),
    ("NYN", Facts(), 42, "NYN-26", "0.00"),
]


@pytest.mark.parametrize(("library", "facts", "late", "row", "owed"), FINES)
def test_overdue_row(library: str, facts: Facts, late: int, row: str, owed: str) -> None:
    policy = policy_of(library)
    branch = next(iter(policy.branches.values()))
    found = policy.overdue_row(facts)
    due = due_instant(policy, day("2026-03-02"))
    assert found.id == row
    assert fine(policy, branch, found, due, due + timedelta(days=late)).text() == owed
    assert found.is_unset == (row == "KAL-25")


# library, facts, recorded price, what is charged (None: staff set it)
REPLACEMENTS = [
    ("ASK", Facts(), None, "450.00"),
    ("ASK", Facts(audience="child"), "99.00", "350.00"),
    ("ASK", Facts(material="film.dvd"), None, "250.00"),
    ("ASK", Facts(material="audiobook"), None, "450.00"),
    ("ASK", Facts(material="music.cd"), None, "200.00"),
    ("ASK", Facts(material="game"), "300.00", None),
    ("ASK", Facts(material="film.bluray"), "300.00", None),
    ("ASK", Facts(flags=frozenset({"special_value"})), "300.00", None),
    ("LYS", Facts(), "289.00", "289.00"),
    ("LYS", Facts(), None, None),
    ("LYS", Facts(flags=frozenset({"irreplaceable"})), "289.00", None),
    ("KAL", Facts(), "310.00", "310.00"),
    ("NYN", Facts(), None, "360.00"),
    ("NYN", Facts(), "499.00", "499.00"),
    ("NYN", Facts(), "120.00", "360.00"),
    ("NYN", Facts(material="comic.album"), None, "360.00"),
    ("NYN", Facts(material="audiobook"), None, "360.00"),
    ("NYN", Facts(material="audiobook", flags=frozenset({"single_disc"})), None, "260.00"),
    ("NYN", Facts(audience="child"), None, "260.00"),
    ("NYN", Facts(audience="youth"), None, "260.00"),
    ("NYN", Facts(material="film.dvd"), None, "260.00"),
    ("NYN", Facts(material="magazine"), None, "160.00"),
    ("NYN", Facts(material="comic.issue"), None, "160.00"),
    ("NYN", Facts(material="game.board"), None, None),
]


@pytest.mark.parametrize(("library", "facts", "price", "charged"), REPLACEMENTS)
def test_replacement(library: str, facts: Facts, price: str | None, charged: str | None) -> None:
    policy = policy_of(library)
    recorded = Money.parse(price, policy.currency) if price else None
    found = policy.replacement_row(facts).amount(recorded)
    assert (found.text() if found else None) == charged


@pytest.mark.parametrize("lender_price", ["900.00", "200.00"])
def test_a_lost_interlibrary_loan_costs_what_the_lender_says(lender_price: str) -> None:
    row = policy_of("NYN").replacement_row(Facts(loan_type="ill"))
    assert row.amount(None, kroner(lender_price, "NOK")) == kroner(lender_price, "NOK")
    assert row.amount(None) is None


# library, event, facts, the row, amount, asked first
FEES = [
    ("LYS", "card_replaced", Facts(age=14), "LYS-04", "10.00", False),
    ("LYS", "card_replaced", Facts(age=15), "LYS-03", "20.00", False),
    ("LYS", "card_replaced", Facts(age=None), "LYS-03", "20.00", False),
    ("LYS", "ill_collected", Facts(language="sv"), "LYS-16", "20.00", True),
    ("LYS", "ill_collected", Facts(language=None), "LYS-16", "20.00", True),
    ("LYS", "ill_collected", Facts(language="en"), "LYS-19", "0.00", False),
    ("LYS", "ill_collected", Facts(language="en", flags=frozenset({"course"})), "LYS-20", "20.00", True),
    ("LYS", "ill_uncollected", Facts(language="sv"), "LYS-17", "20.00", False),
    ("LYS", "ill_uncollected", Facts(language="en"), "LYS-17-language", "0.00", False),
    ("LYS", "ill_copy", Facts(), "LYS-18", "order", True),
    ("LYS", "copy_a4_colour", Facts(), "LYS-29-a4-colour", "5.00", False),
    ("KAL", "ill_collected", Facts(language="en"), "KAL-31", "10.00", True),
    ("KAL", "ill_uncollected", Facts(), None, None, False),
    ("ASK", "card_replaced", Facts(), None, None, False),
]


@pytest.mark.parametrize(("library", "event", "facts", "row", "amount", "asked"), FEES)
def test_fee(library: str, event: str, facts: Facts, row: str | None, amount: str | None, asked: bool) -> None:
    found = policy_of(library).fee_row(event, facts)
    if found is None:
        assert row is None
        return
    text = found.amount.text() if isinstance(found.amount, Money) else found.amount
    assert (found.id, text, found.ask_first) == (row, amount, asked)


def test_fees_know_their_kind() -> None:
    kinds = {row.event: row.kind for row in policy_of("LYS").rows.fee}
    assert kinds["card_replaced"] == "card"
    assert kinds["ill_uncollected"] == "ill"
    assert kinds["ill_copy"] == kinds["copy_a3_bw"] == "copy"


# library, facts, the steps: days, fee, billed
LADDERS = [
    ("ASK", [(7, None, False), (21, None, False), (42, None, True)]),
    ("LYS", [(14, None, False), (28, None, False), (42, "50.00", False), (56, None, True)]),
    ("KAL", [(60, "0.00", True)]),
    ("NYN", [(14, "0.00", False), (28, "50.00", False), (42, "100.00", True)]),
]


@pytest.mark.parametrize(("library", "steps"), LADDERS)
def test_ladder(library: str, steps: list[tuple[int, str | None, bool]]) -> None:
    found = policy_of(library).ladder(Facts())
    assert [
        (row.after_days, row.fee.text() if isinstance(row.fee, Money) else row.fee, row.bill) for row in found
    ] == steps


def test_other_notices() -> None:
    asker, kalmar = policy_of("ASK"), policy_of("KAL")
    assert [(row.id, row.before_days, row.opt_in, row.channels) for row in asker.advance_notices(Facts())] == [
        ("ASK-18", 3, True, ("email",))
    ]
    assert [(row.id, row.channels) for row in kalmar.advance_notices(Facts())] == [("KAL-22", ("email", "sms"))]
    assert policy_of("NYN").advance_notices(Facts()) == ()
    arrival = asker.arrival_notice(Facts())
    assert arrival is not None
    assert arrival.reference_number


# category, material, kind of fee, let off by
EXEMPTIONS = [
    ("home_service", "book", "overdue", "LYS-28"),
    ("eldercare", "film.dvd", "reminder", "LYS-28"),
    ("home_service", "book", "ill", "LYS-28"),
    ("home_service", "book", "replacement", None),
    ("home_service", "book", "card", None),
    ("adult", "talking_book", "overdue", "LYS-28-talking-book"),
    ("adult", "book", "overdue", None),
    ("institution", "book", "overdue", None),
]


@pytest.mark.parametrize(("category", "material", "kind", "row"), EXEMPTIONS)
def test_exemption(category: str, material: str, kind: FeeKind, row: str | None) -> None:
    found = policy_of("LYS").exempt_row(kind, Facts(category=category, material=material))
    assert (found.id if found else None) == row


# library, debt, what is stopped
BLOCKS = [
    ("ASK", "9999.00", set()),
    ("LYS", "99.99", set()),
    ("LYS", "100.00", {"checkout", "renewal"}),
    ("KAL", "74.99", set()),
    ("KAL", "75.00", {"checkout", "renewal"}),
    ("NYN", "99.99", set()),
    ("NYN", "100.00", {"checkout"}),
]


@pytest.mark.parametrize(("library", "debt", "stopped"), BLOCKS)
def test_debt_block(library: str, debt: str, stopped: set[str]) -> None:
    policy = policy_of(library)
    blocks = policy.blocks(Facts(), Account(debt=kroner(debt, policy.currency)))
    assert {stop for block in blocks for stop in block.stops} == stopped


def test_access() -> None:
    asker, lysekil, kalmar, nynorsk = (policy_of(each).access for each in ("ASK", "LYS", "KAL", "NYN"))
    assert {"checkout", "renewal", "hold"} <= set(asker.pin_for)
    assert set(kalmar.pin_for) == {"checkout", "renewal", "hold"}
    assert lysekil.pin_for == nynorsk.pin_for == ()
    assert (asker.consent_below_age, nynorsk.consent_below_age, kalmar.consent_below_age) == (18, 15, 0)
    assert (asker.age_for_unstaffed, asker.needs_agreement, asker.needs_accepted_rules) == (18, True, True)
    assert (asker.national_card, kalmar.national_card) == ("linked", "none")
    assert "personnummer" in kalmar.identifiers


def test_interlibrary_rules() -> None:
    assert policy_of("KAL").ill.exclude_materials == ("film",)
    assert policy_of("LYS").ill.refuse_owned
    assert policy_of("BER").ill.never_lent_out == ("film",)
    assert policy_of("NYN").ill.rules_from.replacement == "lender"


def test_languages_and_money() -> None:
    assert {each: policy_of(each).languages for each in ("ASK", "LYS", "KAL", "NYN")} == {
        "ASK": ("nb", "en"),
        "LYS": ("sv", "en"),
        "KAL": ("sv", "en"),
        "NYN": ("nn", "en"),
    }
    assert policy_of("KAL").zero == Money(0, "SEK")


def test_a_queue_shortens_and_never_lengthens() -> None:
    policy = policy_of("KAL")
    branch, lent = policy.branch("KAL-S"), at(policy, "2026-02-02")
    book = policy.loan_row(Facts(material="book"))
    film = policy.loan_row(Facts(material="film.feature"))
    assert loan_due(policy, branch, book, lent, waiting=1) == at(policy, "2026-02-16", "23:59:59")
    assert loan_due(policy, branch, book, lent, waiting=0) == at(policy, "2026-03-02", "23:59:59")
    assert loan_due(policy, branch, film, lent, waiting=3) == at(policy, "2026-02-09", "23:59:59")


def test_a_loan_keeps_its_last_second_through_the_clock_changes() -> None:
    policy = policy_of("ASK")
    row, branch = policy.loan_row(Facts()), policy.branch("ASK-H")
    spring = loan_due(policy, branch, row, at(policy, "2026-03-09", "23:30"))
    autumn = loan_due(policy, branch, row, at(policy, "2026-10-05", "00:20"))
    assert spring is not None
    assert autumn is not None
    assert spring.isoformat() == "2026-04-06T23:59:59+02:00"
    assert autumn.isoformat() == "2026-11-02T23:59:59+01:00"


def test_renewal_counts_from_today_at_the_branch_of_the_loan() -> None:
    policy = policy_of("KAL")
    loan, renewal = policy.loan_row(Facts()), policy.renewal_row(Facts())
    due = due_instant(policy, day("2026-03-02"))
    renewed = renewal_due(policy, policy.branch("KAL-B"), renewal, loan, at(policy, "2026-02-21"), due)
    assert renewed == due_instant(policy, day("2026-03-23"))


def test_every_library_of_the_demonstration_is_there() -> None:
    found = shipped()
    assert set(found.libraries) == {"ASK", "LYS", "KAL", "NYN", "BAR", "LIE", "LAR", "SAN", "TON", "BER"}
    assert [warning.key for warning in found.warnings] == ["overdue.KAL-25.amount"]
