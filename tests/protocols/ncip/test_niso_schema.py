"""Where NISO's schema lies beside the repository: all we build is valid by it, and our verdicts are its verdicts.

The schema and the sample messages are other people's, so they are not carried; a clone without them tests nothing here.
Cases are made from the files that are found, and their number is printed.
"""

import copy
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from protocols.ncip.codec import decode, encode, parse
from protocols.ncip.envelope import Message
from protocols.ncip.errors import NcipError
from protocols.ncip.nodes import NCIP
from protocols.ncip.profiles import ALMA, NNCIPP, PLAIN, RESHARE
from protocols.ncip.validity import validate
from tests.strategies_ncip import SCHEMA_CLASSES, messages

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("SKRANKE_NCIP_SCHEMA_DIR") or REPOSITORY.parent / "shared" / "ncip")
SCHEMA_FILE = FOLDER / "ncip_v2_02.xsd"
SAMPLES = sorted((FOLDER / "samples").rglob("*.xml"))
SCHEMA = etree.XMLSchema(file=str(SCHEMA_FILE)) if SCHEMA_FILE.exists() else None


def by_niso(data: bytes) -> bool:
    assert SCHEMA is not None
    return bool(SCHEMA.validate(etree.fromstring(data)))


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n  {text}")


def test_our_verdict_on_each_sample_is_the_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    cases = SAMPLES if SCHEMA is not None else []
    say(capsys, f"NISO schema: {len(cases)} sample messages judged")
    for sample in cases:
        data = sample.read_bytes()
        assert validate(parse(data)).valid == by_niso(data), sample.name


def test_every_sample_is_read_or_refused_with_a_valid_answer(capsys: pytest.CaptureFixture[str]) -> None:
    cases = SAMPLES if SCHEMA is not None else []
    refused = 0
    for sample in cases:
        try:
            decode(sample.read_bytes())
        except NcipError as error:
            refused += 1
            assert by_niso(encode(error.reply())), sample.name
    say(capsys, f"NISO schema: {len(cases) - refused} samples read, {refused} refused")


def test_all_we_build_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    built = 0

    @settings(max_examples=250 if SCHEMA is not None else 1, deadline=None, suppress_health_check=list(HealthCheck))
    @given(messages(*SCHEMA_CLASSES))
    def valid(message: Message) -> None:
        nonlocal built
        for profile in (PLAIN, NNCIPP, RESHARE, ALMA):
            sent = encode(message, profile)
            assert SCHEMA is None or by_niso(sent)
            built += SCHEMA is not None

    valid()
    say(capsys, f"NISO schema: {built} built messages validated")


def test_we_agree_on_damaged_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """Children lost, doubled, moved and renamed, values and attributes spoilt: the same verdict, good or bad."""
    chance = random.Random(2100)
    judged = 0
    for sample in SAMPLES if SCHEMA is not None else []:
        root = etree.fromstring(sample.read_bytes())
        for _ in range(12):
            damaged = copy.deepcopy(root)
            damage(damaged, chance)
            data = etree.tostring(damaged)
            judged += 1
            assert validate(parse(data)).valid == by_niso(data), data.decode()
    say(capsys, f"NISO schema: {judged} damaged messages judged")


def damage(root: etree._Element, chance: random.Random) -> None:
    """Spoil one thing somewhere below the root."""
    inner = [element for element in root.iterdescendants() if isinstance(element.tag, str)]
    if not inner:
        return
    victim, other = chance.choice(inner), chance.choice(inner)
    parent = victim.getparent()
    assert parent is not None
    match chance.randrange(6):
        case 0:
            parent.remove(victim)
        case 1:
            parent.insert(parent.index(victim), copy.deepcopy(victim))
        case 2:
            parent.insert(chance.randrange(len(parent) + 1), victim)
        case 3:
            victim.tag = other.tag
        case 4:
            victim.text = chance.choice(["", " ", "x", "0", "-1", " 7 ", "2014-09-30T23:59:59Z", "2014-09-30", "+5"])
        case _:
            victim.set(chance.choice(["Scheme", "{http://www.niso.org/2008/ncip}Scheme", "other"]), "urn:x")


ODD_VALUES = {
    "DateDue": (
        *("0000-01-01T00:00:00", "-0001-01-01T00:00:00", "10000-01-01T00:00:00Z", "2014-02-29T00:00:00"),
        *("2012-02-29T00:00:00", "2014-01-01T24:00:00", "2014-01-01T24:00:01", "2014-01-01T00:00:60"),
        *("2014-01-01T00:00:00+14:01", "2014-01-01T00:00:00-14:00", "2014-01-01T00:00:00.", "2014-1-01T00:00:00"),
        *("2014-01-01T00:00:00 Z", "9999-12-31T24:00:00", "02014-01-01T00:00:00", "2014-01-01T00:00:00z", ""),
    ),
    "MonetaryValue": ("+5", "-0", "005", " 5 ", "5.0", "1e3", "", "0x5", "٣", "+", "-5", "--5"),
    "RenewalCount": ("+5", "-0", "005", "-5", "0"),
    "HoldQueuePosition": ("+5", "-0", "005", "-5", "0"),
    "ItemReportedLost": ("", " ", "x"),
    "UserElementEnum": ("loaned items", " loaned  items ", "Loaned items", ""),
}
ODD_SCHEMES = (
    *("", "a b", "%%", "http://[", "::", "a#b#c", "åø", "http://x:yy/", "<>", "1:2", "{a}", "http://a/%zz", " ", "%"),
    *("[x]", "http://user@[::1", "http://user@host:80/a?b?c#d", "SCHEME_HERE", "urn:a:b", "//host/x", "mailto:a@b"),
)


def test_we_agree_on_odd_values(capsys: pytest.CaptureFixture[str]) -> None:
    leaves = [(name, "", text) for name, texts in ODD_VALUES.items() for text in texts]
    schemes = [("AgencyId", scheme, "x") for scheme in ODD_SCHEMES]
    cases = leaves + schemes if SCHEMA is not None else []
    say(capsys, f"NISO schema: {len(cases)} odd values judged")
    for name, scheme, text in cases:
        attribute = {f"{{{NCIP}}}Scheme": scheme} if scheme else {}
        root = etree.Element(f"{{{NCIP}}}NCIPMessage", {f"{{{NCIP}}}version": "x"}, {"n": NCIP})
        etree.SubElement(etree.SubElement(root, f"{{{NCIP}}}Ext"), f"{{{NCIP}}}{name}", attribute).text = text
        data = etree.tostring(root)
        assert validate(parse(data)).valid == by_niso(data), (name, scheme, text)
