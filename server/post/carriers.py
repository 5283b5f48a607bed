"""How a message leaves the house: SMTP, an SMS gateway over HTTP, or a file for the printer.

To be imported only when the reactor is installed: Twisted's mail client reads it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final

import treq
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.error import TimeoutError as ConnectionTimeout
from twisted.mail.smtp import SMTPClientError, SMTPDeliveryError, sendmail
from twisted.web.client import ResponseFailed

from backend.model import Letter
from server.config import Mail, Sms
from server.post.fates import Delayed, Rejected
from server.post.rendering import Words

PATIENCE: Final = 30.0  # seconds for a gateway's answer
AWAY: Final = (ConnectError, ConnectionClosed, ConnectionTimeout, OSError)
COME_BACK: Final = frozenset({408, 425, 429})  # refusals that are none


@dataclass(frozen=True)
class ByMail:
    """SMTP, with STARTTLS where the server offers it."""

    mail: Mail
    reactor: Any

    async def __call__(self, letter: Letter, recipient: str, words: Words) -> None:
        """See Carrier."""
        message = email(self.mail, letter, recipient, words)
        try:
            await sendmail(
                self.mail.host,
                self.mail.sender,
                [recipient],
                message,
                senderDomainName=domain_of(self.mail.sender),
                port=self.mail.port,
                reactor=self.reactor,
                username=self.mail.username.encode() if self.mail.username else None,
                password=self.mail.password().encode() if self.mail.username else None,
                requireAuthentication=bool(self.mail.username),
                requireTransportSecurity=self.mail.tls,
            )
        except SMTPDeliveryError as why:
            if 500 <= why.code < 600:
                raise Rejected(f"{why.code} {text_of(why.resp)}") from why
            raise Delayed(f"{why.code} {text_of(why.resp)}") from why
        except (*AWAY, SMTPClientError) as why:
            raise Delayed(f"{type(why).__name__}: {why}") from why


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
            raise Delayed(f"{type(why).__name__}: {why}") from why
        if 400 <= response.code < 500 and response.code not in COME_BACK:
            raise Rejected(f"the gateway answered {response.code}")
        if not 200 <= response.code < 300:
            raise Delayed(f"the gateway answered {response.code}")


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
            raise Delayed(f"{self.folder}: {why.strerror}") from why


def email(mail: Mail, letter: Letter, recipient: str, words: Words) -> bytes:
    """The message as it goes over the wire; its id is the letter's, so that a second copy can be told."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = recipient
    message["Subject"] = words.subject
    message["Message-ID"] = f"<letter-{letter.id}@{domain_of(mail.sender)}>"
    message["Date"] = letter.created
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    return message.as_bytes()


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def text_of(answer: bytes | str) -> str:
    """What a mail server said, in one line."""
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(said.split())[:200]
