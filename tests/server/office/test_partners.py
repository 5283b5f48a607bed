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


IN_FILE = """
[[agency]]
name = "settled"
ids = ["EX-SETTLED"]
libraries = ["KAL"]
proofs.networks = ["127.0.0.1"]
"""


def agencies(installation: Installation, *words: str) -> str:
    said = installation.skranke("ncip", "agencies", *words)
    return f"{said.code} {said.out}{said.err}"


def test_a_disabled_partner_may_not_call_and_a_removed_one_is_forgotten(installation: Installation) -> None:
    installation.configure(NCIP + IN_FILE)
    path = installation.folder / "partners.csv"
    path.write_text(PARTNER)
    assert installation.skranke("import", "agencies", str(path)).code == 0  # without a daemon
    running = installation.start()
    try:
        port = running.wait_for("service.started")["ncip"].rpartition(":")[2]
        assert "Problem" not in asked(port, "--secret", "hush")
        assert agencies(installation, "disable", "neighbour") == "0 Partner neighbour is disabled\n"
        assert "Unknown Agency" in asked(port, "--secret", "hush")
        assert "neighbour  EX-NEIGHBOUR  KAL  ncip-2.02  by secret  in the database: disabled\n" in agencies(
            installation, "list"
        )
        assert agencies(installation, "enable", "neighbour") == "0 Partner neighbour is in use again\n"
        assert "Problem" not in asked(port, "--secret", "hush")
        assert agencies(installation, "remove", "neighbour") == "0 Partner neighbour is removed\n"
        assert "Unknown Agency" in asked(port, "--secret", "hush")
        assert agencies(installation, "remove", "neighbour").startswith("1 ")
    finally:
        running.stop()


def test_all_partners_are_listed_with_the_place_where_each_can_be_changed(installation: Installation) -> None:
    installation.configure(NCIP + IN_FILE)
    path = installation.folder / "partners.csv"
    path.write_text(PARTNER)
    assert installation.skranke("import", "agencies", str(path)).code == 0
    assert agencies(installation, "list") == (
        "0 settled  EX-SETTLED  KAL  ncip-2.02  by address  in the file: in use\n"
        "neighbour  EX-NEIGHBOUR  KAL  ncip-2.02  by secret  in the database: in use\n"
    )
    for change in ("disable", "enable", "remove"):
        refused = agencies(installation, change, "settled")
        assert refused.startswith("1 ") and "stands in the configuration file" in refused
