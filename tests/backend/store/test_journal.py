"""The journal: one row for each change and refusal, enough to answer again and to say why, and no secrets."""

import traceback
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from backend import (
    commands,
    lookup_outcomes,
    model,
    order_outcomes,
    outcomes,
    partner_outcomes,
    staff_commands,
)
from backend.commands import CheckIn, CheckOut, LookUpItem, PayFee, RepeatKey
from backend.journal import (
    COMMANDS,
    OUTCOMES,
    PATRONS_NUMBERS,
    Recorded,
    Unreadable,
    read_command,
    read_outcome,
    write_command,
    write_outcome,
)
from backend.lookup_outcomes import PatronFound
from backend.model import LibraryId, Patron
from backend.money import Money
from backend.outcomes import CheckedIn, FeePaid, Outcome, PatronChanged, Refused, Standing
from backend.staff_commands import ReplaceCard, ResetPin
from backend.store import notes
from backend.store.audit import Wanted, recorded
from backend.store.errors import StoreCorrupt
from backend.store.statement import Statement
from backend.tables import journal
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
                for module in (outcomes, lookup_outcomes, partner_outcomes, order_outcomes)
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


@pytest.mark.parametrize(
    "module", [model, commands, staff_commands, outcomes, partner_outcomes, notes], ids=lambda module: module.__name__
)
def test_what_names_a_person_or_is_secret_is_shown_in_no_log(module: ModuleType) -> None:
    kept = [
        (cls.__name__, one.name)
        for cls in vars(module).values()
        if isinstance(cls, type) and is_dataclass(cls)
        for one in fields(cls)
        if one.repr and (one.metadata.get("personal") or one.metadata.get("secret"))
    ]
    assert kept == []


def newest(desk: Desk, **wanted: Any) -> Sequence[Recorded]:
    asked = Wanted(library=LibraryId("KAL"), **wanted)
    return desk.store.call(lambda session: recorded(session, asked, NOON), write=False)


def test_why_did_this_machine_say_no(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001003", item="KB1"))
    no = desk.ask(CheckOut(patron="20001001", item="KB1"))
    row = newest(desk, account="kasse1", most=1)[0]
    assert isinstance(no, Refused)
    assert (row.granted, row.reason, row.policy_row) == (False, "on_loan_other", "KAL-08")
    assert (row.patron, row.item, row.at, row.library, row.branch) == (K1.id, ITEMS["KB1"].id, NOON, "KAL", "KAL-S")
    assert row.answered() == no
    assert read_command(row.command, row.asked) == CheckOut(patron="", item="KB1")
    assert len(row.policy) == 12


def test_the_rows_of_an_item_and_of_a_patron_newest_first(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.ask(CheckIn(item="KB1"))
    desk.ask(LookUpItem(item="KB1"))
    for wanted in ({"item": "KB1"}, {"patron": "20001001"}):
        assert [row.command for row in newest(desk, **wanted)] == ["CheckIn", "CheckOut"]


# ---- damaged rows -------------------------------------------------------------------

HAGEN = "Hagen, Ida"
MEANING, FRAME = RepeatKey(by_meaning=True), RepeatKey(frame=b"\1" * 16)


def damage(desk: Desk, **columns: str) -> None:
    """Every row there is says something that no program wrote, and names a person."""
    spoil = Statement(update(journal), tuple(columns))
    desk.store.call(lambda session: session.change(spoil, columns), write=True)


@pytest.mark.parametrize(
    "spoilt",
    [{"outcome": f'{{"at": "{HAGEN}"}}'}, {"outcome": HAGEN}, {"answer": "FromTheFuture"}, {"asked": f'["{HAGEN}"]'}],
    ids=["of another shape", "no JSON", "of another version", "asked otherwise"],
)
def test_a_damaged_row_is_nobodys_first_time(desk: Desk, spoilt: dict[str, str]) -> None:
    lend = CheckOut(patron="20001001", item="KB1", at=NOON)
    desk.ask(lend, key=MEANING)
    damage(desk, **spoilt)
    assert isinstance(desk.ask(lend, key=MEANING), Refused)  # judged anew
    pay = PayFee(patron="20001001", amount=Money(5000, "SEK"), fee="71", at=NOON)
    desk.ask(pay, key=MEANING)
    damage(desk, **spoilt)
    assert isinstance(desk.ask(pay, key=MEANING), FeePaid)


def test_the_same_frame_is_not_done_again_though_its_answer_is_lost(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB1"), key=FRAME)
    damage(desk, outcome=f'{{"at": "{HAGEN}"}}')
    with pytest.raises(StoreCorrupt) as told:
        desk.ask(CheckOut(patron="20001001", item="KB1"), key=FRAME)
    said = "".join(traceback.format_exception(told.value))
    assert "cannot be read: not a CheckedOut" in said
    assert HAGEN not in said
    assert isinstance(desk.ask(CheckIn(item="KB1")), CheckedIn)


def test_the_reader_of_a_damaged_row_hears_of_no_person() -> None:
    for read, name in ((read_outcome, "CheckedOut"), (read_command, "CheckOut")):
        with pytest.raises(Unreadable) as told:
            read(name, f'{{"patron": 7, "at": "{HAGEN}", "item": {{}}}}')
        assert HAGEN not in "".join(traceback.format_exception(told.value))
