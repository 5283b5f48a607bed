"""The bytes of an account's machine: settings that become a `Dialect`."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from backend.plain_words import spelled
from protocols.sip2.dialects import DIALECTS, Dialect, ErrorDetection, UnknownPolicy
from server.desk.manner import Settings

TERMINATORS: Final[Mapping[str, bytes]] = {"CR": b"\r", "CRLF": b"\r\n"}
FieldId = Annotated[str, spelled("[A-Z][A-Z0-9]", "must be a field id, such as AF")]


def _ids(value: object) -> object:
    return frozenset(value) if isinstance(value, list | tuple | set) else value


FieldIds = Annotated[frozenset[FieldId], BeforeValidator(_ids)]


class Wire(Settings):
    """What is not set is as `machine` has it."""

    machine: str = "standard"
    """A machine known by name; see protocols.sip2.dialects."""
    encoding: str | None = None
    """Of text fields; `cp850` by default. What it cannot write is transliterated."""
    terminator: Literal["CR", "CRLF"] | None = None
    """Ends our answers; `CR` by default."""
    delimiter: str | None = None
    """`|` by default; another one where a language needs that sign for a letter."""
    delimiter_substitute: str | None = None
    """Stands for the delimiter inside values; a blank by default."""
    strict: bool = False
    """Frames that need any repair are refused: for testers."""
    error_detection: Literal["auto", "required", "off"] | None = None
    """Sequence numbers and checksums: as the request has them, demanded, or never; `auto` by default."""
    lenient_checksum: bool | None = None
    """A wrong checksum is logged and accepted: for clients that add up characters, not bytes."""
    unknown: Literal["ignore", "96", "close"] | None = None
    """What a command that SIP2 2.00 does not know gets; `ignore` by default."""
    extensions: FieldIds = frozenset()
    """Ids beyond SIP2 2.00 that may go out, beside the machine's own: CV CT CS CR CY DA, PA PB PC PI, BL in 12 ..."""
    remove: FieldIds = frozenset()
    """Field filter: ids that never go out; a required one goes out empty."""
    overwrite: dict[FieldId, str] = Field(default_factory=dict)
    """Field filter: ids that always go out with this text."""

    @model_validator(mode="after")
    def _works(self) -> Self:
        if self.machine not in DIALECTS:
            raise ValueError(f"machine: one of {', '.join(DIALECTS)} expected")
        self.dialect()
        return self

    def dialect(self) -> Dialect:
        """The machine's dialect with this account's changes; raises ValueError for settings that cannot work."""
        machine = DIALECTS[self.machine]
        changed: dict[str, Any] = {
            "encoding": self.encoding,
            "terminator": TERMINATORS[self.terminator] if self.terminator else None,
            "delimiter": self.delimiter,
            "delimiter_substitute": self.delimiter_substitute,
            "lenient_checksum": self.lenient_checksum,
            "error_detection": ErrorDetection(self.error_detection) if self.error_detection else None,
            "unknown": UnknownPolicy(self.unknown) if self.unknown else None,
        }
        return replace(
            machine,
            strict=self.strict,
            extensions=machine.extensions | self.extensions,
            remove=machine.remove | self.remove,
            overwrite=MappingProxyType({**machine.overwrite, **self.overwrite}),
            **{name: value for name, value in changed.items() if value is not None},
        )
