"""The control channel over HTTP, against a server of the standard library."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from conformance.control import ControlError, HttpControl, NotOfferedError


class Demo(BaseHTTPRequestHandler):
    said: list[tuple[str, str, str]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.said.append((self.path, self.headers["Content-Type"], body))
        status = {"/demo/job": 404, "/demo/clock": 200}.get(self.path, 400)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"row 3: no patron K99\n")

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def demo() -> Iterator[HttpControl]:
    server = HTTPServer(("127.0.0.1", 0), Demo)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield HttpControl(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def test_actions_are_posted_and_refusals_told():
    Demo.said.clear()
    with demo() as control:
        control("clock", "2026-02-12T12:00:00+01:00")
        with pytest.raises(ControlError, match="world: 400 row 3: no patron K99"):
            control("world", 'extends = "fixtures"\n')
        with pytest.raises(NotOfferedError, match="job"):
            control("job", "2026-02-12")
        with pytest.raises(NotOfferedError, match="restart"):
            control("kill", "")
    assert Demo.said[0] == ("/demo/clock", "text/plain; charset=utf-8", "2026-02-12T12:00:00+01:00")
    assert Demo.said[1][:2] == ("/demo/world", "application/toml; charset=utf-8")


def test_nobody_there():
    with demo() as control:
        pass
    with pytest.raises(ControlError, match="clock"):
        control("clock", "x")
