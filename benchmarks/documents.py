"""XML without a server: what the parser with NISO's schema takes for a message, and what our codec takes, both ways.

The schema is NISO's and not carried; where it does not lie beside the repository that figure is left out.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from lxml import etree

from benchmarks.machine import ROOT
from benchmarks.posts import look
from benchmarks.references import LOOKED_UP
from benchmarks.town import Stand
from protocols.ncip.codec import decode, encode

SCHEMA = Path(os.environ.get("SKRANKE_NCIP_SCHEMA_DIR") or ROOT.parent / "shared" / "ncip") / "ncip_v2_02.xsd"
ROUND = 100  # messages between two looks at the clock
QUESTION = next(look(Stand.number(0))).request.partition(b"\r\n\r\n")[2]


def measure(seconds: float) -> Iterator[tuple[str, float]]:
    """(name, messages a second)."""
    if SCHEMA.exists():
        schema = etree.XMLSchema(file=str(SCHEMA))
        yield "lxml.validated", rate(lambda: validated(schema), seconds)
    answer = decode(LOOKED_UP).message
    yield "skranke.ncip.decoded", rate(lambda: decode(QUESTION), seconds)
    yield "skranke.ncip.encoded", rate(lambda: encode(answer), seconds)


def validated(schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(QUESTION))


def rate(once: Callable[[], object], seconds: float) -> float:
    """How often a second."""
    once()
    done, begun = 0, perf_counter()
    while (spent := perf_counter() - begun) < seconds:
        for _ in range(ROUND):
            once()
        done += ROUND
    return round(done / spent, 1)
