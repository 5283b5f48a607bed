"""Who may speak: logins, accounts bound to a port or an address, networks, telnet, and what comes too early."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from server.logins import BAD_LOGINS
from tests.server.wires import CARD, DAY, PASSWORD, PATRON, STATUS, House, account, build, eventually

pytestmark = pytest.mark.slow

LISTENERS = {
    "plain": (),
    "bound": ('account = "cabled"',),
    "fenced": ('account = "fenced"',),
    "telnet": ('transport = "telnet"',),
    "telnet-bound": ('transport = "telnet"', 'account = "cabled"'),
    "hasty": ("login_within = 0.4", "most_connections = 2"),
}
ACCOUNTS = (
    account("kasse1", 'terminals.hall = {location = "The hall"}', 'terminals.floor2 = {branch = "KAL-B"}'),
    account("cabled", 'manner.terminal_location = "The cable"'),
    account("trusted", 'sources.no_login = ["127.0.0.7"]', 'manner.terminal_location = "The desk"'),
    account("fenced", 'sources.networks = ["127.0.0.8/31"]'),
    account("single", "limits.connections = 1"),
    account("quiet", "limits.idle = 1"),
    account("crowd"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = build(tmp_path_factory.mktemp("login"), LISTENERS, ACCOUNTS)
    yield built
    assert built.running.stop() == 0


def test_two_bad_logins_and_a_good_one_on_the_same_line(house: House) -> None:
    with house.line() as line:
        said = [line.login("kasse1", "wrong"), line.login("nobody"), line.login("kasse1")]
        assert said == ["940", "940", "941"]
        assert line.ask(PATRON).startswith("24")


def test_three_bad_logins_end_the_line(house: House) -> None:
    with house.line() as line:
        line.send(
            b"9300CNkasse1|COa|\r9300CNkasse1|COb|\r9300CNkasse1|COc|\r" + f"9300CNkasse1|CO{PASSWORD}|\r".encode()
        )
        assert line.rest() == b"940\r940\r940\r"


def test_a_wrong_login_ends_the_one_before_it(house: House) -> None:
    with house.line() as line:
        assert [line.login("kasse1"), line.ask(PATRON)[:3], line.login("kasse1", "wrong")] == ["941", "24 ", "940"]
        assert line.ask(PATRON).startswith("24YYYY")
        assert [line.login("kasse1"), line.ask(PATRON)[:3]] == ["941", "24 "]


def test_it_gives_the_account_s_place_free(house: House) -> None:
    with house.line() as line, house.line() as other:
        assert [line.login("single"), other.login("single"), line.login("single", "wrong")] == ["941", "940", "940"]
        assert other.login("single") == "941"


def test_a_line_that_needs_no_login_keeps_its_own_account(house: House) -> None:
    with house.line("bound") as line:
        assert line.login("kasse1", "wrong") == "940"
        assert "AMThe cable" in line.ask(STATUS) or line.ask(PATRON).startswith("24 ")
        assert [line.login("kasse1"), line.login("kasse1", "wrong")] == ["941", "940"]
        assert line.ask(PATRON).startswith("24 ")


def test_an_agreed_encryption_is_agreed_with_nobody(house: House) -> None:
    with house.line() as line:
        assert line.ask(f"9310CNkasse1|CO{PASSWORD}|") == "940"


def test_too_many_bad_logins_shut_out_their_address_and_no_other(house: House) -> None:
    for _ in range(7):
        with house.line(source="127.0.0.66") as line:
            line.send(b"".join(b"9300CNkasse1|COguess%d|\r" % number for number in range(3)))
            assert line.rest() == b"940\r" * 3
    with house.line(source="127.0.0.66") as line:
        assert line.login("kasse1") == "940"
    with house.line(source="127.0.0.67") as line:
        assert line.login("kasse1") == "941"
    assert len(house.logged("sip2.address_locked", peer="127.0.0.66")) == 1
    assert house.metric('skranke_sip2_logins_refused_total{reason="locking"}') == 1
    assert house.metric('skranke_sip2_logins_refused_total{reason="locked"}') >= 1
    skranke = house.running.at.skranke
    assert "127.0.0.66  for " in skranke("terminals", "locked").out
    assert skranke("terminals", "let-in", "127.0.0.66").out == "127.0.0.66 may log in again\n"
    assert "127.0.0.66" not in skranke("terminals", "locked").out
    assert skranke("terminals", "let-in", "127.0.0.66").code == 1
    with house.line(source="127.0.0.66") as line:
        assert line.login("kasse1") == "941"


def test_a_flood_of_guesses_is_not_hashed_and_holds_up_nobody(house: House) -> None:
    wrong = 'skranke_sip2_logins_refused_total{reason="wrong"}'
    before = house.metric(wrong)
    with ExitStack() as lines:
        flood = [lines.enter_context(house.line(source="127.0.0.68")) for _ in range(200)]
        for number, line in enumerate(flood):
            line.send(b"9300CNkasse1|COguess%d|\r" % number)
        with house.line(source="127.0.0.69") as other:
            assert other.login("kasse1") == "941"
        assert [line.hear() for line in flood] == [b"940"] * 200
    assert house.metric(wrong) - before == BAD_LOGINS - 1


def test_many_that_know_the_password_come_in_together(house: House) -> None:
    with ExitStack() as lines:
        crowd = [lines.enter_context(house.line(source="127.0.0.70")) for _ in range(100)]
        for line in crowd:
            line.send(f"9300CNcrowd|CO{PASSWORD}|\r".encode())
        assert [line.hear() for line in crowd] == [b"941"] * 100


@pytest.mark.parametrize(
    ("location", "place"),
    [("hall", "The hall"), ("floor2", "Filialen"), ("elsewhere", "Stadsbiblioteket"), ("", "Stadsbiblioteket")],
)
def test_the_location_code_names_the_terminal(house: House, location: str, place: str) -> None:
    with house.line() as line:
        assert line.login("kasse1", location=location) == "941"
        assert field(line.ask(STATUS), "AN") == place


def field(answer: str, code: str) -> str:
    return next((piece[2:] for piece in answer.split("|") if piece.startswith(code)), "")


def test_before_a_login_nobody_says_which_of_several_libraries_is_meant(house: House) -> None:
    with house.line() as line:
        before = line.ask(STATUS)
        assert "|AO" not in before and before.startswith("98YYYYYN") and "2.00AO|" in before
        assert "|AM" not in before and "Kalmar" not in before
        assert line.login("kasse1") == "941"
        assert (field(line.ask(STATUS), "AM"), "2.00AOKAL|" in line.ask(STATUS)) == ("Kalmar stadsbibliotek", True)


def test_a_bound_listener_needs_no_login(house: House) -> None:
    with house.line("bound") as line:
        assert field(line.ask(STATUS), "AN") == "The cable"
        assert line.ask(PATRON).startswith("24")


def test_an_address_needs_no_login(house: House) -> None:
    with house.line(source="127.0.0.7") as line:
        assert field(line.ask(STATUS), "AN") == "The desk"
        assert line.ask(PATRON).startswith("24")
        assert line.login("kasse1") == "941"  # and may still become somebody else


@pytest.mark.parametrize(("source", "answer"), [("127.0.0.8", "941"), ("127.0.0.9", "941"), ("127.0.0.10", "940")])
def test_an_account_is_used_from_its_networks_only(house: House, source: str, answer: str) -> None:
    with house.line(source=source) as line:
        assert line.login("fenced") == answer
    with house.line("fenced", source=source) as line:  # bound to the listener: the networks count all the same
        assert ("|BLY|" in line.ask(PATRON)) == (answer == "941")


def test_an_account_has_no_more_lines_than_it_may(house: House) -> None:
    with house.line() as first, house.line() as second:
        assert first.login("single") == "941"
        assert second.login("single") == "940"
        assert first.login("single") == "941"  # its own place is not somebody else's
        first.vanish()
        assert second.login("kasse1") == "941"
        assert eventually(lambda: second.login("single") == "941")


def test_a_silent_account_is_closed_after_its_time(house: House) -> None:
    with house.at("quiet") as line:
        assert line.rest() == b""


def test_the_time_to_log_in_runs_out_whatever_is_said(house: House) -> None:
    with house.line("hasty") as line:
        said = b""
        try:
            for _ in range(100):
                said += line.ask(STATUS).encode()[:2]
                assert line.is_silent()
        except (ConnectionError, AssertionError):
            pass
        assert 1 <= len(said) // 2 < 5
    with house.at("kasse1", "hasty") as line:
        assert line.is_silent() and line.is_silent()  # logged in: nothing runs out
        assert line.ask(STATUS).startswith("98")


def test_a_full_listener_hangs_up(house: House) -> None:
    with house.at("kasse1", "hasty"), house.at("kasse1", "hasty"):
        assert is_refused(house)
    assert eventually(lambda: not is_refused(house))


def is_refused(house: House) -> bool:
    try:
        with house.line("hasty") as line:
            return line.ask(STATUS) == ""
    except ConnectionError:
        return True


# ---- before login --------------------------------------------------------------------


def test_before_login_status_and_resend_are_served(house: House) -> None:
    with house.line() as line:
        assert line.ask("97") == "96"
        status = line.ask(STATUS)
        assert status.startswith("98Y")
        assert line.ask("97") == status


@pytest.mark.parametrize(
    ("command", "form"),
    [
        (PATRON, "24"),
        (f"11NN{DAY}{'':18}AO|AA{CARD}|ABKB1|AC|", "120NUN"),
        (f"09N{DAY}{DAY}AP|AO|ABKB1|AC|", "100NUN"),
        (f"01N{DAY}AO|ALx|AA{CARD}|AC|", "24"),
        (f"35{DAY}AO|AA{CARD}|", "36N"),
        (f"37{DAY}0100SEKBV1.00|AO|AA{CARD}|", "38N"),
        (f"17{DAY}AO|ABKB1|", "18"),
        (f"19{DAY}AO|ABKB1|CH|", "200"),
        (f"25{DAY}AO|AA{CARD}|", "26"),
        (f"15+{DAY}AO|AA{CARD}|ABKB1|", "160N"),
        (f"29NN{DAY}{'':18}AO|AA{CARD}|ABKB1|", "300NUN"),
        (f"65{DAY}AO|AA{CARD}|", "660"),
        (f"63000{DAY}{'':10}AO|AA{CARD}|", "64"),
    ],
)
def test_before_login_a_command_is_refused_in_its_own_form(house: House, command: str, form: str) -> None:
    with house.line() as line:
        answer = line.ask(command)
        assert answer.startswith(form)
        assert field(answer, "AF")
        assert "BLY" not in answer


def test_three_commands_before_login_end_the_line(house: House) -> None:
    with house.line() as line:
        line.send(PATRON.encode() + b"\r" + STATUS.encode() + b"\r" + (PATRON.encode() + b"\r") * 3)
        answers = line.rest().split(b"\r")
        assert [answer[:2] for answer in answers] == [b"24", b"98", b"24", b"24", b""]


# ---- telnet --------------------------------------------------------------------------

IAC_DO_ECHO = b"\xff\xfd\x01"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\0"])
def test_telnet_prompts_then_sip2(house: House, end: bytes) -> None:
    with house.line("telnet") as line:
        assert line.hear(b": ") == b"login"
        line.send(IAC_DO_ECHO + b"kas" + IAC_DO_ECHO + b"se1" + end)
        assert line.hear(b": ") == b"Password"
        line.send(PASSWORD.encode() + end)
        assert line.hear(b"\r\n") == b"Login OK"
        assert line.ask(STATUS).startswith("98Y")
        line.send(b"\xff\xf1" + PATRON.encode() + b"\r")
        assert line.hear().startswith(b"24")


def test_what_comes_behind_the_password_is_answered_after_it(house: House) -> None:
    with house.line("telnet") as line:
        line.send(f"kasse1\r\n{PASSWORD}\r\n{STATUS}\r{PATRON}\r".encode())
        assert line.hear(b"\r\n") == b"login: Password: Login OK"
        assert line.hear().startswith(b"98")
        assert line.hear().startswith(b"24")


def test_telnet_gives_three_tries(house: House) -> None:
    with house.line("telnet", source="127.0.0.20") as line:
        line.send(b"kasse1\rwrong\r" * 3)
        said = line.rest()
        assert said.count(b"Login incorrect\r\n") == 3
        assert said.count(b"login: ") == 3


def test_telnet_to_a_bound_account_asks_nothing(house: House) -> None:
    with house.line("telnet-bound") as line:
        assert line.ask(STATUS).startswith("98Y")


# ---- strangers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "tls-on-plain-port"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "http"),
    ],
)
def test_strangers_are_hung_up_on_without_a_word(house: House, hello: bytes, reason: str) -> None:
    with house.line() as line:
        line.send(hello)
        assert line.rest() == b""
    assert house.logged("sip2.closed", reason=reason)
