"""Notifications: what a partner has done is written down, and acknowledged.  They are sent again after a time-out."""

from typing import Any

from backend.commands import Command
from backend.outcomes import Done
from backend.partner_commands import TakeNotice
from protocols.ncip import nncipp
from protocols.ncip.envelope import Initiation, Message
from protocols.ncip.messages import answer_header, service_of
from server.desk.ncip_parts import barcode_of, patron_of, request_number
from server.desk.ncip_problems import name_of, refused
from server.desk.ncip_turn import Heard, NcipTurn


def ask_notice(message: Initiation, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Any notification: who, what, which request and until when, as far as its element has them."""
    said: Any = message
    return (
        TakeNotice(
            service=name_of(message),
            item=barcode_of(getattr(said, "item_id", None), turn),
            patron=patron_of(message, turn),
            request=request_number(getattr(said, "request_id", None), turn),
            due=turn.until(getattr(said, "date_due", None)),
            at=turn.now,
        ),
    )


def answer_notice(message: Initiation, heard: Heard, turn: NcipTurn) -> Message:
    """Understood: without data, but with the ids in Ext where the profile wants them."""
    service = service_of(message)
    match heard.outcomes[-1]:
        case Done() if service is not None:
            echo = nncipp.echo(message) if turn.profile.echoes_in_ext else None
            return service.response(response_header=answer_header(message), ext=echo)
        case outcome:
            return refused(message, outcome, turn)
