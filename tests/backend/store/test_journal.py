"""The journal: one row for each change and refusal, enough to answer again and to say why, and no secrets."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import commands, outcomes, partner_outcomes
from backend.commands import CheckIn, CheckOut, LookUpItem, ReplaceCard, ResetPin
from backend.journal import (
    COMMANDS,
    OUTCOMES,
    PATRONS_NUMBERS,
    read_command,
    read_outcome,
    write_command,
    write_outcome,
)
from backend.model import Patron
from backend.money import Money
from backend.outcomes import Outcome, PatronChanged, PatronFound, Refused, Standing
from backend.store.journal_rows import journal_of
from tests.backend.store.world import ITEMS, K1, NOON, Desk

WHOLE = st.integers(0, 2**53)
st.register_type_strategy(
    datetime, st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
)
st.register_type_strategy(date, st.dates())
st.register_type_strategy(Money, st.builds(Money, WHOLE, st.sampled_from(["NOK", "SEK"])))
st.register_type_strategy(int, WHOLE)
EASY = settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)


@pytest.mark.parametrize("cls", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_every_outcome_survives_the_journal(cls: type[Outcome]) -> None:
    @EASY
    @given(st.builds(cls))
    def survives(outcome: Outcome) -> None:
        again = read_outcome(cls.__name__, write_outcome(outcome))
        assert again == without_secrets(outcome)

    survives()


def without_secrets(outcome: Outcome) -> Outcome:
    """The only secret that an outcome can carry is the PIN's hash."""
    if isinstance(outcome, PatronChanged | PatronFound):
        return replace(outcome, patron=replace(outcome.patron, pin_hash=None))
    return outcome


@pytest.mark.parametrize("cls", COMMANDS.values(), ids=COMMANDS.keys())
def test_every_command_survives_without_the_patron_s_numbers(cls: type) -> None:
    @EASY
    @given(st.builds(cls))
    def survives(command: commands.Command) -> None:
        again = read_command(cls.__name__, write_command(command))
        for field in fields(command):
            if field.name in PATRONS_NUMBERS or field.metadata.get("secret"):
                assert getattr(again, field.name) in ("", field.default)
            else:
                assert getattr(again, field.name) == getattr(command, field.name)

    survives()


def test_every_outcome_and_command_is_known() -> None:
    assert {"CheckedOut", "Refused", "PatronFound"} <= set(OUTCOMES)
    assert "Outcome" not in OUTCOMES
    assert {"CheckOut", "LookUpItem", "ResetPin"} <= set(COMMANDS)
    assert (
        len(OUTCOMES)
        == len(
            {
                cls
                for module in (outcomes, partner_outcomes)
                for cls in vars(module).values()
                if isinstance(cls, type) and issubclass(cls, outcomes.Outcome)
            }
        )
        - 1
    )


def test_secrets_and_numbers_are_not_written() -> None:
    patron = Patron(id=1, library="KAL", card="2000", home_branch="KAL-S", pin_hash="$argon2id$secret")
    written = write_outcome(PatronChanged(at=NOON, patron=patron, standing=Standing(), owed=Money(0, "SEK")))
    assert "argon2" not in written
    assert "2000" in written
    assert "argon2" not in write_command(ResetPin(patron="20001001", pin_hash="$argon2id$secret"))
    assert "2000" not in write_command(ReplaceCard(patron="20001001", new_card="20009999"))


def test_why_did_this_machine_say_no(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001003", item="KB1"))
    no = desk.ask(CheckOut(patron="20001001", item="KB1"))
    row = desk.store.call(lambda session: journal_of(session, "account", "kasse1", 1), write=False)[0]
    assert isinstance(no, Refused)
    assert (row.granted, row.reason, row.policy_row) == (False, "on_loan_other", "KAL-08")
    assert (row.patron, row.item, row.at, row.library, row.branch) == (K1.id, ITEMS["KB1"].id, NOON, "KAL", "KAL-S")
    assert row.answered() == no
    assert row.asked_command() == CheckOut(patron="", item="KB1")
    assert len(row.policy) == 12


def test_the_rows_of_an_item_and_of_a_patron_newest_first(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.ask(CheckIn(item="KB1"))
    desk.ask(LookUpItem(item="KB1"))
    for column, number in (("item", ITEMS["KB1"].id), ("patron", K1.id)):
        rows = desk.store.call(lambda session, c=column, n=number: journal_of(session, c, n, 10), write=False)
        assert [row.command for row in rows] == ["CheckIn", "CheckOut"]
