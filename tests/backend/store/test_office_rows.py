"""What staff read and keep beside circulation: accounts of terminals, the journal, their list; and rehearsals."""

from typing import Any

import pytest

from backend.changes import NoteForStaff
from backend.commands import CheckIn, CheckOut, PlaceHold
from backend.model import AccountId, AskedBy, ItemId, LibraryId, PatronId
from backend.outcomes import CheckedOut, HoldPlaced, Refused
from backend.store.accounts import StoredAccount, put_account, set_disabled, set_password, stored_accounts
from backend.store.audit import NobodyKnown, Wanted, recorded
from backend.store.notes import mark_done, open_notes
from backend.store.store import Store
from tests.backend.store.world import KAL, KIOSK, MAIN, NOON, Desk

KASSE = StoredAccount(
    login="kasse1", library=KAL, branch=MAIN, profile="self-check", password_hash="$argon2id$x", settings='{"a": 1}'
)


def test_an_account_is_added_changed_and_disabled(store: Store) -> None:
    def kept() -> list[StoredAccount]:
        return list(store.call(stored_accounts, write=False))

    assert store.call(lambda session: put_account(session, KASSE), write=True)
    assert kept() == [KASSE]
    moved = StoredAccount(login="kasse1", library=KAL, branch=MAIN, profile="sorter")
    assert not store.call(lambda session: put_account(session, moved), write=True)
    assert store.call(lambda session: set_password(session, "kasse1", "$argon2id$y"), write=True)
    assert store.call(lambda session: set_disabled(session, "kasse1", True), write=True)
    (found,) = kept()
    assert (found.profile, found.password_hash, found.settings, found.disabled) == ("sorter", "$argon2id$y", "{}", True)


def test_what_is_not_there_is_not_changed(store: Store) -> None:
    assert not store.call(lambda session: set_password(session, "nobody", "x"), write=True)
    assert not store.call(lambda session: set_disabled(session, "nobody", False), write=True)


def test_no_hash_shows_in_a_traceback() -> None:
    assert "argon2" not in repr(KASSE)


def test_the_journal_is_asked_by_account_item_and_patron(desk: Desk) -> None:
    entrance = AskedBy(account=AccountId("kasse1@INNGANG"), library=KAL, branch=MAIN)
    other = AskedBy(account=AccountId("kasse10"), library=KAL, branch=MAIN)
    desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.ask(CheckOut(patron="20001003", item="KB1"), entrance)
    desk.ask(CheckIn(item="KB2"), other)

    def commands(**wanted: Any) -> list[tuple[str, bool]]:
        of = Wanted(library=KAL, **wanted)
        rows = desk.store.call(lambda session: recorded(session, of, NOON), write=False)
        return [(row.command, row.granted) for row in rows]

    assert commands() == [("CheckIn", True), ("CheckOut", False), ("CheckOut", True)]
    assert commands(account="kasse1") == [("CheckOut", False), ("CheckOut", True)]
    assert commands(account="kasse1@INNGANG") == [("CheckOut", False)]
    assert commands(item="kb 1") == [("CheckOut", False), ("CheckOut", True)]
    assert commands(patron="19850412-0000") == [("CheckOut", True)]
    assert commands(refused_only=True, item="KB1") == [("CheckOut", False)]
    assert commands(most=1) == [("CheckIn", True)]


@pytest.mark.parametrize("wanted", [Wanted(library=KAL, item="KB9"), Wanted(library=KAL, patron="9")])
def test_nobody_is_not_everybody(desk: Desk, wanted: Wanted) -> None:
    with pytest.raises(NobodyKnown):
        desk.store.call(lambda session: recorded(session, wanted, NOON), write=False)


def test_notes_stay_until_they_are_done(desk: Desk) -> None:
    desk.write(
        NoteForStaff(library=KAL, reason="held_for_other", at=NOON, patron=PatronId(7_001), item=ItemId(8_001)),
        NoteForStaff(library=KAL, reason="fee_not_set", at=NOON, text="what the machine said"),
        NoteForStaff(library=LibraryId("ASK"), reason="fee_not_set", at=NOON),
    )
    first, second = desk.store.call(lambda session: open_notes(session, KAL, 10), write=False)
    assert (first.card, first.barcode, first.title, first.at) == ("2000 1001", "KB1", "Sult", NOON)
    assert (second.card, second.barcode, second.text) == (None, None, "what the machine said")
    everything = [first.id, second.id, second.id + 1]
    assert desk.store.call(lambda session: mark_done(session, KAL, everything, "staff:kari", NOON), write=True) == 2
    assert desk.store.call(lambda session: open_notes(session, KAL, 10), write=False) == []
    assert len(desk.store.call(lambda session: open_notes(session, LibraryId("ASK"), 10), write=False)) == 1


def test_a_rehearsal_decides_and_changes_nothing(desk: Desk) -> None:
    lent = desk.circulation.rehearse(CheckOut(patron="20001001", item="KB1"), KIOSK)
    held = desk.circulation.rehearse(PlaceHold(patron="20001001", item="KB1"), KIOSK)
    assert isinstance(lent, CheckedOut)
    assert isinstance(held, HoldPlaced)
    assert desk.rows("select count(*) from loans") == [(0,)]
    assert desk.rows("select count(*) from holds") == [(0,)]
    assert desk.rows("select count(*) from journal") == [(0,)]
    assert isinstance(desk.circulation.rehearse(CheckOut(patron="nobody", item="KB1"), KIOSK), Refused)


def test_a_thread_that_waits_is_answered_while_batches_go_nowhere(store: Store) -> None:
    """A daemon reads its accounts before its reactor takes batches."""
    store.on_batch = lambda batch: None
    assert store.call(lambda session: 42, write=False) == 42
    assert store.call(lambda session: 43, write=True) == 43
