"""Staff's commands from the command line, without a daemon: what they print, what they keep, when they end with 1."""

import pytest

from server.pins import matches
from tests.server.office.installation import Installation

pytestmark = pytest.mark.slow

KAL = ("--library", "KAL", "--who", "kari")


def rows(installation: Installation, query: str) -> list[tuple[object, ...]]:
    from sqlalchemy import text

    store = installation.store()
    try:
        return [tuple(row) for row in store.call(lambda session: session.query(text(query)), write=False)]
    finally:
        store.close()


def test_a_block_is_kept_journalled_and_lifted(installation: Installation) -> None:
    said = installation.skranke(
        "staff", "block", "20001001", "--note", "lost three books", "--until", "2099-01-31", *KAL
    )
    assert (said.code, said.err) == (0, "")
    assert rows(installation, "select note, until, lifted_at from blocks") == [("lost three books", "2099-01-31", None)]
    assert rows(installation, "select account, channel, command, granted from journal") == [
        ("staff:kari", "desk", "BlockPatron", 1)
    ]
    assert installation.skranke("staff", "unblock", "20001001", *KAL).code == 0
    assert rows(installation, "select count(*) from blocks where lifted_at is null") == [(0,)]


def test_a_refusal_is_told_in_words_and_ends_with_1(installation: Installation) -> None:
    said = installation.skranke("staff", "block", "99", "--note", "who is that", *KAL)
    assert (said.code, said.out) == (1, "refused: Card not recognised\n")


def test_reasons_come_in_a_language(installation: Installation) -> None:
    said = installation.skranke("staff", "unblock", "99", *KAL, "--language", "sv")
    assert said.out == "refused: Kortet är okänt\n"


def test_a_rehearsal_says_the_same_and_keeps_nothing(installation: Installation) -> None:
    asked = ("staff", "charge", "20001001", "75.00", "--note", "a cup", *KAL)
    rehearsed = installation.skranke(*asked, "--dry-run")
    assert rehearsed.code == 0
    assert rows(installation, "select count(*) from charges") == [(0,)]
    assert rows(installation, "select count(*) from journal") == [(0,)]
    assert rehearsed.out == "".join(f"(dry run) {line}\n" for line in installation.skranke(*asked).out.splitlines())
    assert rows(installation, "select amount, currency, note from charges") == [(7500, "SEK", "a cup")]


def test_charged_paid_and_waived(installation: Installation) -> None:
    for amount in ("75.00", "20.00"):
        assert installation.skranke("staff", "charge", "20001001", amount, *KAL).code == 0
    paid = installation.skranke("staff", "pay", "20001001", "75.00", "--transaction", "k-17", *KAL)
    assert paid.out == "75.00 SEK paid; 20.00 SEK still owed\n"
    ((fee,),) = rows(installation, "select id from charges where owed > 0")
    shown = installation.skranke("staff", "show", "20001001", *KAL).out
    assert f"fee {fee}: Other, 20.00 SEK\n" in shown
    waive = ("staff", "waive", "20001001", str(fee), "--note", "kind", *KAL)
    assert installation.skranke(*waive, "--dry-run").out == "(dry run) 20.00 SEK waived\n"
    assert installation.skranke(*waive).out == "20.00 SEK waived\n"
    assert rows(installation, "select count(*) from charges where owed > 0") == [(0,)]
    too_much = installation.skranke("staff", "pay", "20001001", "5.00", *KAL)
    assert too_much.code == 1


def test_cards_are_replaced(installation: Installation) -> None:
    assert installation.skranke("staff", "replace-card", "20001001", "20009999", "--free", *KAL).code == 0
    assert installation.skranke("staff", "unblock", "20009999", *KAL).code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replace-card", "20001001", ""), "Number is empty"),
        (("replace-card", "20001001", " "), "Number is empty"),
        (("link-card", " "), "Card not recognised"),
        (("link-card", ""), "Card not recognised"),
        (("merge", "20001001", "2000-1001"), "Both numbers are the same patron's"),
        (("invoice", "20001001"), "There is nothing to invoice"),
        (("charge", "20001001", "1000000.01"), "No fee is higher than 1000000.00 SEK"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_slip_is_refused_and_changes_nothing(installation: Installation, words: tuple[str, ...], told: str) -> None:
    said = installation.skranke("staff", *words, *KAL)
    assert (said.code, said.out) == (1, f"refused: {told}\n")
    assert rows(installation, "select count(*) from charges") == [(0,)]


def test_a_pin_comes_from_standard_input_and_only_its_hash_is_kept(installation: Installation) -> None:
    said = installation.skranke("staff", "reset-pin", "20001001", *KAL, said="4711\n")
    assert said.code == 0
    ((stored,),) = rows(installation, "select pin_hash from patrons where id = 7001")
    assert matches(str(stored), "4711")
    assert "4711" not in str(rows(installation, "select asked, outcome from journal"))
    assert "argon2" not in str(rows(installation, "select asked, outcome from journal"))


@pytest.mark.parametrize("pin", ["", "\n", "47|11\n", "4" * 61 + "\n"])
def test_a_pin_that_no_machine_could_send(installation: Installation, pin: str) -> None:
    assert installation.skranke("staff", "reset-pin", "20001001", *KAL, said=pin).code == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("charge", "20001001", "75.0", *KAL), "two decimals"),
        (("charge", "20001001", "75.00", "--library", "XYZ"), "there is no library XYZ"),
        (("charge", "20001001", "75.00"), "name a library"),
        (("charge", "20001001", "75.00", "--library", "KAL", "--who", " "), "say who asks"),
        (("unblock", "20001001", *KAL, "--language", "tlh"), "there are words in"),
        (("why", "--item", "nothing", *KAL), "no library here has an item nothing"),
        (("why", "--patron", "nobody", *KAL), "no patron with this number"),
    ],
)
def test_what_cannot_be_done_is_one_line(installation: Installation, words: tuple[str, ...], why: str) -> None:
    said = installation.skranke("staff", *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert len(said.err.splitlines()) == 1


def test_why_shows_the_deciding_rows(installation: Installation) -> None:
    installation.skranke("staff", "unblock", "20001001", *KAL)
    installation.skranke("staff", "unblock", "99", *KAL)
    refused = installation.skranke("staff", "why", "--terminal", "staff:kari", *KAL).out
    assert "UnblockPatron  refused unknown_patron: Card not recognised" in refused
    assert len(refused.splitlines()) == 1
    everything = installation.skranke("staff", "why", "--terminal", "staff:kari", "--all", *KAL).out
    assert len(everything.splitlines()) == 2
    assert len(installation.skranke("staff", "why", "--patron", "2000-1001", "--all", *KAL).out.splitlines()) == 1
    assert installation.skranke("staff", "why", "--item", "KB1", *KAL).out == "the journal has no such row\n"


def test_notes_wait_until_they_are_done(installation: Installation) -> None:
    store = installation.store()
    from backend.changes import NoteForStaff
    from backend.model import ItemId, PatronId
    from tests.backend.store.world import KAL as LIBRARY
    from tests.backend.store.world import NOON

    note = NoteForStaff(
        library=LIBRARY, reason="held_for_other", at=NOON, patron=PatronId(7001), item=ItemId(8001), text="kasse1"
    )
    store.call(lambda session: session.apply([note], NOON), write=True)
    store.close()
    listed = installation.skranke("staff", "notes", *KAL).out
    assert " ".join(listed.split()) == "1 2026-02-12 11:00Z Reserved for another patron 2000 1001 KB1 Sult kasse1"
    assert installation.skranke("staff", "notes", "--done", "1", "--done", "9", *KAL).out == "1 of 2 marked as done\n"
    assert installation.skranke("staff", "notes", *KAL).out == "nothing waits for staff\n"
    assert rows(installation, "select done_by from staff_notes") == [("staff:kari",)]
