"""Messages leave by a real mail server, a real HTTP gateway and a folder; a server that is away loses nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from twisted.internet import reactor
from twisted.internet.interfaces import IReactorTCP
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
from tests.daemon import free_ports

DATA = '{"library": "Kalmar", "patron": "Kim", "currency": "SEK", "items": [{"title": "Sult"}], "number": 1}'


class Mailbox:
    """What came in; addresses in `unknown` are refused for good."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.unknown: set[str] = set()
        self.senders_are_refused = False

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.senders_are_refused:
            return "550 not from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 OK"


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
    box.senders_are_refused = True
    house = House(store, email=by_mail(port))
    house.write("email", "kim@example.org")
    house.write("email", "kim@example.org")
    with mail_server(box, port):
        assert await house.post.deliver() == 0
        assert sorted(house.unsent) == ["", "550 not from you"]  # the second was not tried: it would fare no better
        box.senders_are_refused = False
        assert await house.post.deliver() == 1
        house.clock.advance(timedelta(minutes=2))
        assert await house.post.deliver() == 1


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
