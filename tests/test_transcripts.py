"""Every conversation on file, replayed over a real socket against a running demonstration town.

What the town says in them is also given to `pysip2`, codec of another make: it accepts every frame.
"""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pysip2
import pytest

import conformance
from conformance.replay import replay
from conformance.transcript import Transcript, load_all
from conformance.verdict import Mode
from tests.daemon import Daemon

pytestmark = pytest.mark.slow

FOLDER = Path(conformance.__file__).parent / "transcripts" / "sip2"
VECTORS = ("framing", "login", "once", "resend", "status")
"""Conversations about bytes rather than books: these are also played byte by byte, and with a stranger behind."""


def cases() -> Iterator[object]:
    for transcript in load_all([FOLDER]):
        name = transcript.path.relative_to(FOLDER)
        for mode in Mode if name.parts[0] in VECTORS else (Mode.WHOLE,):
            yield pytest.param(transcript, mode, id=f"{name.with_suffix('')}-{mode}")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        yield daemon


class Overheard(socket.socket):
    """A connection that keeps what came."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(size, flags)
        self.heard += data
        return data

    heard: bytes = b""


LONG_SEQUENCE = re.compile(rb"AY[0-9]{2,}AZ[0-9A-F]{4}\r\Z")
"""Sequence numbers of several digits are echoed as they came (sip2-ruby); `pysip2` knows one digit only."""


def refuse_unreadable(said: bytes) -> None:
    """Raises SIP2Error for the first frame that `pysip2` does not accept."""
    for frame in said.splitlines(keepends=True):
        if not LONG_SEQUENCE.search(frame):
            pysip2.decode_message(frame)


@pytest.mark.parametrize(("transcript", "mode"), list(cases()))
def test_the_town_says_what_the_transcript_says(town: Daemon, transcript: Transcript, mode: Mode) -> None:
    lines: list[Overheard] = []

    def dial() -> socket.socket:
        lines.append(Overheard(fileno=town.dial().detach()))
        return lines[-1]

    verdict = replay(transcript, replace(town.target(), dial=dial), mode)
    assert verdict.ok, verdict.explain()
    for line in lines:
        refuse_unreadable(line.heard)
