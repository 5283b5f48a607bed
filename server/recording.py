"""Transcripts of an account's real traffic, for testers: masked, in files that do not grow for ever.

Each exchange is written whole, however many lines the account has open. What was said before the login that names the
account is left out; so are resends, which say nothing new. Secrets are masked always.
"""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from backend.clock import Clock
from protocols.sip2 import charset
from protocols.sip2.codec import encode
from protocols.sip2.events import Asked
from protocols.sip2.redaction import redact
from protocols.sip2.table import Message
from server.log import logger
from server.registry import Entry

log = logger("recording")

LARGEST: Final = 4 << 20  # bytes of one file; then it is set aside, and the one that was set aside before is gone


class Recorder:
    """One file for each account in `folder`, made when it is needed and for its owner only."""

    def __init__(self, folder: Path, clock: Clock, largest: int = LARGEST) -> None:
        self._folder = folder
        self._clock = clock
        self._largest = largest

    def record(self, entry: Entry, asked: Asked, answer: Message) -> None:
        """One exchange. A full disk costs the transcript, not the machine its answer."""
        asked_in, _ = charset.decode(asked.origin.body, entry.dialect.encoding)
        when = self._clock.now().isoformat(timespec="seconds")
        said = self._masked(asked_in, entry)
        answered = self._masked(encode(answer, entry.dialect), entry)
        try:
            self._append(quote(entry.name, safe=""), f"# {when}\nSC   {said}\nACS  {answered}\n\n".encode())
        except OSError as why:
            log.warning("recording.failed", account=entry.name, why=why.strerror)

    def _masked(self, frame: str, entry: Entry) -> str:
        """The frame on one line, whatever control characters are in it."""
        line = frame.replace("\n", " ")
        return redact(line, personal=entry.settings.recording.mask_persons, delimiter=entry.dialect.delimiter)

    def _append(self, name: str, exchange: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{name}.txt"
        with open(path, "ab", opener=for_its_owner) as file:
            file.write(exchange)
            full = file.tell() >= self._largest
        if full:
            path.replace(self._folder / f"{name}.old.txt")


def for_its_owner(path: str, flags: int) -> int:
    """An opener for `open`: nobody else may read what is made."""
    return os.open(path, flags, 0o600)
