"""A demonstration from the first start on: what is kept, what is told, and what a restart leaves alone."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from backend.clock import FixedClock
from backend.store.store import Store
from backend.tables import items, patrons, titles
from conformance.replay import flatten
from protocols.sip2.codec import decode
from server.demo.demo import Demo, prepare
from server.demo.secrets import FILE, DemoFileError, Secrets
from server.demo.welcome import first_conversation, welcome
from server.pins import matches
from tests.daemon import Daemon
from tests.databases import everything, rows_of
from tests.server.demo.conftest import NOW, shelf


def test_everybody_moves_in_once(demo: Demo, store: Store, clock: FixedClock) -> None:
    assert demo.populate(store, clock) is True
    before = everything(store)
    assert len(before["patrons"]) == len(demo.town.patrons)
    assert len(before["items"]) == len(demo.town.items)
    demo.write_file({})
    again = prepare(demo.data, shelf(), NOW)
    assert again.populate(store, clock) is False
    assert everything(store) == before


def test_secrets_are_made_once_and_kept(demo: Demo) -> None:
    demo.write_file({"sip2": "127.0.0.1:6001"})
    again = prepare(demo.data, shelf(), NOW)
    assert (again.secrets.pins, again.secrets.passwords) == (demo.secrets.pins, demo.secrets.passwords)
    assert not again.secrets.made_now
    assert "K1" not in repr(demo.secrets)


def test_lost_secrets_are_made_anew_and_given_to_those_who_live_there(
    demo: Demo, store: Store, clock: FixedClock
) -> None:
    demo.populate(store, clock)
    again = prepare(demo.data, shelf(), NOW)
    again.populate(store, clock)
    column = patrons.columns.keys().index("pin_hash")
    kept = {row[column] for row in rows_of(store, patrons)}
    assert kept == set(again.pin_hashes.values())


def test_the_file_is_its_owners_and_names_what_transcripts_name(demo: Demo) -> None:
    path = demo.write_file({"sip2": "127.0.0.1:6001"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = flatten(json.loads(path.read_text("utf-8")))
    assert told["patron.K1.card"] == "20001001"
    assert told["patron.A3.card"] == "N000333444"
    assert told["patron.K1.identifiers.identity"] == "19850412-0000"
    assert len(told["patron.K1.pin"]) == 4
    assert told["terminal.T-KAL-S.login"] == "T-KAL-S"
    assert told["terminal.T-KAL-S.password"] == demo.secrets.passwords["T-KAL-S"]
    assert told["library.KAL.branches.KAL-S"] == "Stadsbiblioteket"
    assert told["item.KB3.title"] == "Väderstationen"
    assert told["address.sip2"] == "127.0.0.1:6001"


@pytest.mark.parametrize("content", ["not JSON", "[]"])
def test_a_file_that_cannot_be_used_is_one_clear_line(demo: Demo, content: str) -> None:
    (demo.data / FILE).write_text(content)
    with pytest.raises(DemoFileError, match="move it away"):
        prepare(demo.data, shelf(), NOW)


def test_hashes_are_real_and_the_same_each_time() -> None:
    secrets = Secrets(pins={"K1": "4711"}, others_pin="2468", passwords={}, salt="ab")
    first, second = secrets.hashes([("K1", "4711")]), secrets.hashes([("K1", "4711")])
    assert first == second
    assert matches(first["K1"], "4711")
    assert secrets.hashes([("K2", "4711")])["K2"] != first["K1"]


def test_identity_numbers_are_never_readable(demo: Demo, store: Store, clock: FixedClock) -> None:
    demo.populate(store, clock)
    assert "198504120000" not in repr(everything(store)).replace("-", "")


def test_the_first_conversation_is_what_sip2_asks_for(demo: Demo) -> None:
    lines = first_conversation(demo, NOW)
    messages = [decode(line) for line in lines]
    assert [type(one.message).__name__ for one in messages] == ["Login", "ScStatus", "Checkout", "Checkin"]
    assert not any(one.repairs for one in messages)


def test_the_welcome_says_where_and_who(demo: Demo) -> None:
    said = welcome(demo, {"sip2": "127.0.0.1:6001", "page": "127.0.0.1:8080"}, NOW)
    assert "127.0.0.1:6001" in said and "127.0.0.1 6001" in said
    assert demo.secrets.passwords["T-KAL-S"] in said
    assert str(demo.data / FILE) in said


@pytest.mark.slow
def test_the_paste_without_nc_is_answered(tmp_path: Path) -> None:
    with Daemon(tmp_path) as town:
        (paste,) = [line for line in town.said().splitlines() if "sendall" in line]
        said = subprocess.run(["/bin/sh", "-c", paste], capture_output=True, encoding="utf-8", timeout=30, check=True)
    assert said.stderr == ""
    assert [line[:3] for line in said.stdout.splitlines() if line] == ["941", "98Y", "121", "101"]


def test_titles_are_shared_by_their_copies(demo: Demo, store: Store, clock: FixedClock, tmp_path: Path) -> None:
    demo.populate(store, clock)
    record, title = (items.columns.keys().index(name) for name in ("barcode", "title_id"))
    by_barcode = {row[record]: row[title] for row in rows_of(store, items)}
    assert by_barcode["KB1"] == by_barcode["KB2"] == by_barcode["KX1"] != by_barcode["KB3"]
    records = titles.columns.keys().index("record")
    assert "KT1" in {row[records] for row in rows_of(store, titles)}
