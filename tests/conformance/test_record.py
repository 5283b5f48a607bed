"""The recorder: bytes pass untouched, and what is written down has no persons in it, reads back and plays again."""

import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest

from conformance.anonymise import Anonymiser
from conformance.record import Conversation, Heading, Recorder
from conformance.replay import Target, replay
from conformance.transcript import Verb, load, parse
from conformance.wire import seal
from tests.conformance.fake_acs import fake_acs, polite

HEADING = Heading("t", "kiosk 1.0", "2026-02-12")
STAMP = "20260212    120000"
PERSON = ("20001001", "Björk, Åse", "Storgatan 1", "ase@example.com", "070-1234567", "4321", "19850412")
SECRET_ANSWER = (
    f"64              006{STAMP}000000000000000000000000AOKAL|AA20001001|AEBjörk, Åse|BLY|CQY|BDStorgatan 1|"
    "BEase@example.com|BF070-1234567|PB19850412|AFHej Björk, Åse 20001001|"
)


def test_persons_become_invented_ones_everywhere_the_same():
    anonymiser = Anonymiser(keep_text=True)
    asked = anonymiser.request(f"63006{STAMP}          AOKAL|AA20001001|AC|AD4321|ZZ19850412|")
    told = anonymiser.answer(SECRET_ANSWER)
    assert asked == "63006{now}          AOKAL|AA90000001|AC|AD0001|"
    assert told.startswith("64              006~000000000000000000000000AOKAL|AA90000001|AEEksempel, Person 1|")
    assert "AFHej Eksempel, Person 1 90000001|" in told and "PB~|" in told
    assert not any(secret in asked + told for secret in PERSON)
    assert "AA90000001|" in anonymiser.request(f"35{STAMP}AOKAL|AA20001001|")
    assert "AA90000002|" in anonymiser.request(f"35{STAMP}AOKAL|AA20001002|")


def test_a_name_is_replaced_in_a_text_that_comes_before_it():
    told = Anonymiser(keep_text=True).answer(f"24              006{STAMP}AFHej Björk, Åse|AEBjörk, Åse|")
    assert told == "24              006~AFHej Eksempel, Person 1|AEEksempel, Person 1|"


def test_free_text_is_left_out_unless_asked_for():
    assert "AF~|" in Anonymiser().answer(SECRET_ANSWER)


@pytest.mark.parametrize(
    ("real", "written"),
    [
        ("9300CNkiosk|COhemligt|CPKAL-S|", "9300CN{terminal.recorded.login}|CO{terminal.recorded.password}|CPKAL-S|"),
        (f"11NN{STAMP}{' ' * 18}AOKAL|AA1|ABKB3|AC|", f"11NN{{now}}{' ' * 18}AOKAL|AA90001|ABKB3|AC|"),
        (f"01N{STAMP}AOKAL|ALÅse left it|AA|AC|", "01N{now}AOKAL|ALtext|AA|AC|"),
        (f"17{STAMP}AOKAL|AB{{x}}|AC|", "17{now}AOKAL|AB(x)|AC|"),
        ("9900802.00", "9900802.00"),
        ("97", "97"),
    ],
)
def test_requests(real, written):
    assert Anonymiser().request(real) == written


def heard(*frames: str) -> list[str]:
    """`>` from the machine, `<` from the ACS; with trailers."""
    conversation = Conversation()
    for frame in frames:
        body, _, sequence = frame[1:].partition("#")
        number = None if body in ("96", "97") else sequence or "0"
        sealed = seal(body.encode("cp850"), number)
        conversation.hear(frame[0] == ">", sealed)
    text = conversation.transcribe(HEADING, Anonymiser(), "cp850")
    return [step.verb.value for step in parse(text, Path("a.txt")).steps]


@pytest.mark.parametrize(
    ("frames", "verbs"),
    [
        ((">9900802.00", "<98Y", ">9900802.00", "<98Y"), ["SC", "ACS", "REPEAT", "SAME"]),
        ((">9900802.00#1", "<98Y#1", ">9900802.00#2", "<98Y#2"), ["SC", "ACS", "SC", "ACS"]),
        ((">9900802.00", "<98Y", ">97", "<98Y"), ["SC", "ACS", "SC", "SAME"]),
        ((">71x", ">9900802.00", "<98Y"), ["SC", "SILENCE", "SC", "ACS"]),
        ((">17x#1", ">9900802.00#2", "<18x#1", "<98Y#2"), ["SC", "SC", "ACS", "ACS"]),
        ((">9900802.00", "<98Y", ">71x"), ["SC", "ACS", "SC", "SILENCE"]),
        ((">01x", "<24x"), ["SC", "ACS"]),
        ((">GET / HTTP", ">97", "<96"), ["SC", "ACS"]),
    ],
)
def test_frames_become_steps(frames, verbs):
    assert heard(*frames) == verbs


def test_a_spoiled_frame_is_written_as_one():
    conversation = Conversation()
    conversation.hear(True, b"9900802.00AY1AZ0000")
    conversation.hear(False, b"96AZFEF6")
    text = conversation.transcribe(HEADING, Anonymiser(), "cp850")
    assert text.endswith("BAD  9900802.00\nACS  96\n")


def test_what_was_recorded_plays_again(tmp_path):
    """A machine speaks through the proxy; the written file then passes against the same ACS."""
    written = threading.Event()
    with fake_acs(polite) as acs, socket.create_server(("127.0.0.1", 0)) as listener:
        recorder = Recorder(acs.dial, tmp_path, HEADING, on_written=lambda path: written.set())
        threading.Thread(target=recorder.serve, args=(listener,), daemon=True).start()
        with closing(socket.create_connection(listener.getsockname())) as machine, machine.makefile("rb") as answers:
            sent = [b"9300CNkiosk|COhemligt|CPKAL-S|", b"9900802.00", b"1720260212    120000AOKAL|ABKB3|AC|"]
            for number, body in enumerate(sent):
                machine.sendall(seal(body, str(number)) + b"\r")
                assert b"AY%dAZ" % number in read_frame(answers)
        assert written.wait(5)
        listener.shutdown(socket.SHUT_RDWR)
        transcript = load(tmp_path / "001.txt")
        assert [step.verb for step in transcript.steps] == [Verb.SEND, Verb.ANSWER] * 3
        assert "hemligt" not in (tmp_path / "001.txt").read_text(encoding="utf-8")
        secrets = {"terminal.recorded.login": "kiosk", "terminal.recorded.password": "hemligt"}
        verdict = replay(transcript, Target(acs.dial, secrets))
    assert verdict.ok, verdict.explain()


def read_frame(answers) -> bytes:
    frame = b""
    while not frame.endswith(b"\r"):
        frame += answers.read(1)
    return frame
