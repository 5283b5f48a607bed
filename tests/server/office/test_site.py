"""The socket's side of the office, without a socket."""

import json
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs
from twisted.web.server import NOT_DONE_YET
from twisted.web.test.requesthelper import DummyRequest

from server.office import site
from server.office.site import Counter


class Answers:
    """A door that gives this answer to everything."""

    def __init__(self, answer: tuple[int, Any]) -> None:
        self._answer = answer

    async def answer(self, method: str, path: str, said: Any) -> tuple[int, Any]:
        return self._answer


def asked(answer: tuple[int, Any]) -> DummyRequest:
    request = DummyRequest([b"terminals"])
    request.path = b"/terminals"
    assert Counter(Answers(answer)).render(request) is NOT_DONE_YET
    return request


def test_an_answer_is_json_with_its_status() -> None:
    request = asked((409, {"error": "så ikke"}))
    assert (request.responseCode, request.finished) == (409, 1)
    assert json.loads(b"".join(request.written)) == {"error": "så ikke"}


def test_a_client_does_not_wait_for_an_answer_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "log", structlog.get_logger())
    with capture_logs() as logged:
        request = asked((200, {"when": object()}))
    assert (request.responseCode, request.finished) == (500, 1)
    assert json.loads(b"".join(request.written)) == {"error": site.FAULT}
    assert [line["event"] for line in logged] == ["office.unwritten"]
