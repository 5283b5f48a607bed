"""The operator's HTTP address: `/health`, `/metrics`, and a short front page."""

import json
from collections.abc import Callable
from html import escape

from twisted.web.iweb import IRequest
from twisted.web.resource import Resource

from server.metrics import Metrics

OK = 200
UNAVAILABLE = 503


class Text(Resource):
    """A GET resource whose content is made at each request: (status, content type, body)."""

    isLeaf = True

    def __init__(self, make: Callable[[], tuple[int, str, bytes]]) -> None:
        super().__init__()
        self._make = make

    def render_GET(self, request: IRequest) -> bytes:
        status, content_type, body = self._make()
        request.setResponseCode(status)
        request.setHeader(b"content-type", content_type.encode())
        request.setHeader(b"cache-control", b"no-store")
        return body


def front_page(name: str, addresses: tuple[str, ...]) -> tuple[int, str, bytes]:
    lines = "".join(f"<li><code>{escape(address)}</code></li>" for address in addresses)
    html = (
        f"<!doctype html><meta charset=utf-8><title>{escape(name)}</title><h1>{escape(name)}</h1>"
        f"<p>The circulation desk that machines speak to.</p><ul>{lines}</ul>"
        "<p><a href=/health>health</a> · <a href=/metrics>metrics</a></p>"
    )
    return OK, "text/html; charset=utf-8", html.encode()


def health(answers: Callable[[], bool]) -> tuple[int, str, bytes]:
    """200 while the database answers, 503 while it does not."""
    up = answers()
    body = json.dumps({"status": "ok" if up else "database away"}).encode()
    return (OK if up else UNAVAILABLE), "application/json", body


def make_page(metrics: Metrics, answers: Callable[[], bool], addresses: tuple[str, ...]) -> Resource:
    """The root resource. `answers` says whether the database is there."""
    root = Resource()
    root.putChild(b"", Text(lambda: front_page("skranke", addresses)))
    root.putChild(b"health", Text(lambda: health(answers)))
    root.putChild(b"metrics", Text(lambda: (OK, "text/plain; version=0.0.4; charset=utf-8", metrics.text())))
    return root
