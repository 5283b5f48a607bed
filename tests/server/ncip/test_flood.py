"""A flood of wrong secrets over NCIP: machines log in all the same, and who comes too many is told to try again."""

import http.client
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.agencies.registry import MOST_OF_ADDRESS
from tests.daemon import PATIENCE, Daemon
from tests.server.ncip.test_house import NAMESPACES

pytestmark = pytest.mark.slow

GUESS = (
    "<LookupItem><InitiationHeader><FromAgencyId><AgencyId>EX-SECRET</AgencyId></FromAgencyId>"
    "<FromAgencyAuthentication>guess {n}</FromAgencyAuthentication>"
    "<ToAgencyId><AgencyId>SE-KAL</AgencyId></ToAgencyId></InitiationHeader>"
    "<ItemId><ItemIdentifierValue>KB3</ItemIdentifierValue></ItemId></LookupItem>"
)
CALLERS = 4 * MOST_OF_ADDRESS
AT_ONCE = 5.0  # seconds; a login waits for no guess, but the machine may be busy


def guesses(town: Daemon, caller: int, over: threading.Event) -> list[str]:
    """What was answered, until it is over."""
    line = http.client.HTTPConnection("127.0.0.1", town.ncip_port, timeout=PATIENCE)
    said = []
    while not over.is_set():
        inside = re.sub(r"<(/?)([A-Z])", r"<\1ns1:\2", GUESS.format(n=f"{caller} {len(said)}"))
        line.request("POST", "/ncip", f"<ns1:NCIPMessage {NAMESPACES}>{inside}</ns1:NCIPMessage>")
        answer = line.getresponse()
        said.append(f"{answer.status} {answer.read().decode()}")
    line.close()
    return said


def test_machines_log_in_while_partners_guess(tmp_path: Path) -> None:
    over = threading.Event()
    with Daemon(tmp_path) as town, ThreadPoolExecutor(CALLERS) as callers:
        flood = [callers.submit(guesses, town, caller, over) for caller in range(CALLERS)]
        try:
            time.sleep(0.5)
            begun = time.monotonic()
            with town.terminal("T-KAL-S"):
                took = time.monotonic() - begun
        finally:
            over.set()
        said = [one for answers in flood for one in answers.result()]
    assert took < AT_ONCE
    assert {one[:4] for one in said} == {"200 "}
    problems = {found for one in said for found in re.findall(r"ProblemType[^>]*>([^<]+)<", one)}
    assert problems == {"Agency Authentication Failed", "Temporary Processing Failure"}
