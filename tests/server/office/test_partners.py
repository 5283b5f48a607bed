"""A partner that is imported while the daemon runs is known to it at once; the next one by a reload."""

import pytest

from tests.server.office.installation import CONFIG, Installation, run

pytestmark = pytest.mark.slow

NCIP = CONFIG + '\n[ncip]\nlisten = "127.0.0.1:0"\n'
PARTNER = "name,ids,libraries,secret\nneighbour,EX-NEIGHBOUR,KAL,hush\n"


def asked(port: str, *words: str) -> str:
    url = f"http://127.0.0.1:{port}/ncip"
    to = ("--from", "EX-NEIGHBOUR", "--to", "KAL", *words)
    return run("ncip", "send", url, "LookupUser", "UserId=20001001", *to).out


def test_the_running_daemon_knows_an_imported_partner(installation: Installation) -> None:
    installation.configure(NCIP)
    running = installation.start()
    try:
        port = running.wait_for("service.started")["ncip"].rpartition(":")[2]
        assert "Unknown Agency" in asked(port)
        path = installation.folder / "partners.csv"
        path.write_text(PARTNER)
        assert installation.skranke("import", "agencies", str(path)).code == 0
        assert "Agency Authentication Failed" in asked(port)
        known = asked(port, "--secret", "hush")
        assert "2000 1001" in known or "20001001" in known
        assert "Problem" not in known
    finally:
        running.stop()
