"""structlog set-up: fixed event names with fields, secrets masked, one JSON object a line (or colour for people).

A field whose name is known to carry a secret or a person never leaves this process readable.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

MASKED = frozenset(
    {"pin", "password", "secret", "token", "card", "patron", "name", "address", "email", "phone", "barcode"}
)
MASK = "***"


def mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: values under the names in MASKED are replaced."""
    for key in MASKED & event.keys():
        event[key] = MASK
    return event


def set_up(level: str = "info", human: bool = False, stream: TextIO | None = None) -> None:
    """Configure structlog for the process. `level` is a logging level's name; `human` prints for a terminal."""
    colours = (stream or sys.stderr).isatty()
    renderer = (
        structlog.dev.ConsoleRenderer(colors=colours) if human else structlog.processors.JSONRenderer(default=str)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part of the house, for instance "sip2"."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(part=name)
    return bound
