"""Every NCIP conversation on file, played over HTTP against a running demonstration town; every answer is valid."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance
from conformance.ncip.play import NcipTarget, find_unknown_names, play
from conformance.ncip.transcript import NcipTranscript, Verb, load_all
from protocols.ncip.codec import parse
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import SERVICES
from protocols.ncip.validity import validate
from server.desk.ncip import ROWS
from tests.daemon import Daemon

pytestmark = pytest.mark.slow

FOLDER = Path(conformance.__file__).parent / "transcripts" / "ncip"
ALL = load_all([FOLDER])
CASES = [pytest.param(one, id=str(one.path.relative_to(FOLDER).with_suffix(""))) for one in ALL]
ASKED = re.compile(r"<(\w+)[ >/]")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("partners")) as daemon:
        yield daemon


def target(town: Daemon) -> NcipTarget:
    return NcipTarget(f"http://127.0.0.1:{town.ncip_port}", town.secrets, town.control)


@pytest.mark.parametrize("transcript", CASES)
def test_the_town_says_what_the_transcript_says(town: Daemon, transcript: NcipTranscript) -> None:
    assert find_unknown_names(transcript, town.secrets) == []
    verdict = play(transcript, target(town))
    assert verdict.ok, verdict.explain()
    for line in verdict.lines:
        refuse_invalid(line.got.partition(" ")[2])


def refuse_invalid(document: str) -> None:
    """Every document that goes out is valid, where version 2 can say so."""
    if not document.startswith("<?xml") or "<ns1:NCIPMessage" not in document:
        return
    root = parse(document.encode())
    if root.children and root.children[0].name not in BEYOND_SCHEMA:
        assert validate(root).faults == ()


def test_every_service_has_a_conversation() -> None:
    """Served or not: the 46 of the schema and the two of version 1."""
    said = {
        name
        for one in ALL
        for step in one.steps
        if step.verb in (Verb.POST, Verb.RAW)
        for name in ASKED.findall(step.body)
    }
    assert SERVICES.keys() - said == set()
    assert {cls.element for cls in ROWS} - said == set()
