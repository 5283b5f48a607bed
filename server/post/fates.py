"""What may become of a message that is carried out of the house."""

from collections.abc import Coroutine
from typing import Any, Protocol

from backend.model import Letter
from server.post.rendering import Words


class Delayed(Exception):
    """Not now: the server is away, or says so itself."""


class Away(Delayed):
    """Nobody answers at all, or not in time: the next message would fare no better."""


class Rejected(Exception):
    """Not to this address, ever."""


class Carrier(Protocol):
    """Raises Delayed and Rejected; when it returns, somebody else has the message."""

    def __call__(self, letter: Letter, recipient: str, words: Words, /) -> Coroutine[Any, Any, None]: ...
