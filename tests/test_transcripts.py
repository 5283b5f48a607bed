"""Every conversation on file, replayed over a real socket against a running demonstration town."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.mark.parametrize(("transcript", "mode"), list(cases()))
def test_the_town_says_what_the_transcript_says(town: Daemon, transcript: Transcript, mode: Mode) -> None:
    verdict = replay(transcript, town.target(), mode)
    assert verdict.ok, verdict.explain()
