"""Messages leave by a real mail server, a real HTTP gateway and a folder; a server that is away loses nothing."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTCP, IReactorTime
from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from backend.changes import Post
from backend.clock import FixedClock
from backend.model import Letter, LetterId
from backend.store import outbox
from backend.store.schema import upgrade
from backend.store.sqlite import SqliteStore
from backend.store.store import Store
from server.bridge import deliverer
from server.config import Mail, Sms
from server.post.carriers import ByMail, ByPost, BySms
from server.post.delivery import Delivery, pause
from server.post.fates import Carrier
from server.post.rendering import Templates, Words
from tests.backend.store.world import K1, KAL, NOON, PLACES, found
from tests.daemon import PATIENCE, free_ports

pytestmark = pytest.mark.slow

DATA = '{"library": "Kalmar", "patron": "Kim", "currency": "SEK", "items": [{"title": "Sult"}], "number": 1}'


class Mailbox:
    """What came in; addresses in `unknown` are refused for good."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.unknown: set[str] = set()
        self.refusals: dict[str, str] = {}  # of everybody, by command

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.refusals.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 nobody of this name"
        if "RCPT" in self.refusals:
            return self.refusals["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if "DATA" in self.refusals:
            return self.refusals["DATA"]
        self.messages.append(envelope.content)
        return "250 OK"


def hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was quicker
        line.close()


class Rude:
    """A mail server that answers every line alike, and hangs up after a text; nothing at all: it is silent."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.texts = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Rude":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listening, *self._lines):
            hang_up(one)
        self._listening.close()
        self._thread.join(PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:  # closed: the test is over
                return
            self._lines.append(line)
            with line, line.makefile("rb") as said:
                self._talk(line, said)

    def _talk(self, line: socket.socket, said: BinaryIO) -> None:
        if not self.answer:
            said.read()  # until the client gives up
            return
        line.sendall(b"220 rude\r\n")
        while (order := said.readline()) and order != b".\r\n":
            if order.startswith((b"EHLO", b"MAIL", b"RCPT")):
                line.sendall(self.answer)
            elif order.startswith(b"DATA"):
                line.sendall(b"354 go on\r\n")
        self.texts += order == b".\r\n"


@contextmanager
def mail_server(box: Mailbox, port: int) -> Iterator[None]:
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class Gateway(Resource):
    """An SMS gateway that answers with `status`."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.status = 202
        self.bodies: list[bytes] = []

    def render_POST(self, request: Request) -> bytes:
        assert request.content is not None
        self.bodies.append(request.content.read())
        request.setResponseCode(self.status)
        return b"{}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    upgrade(f"sqlite:///{tmp_path}/skranke.db")
    made = SqliteStore(tmp_path / "skranke.db", PLACES)
    made.call(found, write=True)
    who: Any = reactor
    made.on_batch = deliverer(who)
    yield made
    made.close()


class House:
    """An outbox, a clock and a post."""

    def __init__(self, store: Store, **carriers: Carrier) -> None:
        self.store = store
        self.clock = FixedClock(NOON)
        who: Any = reactor
        self.post = Delivery(store, who, self.clock, "node", carriers, Templates())
        self._numbers = iter(range(1, 100))

    def write(self, channel: str, recipient: str, template: str = "reminder") -> None:
        letter = Letter(
            id=LetterId(next(self._numbers)),
            library=KAL,
            addressee=K1.id,
            channel=channel,
            recipient=recipient,
            language="sv",
            template=template,
            data=DATA,
            created=self.clock.now(),
        )
        self.store.call(lambda session: session.apply([Post(letter=letter)], self.clock.now()), write=True)

    @property
    def unsent(self) -> list[str]:
        return list(self.store.call(outbox.unsent, write=False).values())


def by_mail(port: int) -> ByMail:
    return ByMail(Mail(host="127.0.0.1", port=port, sender="post@kalmar.example"), reactor)


async def test_an_e_mail_reaches_a_mail_server(store: Store) -> None:
    box, [port] = Mailbox(), free_ports(1)
    house = House(store, email=by_mail(port))
    house.write("email", "kim@example.org")
    with mail_server(box, port):
        assert await house.post.deliver() == 1
        assert await house.post.deliver() == 0
    [message] = box.messages
    assert b"To: kim@example.org\r\n" in message
    assert b"\r\r" not in message
    assert b"Message-ID: <letter-1@kalmar.example>" in message
    assert house.unsent == []


async def test_a_dead_mail_server_delays_and_loses_nothing(store: Store) -> None:
    box, [port] = Mailbox(), free_ports(1)
    house = House(store, email=by_mail(port))
    house.write("email", "kim@example.org")
    assert await house.post.deliver() == 0
    assert "refused" in house.unsent[0].lower()
    with mail_server(box, port):
        assert await house.post.deliver() == 0  # not yet
        house.clock.advance(timedelta(minutes=1))
        assert await house.post.deliver() == 1
    assert len(box.messages) == 1


async def test_an_address_that_is_refused_for_good_is_not_used_again(store: Store) -> None:
    box, [port] = Mailbox(), free_ports(1)
    box.unknown.add("gone@example.org")
    house = House(store, email=by_mail(port))
    house.write("email", "gone@example.org")
    house.write("email", "gone@example.org", template="before_due")
    with mail_server(box, port):
        assert await house.post.deliver() == 0
    assert len(house.unsent) == 1  # the reminder goes by post, the advance notice nowhere
    look = partial(outbox.waiting, channel="post", now=house.clock.now(), most=10)
    [letter] = store.call(look, write=False)
    assert letter.recipient.startswith("Kim Strand")


async def test_an_address_that_no_mail_can_go_to_holds_nobody_up(store: Store, tmp_path: Path) -> None:
    box, [port] = Mailbox(), free_ports(1)
    house = House(store, email=by_mail(port), post=ByPost(tmp_path / "letters"))
    for address in ("åse@example.org", "kim@exämple.no", "no address", "a@b@c\n", "kim@example.org"):
        house.write("email", address)
    with mail_server(box, port):
        assert await house.post.deliver() + await house.post.deliver() == 5  # three of them on paper
    assert sorted(line for message in box.messages for line in message.split(b"\r\n") if line[:3] == b"To:") == [
        b"To: kim@example.org",
        b"To: kim@xn--exmple-cua.no",
    ]
    assert house.unsent == []


async def test_a_message_that_we_cannot_make_stays_and_the_others_go(store: Store) -> None:
    class Broken(ByMail):
        async def __call__(self, letter: Letter, recipient: str, words: Words) -> None:
            if letter.id == 1:
                raise RuntimeError(recipient)
            await super().__call__(letter, recipient, words)

    box, [port] = Mailbox(), free_ports(1)
    house = House(store, email=Broken(by_mail(port).mail, reactor))
    house.write("email", "kim@example.org")
    house.write("email", "kim@example.org")
    with mail_server(box, port):
        assert await house.post.deliver() == 1
    assert house.unsent == ["RuntimeError"]


async def test_a_sender_that_is_refused_is_no_fault_of_the_address(store: Store) -> None:
    box, [port] = Mailbox(), free_ports(1)
    box.refusals["MAIL"] = "550 not from you"
    house = House(store, email=by_mail(port))
    house.write("email", "kim@example.org")
    house.write("email", "kim@example.org")
    with mail_server(box, port):
        assert await house.post.deliver() == 0
        assert sorted(house.unsent) == ["", "550 not from you"]  # the second was not tried: it would fare no better
        box.refusals.clear()
        assert await house.post.deliver() == 1
        house.clock.advance(timedelta(minutes=2))
        assert await house.post.deliver() == 1


@pytest.mark.parametrize("phase", ["RCPT", "DATA"])
async def test_a_refusal_of_ours_buries_no_address(store: Store, phase: str) -> None:
    box, [port] = Mailbox(), free_ports(1)
    box.refusals[phase] = "554 5.7.1 looks like spam"
    house = House(store, email=by_mail(port))
    house.write("email", "kim@example.org", template="before_due")
    with mail_server(box, port):
        assert await house.post.deliver() == 0
        assert len(house.unsent) == 1
        box.refusals.clear()
        house.clock.advance(timedelta(minutes=2))
        assert await house.post.deliver() == 1


async def test_a_server_that_drops_the_line_after_the_text_gets_it_once_an_attempt(store: Store) -> None:
    with Rude(b"250 OK\r\n") as server:
        house = House(store, email=by_mail(server.port))
        house.write("email", "kim@example.org")
        assert await house.post.deliver() == 0
    assert server.texts == 1
    assert len(house.unsent) == 1


async def test_a_silent_server_holds_up_neither_letters_nor_the_end(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.post.delivery.GRACE", 0.2)
    with Rude(b"") as server:
        house = House(store, email=by_mail(server.port), post=ByPost(tmp_path / "letters"))
        house.write("email", "kim@example.org")
        house.write("post", "")
        house.post.start()
        while not list(tmp_path.glob("letters/*.txt")):
            await deferLater(IReactorTime(reactor), 0.02)
        await house.post.stop()
    assert house.unsent == [""]  # as it was


async def test_a_message_that_takes_too_long_is_put_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.post.delivery.LONGEST", 0.2)
    with Rude(b"") as server:
        house = House(store, email=by_mail(server.port))
        house.write("email", "kim@example.org")
        assert await house.post.deliver() == 0
    assert house.unsent == ["not done within 0 seconds"]


async def test_a_dead_mail_server_does_not_hold_up_a_letter(store: Store, tmp_path: Path) -> None:
    house = House(store, email=by_mail(free_ports(1)[0]), post=ByPost(tmp_path / "letters"))
    house.write("email", "kim@example.org")
    house.write("post", "")
    assert await house.post.deliver() == 1
    assert len(house.unsent) == 1


async def test_an_sms_says_the_subject(store: Store) -> None:
    gateway, [port] = Gateway(), free_ports(1)
    listening = IReactorTCP(reactor).listenTCP(port, Site(gateway), interface="127.0.0.1")
    house = House(store, sms=BySms(Sms(url=f"http://127.0.0.1:{port}/send", sender="Kalmar")))
    house.write("sms", "+46700001001")
    try:
        gateway.status = 503
        assert await house.post.deliver() == 0
        gateway.status = 202
        house.clock.advance(timedelta(minutes=1))
        assert await house.post.deliver() == 1
    finally:
        await listening.stopListening()
    said = json.loads(gateway.bodies[-1])
    assert (said["to"], said["text"]) == ("+46700001001", "Påminnelse 1: Sult")


async def test_letters_are_files(store: Store, tmp_path: Path) -> None:
    house = House(store, post=ByPost(tmp_path / "letters"))
    house.write("post", "")
    assert await house.post.deliver() == 1
    [path] = (tmp_path / "letters").iterdir()
    assert path.read_text(encoding="utf-8").startswith("Kim Strand\n")


def test_pauses_grow_and_end() -> None:
    assert [pause(n).seconds // 60 for n in (0, 1, 2, 3, 30)] == [1, 2, 4, 8, 360]
