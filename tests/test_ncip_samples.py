"""What other systems really send, where their messages lie beside the repository: each gets a valid answer.

The messages are other people's, so they are not carried; a clone without them tests nothing here. The headers name
agencies that we do not know, so they are taken off and the sender proves itself to HTTP. The answers are kept as a
table in `docs/ncip-samples.md`: SKRANKE_WRITE_DOCS=1 writes it anew.
"""

import base64
import os
from pathlib import Path

import pytest
from lxml import etree

from protocols.ncip.codec import parse
from protocols.ncip.errors import NcipError
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.messages import SERVICES
from protocols.ncip.nodes import NCIP
from protocols.ncip.validity import validate
from tests.daemon import Daemon

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("SKRANKE_NCIP_SCHEMA_DIR") or REPOSITORY.parent / "shared" / "ncip")
SAMPLES = sorted((FOLDER / "samples").rglob("*.xml"))
SCHEMA = etree.XMLSchema(file=str(FOLDER / "ncip_v2_02.xsd")) if (FOLDER / "ncip_v2_02.xsd").exists() else None
TABLE = REPOSITORY / "docs" / "ncip-samples.md"
HEAD = """# Messages of other systems, and what we answer

Every sample message that starts an exchange, sent to the demonstration's Kalmar by a partner it knows. The people and
books in them are of elsewhere, so most answers say so. Written by `tests/test_ncip_samples.py`.

| Sample | Service | By the schema | Answer |
| --- | --- | --- | --- |
"""


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def initiation(data: bytes) -> etree._Element | None:
    """The document without its header; None when it starts nothing."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    asked = message_in(root)
    if asked is None or local(asked) not in SERVICES:
        return None
    for header in [child for child in elements_in(asked) if local(child) == "InitiationHeader"]:
        asked.remove(header)
    return root


def elements_in(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def message_in(root: etree._Element) -> etree._Element | None:
    """The one message, which early users of LookupItemSet put into an Ext."""
    inside = elements_in(root)
    return message_in(inside[0]) if inside and local(inside[0]) == "Ext" else inside[0] if inside else None


def ask(town: Daemon, body: bytes) -> tuple[int, bytes]:
    who = f"basic:{town.secrets['partner.basic.password']}".encode()
    headers = {"Content-Type": "application/xml", "Authorization": f"Basic {base64.b64encode(who).decode()}"}
    status, _, said = town.post(body, headers, "/ncip/KAL")
    return status, said


def told(root: etree._Element) -> str:
    """The first problem, or that there is none."""
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    types = [one for one in elements if local(one).endswith(("ProblemType", "ErrorType"))]
    if not types:
        return "granted"
    value = next((child.text for child in types[0] if local(child) == "Value"), types[0].text)
    return (value or "").strip()


def verdict(data: bytes) -> str:
    try:
        return "valid" if validate(parse(data)).valid else "invalid"
    except NcipError as error:
        return type(error).__name__


def test_every_sample_gets_a_valid_answer(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [(path, data, root) for path in SAMPLES if (root := initiation(data := path.read_bytes())) is not None]
    rows = []
    if cases:
        with Daemon(tmp_path_factory.mktemp("samples")) as town:
            rows = [row(town, path, data, root) for path, data, root in cases]
    with capsys.disabled():
        print(f"\n  sample messages of other systems: {len(rows)} answered")
    if rows and os.environ.get("SKRANKE_WRITE_DOCS"):
        TABLE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    if rows:
        assert HEAD + "\n".join(rows) + "\n" == TABLE.read_text(encoding="utf-8")


def row(town: Daemon, path: Path, data: bytes, root: etree._Element) -> str:
    status, body = ask(town, etree.tostring(root))
    assert status == 200, (path, body)
    answer = etree.fromstring(body)
    asked, answered = message_in(root), message_in(answer)
    assert asked is not None and answered is not None
    name = local(asked)
    foreign = etree.QName(asked).namespace not in (None, NCIP)
    assert local(answered) == ("Problem" if foreign else f"{name}Response"), path
    if etree.QName(answer).namespace and local(answer[0]) not in BEYOND_SCHEMA:
        assert validate(parse(body)).faults == (), path
        assert SCHEMA is None or SCHEMA.validate(answer), path
    return f"| {path.relative_to(FOLDER / 'samples')} | {name} | {verdict(data)} | {told(answer)} |"
