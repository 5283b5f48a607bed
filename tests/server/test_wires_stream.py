"""Bytes as they really come: in crumbs and in heaps, from peers that stop writing, stop reading, or are gone."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.wire import seal
from server.office.client import Messenger
from server.office.orders import ReadJournal
from tests.server.wires import DAY, PASSWORD, PATRON, SHORT, STATUS, House, Line, account, build, eventually

pytestmark = pytest.mark.slow

LOGIN = f"9300CNkasse1|CO{PASSWORD}|"
CHECKOUT = f"11NN{DAY}{'':18}AO|AA20001003|ABKB1|AC|AD1111|"
LISTENERS = {"plain": (), "bound": ('account = "kasse1"',)}
ACCOUNTS = (
    account("kasse1", "rights.free_return_ok = true"),
    account("late", "limits.messages_per_minute = 2"),
    account("hasty", "limits.messages_per_minute = 2", "manner.timeout = 10"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = build(tmp_path_factory.mktemp("stream"), LISTENERS, ACCOUNTS)
    given_a_pin(built)
    yield built
    assert built.running.stop() == 0
    assert not built.logged("sip2.broken")
    assert not built.logged("sip2.failed")
    assert "Traceback" not in (built.running.at.folder / "log").read_text("utf-8")


def given_a_pin(house: House) -> None:
    words = ("staff", "reset-pin", "20001003", "--library", "KAL", "--who", "kari")
    assert house.running.at.skranke(*words, said="1111\n").code == 0


def memory(house: House) -> int:
    """Resident bytes of the daemon."""
    status = Path(f"/proc/{house.running.process.pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def frame(text: str, digit: int) -> bytes:
    return seal(text.encode(), str(digit % 10)) + b"\r"


def test_one_byte_at_a_time(house: House) -> None:
    with house.line("bound") as line:
        for byte in STATUS.encode() + b"\r\n" + PATRON.encode() + b"\r\n":
            line.send(bytes([byte]))
        assert line.hear().startswith(b"98")
        assert line.hear().startswith(b"24")


@pytest.mark.parametrize("ends", [b"\r|\n|\r\n|\n|\r|\n", b"\n|\r\n|\n|\r|\n|\n"])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_lines_may_end_as_they_like_from_one_to_the_next(house: House, ends: bytes, size: int) -> None:
    texts = (STATUS, PATRON) * 3
    stream = b"".join(text.encode() + end for text, end in zip(texts, ends.split(b"|"), strict=True))
    with house.line("bound") as line:
        for start in range(0, len(stream), size):
            line.send(stream[start : start + size])
        assert [line.hear()[:2] for _ in texts] == [b"98", b"24"] * 3


@pytest.mark.parametrize("text", [STATUS, PATRON], ids=["without", "with circulation"])
def test_a_thousand_frames_in_one_segment_are_answered_in_order(house: House, text: str) -> None:
    with house.line("bound") as line:
        line.send(b"".join(frame(text, digit) for digit in range(1000)))
        digits = [line.hear().rpartition(b"AY")[2][:1] for _ in range(1000)]
        assert digits == [b"%d" % (digit % 10) for digit in range(1000)]


def test_a_heap_of_one_line_does_not_hold_up_the_others(house: House) -> None:
    with house.line("bound") as greedy, house.line("bound") as modest:
        heap = threading.Thread(target=greedy.send, args=(frame(STATUS, 1) + b"".join([b"97\r"] * 30_000),))
        heap.start()
        assert modest.ask(STATUS).startswith("98")
        for _ in range(30_001):
            greedy.hear()
        heap.join()


def test_a_half_closed_peer_gets_all_its_answers(house: House) -> None:
    with house.line("bound") as line:
        line.send(b"".join(frame(PATRON if digit % 3 else STATUS, digit) for digit in range(200)))
        line.socket.shutdown(socket.SHUT_WR)
        answers = line.rest().split(b"\r")
        assert len(answers) == 201
        assert answers[-1] == b""
        assert [answer[:2] for answer in answers[:4]] == [b"98", b"24", b"24", b"98"]


def test_a_half_closed_peer_may_log_in_first(house: House) -> None:
    with house.line() as line:
        line.send(b"9300CNkasse1|COopen sesame|\r" + PATRON.encode() + b"\r")
        line.socket.shutdown(socket.SHUT_WR)
        assert line.rest().startswith(b"941\r24")


def test_a_half_closed_peer_that_says_nothing_is_closed(house: House) -> None:
    with house.line() as line:
        line.socket.shutdown(socket.SHUT_WR)
        assert line.rest() == b""


def test_a_peer_that_never_reads_costs_little(house: House) -> None:
    before = memory(house)
    lines = [house.line("bound") for _ in range(4)]
    heap = PATRON.encode() + b"\r" + b"97\r" * 300_000
    for line in lines:
        line.socket.settimeout(SHORT)
        with pytest.raises(TimeoutError):  # nobody takes more from it while its own answers pile up
            while True:
                line.send(heap)
    with house.line("bound") as other:
        assert other.ask(STATUS).startswith("98")
    assert memory(house) - before < 20 << 20
    for line in lines:
        line.vanish()


def test_a_slow_reader_misses_nothing(house: House) -> None:
    count = 15_000
    with house.line("bound") as line:
        sender = threading.Thread(target=line.send, args=(b"".join(frame(STATUS, digit) for digit in range(count)),))
        sender.start()
        time.sleep(SHORT)
        digits = b"".join(line.hear().rpartition(b"AY")[2][:1] for _ in range(count))
        sender.join()
        assert digits == b"0123456789" * (count // 10)


def test_a_peer_that_vanishes_finds_its_checkout_done(house: House) -> None:
    """The line is lost while the command is in work; sent again under the same digit it is answered, not repeated."""
    asked = frame(CHECKOUT, 4)
    with house.line("bound") as line:
        line.send(frame(PATRON, 3))  # a look-up is the account's last frame until the loan is asked for
        line.hear()
    lost = Line(house.ports["bound"])
    lost.send(asked)
    lost.vanish()
    with house.line("bound") as line:
        answers = []
        for _ in range(2):
            line.send(asked)
            answers.append(line.hear())
        assert answers[0].startswith(b"121N")
        assert answers[0] == answers[1]
    journal = Messenger(house.running.at.socket).ask(ReadJournal(library="KAL", item="KB1"))
    assert [row.command for row in journal] == ["CheckOut"]


@pytest.mark.parametrize("name", ["bound", "plain"])
@pytest.mark.parametrize(
    "said",
    [b"", b"23", b"7100\r", b"97\r", STATUS.encode() + b"\r", PATRON.encode() + b"\r23", LOGIN.encode() + b"\r"],
    ids=["nothing", "half a message", "nothing known", "resend", "status", "a question", "a login"],
)
def test_peers_that_vanish_leave_nothing_behind(house: House, name: str, said: bytes) -> None:
    for _ in range(20):
        line = Line(house.ports[name])
        line.send(said)
        line.vanish()
    assert eventually(lambda: house.metric("skranke_sip2_connections") == 0)


def test_who_asks_too_often_waits(house: House) -> None:
    with house.at("late") as line:
        assert line.ask(STATUS).startswith("98")
        line.send(STATUS.encode() + b"\r" + STATUS.encode() + b"\r")
        assert line.hear().startswith(b"98")
        assert line.is_silent()
        with house.at("late") as other:  # one measure for the account, not for the line
            other.send(STATUS.encode() + b"\r")
            assert other.is_silent()


def test_whoever_asks_too_often_is_answered_before_the_time_out(house: House) -> None:
    with house.at("hasty") as line:
        begun = time.monotonic()
        for _ in range(5):
            assert line.ask(STATUS).startswith("98")
        assert time.monotonic() - begun >= 1.5  # three were held back, half a second each
    held = house.metric('skranke_sip2_held_back_total{account="hasty"}')
    assert held == len(house.logged("sip2.held_back", account="hasty")) == 3


def test_reading_settings_again_drops_nobody(house: House) -> None:
    with house.at("kasse1") as line:
        assert line.ask(STATUS).startswith("98")
        os.kill(house.running.process.pid, signal.SIGHUP)
        house.running.wait_for("service.reloaded")
        assert line.ask(STATUS).startswith("98")
        assert line.ask(PATRON).startswith("24")


def test_a_told_to_stop_daemon_answers_what_is_in_work(tmp_path: Path) -> None:
    house = build(tmp_path, LISTENERS, ACCOUNTS)
    given_a_pin(house)
    idle = house.line("bound")
    assert idle.ask(STATUS).startswith("98")
    unread = house.line("bound")
    unread.socket.settimeout(SHORT)
    with pytest.raises(TimeoutError):
        while True:
            unread.send(STATUS.encode() + b"\r" + b"97\r" * 100_000)
    busy = [house.line("bound") for _ in range(20)]
    for number, line in enumerate(busy):
        line.send(frame(CHECKOUT.replace("KB1", f"KB{number % 4 + 1}"), number))
    for line in busy[:10]:
        assert line.hear().startswith(b"12")
    house.running.process.terminate()
    for line in busy:
        for answer in filter(None, line.rest().split(b"\r")):
            assert answer.startswith(b"12")
            assert b"AZ" in answer[-6:]  # whole
    assert idle.rest() == b""
    assert house.running.process.wait(15) == 0
    assert house.logged("service.stopped")
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
    unread.vanish()
