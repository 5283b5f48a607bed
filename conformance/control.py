"""What cannot be said over the socket: set the clock, the world, run a day's jobs, restart the ACS.

A control is any callable `(action, argument)`; actions are the constants below.  `HttpControl` speaks to the loopback
controls of a demonstration town; a test gives its own.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

WORLD, CLOCK, JOB, CONTROL, KILL = "world", "clock", "job", "control", "kill"
Control = Callable[[str, str], None]
PATIENCE = 30.0  # seconds; resetting a whole world takes a while


class ControlError(Exception):
    """The control channel did not do what was asked."""


class NotOfferedError(ControlError):
    """The control channel has no such action: what needs it cannot be run."""


class HttpControl:
    """POST to `BASE/demo/ACTION`: a world as TOML, everything else as plain text.  An ACS cannot restart itself."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base if "//" in base else f"http://{base}")
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80

    def __call__(self, action: str, argument: str) -> None:
        if action == KILL:
            raise NotOfferedError("nobody here can restart the ACS")
        kind = "application/toml" if action == WORLD else "text/plain"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        try:
            connection.request(
                "POST", f"/demo/{action}", argument.encode("utf-8"), {"Content-Type": f"{kind}; charset=utf-8"}
            )
            answer = connection.getresponse()
            said = answer.read().decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException) as trouble:
            raise ControlError(f"{action}: {trouble}") from trouble
        finally:
            connection.close()
        if answer.status == http.client.NOT_FOUND:
            raise NotOfferedError(f"no control called {action}")
        if answer.status >= 300:
            raise ControlError(f"{action}: {answer.status} {said}")
