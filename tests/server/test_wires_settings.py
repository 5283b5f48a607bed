"""What an account's settings do: character sets, line ends, trailers, filters, strictness, limits, transcripts."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.wires import CARD, DAY, PATRON, STATUS, House, account, build, eventually

pytestmark = pytest.mark.slow

LONG = "blåbærsyltetøy " * 40
NAME = f'wire.overwrite = {{AM = "{LONG}"}}'
ACCOUNTS = (
    account("plain"),
    account("cp850", NAME, 'wire.encoding = "cp850"'),
    account("latin1", NAME, 'wire.encoding = "iso-8859-1"'),
    account("utf8", NAME, 'wire.encoding = "utf-8"'),
    account("crlf", 'wire.terminator = "CRLF"'),
    account("tilde", 'wire.delimiter = "~"'),
    account("strict", "wire.strict = true"),
    account("required", 'wire.error_detection = "required"'),
    account("off", 'wire.error_detection = "off"'),
    account("lenient", "wire.lenient_checksum = true"),
    account("filtered", 'wire.remove = ["AN", "AM", "AE"]', 'wire.overwrite = {AF = "Ask at the desk"}'),
    account("ignoring"),
    account("resending", 'wire.unknown = "96"'),
    account("closing", 'wire.unknown = "close"'),
    account("short", "limits.longest_frame = 512"),
    account("impatient", "limits.bad_frames = 3"),
    account("blocker", "limits.blocked_cards_per_hour = 1"),
    account("kiosk"),
    account("odd"),
    account("odder"),
    account("recorded", "recording.on = true"),
    account("recorded/open", "recording = {on = true, mask_persons = false}", 'wire.encoding = "utf-8"'),
)
LISTENERS = {"plain": (), "small": ("longest_message = 256",)}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = build(tmp_path_factory.mktemp("settings"), LISTENERS, ACCOUNTS, "log.level = 'debug'")
    yield built
    assert built.running.stop() == 0
    assert not built.logged("sip2.failed")


def field(answer: str, code: str, delimiter: str = "|") -> str | None:
    return next((piece[2:] for piece in answer.split(delimiter)[1:] if piece.startswith(code)), None)


# ---- bytes ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp850", "latin1", "utf8"])
def test_text_is_written_and_read_in_the_accounts_characters(house: House, encoding: str) -> None:
    with house.at(encoding) as line:
        echoed = line.ask(PATRON.replace(CARD, "Bjørk Åse æØö"), encoding)
        assert field(echoed, "AA") == "Bjørk Åse æØö"
        line.send(STATUS.encode() + b"\r")
        name = next(piece for piece in line.hear().split(b"|") if piece.startswith(b"AM"))[2:]
        assert len(name) <= 255
        assert LONG.startswith(name.decode(encoding))  # cut, and not within a character
        assert len(name) > 250


def test_lines_end_as_the_account_wants(house: House) -> None:
    with house.at("plain") as line:
        assert line.ask(STATUS).startswith("98")
        assert line.is_silent()
        assert line.pending == b""
    with house.line() as line:
        line.send(b"9300CNcrlf|COopen sesame|\r" + STATUS.encode() + b"\r")
        assert line.hear(b"\r\n").startswith(b"941")
        assert line.hear(b"\r\n").startswith(b"98")
        line.send(b"\n97\r\n")
        assert line.hear(b"\r\n").startswith(b"98")


def test_another_delimiter(house: House) -> None:
    with house.at("tilde") as line:
        answer = line.ask(PATRON.replace("|", "~").replace(CARD, "a|b"))
        assert field(answer, "AA", "~") == "a|b"


@pytest.mark.parametrize(("name", "answer"), [("tilde", "941"), ("plain", "940")])
def test_a_login_by_the_accounts_own_delimiter(house: House, name: str, answer: str) -> None:
    with house.line() as line:
        login = f"9300CN{name}~COopen sesame~CPhall~"
        assert line.ask_sealed(login, 4)[:6] == answer + "AY4"
        assert line.ask(login) == answer
        if answer == "941":
            assert field(line.ask(PATRON.replace("|", "~").replace(CARD, "a|b")), "AA", "~") == "a|b"


# ---- error detection -----------------------------------------------------------------


def test_trailers_are_mirrored(house: House) -> None:
    with house.at("plain") as line:
        assert "AZ" not in line.ask(STATUS)[-9:]
        assert line.ask_sealed(STATUS, 7)[-9:-4] == "AY7AZ"
        line.send(STATUS.encode() + b"AY7AZ0000\r")
        assert line.hear() == b"96AZFEF6"


def test_trailers_are_demanded(house: House) -> None:
    with house.line() as line:
        assert line.login("required") == "96AZFEF6"
        assert line.ask_sealed("9300CNrequired|COopen sesame|", 2).startswith("941AY2AZ")
        assert line.ask(STATUS) == "96AZFEF6"
        assert line.ask_sealed(STATUS, 3)[-9:-4] == "AY3AZ"


def test_trailers_are_not_looked_at(house: House) -> None:
    with house.at("off") as line:
        assert line.ask(STATUS + "AY3AZ0000").startswith("98Y")
        assert "AZ" not in line.ask_sealed(STATUS, 3)[-9:]


def test_a_wrong_sum_is_forgiven_where_the_account_says_so(house: House) -> None:
    with house.at("lenient") as line:
        assert line.ask(STATUS + "AY3AZ0000")[-9:-4] == "AY3AZ"
    assert house.metric('skranke_sip2_quirks_total{account="lenient",quirk="wrong-checksum"}') == 1


# ---- what goes out, what is put up with ----------------------------------------------


def test_the_field_filter(house: House) -> None:
    with house.at("filtered") as line:
        status = line.ask(STATUS)
        assert field(status, "AN") is field(status, "AM") is None
        refused = line.ask(PATRON.replace(CARD, "no such card"))
        assert field(refused, "AE") == ""  # required: empty
        assert field(refused, "AF") == "Ask at the desk"


@pytest.mark.parametrize(
    ("frame", "wrong"),
    [
        (f"09N{DAY}{DAY}AP|AO|AB1|AC", "the last field has no delimiter"),
        (f"09X{DAY}{DAY}AP|AO|AB1|AC|", "a flag is neither of its letters"),
        (f"09N{DAY}{DAY}|AP|AO|AB1|AC|", "a delimiter stands where no field ends"),
        (f"09N{DAY}{DAY}AP|AO|AB1|", "a required field is missing (AC)"),
        (f"09N{DAY}{DAY}AP|AO|AB1|AB2|AC|", "a field that may come once came more often (AB)"),
    ],
)
def test_a_strict_account_is_told_what_was_wrong(house: House, frame: str, wrong: str) -> None:
    with house.at("strict") as line, house.at("plain") as tolerant:
        answer = line.ask(frame)
        assert answer.startswith("100")
        assert wrong in answer
        assert wrong not in tolerant.ask(frame)


@pytest.mark.parametrize("frame", ["9900802", "99 0802.00", "9900802.00|", "99"])
def test_a_strict_account_hears_it_of_its_status_too(house: House, frame: str) -> None:
    with house.at("strict") as line:
        answer = line.ask(frame)
        assert answer.startswith("98Y")
        assert field(answer, "AF")


@pytest.mark.parametrize(("name", "answer"), [("ignoring", b""), ("resending", b"96"), ("closing", None)])
def test_unknown_commands(house: House, name: str, answer: bytes | None) -> None:
    with house.at(name) as line:
        line.send(b"7100|AOx|\r" + STATUS.encode() + b"\r")
        if answer is None:
            assert line.rest() == b""
            return
        if answer:
            assert line.hear() == answer
        assert line.hear().startswith(b"98")


def test_messages_have_a_greatest_length(house: House) -> None:
    long = PATRON + "XX" + "x" * 600 + "|"
    with house.at("plain") as line:
        assert line.ask(long).startswith("24")
    with house.at("short") as line:
        line.send(long.encode() + b"\r")
        assert line.rest() == b""
    with house.line("small") as line:
        line.send(b"9300CN" + b"x" * 400)  # no end in sight
        assert line.rest() == b""
    with house.at("plain", "small") as line:  # the account's own measure counts from the login
        assert line.ask(long).startswith("24")


def test_patience_with_bad_frames_ends(house: House) -> None:
    with house.at("impatient") as line:
        line.send(b"99AY1AZ0000\r" * 2 + STATUS.encode() + b"\r" + b"99AY1AZ0000\r" * 4)
        assert [answer[:2] for answer in line.rest().split(b"\r")] == [b"96", b"96", b"98", b"96", b"96", b"96", b""]


def test_ten_cards_an_hour_is_what_an_account_may_block_unless_it_says_otherwise(house: House) -> None:
    block, other = f"01N{DAY}AO|ALleft behind|AA{CARD}|AC|", "20001001"
    with house.at("kiosk") as line:
        before = line.ask(PATRON.replace(CARD, other))
        for _ in range(10):
            assert line.ask(block).startswith("24YYYYY")
        assert not house.logged("sip2.too_many_blocked_cards", account="kiosk")
        refused = line.ask(block.replace(CARD, other))
        assert refused.startswith("24") and not refused.startswith("24YYYYY")
        assert line.ask(PATRON.replace(CARD, other))[:16] == before[:16]
    assert house.logged("sip2.too_many_blocked_cards", account="kiosk")
    assert house.running.at.skranke("staff", "unblock", CARD, "--library", "KAL", "--who", "kari").code == 0


def test_a_kiosk_cannot_block_a_town(house: House) -> None:
    block = f"01N{DAY}AO|ALleft behind|AA{CARD}|AC|"
    with house.at("blocker") as line:
        assert line.ask(block).startswith("24YYYYY")
        assert line.ask(block.replace(CARD, "20001001")).startswith("24")
    assert house.logged("sip2.too_many_blocked_cards", account="blocker")
    assert house.running.at.skranke("staff", "unblock", CARD, "--library", "KAL", "--who", "kari").code == 0


# ---- quirks --------------------------------------------------------------------------


def test_quirks_are_counted_for_each_account_and_news_once(house: House) -> None:
    for name, times in (("odd", 3), ("odder", 1)):
        with house.at(name) as line:
            for _ in range(times):
                assert line.ask(STATUS + "|").startswith("98")
    for name, times in (("odd", 3), ("odder", 1)):
        counted = house.metric(f'skranke_sip2_quirks_total{{account="{name}",quirk="stray-delimiter"}}')
        assert counted == times
        told = house.logged("sip2.repaired", account=name, quirk="stray-delimiter")
        assert [one["level"] for one in told] == ["info", *["debug"] * (times - 1)]


# ---- transcripts ---------------------------------------------------------------------


def transcript(house: House, name: str) -> Path:
    return house.running.at.folder / "data" / "recordings" / name


def test_a_recording_masks_secrets_and_persons(house: House) -> None:
    with house.at("recorded") as line:
        line.ask_sealed(PATRON.replace("|AD|", "|AD4711|"), 1)
        line.ask_sealed("63000" + DAY + " " * 10 + "AO|BADLY", 2)
    path = transcript(house, "recorded.txt")
    assert eventually(lambda: path.read_text("utf-8").count("ACS  ") == 3)
    kept = path.read_text("utf-8")
    assert "SC   9300CNrecorded|CO***|\nACS  941\n" in kept
    assert f"SC   23000{DAY}AO|AA***|AC|AD***|\nACS  24" in kept
    assert not [secret for secret in ("open sesame", "4711", CARD, "Berg", "AZ") if secret in kept]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_recording_may_show_persons_but_never_secrets(house: House) -> None:
    with house.at("recorded/open") as line:
        line.ask(PATRON.replace(CARD, "Bjørk").replace("|AD|", "|AD4711|"), "utf-8")
    path = transcript(house, "recorded%2Fopen.txt")
    assert eventually(lambda: "AABjørk|" in path.read_text("utf-8"))
    assert "4711" not in path.read_text("utf-8")


def test_nobody_else_is_recorded(house: House) -> None:
    with house.at("plain") as line:
        line.ask(PATRON)
    assert not transcript(house, "plain.txt").exists()
