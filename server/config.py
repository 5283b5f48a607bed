"""The daemon's configuration: one TOML file to one frozen Config, every mistake reported at once.

Accounts carry their own settings (server/accounts.py); policies are files of their own (backend/policy).
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

import backend.policies
from backend.plain_words import place, spelled, verdicts
from protocols.ncip.agencies import agency_key
from server.accounts.settings import AccountSettings
from server.agencies.settings import AgencySettings

MAX_PORT = 65535
SHIPPED_POLICIES = Path(backend.policies.__file__).parent


class ConfigError(Exception):
    """The configuration cannot be used; `mistakes` lists all that was found, one line each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Part(BaseModel):
    """A table of the file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a host and port, or the n-th socket that systemd hands over."""

    host: str
    port: int
    systemd: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`host:port`, `[v6]:port`, `:port` on loopback, or `systemd:N`. Raises ValueError saying what is wrong."""
        if text.startswith("systemd:"):
            return cls("", 0, int(text.removeprefix("systemd:")))
        host, colon, port = text.rpartition(":")
        if not colon or not port.isdecimal() or int(port) > MAX_PORT:
            raise ValueError(f"expected host:port with a port of 0 to {MAX_PORT}, got {text!r}")
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    def __str__(self) -> str:
        if self.systemd is not None:
            return f"systemd:{self.systemd}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Tls(Part):
    """Certificate and key in PEM; `client_authorities` demands a client certificate signed by one of them."""

    certificate: Path
    key: Path
    client_authorities: Path | None = None

    @field_validator("certificate", "key", "client_authorities")
    @classmethod
    def readable(cls, path: Path | None) -> Path | None:
        if path is not None:
            try:
                path.open("rb").close()
            except OSError as why:
                raise ValueError(f"cannot be read: {why.strerror}") from why
        return path


class Listening(Part):
    """An address that is listened on, as `host:port`."""

    listen: str

    @field_validator("listen")
    @classmethod
    def listenable(cls, text: str) -> str:
        Address.parse(text)
        return text

    @property
    def address(self) -> Address:
        return Address.parse(self.listen)


class Listener(Listening):
    """One address that speaks SIP2."""

    transport: Literal["raw", "telnet"] = "raw"
    tls: Tls | None = None
    account: str | None = None  # every connection here is this account's; no login needed
    proxy_protocol: bool = False  # the balancer in front says whose connection it is (PROXY protocol, v1 and v2)
    most_connections: Annotated[int, Field(ge=1)] = 12_000
    longest_message: Annotated[int, Field(ge=256, le=1 << 20)] = 8192  # bytes
    login_within: Annotated[float, Field(gt=0)] = 30.0  # seconds
    idle: Annotated[float, Field(ge=0)] = 0.0  # seconds after login; 0 is never


class Web(Listening):
    """An HTTP address."""


class OwnAgency(Part):
    """How partners know a library of ours: agency ids, the first of which we send, and where post goes."""

    id: str
    agencies: tuple[str, ...] = ()
    address: str = ""


class NcipWeb(Web):
    """Where NCIP is spoken: HTTP at `/ncip`, and if `stream` is set, messages on bare TCP there."""

    tls: Tls | None = None
    stream: str | None = None
    stream_tls: Tls | None = None
    largest_message: Annotated[int, Field(ge=4096, le=1 << 26)] = 1 << 20  # bytes
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90  # that exchanges are kept
    library: tuple[OwnAgency, ...] = ()

    @field_validator("stream")
    @classmethod
    def streamable(cls, text: str | None) -> str | None:
        if text is not None:
            Address.parse(text)
        return text


def read_secret(path: Path | None) -> str:
    """The first line of a file; "" for no file. Raises OSError."""
    return path.read_text("utf-8").strip() if path is not None else ""


class Mail(Part):
    """The server that takes e-mail for us."""

    host: str
    port: Annotated[int, Field(ge=1, le=MAX_PORT)] = 25
    sender: Annotated[str, spelled(r"[^@\s]+@[^@\s]+", "must be an e-mail address")]
    username: str = ""
    password_file: Path | None = None
    tls: bool = False  # refuse to send without

    def password(self) -> str:
        """Raises OSError."""
        return read_secret(self.password_file)


class Sms(Part):
    """A gateway that takes JSON with `to`, `from` and `text` by POST."""

    url: Annotated[str, spelled(r"https?://.+", "must be an address that begins with http:// or https://")]
    sender: str = ""
    token_file: Path | None = None  # sent as `Authorization: Bearer`

    def headers(self) -> dict[str, str]:
        """Raises OSError."""
        return {"Authorization": f"Bearer {read_secret(self.token_file)}"} if self.token_file else {}


class Log(Part):
    """`level` is debug, info, warning or error; `human` prints for a terminal instead of JSON."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    human: bool = False


class Config(Part):
    """The whole file. Relative paths count from the file's own folder."""

    data: Path
    database: str = Field(default="sqlite", repr=False)  # or a postgresql:// URL, which may hold a password
    institution: str = ""  # AO of the status before a login; empty: the library's, where there is only one
    name: str = ""  # AM, likewise
    policies: Path = SHIPPED_POLICIES
    network: Path | None = None
    sip2: tuple[Listener, ...] = ()
    ncip: NcipWeb | None = None
    page: Web | None = None
    mail: Mail | None = None
    sms: Sms | None = None
    letters: Path | None = None  # folder for letters to be printed
    templates: Path | None = None  # the library's own words, looked into before ours
    log: Log = Log()
    account: tuple[AccountSettings, ...] = ()
    agency: tuple[AgencySettings, ...] = ()

    @field_validator("database")
    @classmethod
    def known_engine(cls, url: str) -> str:
        if url != "sqlite" and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("expected sqlite, sqlite:///FILE or postgresql://…")
        return url

    def partners(self) -> tuple[tuple[AgencySettings, ...], frozenset[str]]:
        """Partners of this file, and the names of accounts, which no other partner may have."""
        return self.agency, frozenset(account.name for account in self.account)

    def addresses(self) -> list[str]:
        """Where this configuration listens, for people."""
        ears = [f"{ear.listen} SIP2{' over TLS' if ear.tls else ''} ({ear.transport})" for ear in self.sip2]
        return ears + [f"{web.listen} {name}" for name, web in (("NCIP", self.ncip), ("page", self.page)) if web]

    @property
    def database_url(self) -> str:
        """The database's URL; `sqlite` is the file skranke.db in the data directory."""
        return f"sqlite:///{self.data / 'skranke.db'}" if self.database == "sqlite" else self.database


def load_config(path: Path) -> Config:
    """The configuration in `path`. Raises ConfigError with every mistake as `file: key: reason`."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as why:
        raise ConfigError((f"{path}: cannot be read: {why.strerror}",)) from why
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise ConfigError((f"{path}: not TOML: {why}",)) from why
    return config_from(raw, path)


def config_from(raw: dict[str, Any], path: Path) -> Config:
    """The configuration that `raw` describes; relative paths count from `path`'s folder. Raises ConfigError."""
    raw = resolved(raw, path.parent)
    mistakes: list[str] = []
    accounts = read_each(AccountSettings, raw, "account", path, mistakes)
    agencies = read_each(AgencySettings, raw, "agency", path, mistakes)
    rest = {key: value for key, value in raw.items() if key not in ("account", "agency")}
    mistakes += [f"{path}: {line}" for line in contradictions(accounts, agencies)]
    try:
        config = Config.model_validate(rest | {"account": accounts, "agency": agencies})
    except ValidationError as why:
        mistakes += told(why, path, "")
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return config


S = TypeVar("S", AccountSettings, AgencySettings)


def read_each(kind: type[S], raw: dict[str, Any], key: str, path: Path, mistakes: list[str]) -> tuple[S, ...]:
    """Each table of `[[key]]` by itself, so that a mistake in one hides none in another."""
    written = raw.get(key, [])
    if not isinstance(written, list):
        mistakes.append(f"{path}: {key}: must be written as tables, each under [[{key}]]")
        return ()
    found = []
    for number, table in enumerate(written, start=1):
        try:
            found.append(kind.model_validate(table))
        except ValidationError as why:
            mistakes += told(why, path, f"{key}[{number}]")
    return tuple(found)


def contradictions(accounts: Sequence[AccountSettings], agencies: Sequence[AgencySettings]) -> Iterator[str]:
    """What no table by itself can know: names that two have."""
    names, partners = [one.name for one in accounts], [one.name for one in agencies]
    logins = [one.user_id for one in accounts if names.count(one.name) == 1]
    ids = [key for one in agencies for key in set(map(agency_key, one.ids))]
    for key, said in (
        ("account.name", names),
        ("account.login", logins),
        ("agency.name", partners),
        ("agency.ids", ids),
    ):
        if twice := sorted({name for name in said if said.count(name) > 1}):
            yield f"{key}: named twice: {', '.join(twice)}"
    if shared := sorted({*names} & {*partners}):
        yield f"agency.name: an account has this name: {', '.join(shared)}"


def told(why: ValidationError, path: Path, under: str) -> list[str]:
    """One line for each mistake that was found."""
    found = ((".".join(filter(None, (under, place(where)))), reason) for where, reason in verdicts(why))
    return [f"{path}: {key or 'file'}: {reason}" for key, reason in found]


PATHS = ("data", "policies", "network", "letters", "templates")
TLS_PATHS = ("certificate", "key", "client_authorities")


def resolved(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A copy in which every path is absolute."""
    out: dict[str, Any] = {
        key: str(folder / value) if key in PATHS and isinstance(value, str) else value for key, value in raw.items()
    }
    for table, key in (("mail", "password_file"), ("sms", "token_file")):
        if isinstance(out.get(table), dict) and isinstance(out[table].get(key), str):
            out[table] = out[table] | {key: str(folder / out[table][key])}
    if isinstance(out.get("sip2"), list):
        out["sip2"] = [resolved_listener(ear, folder) for ear in out["sip2"]]
    out |= {key: resolved_listener(out[key], folder) for key in ("ncip",) if key in out}
    return out


def resolved_listener(ear: Any, folder: Path) -> Any:
    """The same for a listener's certificates."""
    if not isinstance(ear, dict):
        return ear
    return ear | {
        key: resolved_tls(ear[key], folder) for key in ("tls", "stream_tls") if isinstance(ear.get(key), dict)
    }


def resolved_tls(tls: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {key: str(folder / value) if key in TLS_PATHS else value for key, value in tls.items()}
