"""Accounts as they are written: profiles, what an account changes of them, and every mistake told at once."""

import ast
import inspect
import tomllib
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from backend.commands import RepeatKey
from backend.model import Channel
from protocols.sip2.dialects import DIALECTS, SORTING, ErrorDetection
from server.accounts import settings, sources, wire
from server.accounts.profiles import PROFILES, Profile
from server.accounts.settings import AccountSettings
from server.desk import manner
from server.desk.manner import Manner, Settings

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"


def account(text: str = "") -> AccountSettings:
    return AccountSettings.model_validate(tomllib.loads(f'name = "kasse1"\nlibrary = "KAL"\nbranch = "KAL-S"\n{text}'))


def test_a_plain_account_is_a_self_check() -> None:
    plain = account()
    assert plain.user_id == "kasse1"
    assert plain.dialect() == DIALECTS["standard"]
    assert plain.manner() == Manner()
    asker = plain.asked_by()
    assert (asker.account, asker.library, asker.branch, asker.channel) == ("kasse1", "KAL", "KAL-S", Channel.SELFCHECK)
    assert asker.may_block_cards
    assert not (asker.offline or asker.free_return_ok or asker.may_enable_patrons or asker.trusts_patron)


@pytest.mark.parametrize(
    ("profile", "channel", "serves", "rights"),
    [
        ("self-check", Channel.SELFCHECK, 13, {"may_block_cards"}),
        ("sorter", Channel.DROP, 3, {"may_backdate", "free_return_ok", "offline"}),
        ("drop", Channel.DROP, 2, {"may_backdate", "free_return_ok"}),
        ("authentication", Channel.WEB, 3, set()),
        ("door", Channel.ENTRY, 3, set()),
        ("payment", Channel.SELFCHECK, 4, set()),
        (
            "desk",
            Channel.DESK,
            13,
            {"may_backdate", "free_return_ok", "renews_for_others", "may_block_cards", "offline"},
        ),
    ],
)
def test_profiles(profile: str, channel: Channel, serves: int, rights: set[str]) -> None:
    one = account(f'profile = "{profile}"')
    assert one.channel is channel
    assert len(one.manner().serves) == serves
    assert {name for name, has in one.rights.model_dump().items() if has} == rights


def test_every_profile_is_a_bundle_that_loads() -> None:
    assert set(PROFILES) == set(get_args(Profile))


def test_an_account_changes_its_profile_key_by_key() -> None:
    sorter = account(
        """
        profile = "sorter"
        [wire]
        encoding = "utf-8"
        terminator = "CRLF"
        error_detection = "required"
        remove = ["AA"]
        overwrite = { AM = "Biblioteket" }
        [rights]
        offline = false
        [manner]
        timeout = 50
        [manner.privacy]
        hold_patron_id = true
        [manner.returns]
        alert_on = ["home"]
        bins = { shelf = "1", KAL-B = "2" }
        """
    )
    dialect = sorter.dialect()
    assert (dialect.encoding, dialect.terminator, dialect.error_detection) == (
        "utf-8",
        b"\r\n",
        ErrorDetection.REQUIRED,
    )
    assert dialect.extensions == SORTING
    assert dialect.remove == {"AA"} and dialect.overwrite == {"AM": "Biblioteket"}
    assert sorter.rights.may_backdate and not sorter.rights.offline
    assert sorter.manner().privacy.hold_patron_id and not sorter.manner().privacy.borrower
    assert sorter.manner().returns.bins == {"shelf": "1", "KAL-B": "2"}


def test_machines_that_share_a_login_are_told_apart_by_location_code() -> None:
    shared = account('[terminals.Hall]\nbranch = "KAL-B"\nlocation = "Hall"\n[terminals.Barn]\n')
    assert shared.asked_by("Hall").account == "kasse1@Hall"
    assert shared.asked_by("Hall").branch == "KAL-B"
    assert shared.asked_by("Barn").branch == "KAL-S"
    assert shared.asked_by("Okand") == shared.asked_by() == shared.asked_by(None)
    assert shared.manner("Hall").terminal_location == "Hall"
    assert shared.manner("Barn") == shared.manner()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[manner]\ntimeout = 0", "manner.timeout"),
        ("[manner]\ntimeout = 999", "manner.timeout"),
        ("[manner]\nretries = 999", "manner.retries"),
        ('[manner]\ntimeout = "50"', "manner.timeout"),
        ('[manner]\nserves = ["98"]', "manner.serves"),
        ('[manner.forms]\ndue_date = "tomorrow"', "manner.forms.due_date"),
        ('[manner.forms]\nfine_template = "{amount} {who}"', "manner.forms.fine_template"),
        ('[manner.forms]\nfine_template = "{amount"', "manner.forms.fine_template"),
        ('[manner.screen]\nlanguage = "fi"', "manner.screen.language"),
        ('[manner.screen.language_codes]\n12 = "nn"', "manner.screen.language_codes"),
        ('[manner.returns]\nalert_on = ["everywhere"]', "manner.returns.alert_on"),
        ("[manner.returns]\nbeep = true", "manner.returns.beep"),
        ('[wire]\nencoding = "cp437"', "wire"),
        ('[wire]\nmachine = "toaster"', "wire"),
        ('[wire]\ndelimiter = "A"', "wire"),
        ('[wire]\nextensions = ["cv"]', "wire.extensions"),
        ('[sources]\nnetworks = ["192.0.2.1/24"]', "sources.networks"),
        ('password_hash = "hemmelig"', "password_hash"),
        ('profile = "toaster"', "profile"),
        ('channel = "toaster"', "channel"),
        ("[limits]\nfailed_logins = 2", "limits.failed_logins"),
        ("[repeats]\nwindow = 0", "repeats.window"),
    ],
)
def test_a_mistake_is_told_by_its_key_and_without_its_value(text: str, where: str) -> None:
    with pytest.raises(ValidationError) as told:
        account(text)
    assert any(".".join(map(str, error["loc"])).startswith(where) for error in told.value.errors())
    assert "hemmelig" not in str(told.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as told:
        account('[manner]\ntimeout = 0\n[wire]\nmachine = "toaster"\n[limits]\nidle = -1')
    assert told.value.error_count() == 3


def test_a_hash_is_not_shown() -> None:
    assert "argon2" not in repr(account(f'password_hash = "{HASH}"'))


@pytest.mark.parametrize(
    ("text", "address", "admitted", "trusted"),
    [
        ("", "192.0.2.7", True, False),
        ('networks = ["192.0.2.0/24"]', "192.0.2.7", True, False),
        ('networks = ["192.0.2.0/24"]', "198.51.100.7", False, False),
        ('networks = ["192.0.2.0/24"]', "::ffff:192.0.2.7", True, False),
        ('no_login = ["192.0.2.7", "2001:db8::/32"]', "192.0.2.7", True, True),
        ('no_login = ["192.0.2.7", "2001:db8::/32"]', "2001:db8::1", True, True),
        ('no_login = ["192.0.2.7"]\nnetworks = ["10.0.0.0/8"]', "192.0.2.7", True, True),
    ],
)
def test_where_from(text: str, address: str, admitted: bool, trusted: bool) -> None:
    place = account(f"[sources]\n{text}").sources
    assert (place.admit(address), place.trust(address)) == (admitted, trusted)


@pytest.mark.parametrize(
    ("text", "frame", "key"),
    [
        ("", b"x", RepeatKey(frame=b"x", by_meaning=True, window=900)),
        ("", None, RepeatKey(frame=None, by_meaning=False, window=900)),
        ("by_meaning = true\nwindow = 60", None, RepeatKey(frame=None, by_meaning=True, window=60)),
        ("by_meaning = false", b"x", RepeatKey(frame=b"x", by_meaning=False, window=900)),
    ],
)
def test_how_a_repeat_is_recognised(text: str, frame: bytes | None, key: RepeatKey) -> None:
    assert account(f"[repeats]\n{text}").repeats.key(frame) == key


def test_a_demand_for_pins_only_tightens() -> None:
    assert account('[manner.pin]\nrule = "always"').asked_by().pin_always
    never = account('[manner.pin]\nrule = "never"').asked_by()
    assert not (never.pin_always or never.trusts_patron)


def _settings(module: Any) -> list[type[Settings]]:
    return [
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Settings) and found is not Settings and found.__module__ == module.__name__
    ]


GROUPS = frozenset(
    {"screen", "forms", "returns", "fees", "privacy", "status", "pin", "items", "patrons", "sources", "wire"}
    | {"rights", "repeats", "limits", "recording", "profile", "library", "branch", "login", "name", "on"}
)


@pytest.mark.parametrize("model", [one for module in (manner, settings, sources, wire) for one in _settings(module)])
def test_every_setting_says_what_it_means(model: type[Settings]) -> None:
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)
    for line, following in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id not in GROUPS:
            assert isinstance(following, ast.Expr), f"{model.__name__}.{line.target.id} has no docstring"
