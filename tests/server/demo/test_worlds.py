"""Worlds: every one that a transcript starts from comes true, and a wrong row changes nothing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from backend.clock import FixedClock, to_epoch
from backend.store.store import Store
from backend.tables import blocks, charges, holds, identifiers, items, loans, patrons
from conformance.transcript import Transcript, load_all
from conformance.worlds import compose
from server.demo.demo import Demo
from server.demo.world_rows import WorldError
from server.demo.worlds import World
from tests.databases import everything, rows_of
from tests.server.demo.conftest import NOW

pytestmark = pytest.mark.slow

TRANSCRIPTS = Path(__file__).parents[3] / "conformance" / "transcripts" / "sip2"
BASE = 'extends = "fixtures"\n'


def start(demo: Demo, store: Store, text: str, now: datetime = NOW) -> World:
    world = demo.read_world(BASE + text if "extends" not in text else text)
    store.call(demo.making(world, now), write=True)
    return world


def kept(store: Store, table: Table, **wanted: Any) -> Sequence[dict[str, Any]]:
    """The rows with these values, by column."""
    rows = [dict(zip(table.columns.keys(), row, strict=True)) for row in rows_of(store, table)]
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def one(store: Store, table: Table, **wanted: Any) -> dict[str, Any]:
    (row,) = kept(store, table, **wanted)
    return row


def test_every_world_of_every_transcript_comes_true(demo: Demo, store: Store) -> None:
    worlds: dict[str, Transcript] = {}
    for transcript in load_all([TRANSCRIPTS]):
        text = compose(transcript)
        if text is not None:
            worlds.setdefault(text, transcript)
    assert worlds
    for text, transcript in worlds.items():
        world = start(demo, store, text, transcript.clock.astimezone(UTC))
        assert len(kept(store, loans)) == len(world.rows.loan), transcript.path
        assert len(kept(store, holds)) == len(world.rows.hold), transcript.path
        assert len(kept(store, charges)) == len(world.rows.charge), transcript.path
        assert len(kept(store, blocks)) == len(world.rows.block), transcript.path


def test_a_world_takes_the_place_of_the_one_before(demo: Demo, store: Store, clock: FixedClock) -> None:
    demo.populate(store, clock)
    fixtures = len(kept(store, patrons))
    start(demo, store, '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02\n')
    start(demo, store, "")
    assert kept(store, loans) == []
    assert len(kept(store, patrons)) == fixtures


def test_a_loan(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02\nbranch = "KAL-B"\nrenewals = 2\n',
    )
    loan = one(store, loans)
    assert loan["due"] == to_epoch(datetime.fromisoformat("2026-03-02T23:59:59+01:00"))
    assert loan["lent"] == to_epoch(datetime.fromisoformat("2026-02-02T12:00:00+01:00"))
    assert (loan["due_on"], loan["renewals"], loan["branch"], loan["policy_row"]) == (
        "2026-03-02",
        2,
        "KAL-B",
        "KAL-08",
    )
    assert one(store, items, barcode="KB3")["present_branch"] == "KAL-B"


def test_a_hold_on_the_shelf_and_one_on_its_way(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[hold]]
        patron = "A1"
        title = "AT1"
        shelf = "AB1"
        pickup = "ASK-B"
        placed = 2026-02-10
        since = 2026-05-12
        [[hold]]
        patron = "K3"
        item = "KB3"
        pickup = "KAL-B"
        copy = true
        transit = "KB3"
        """,
    )
    shelf, transit = kept(store, holds)
    assert (shelf["state"], shelf["ready_on"], shelf["pickup_by"]) == ("ready", "2026-05-12", "2026-05-18")
    assert (transit["state"], transit["placed"], transit["item"]) == ("transit", to_epoch(NOW), transit["trapped"])
    assert one(store, items, barcode="AB1")["state"] == "hold_shelf"
    moving = one(store, items, barcode="KB3")
    assert (moving["state"], moving["destination"], moving["present_branch"]) == ("transit", "KAL-B", "KAL-S")


def test_a_billed_loan_and_its_charge_belong_together(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[loan]]
        item = "AB1"
        patron = "A1"
        lent = 2025-12-01
        due = 2025-12-29
        billed = 2026-02-09
        [[charge]]
        patron = "A1"
        item = "AB1"
        kind = "replacement"
        amount = "450.00"
        at = 2026-02-09
        """,
    )
    charge, loan = one(store, charges), one(store, loans)
    assert (charge["amount"], charge["owed"], charge["currency"]) == (45000, 45000, "NOK")
    assert (charge["loan"], charge["policy_row"], charge["title"]) == (loan["id"], "ASK-20-book", "Fjordhestene")
    assert loan["billed_on"] == "2026-02-09"


def test_blocks(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[block]]
        patron = "K1"
        note = "late return"
        until = 2026-02-20
        [[block]]
        patron = "L1"
        stops = ["hold"]
        """,
    )
    suspended, manual = kept(store, blocks)
    assert (suspended["reason"], suspended["until"], suspended["stops"]) == (
        "suspended",
        "2026-02-20",
        "checkout hold renewal",
    )
    assert (manual["reason"], manual["stops"]) == ("manual_block", "hold")


def test_patrons_who_are_different(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[patron]]
        id = "K1"
        card_state = "lost"
        language = ""
        pin_failures = 4
        [[patron]]
        id = "A1"
        card_state = "unlinked"
        [[patron]]
        id = "K9"
        library = "KAL"
        born = 2000-02-29
        [[loan]]
        item = "KB3"
        patron = "K9"
        lent = 2026-02-02T10:00:00+01:00
        due = 2026-03-02
        """,
    )
    k1 = one(store, identifiers, value="20001001")
    assert k1["lost"]
    row = one(store, patrons, id=k1["patron"])
    assert (row["language"], row["pin_failures"], row["pin_failed_on"]) == (None, 4, "2026-02-12")
    assert one(store, identifiers, value="N000111222")["library"] == "BAR"
    assert kept(store, identifiers, value="10001001") == []
    new = one(store, patrons, id=one(store, identifiers, value="K9")["patron"])
    assert (new["birth_date"], new["home_branch"]) == ("2000-02-29", "KAL-S")


def test_copies_that_are_different(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[item]]
        barcode = "KB3"
        state = "missing"
        [[item]]
        barcode = "KB1"
        state = "transit"
        [[item]]
        barcode = "NEW"
        title = "KT1"
        home = "KAL-B"
        [[item]]
        barcode = "TX1"
        title = "TXT1"
        name = "Testbok"
        material = "game"
        price = "12.50"
        home = "KAL-S"
        """,
    )
    assert one(store, items, barcode="KB3")["state"] == "missing"
    moving = one(store, items, barcode="KB1")
    assert (moving["state"], moving["destination"], moving["present_branch"]) == ("transit", "KAL-S", "KAL-B")
    assert one(store, items, barcode="NEW")["title_id"] == moving["title_id"]
    new = one(store, items, barcode="TX1")
    assert (new["material"], new["price"], new["currency"], new["media_type"]) == ("game", 1250, "SEK", "006")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends =", "not TOML"),
        ("", "extends"),
        ('extends = "elsewhere"', "extends"),
        (BASE + "[[shelf]]", "shelf: this key is not known here"),
        (BASE + '[[block]]\npatron = "K1"\nnotes = "x"', "block[1].notes: this key is not known here"),
        (BASE + '[[block]]\npatron = "Nobody"', "block[1].patron: no patron Nobody"),
        (BASE + '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02', "loan[1].due: this key must be written"),
        (BASE + '[[loan]]\nitem = "X"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02', "loan[1].item: no item X"),
        (BASE + '[[loan]]\nitem = "KB3"\npatron = "A1"\nlent = 2026-02-02\ndue = 2026-03-02', "A1 is no patron of KAL"),
        (BASE + '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02T10:00:00\ndue = 2026-03-02', "loan[1].lent"),
        (BASE + '[[hold]]\npatron = "K1"', "either title or item"),
        (BASE + '[[hold]]\npatron = "K1"\ntitle = "KT1"\nshelf = "KB3"', "no copy of what is wanted"),
        (BASE + '[[hold]]\npatron = "K1"\ntitle = "KT1"\npickup = "X"', "no branch X"),
        (BASE + '[[hold]]\npatron = "K1"\ntitle = "KT1"\n' * 2, "waits for it already"),
        (BASE + '[[charge]]\npatron = "K1"\namount = "5"', "charge[1].amount"),
        (BASE + '[[charge]]\npatron = "K1"\namount = "5.00"\nkind = "tip"', "charge[1].kind"),
        (BASE + '[[block]]\npatron = "K1"\nstops = ["breathing"]', "block[1].stops"),
        (BASE + '[[patron]]\nid = "X1"', "a new patron has a library"),
        (BASE + '[[patron]]\nid = "X1"\nlibrary = "XXX"', "no library XXX"),
        (BASE + '[[patron]]\nid = "K1"\nhome = "ASK-H"', "ASK-H is no branch of KAL"),
        (BASE + '[[patron]]\nid = "K1"\ncard_state = "unlinked"', "no national card"),
        (BASE + '[[patron]]\nid = "K2"\nguardian = "A1"', "A1 is nobody at KAL"),
        (BASE + '[[item]]\nbarcode = "X1"', "needs a home"),
        (BASE + '[[item]]\nbarcode = "X1"\nhome = "KAL-S"', "needs a name"),
        (BASE + '[[item]]\nbarcode = "KB3"\nstate = "hold_shelf"', "pickup shelf"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_whole(demo: Demo, text: str, said: str) -> None:
    with pytest.raises(WorldError) as refused:
        demo.read_world(text)
    assert said in str(refused.value)


def test_a_copy_is_in_one_place(demo: Demo) -> None:
    loan = '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02\n'
    with pytest.raises(WorldError, match=r"KB3 is in loan\[1\] already"):
        demo.read_world(BASE + loan + '[[hold]]\npatron = "K3"\nitem = "KB3"\nshelf = "KB3"\n')


def test_all_mistakes_are_told_at_once(demo: Demo) -> None:
    with pytest.raises(WorldError) as refused:
        demo.read_world(BASE + '[[block]]\npatron = "X"\n[[charge]]\npatron = "Y"\namount = "1.00"')
    assert refused.value.mistakes == ("charge[1].patron: no patron Y", "block[1].patron: no patron X")


def test_a_day_of_an_expiry_is_a_day(demo: Demo, store: Store) -> None:
    start(demo, store, '[[patron]]\nid = "K1"\nexpires = 2026-02-11')
    assert one(store, patrons, expires=date(2026, 2, 11).isoformat())


def test_nothing_changes_when_making_fails(demo: Demo, store: Store, clock: FixedClock) -> None:
    demo.populate(store, clock)
    before = everything(store)
    world = demo.read_world(BASE + '[[block]]\npatron = "K1"')
    broken = demo.making(world, NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="zone"):
        store.call(broken, write=True)
    assert everything(store) == before


def test_what_the_lender_said_stays_with_the_copy(demo: Demo, store: Store) -> None:
    start(
        demo,
        store,
        """
        [[item]]
        barcode = "ILL1"
        name = "Fjärrlån"
        loan_type = "ill"
        home = "LYS-S"
        lender_due = 2026-03-20
        """,
    )
    assert one(store, items, barcode="ILL1")["lender_due"] == "2026-03-20"
