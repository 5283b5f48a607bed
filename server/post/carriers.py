"""How a message leaves the house: SMTP, an SMS gateway over HTTP, or a file for the printer.

To be imported only when the reactor is installed: Twisted's mail client reads it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

import treq
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.error import TimeoutError as ConnectionTimeout
from twisted.mail.smtp import ESMTPSenderFactory, SMTPClientError, SMTPDeliveryError
from twisted.web.client import ResponseFailed

from backend.model import Letter
from server.config import Mail, Sms
from server.post.fates import Away, Delayed, Rejected
from server.post.rendering import Words

Answer = tuple[bytes, int, bytes]  # address, code, words
PATIENCE: Final = 30.0  # seconds for a gateway's answer
AWAY: Final = (ConnectError, ConnectionClosed, ConnectionTimeout, OSError)
LINES: Final = SMTP.clone(linesep="\n")  # the client makes them CR LF as it sends
OF_THE_ADDRESS: Final = re.compile(rb"(?!5\.[03-9]\.)")  # what stands behind a code of 550 or the like
NO_SUCH_NUMBER: Final = frozenset({400, 410, 422})  # other refusals are of who asks, of how, or for now


@dataclass(frozen=True)
class ByMail:
    """SMTP, with STARTTLS where the server offers it."""

    mail: Mail
    reactor: Any

    async def __call__(self, letter: Letter, recipient: str, words: Words) -> None:
        """See Carrier."""
        mailbox = mailbox_of(recipient)
        try:
            await self._sent(mailbox, email(self.mail, letter, mailbox, words))
        except SMTPClientError as why:
            raise _unsent(why) from why
        except AWAY as why:
            raise Away(f"{type(why).__name__}: {why}") from why

    def _sent(self, mailbox: str, message: bytes) -> "Deferred[Any]":
        """One attempt: a server that takes the text and drops the line would else get it again and again."""
        mail = self.mail

        def left(_: object) -> None:
            factory.sendFinished = True  # whatever the server says now
            connector.disconnect()

        sent: Deferred[Any] = Deferred(left)
        factory = ESMTPSenderFactory(
            mail.username.encode() if mail.username else None,
            mail.password().encode() if mail.username else None,
            mail.sender,
            [mailbox],
            BytesIO(message),
            sent,
            retries=0,
            timeout=PATIENCE,
            heloFallback=True,
            requireAuthentication=bool(mail.username),
            requireTransportSecurity=mail.tls,
            hostname=mail.host,
        )
        factory.domain = domain_of(mail.sender).encode("ascii")
        connector = self.reactor.connectTCP(mail.host, mail.port, factory, timeout=PATIENCE)
        return sent


def _unsent(why: SMTPClientError) -> Delayed | Rejected:
    """Only an address that is refused for good is dead; a refused sender, login, text or relay is a matter of ours.

    Of a status that is told in full only those of classes 1 and 2 are about the address (RFC 3463).
    """
    said = f"{why.code} {text_of(why.resp)}" if why.code > 0 else f"{type(why).__name__}: {text_of(why.resp)}"
    recipients = cast(Iterable[Answer], why.addresses or ()) if isinstance(why, SMTPDeliveryError) else ()
    if not recipients:
        return Away(said)
    refused = any(500 <= code < 600 and OF_THE_ADDRESS.match(answer) for _, code, answer in recipients)
    return Rejected(said) if refused else Delayed(said)


@dataclass(frozen=True)
class BySms:
    """POST with JSON `to`, `from` and `text`; any answer of 2xx is a receipt."""

    sms: Sms
    agent: Any = None
    post: Callable[..., Any] = treq.post

    async def __call__(self, letter: Letter, recipient: str, words: Words) -> None:
        """See Carrier."""
        body = {"to": recipient, "from": self.sms.sender, "text": words.subject, "id": str(letter.id)}
        try:
            response = await self.post(
                self.sms.url, json=body, headers=self.sms.headers(), timeout=PATIENCE, agent=self.agent
            )
            await response.content()
        except (*AWAY, ResponseFailed, CancelledError) as why:  # cancelled: no answer in time
            raise Away(f"{type(why).__name__}: {why}") from why
        if response.code in NO_SUCH_NUMBER:
            raise Rejected(f"the gateway answered {response.code}")
        if not 200 <= response.code < 300:
            raise Away(f"the gateway answered {response.code}")


@dataclass(frozen=True)
class ByPost:
    """One text file a letter, for whoever prints them; written whole or not at all."""

    folder: Path

    async def __call__(self, letter: Letter, recipient: str, words: Words) -> None:
        """See Carrier."""
        name = f"{letter.library}-{letter.created:%Y%m%d}-{letter.id}.txt"
        whole = self.folder / f".{name}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole.write_text(f"{recipient}\n\n{words.subject}\n\n{words.text}", encoding="utf-8")
            whole.replace(self.folder / name)
        except OSError as why:
            raise Away(f"{self.folder}: {why.strerror}") from why


def email(mail: Mail, letter: Letter, recipient: str, words: Words) -> bytes:
    """The message as it goes over the wire; its id is the letter's, so that a second copy can be told."""
    message = EmailMessage(policy=LINES)
    message["From"] = mail.sender
    message["To"] = recipient
    message["Subject"] = words.subject
    message["Message-ID"] = f"<letter-{letter.id}@{domain_of(mail.sender)}>"
    message["Date"] = letter.created
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    return message.as_bytes()


def mailbox_of(address: str) -> str:
    """The address as SMTP takes it, its domain in ASCII (RFC 5890). Raises Rejected where the rest is beyond ASCII.

    A name of other letters needs SMTPUTF8 (RFC 6531), which the mail client does not speak.
    """
    name, _, domain = address.strip().rpartition("@")
    if not (name and domain and name.isascii() and name.isprintable()) or set(name + domain) & {" ", "@"}:
        raise Rejected("no address that mail can be sent to")
    try:
        return f"{name}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as why:
        raise Rejected("no domain that mail can be sent to") from why


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def text_of(answer: bytes | str) -> str:
    """What a mail server said, in one line."""
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(said.split())[:200]
