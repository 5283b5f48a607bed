"""A demonstration town in a process of its own, to be spoken to, killed and started again; needs loopback only.

with Daemon(tmp_path) as town:
    town.secrets["terminal.T-KAL-S.password"]
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from conformance.control import KILL, HttpControl
from conformance.replay import Target, flatten
from conformance.wire import seal

ROOT: Final = Path(__file__).resolve().parent.parent
CLOCK: Final = "2026-02-12T12:00:00+01:00"  # a Thursday noon on which every library is open
START: Final = 60.0  # seconds until the town must be ready; the machine may be busy with other tests
END: Final = 15.0  # seconds that it may take to close
PATIENCE: Final = 20.0  # seconds that an answer may take


class NotReady(Exception):
    """The daemon did not start; the text is the end of what it said."""


class Fetched(NamedTuple):
    """What came back over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def fetched(
    port: int, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Fetched:
    """One request on a line of its own. Raises OSError."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return Fetched(answer.status, answer.headers, answer.read())
    finally:
        line.close()


class Daemon:
    """`skranke demo` on free ports with its data in `folder`; the ports and the data stay the same over restarts.

    `clock` is where the town's clock stands at every start; None: the real time.  `policies`: other rules than ours.
    """

    def __init__(self, folder: Path, clock: str | None = CLOCK, policies: Path | None = None) -> None:
        self.data = folder / "data"
        self._said = folder / "daemon.log"
        self._clock = clock
        self._policies = policies
        self.sip2_port, self.ncip_port, self.page_port = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        self.secrets: dict[str, str] = {}

    def __enter__(self) -> "Daemon":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Coming and going.

    def start(self) -> None:
        """Returns when the town answers; raises NotReady."""
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(self._command(), cwd=ROOT, stdout=said, stderr=said, env=environment())
        self._wait_until_ready()
        self.secrets = flatten(json.loads((self.data / "demo.json").read_text(encoding="utf-8")))

    def stop(self) -> int | None:
        """Ask it to end, and wait; its exit status, None when it was not running."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            return self._process.wait(END)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        finally:
            self._process = None

    def kill(self) -> None:
        """End it without warning (-9)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """Raises NotReady when it does not run."""
        if self._process is None:
            raise NotReady("not running")
        return self._process.pid

    def said(self) -> str:
        """All that it wrote to its standard output and error, over all starts."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def _command(self) -> list[str]:
        ports = ["--sip2-port", self.sip2_port, "--ncip-port", self.ncip_port, "--page-port", self.page_port]
        given = {"--clock": self._clock, "--policies": self._policies, "--data": self.data}
        rest = [word for option, value in given.items() if value for word in (option, str(value))]
        return [sys.executable, "-m", "server.cli", "demo", *map(str, ports), *rest]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START
        while not self._healthy():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NotReady(self.said()[-4000:])
            time.sleep(0.05)

    def _healthy(self) -> bool:
        try:
            return fetched(self.page_port, "GET", "/health").status == http.client.OK
        except OSError:
            return False

    # Speaking to it.

    def control(self, action: str, argument: str) -> None:
        """What `conformance` cannot say over the socket: clock, world, job, and to be killed and started again."""
        if action == KILL:
            self.kill()
            self.start()
        else:
            HttpControl(f"http://127.0.0.1:{self.page_port}")(action, argument)

    def dial(self) -> socket.socket:
        """A new SIP2 connection."""
        return socket.create_connection(("127.0.0.1", self.sip2_port), timeout=PATIENCE)

    def post(self, body: bytes, headers: Mapping[str, str] | None = None, path: str = "/ncip") -> Fetched:
        """An NCIP document, on a line of its own."""
        return fetched(self.ncip_port, "POST", path, body, headers)

    def page(self, path: str) -> str:
        """Of the operator's pages, as text."""
        return fetched(self.page_port, "GET", path).body.decode()

    def target(self) -> Target:
        """The town as the player of transcripts sees it."""
        return Target(dial=self.dial, secrets=self.secrets, control=self.control, patience=PATIENCE)

    def terminal(self, login: str) -> "Terminal":
        """A new connection, logged in."""
        terminal = Terminal(self.dial())
        answer = terminal.ask(f"9300CN{login}|CO{self.secrets[f'terminal.{login}.password']}|")
        if not answer.startswith(b"941"):
            raise NotReady(f"{login} was not let in: {answer!r}")
        return terminal


class Terminal:
    """One connection with error detection: digits count, every message gets its trailer. A context manager."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._pending = b""
        self._digit = -1

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()

    def ask(self, text: str) -> bytes:
        """Send one message, wait for its answer."""
        self.send(self.frame(text))
        return self.hear()

    def frame(self, text: str) -> bytes:
        """The message under the next digit."""
        self._digit = (self._digit + 1) % 10
        return seal(text.encode("cp850"), str(self._digit)) + b"\r"

    def send(self, frame: bytes) -> None:
        """Raises OSError when the line is gone."""
        self._line.sendall(frame)

    def hear(self, patience: float = PATIENCE) -> bytes:
        """The next answer with its line end; raises TimeoutError, and ConnectionError when the line is gone."""
        self._line.settimeout(patience)
        while b"\r" not in self._pending:
            data = self._line.recv(65536)
            if not data:
                raise ConnectionError("the line was closed")
            self._pending += data
        answer, _, self._pending = self._pending.partition(b"\r")
        return answer + b"\r"


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on at the moment, all different."""
    with ExitStack() as probes:
        listeners = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def environment() -> dict[str, str]:
    """Ours, with the repository's root importable for the daemon."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
